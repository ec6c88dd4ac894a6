import type { DataSummary, RunProvenance } from '../../compare/schema.js';
import {
  type Block,
  code,
  command,
  defineSection,
  details,
  facts,
  heading,
  type Inline,
  name,
  number,
  numbers,
  series,
  table,
  words,
} from '../blocks.js';
import { bytes, integer, missing } from '../format.js';

export const provenanceSection = defineSection({
  name: 'provenance',
  title: 'Provenance',
  build: ({ networks, report }) => [
    ...provenanceBlocks(report, report.provenance.seed),
    details(
      'The networks as JSON, for resgram gram --network',
      table(
        'Each network at the depth to use',
        [words('Network'), words('JSON')],
        networks.map(({ id, spec }) => [series(id), code(JSON.stringify(spec))]),
      ),
    ),
  ],
});

interface Traced {
  readonly version: string;
  readonly schema: number;
  /** null where nothing was read. */
  readonly data: Pick<DataSummary, 'sources'> | null;
  readonly provenance: RunProvenance;
}

/** How a report came to be: its command, the machine and the files. `solve` is what a solve says of its own rounding. */
export function provenanceBlocks(
  { version, schema, data, provenance }: Traced,
  seed: number,
  { what = 'report', solve = [] }: { readonly what?: string; readonly solve?: readonly Inline[] } = {},
): readonly Block<unknown>[] {
  const { blas, simd, threads, platform, node } = provenance;
  return [
    // A program that calls the library has no command.
    ...(provenance.command === ''
      ? []
      : [heading(`The command that repeats this ${what}`), command(provenance.command)]),
    facts([
      { term: 'resgram', value: [version, ', report schema ', number(schema, integer(schema))] },
      { term: 'Seed', value: number(seed, String(seed)) },
      { term: 'Linear algebra', value: [blas, ...solve] },
      {
        term: 'Processor path',
        value: [simd, ', ', number(threads, integer(threads)), threads === 1 ? ' thread' : ' threads'],
      },
      { term: 'Platform', value: `${platform}, Node ${node}` },
      ...(data === null ? [{ term: 'Data', value: missing }] : []),
    ]),
    ...(data === null ? [] : [sourceTable(data)]),
  ];
}

/** The files behind a report, by which it can be checked. */
function sourceTable({ sources }: Pick<DataSummary, 'sources'>) {
  return table(
    'Files that were read',
    [words('File'), words('Role'), numbers('Size'), words('Licence'), words('SHA-256')],
    sources.map((source) => [
      name(source.name),
      source.role,
      number(source.bytes, bytes(source.bytes)),
      source.licence === null ? missing : name(source.licence),
      code(source.sha256),
    ]),
  );
}
