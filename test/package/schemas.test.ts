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
    { kind: 'serial', layers: [] },
    { kind: 'dense', inputScale: '2' },
    [],
  ])('refuses what is refused: %j', (network) => {
    expect(() => parseNetwork(network)).toThrow();
    expect(valid(network)).toBe(false);
  });
});

const layers = (...more: object[]) => ({ kind: 'serial', layers: [{ kind: 'dense', inputScale: '1' }, ...more] });
const image = (layer: object) => ({
  kind: 'serial',
  layers: [{ kind: 'conv', size: 1, inputScale: '1' }, layer, { kind: 'head', read: 'pool' }, { kind: 'dense' }],
});
const piece = (coefficients: unknown) => ({ from: -1, to: 1, coefficients });
const table = (pieces: unknown) => layers({ kind: 'tabulated', pieces }, { kind: 'dense' });

/** A network with one value at the place in question, and a value at each border of what it may be, with one just beyond. */
const borders: readonly [string, (value: unknown) => object, readonly unknown[], readonly unknown[]][] = [
  ['depth of mlp', (depth) => ({ preset: 'mlp', depth }), [0, 1_000_000], [-1, 1.5, 1_000_001, '3']],
  ['depth of li', (depth) => ({ preset: 'li', depth }), [1], [0, 1.5]],
  ['depth of cntk', (depth) => ({ preset: 'cntk', depth, head: 'pool' }), [1], [0, -1]],
  ['depth of huang', (depth) => ({ preset: 'huang', depth, alpha: 1 }), [0], [-1]],
  [
    'alpha',
    (alpha) => ({ preset: 'huang', depth: 1, alpha }),
    [0, 1e150, [2], { gamma: 20 }],
    [-1, 1e151, [-1], { gamma: 21 }],
  ],
  ['residualScale', (residualScale) => ({ preset: 'li', depth: 2, residualScale }), [0, [1]], [-1, [-1]]],
  ['size', (size) => ({ preset: 'cntk', depth: 1, head: 'pool', size }), [1, 9999], [0, 2, 1.5, 10_001]],
  ['weightVar', (weightVar) => ({ kind: 'dense', inputScale: '1', weightVar }), [0, 1e150], [-1, 1e151]],
  ['bias', (v) => ({ preset: 'mlp', depth: 1, bias: { var: v, init: 'normal', trainable: true } }), [0.5], [-1, 1e151]],
  ['factor', (factor) => layers({ kind: 'scale', factor }), [-2, 1e150], [0, 1e151]],
  ['scale', (s) => layers({ kind: 'activation', name: 'relu', scale: s }, { kind: 'dense' }), [-2], [0, 1e151]],
  ['times', (times) => layers({ kind: 'repeat', times, layer: { kind: 'dense' } }), [0, 3], [-1, 1.5]],
  ['conv', (size) => image({ kind: 'conv', size }), [1, 9999], [0, 2, 1.5]],
  ['stride', (stride) => image({ kind: 'conv', size: 3, stride }), [1, 2], [0, 1.5]],
  ['pool', (size) => image({ kind: 'pool', size }), [1, 2], [0, 1.5, 10_000]],
  [
    'at',
    (at) => ({ preset: 'cntk', depth: 1, head: 'pixel', at }),
    [[0], [9999, 1]],
    [[], [0, 0, 0], [-1, 0], [0.5, 0]],
  ],
  [
    'pieces',
    (pieces) => table(pieces),
    [[piece([0, 1])]],
    [[], [piece([])], [piece([1e51])], [piece(Array(65).fill(1))]],
  ],
];

describe('numbers and lists of network.schema.json have the borders of the reader', () => {
  const valid = validatorOf('network');

  test.each(borders)('%s', (_name, network, good, bad) => {
    for (const value of good) {
      expect(() => parseNetwork(network(value)), JSON.stringify(value)).not.toThrow();
      expect(valid(network(value)), JSON.stringify(value)).toBe(true);
    }
    for (const value of bad) {
      expect(() => parseNetwork(network(value)), JSON.stringify(value)).toThrow();
      expect(valid(network(value)), JSON.stringify(value)).toBe(false);
    }
  });

  test('a file may say which schema it is of, which the network does not keep', () => {
    const $schema = './node_modules/resgram/schemas/network.schema.json';
    for (const network of [
      { $schema, preset: 'mlp', depth: 2 },
      { $schema, kind: 'dense', inputScale: '1' },
    ]) {
      expect(valid(network)).toBe(true);
      expect(parseNetwork(network)).not.toHaveProperty('$schema');
    }
  });
});

test('every schema has a name of its own', () => {
  const ids = jsonSchemas().map(([, text]: [string, string]) => JSON.parse(text).$id);
  expect(ids).toEqual(['network', 'report', 'run'].map((name) => `urn:resgram:schema:${name}:1`));
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

describe.each([
  ['report', 'CompareReport'],
  ['report', 'FitReport'],
  ['report', 'DynamicsReport'],
  ['report', 'StudyReport'],
  ['run', 'RunDocument'],
])('%s.schema.json, %s', (name, type) => {
  const valid = validatorOf(name);
  const document = example(schema(name), { $ref: `#/$defs/${type}` }) as Record<string, unknown>;

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
