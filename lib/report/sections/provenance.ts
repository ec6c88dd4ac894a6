import type { DataSummary } from '../../compare/schema.js';
import {
  code,
  command,
  defineSection,
  details,
  facts,
  heading,
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
  build: ({ networks, report: { version, schema, data, provenance } }) => [
    heading('The command that repeats this report'),
    command(provenance.command),
    facts([
      { term: 'resgram', value: [version, ', report schema ', number(schema, integer(schema))] },
      { term: 'Seed', value: number(provenance.seed, String(provenance.seed)) },
      { term: 'Linear algebra', value: provenance.blas },
      {
        term: 'Processor path',
        value: [provenance.simd, ', ', number(provenance.threads, integer(provenance.threads)), ' threads'],
      },
      { term: 'Platform', value: `${provenance.platform}, Node ${provenance.node}` },
    ]),
    sourceTable(data),
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

/** The files behind a report, by which it can be checked. */
export function sourceTable({ sources }: Pick<DataSummary, 'sources'>) {
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
