import { code, command, defineSection, facts, heading, name, number, numbers, table, words } from '../blocks.js';
import { bytes, integer } from '../format.js';

export const provenanceSection = defineSection({
  name: 'provenance',
  title: 'Provenance',
  build: ({ report: { version, schema, data, provenance } }) => [
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
    table(
      'Files that were read',
      [words('File'), words('Role'), numbers('Size'), words('SHA-256')],
      data.sources.map((source) => [
        name(source.name),
        source.role,
        number(source.bytes, bytes(source.bytes)),
        code(source.sha256),
      ]),
    ),
  ],
});
