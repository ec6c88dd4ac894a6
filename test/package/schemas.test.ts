// The JSON schemas that are shipped say what is read and written: every network of the catalogue, a report as it is written, and
// nothing that the reader refuses.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parseNetwork } from '../../lib/parse-network.js';
// @ts-expect-error: plain JavaScript without types
import { jsonSchemas } from '../../scripts/json-schemas.mjs';

const folder = path.resolve(import.meta.dirname, '..', '..', 'schemas');
const schema = (name: string) => JSON.parse(readFileSync(path.join(folder, `${name}.schema.json`), 'utf8'));
const validatorOf = (name: string) => new Ajv2020({ strict: false, allErrors: true }).compile(schema(name));

test('they are what the types say; `npm run schemas` writes them', () => {
  for (const [name, text] of jsonSchemas()) expect(readFileSync(path.join(folder, name), 'utf8'), name).toBe(text);
});

describe('network.schema.json', () => {
  const valid = validatorOf('network');

  test.each([
    { preset: 'mlp', depth: 3 },
    { preset: 'mlp', depth: 3, convention: 'tirer', bias: { var: 0.2, init: 'normal', trainable: true } },
    { preset: 'huang', depth: 4, alpha: 0.5 },
    { preset: 'belfer', depth: 4, alpha: { gamma: 0.5 } },
    { preset: 'tirer', depth: 2, alpha: [0.5, 0.25] },
    { preset: 'li', depth: 2, activation: { kind: 'activation', name: 'tanh' } },
    { preset: 'barzilai', depth: 2, alpha: 0.5, head: 'trace' },
    { preset: 'cntk', depth: 2, head: 'pixel', at: [2, 1] },
    { kind: 'dense', inputScale: '1' },
    {
      kind: 'serial',
      layers: [
        { kind: 'dense', weightVar: 2, inputScale: '1/d' },
        { kind: 'scale', factor: 0.5 },
        {
          kind: 'repeat',
          times: 2,
          layer: { kind: 'serial', layers: [{ kind: 'activation', name: 'relu' }, { kind: 'dense' }] },
        },
        {
          kind: 'residual',
          body: { kind: 'serial', layers: [{ kind: 'activation', name: 'erf' }, { kind: 'dense' }] },
        },
        { kind: 'dense', bias: null },
      ],
    },
  ])('takes what is read: %j', (network) => {
    expect(() => parseNetwork(network)).not.toThrow();
    expect({ valid: valid(network), errors: valid.errors }).toEqual({ valid: true, errors: null });
  });

  test.each([
    { preset: 'mlp' },
    { preset: 'mlp', depth: 3, width: 100 },
    { preset: 'resnet', depth: 3 },
    { preset: 'huang', depth: 3 },
    { kind: 'dense', weightVar: '1' },
    { kind: 'activation', name: 'swish' },
    { kind: 'serial', layers: { kind: 'dense' } },
    { kind: 'dense', inputScale: '2' },
    [],
  ])('refuses what is refused: %j', (network) => {
    expect(() => parseNetwork(network)).toThrow();
    expect(valid(network)).toBe(false);
  });
});

/** A document as a machine makes one from a schema: each field there once, with the first of its forms. */
function example(whole: Schema, part: Schema = whole): unknown {
  if (part.$ref !== undefined) return example(whole, whole.$defs?.[part.$ref.slice('#/$defs/'.length)]);
  if (part.const !== undefined) return part.const;
  if (part.enum !== undefined) return part.enum[0];
  if (part.anyOf !== undefined) return example(whole, part.anyOf.at(-1));
  if (part.type === 'array')
    return part.items === undefined ? part.prefixItems?.map((each) => example(whole, each)) : [];
  if (part.type === 'object') {
    const rows = Object.entries(part.properties ?? {}).map(([name, inner]) => [name, example(whole, inner)]);
    return Object.fromEntries(rows);
  }
  return { string: '', number: 1, boolean: true, null: null }[part.type ?? 'null'];
}

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

describe.each(['compare-report', 'study-report'])('%s.schema.json', (name) => {
  const valid = validatorOf(name);
  const document = example(schema(name)) as Record<string, unknown>;

  test('takes a report of its form, with fields that a later version may add', () => {
    expect({ valid: valid(document), errors: valid.errors }).toEqual({ valid: true, errors: null });
    expect(valid({ ...document, added: 1 })).toBe(true);
  });

  test('refuses another number, a field that lacks and one of another type', () => {
    expect(valid({ ...document, schema: 2 })).toBe(false);
    for (const key of Object.keys(document)) {
      const { [key]: _, ...less } = document;
      expect(valid(less), key).toBe(false);
    }
    expect(valid({ ...document, version: 1 })).toBe(false);
  });
});
