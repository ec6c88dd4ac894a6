/** What the shipped JSON schemas have against a document. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

const folder = path.resolve(import.meta.dirname, '..', '..', 'schemas');

/** Objections to a document, by the name of its schema: none where it is valid. */
export function objections(name: string, document: unknown): unknown[] {
  const valid = new Ajv2020({ strict: false, allErrors: true }).compile(
    JSON.parse(readFileSync(path.join(folder, `${name}.schema.json`), 'utf8')),
  );
  valid(document);
  return valid.errors ?? [];
}
