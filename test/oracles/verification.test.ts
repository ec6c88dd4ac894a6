/**
 * docs/verification.md: complete against the catalogues, and true. `npm run verify` runs this file with
 * RESGRAM_WRITE_VERIFICATION set, which writes the document from the measurements: 'new', or 'more' on another instruction
 * set, where no bound becomes smaller.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { activationNames, activationRecord } from '../../lib/activations.js';
import { imagePresetKeys } from '../../lib/image-presets.js';
import { info } from '../../lib/info.js';
import { layerKinds } from '../../lib/layer-rules.js';
import type { Nonlinearity } from '../../lib/layers.js';
import { network, presetNames } from '../../lib/presets.js';
import { everyActivation } from '../conformance/catalogue.js';
import { convCases, presetCases } from '../golden/definition-cases.js';
import { measurements } from './measure.js';
import { isListed, layersIn } from './network-parts.js';
import { bound, document, type Group, grouped, keyOf, read, type Stated, stated } from './verification.js';

const file = new URL('../../docs/verification.md', import.meta.url);
const writing = process.env.RESGRAM_WRITE_VERIFICATION;

/** No deviation may be above it, whatever the document says; the exceptions say why. */
const most = 1e-12;

describe('docs/verification.md', () => {
  let groups: Map<string, Group>;
  let document_: Map<string, Stated>;

  beforeAll(() => {
    groups = grouped(measurements());
    if (writing !== undefined) {
      const before = writing === 'more' ? read(readFileSync(file, 'utf8')) : new Map();
      writeFileSync(file, document(groups.values(), before));
    }
    document_ = read(readFileSync(file, 'utf8'));
  }, 600_000);

  test('has the rows that are measured, no more and no fewer, with their numbers of values', () => {
    const measured = [...groups].map(([key, group]) => `${key} | ${stated(group).values}`);
    const listed = [...document_].map(([key, { values }]) => `${key} | ${values}`);
    expect(listed.sort()).toEqual(measured.sort());
  });

  test('states no less than what is measured', () => {
    const above = [...groups]
      .filter(([key, { deviation }]) => !(deviation <= (document_.get(key)?.bound ?? 0)))
      .map(([key, { deviation, place }]) => `${key}: ${deviation} at ${place}, stated ${document_.get(key)?.bound}`);
    expect(above).toEqual([]);
  });

  test(`states nothing above ${most}`, () => {
    const above = [...groups.values()]
      .filter(({ deviation }) => !(deviation <= most))
      .map((group) => `${keyOf(group)}: ${group.deviation} at ${group.place}`);
    expect(above).toEqual([]);
  });

  const { steps } = info();
  const tables = steps.includes('tabulated') ? ['tabulated, kinks', 'tabulated, one piece'] : [];
  const activations = [...activationNames, ...tables];
  const differentiable = (name: string): boolean =>
    !(activationNames as readonly string[]).includes(name) || activationRecord(name as never).noTangent === null;

  test('has every activation: E φφ, E φ′φ′ and E φ', () => {
    const missing = activations.flatMap((activation) =>
      (differentiable(activation) ? (['E φφ', 'E φ′φ′', 'E φ'] as const) : (['E φφ', 'E φ'] as const))
        .map((quantity) => keyOf({ kind: 'dual', activation, quantity }))
        .filter((key) => !groups.has(key)),
    );
    expect(missing).toEqual([]);
  });

  const presets = presetNames.filter((name) => !(name in imagePresetKeys) || steps.includes('trace'));
  const kinds = presets.flatMap((name) =>
    name === 'mlp' ? ['jacot', 'huang', 'tirer'].map((convention) => `mlp (${convention})`) : [name],
  );
  const layers = new Map(everyActivation().map(({ name, layer }) => [name, layer]));
  /** Images take what the core takes there. */
  const fits = (kind: string, activation: string): boolean => {
    if (!(kind in imagePresetKeys)) return true;
    const common = { depth: 1, head: 'trace', activation: layers.get(activation) as Nonlinearity } as const;
    return isListed(kind === 'cntk' ? { preset: 'cntk', ...common } : { preset: 'barzilai', alpha: 1, ...common });
  };
  for (const kind of kinds) {
    test(`has ${kind} with every activation that it takes, both kernels`, () => {
      const fitting = activations.filter((activation) => fits(kind, activation));
      expect(fitting.length).toBeGreaterThan(5);
      const missing = fitting.flatMap((activation) =>
        (differentiable(activation) ? (['NNGP', 'NTK'] as const) : (['NNGP'] as const))
          .map((quantity) => keyOf({ kind, activation, quantity }))
          .filter((key) => !groups.has(key)),
      );
      expect(missing).toEqual([]);
    });
  }

  test('rests on networks in which every kind of layer occurs', () => {
    const specs = new Set([...presetCases(), ...convCases()].map((one) => one.network));
    const all = [...specs].filter(isListed).map(network);
    const found = new Set(all.flatMap(layersIn).map(({ kind }) => kind));
    const ofImages = ['conv', 'pool', 'head'];
    const listed = layerKinds.filter((kind) => steps.includes('trace') || !ofImages.includes(kind));
    const missing = listed.filter((kind) => !found.has(kind) && (kind !== 'tabulated' || steps.includes(kind)));
    expect(missing).toEqual([]);
  });

  test('compares with every golden file of kernels, and says who made it', () => {
    const all = readdirSync(new URL('../golden/', import.meta.url)).filter((name) => name.endsWith('.json'));
    // Support vector machines on given matrices: no network, no kernel.
    const files = all.filter((name) => name !== 'svm.json');
    const measured = new Set([...groups.values()].flatMap(({ values }) => [...values.keys()]));
    expect([...measured].sort()).toEqual(files.sort());
    const text = readFileSync(file, 'utf8');
    expect(files.filter((name) => !text.includes(`\n| ${name} | `))).toEqual([]);
  });

  test('its link is in the README', () => {
    expect(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')).toContain('docs/verification.md');
  });
});

test('a bound is four times the deviation, rounded up to 1, 2 or 5', () => {
  expect([1e-15, 1.2e-15, 1.3e-15, 2.5e-15, 3e-15, 0, 2e-13].map(bound)).toEqual([
    '5e-15',
    '5e-15',
    '1e-14',
    '1e-14',
    '2e-14',
    '1e-15',
    '1e-12',
  ]);
});
