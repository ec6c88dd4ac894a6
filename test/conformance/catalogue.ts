/** Every preset with every activation, as cases: what is listed in a catalogue is tested. */

import { type ActivationName, activationNames, activationRecord } from '../../lib/activations.js';
import { createRandom } from '../../lib/data/rng.js';
import { info } from '../../lib/info.js';
import type { Nonlinearity, Tabulated } from '../../lib/layers.js';
import { type PresetSpec, presetNames } from '../../lib/presets.js';
import type { Tensor } from '../../lib/tensor.js';

/** A preset's options beside depth and activation; a preset that is not here fails the suite. */
const options: Readonly<Record<string, readonly object[]>> = {
  mlp: [{}, { convention: 'huang' }, { convention: 'tirer', bias: { var: 0.2, init: 'normal', trainable: true } }],
  huang: [{ alpha: 0.5 }],
  belfer: [{ alpha: { gamma: 0.5 }, bias: { var: 0.2, init: 'zero', trainable: true } }],
  tirer: [{ alpha: 0.5 }],
  li: [{ residualScale: 0.75 }],
  barzilai: [
    { alpha: 0.5, head: 'pixel' },
    { alpha: 0.5, head: 'trace', innerSize: 3, padding: 'same', frozenEnds: true },
    { alpha: 0.5, head: 'pool', bias: { var: 0.2, init: 'normal', trainable: true } },
  ],
  cntk: [{ head: 'pixel', at: [2, 1] }, { head: 'trace', padding: 'same' }, { head: 'pool' }],
};

const images = new Set(['barzilai', 'cntk']);

const tabled = new Set<string>(['tanh', 'softplus', 'silu', 'elu']);

/** A φ with kinks at ±1, and a smooth one. */
const hardTanh: Tabulated = {
  kind: 'tabulated',
  scale: 1,
  pieces: [
    { from: -2, to: -1, coefficients: [-1] },
    { from: -1, to: 1, coefficients: [0, 1] },
    { from: 1, to: 2, coefficients: [1] },
  ],
};
const bumpy: Tabulated = {
  kind: 'tabulated',
  scale: 1,
  pieces: [{ from: -3, to: 3, coefficients: [0.5, 1.25, 0.375, -0.25, -0.125, 0.0625, 0.03125, -0.015625] }],
};

/** Every activation of the catalogue, with a parameter where it takes one, and two tabulated ones. */
export function everyActivation(): {
  readonly name: string;
  readonly layer: Nonlinearity;
  readonly tangent: boolean;
  /** Has its kernel a closed form? Tables follow the data they are made for, to 3e-14 of the diagonal per layer. */
  readonly closed: boolean;
}[] {
  const named = activationNames.map((name: ActivationName) => {
    const { parameters, noTangent } = activationRecord(name);
    const params = Object.fromEntries(parameters.map((parameter) => [parameter.name, 0.25]));
    const layer = { kind: 'activation', name, scale: 1, params } as unknown as Nonlinearity;
    return { name, layer, tangent: noTangent === null, closed: !tabled.has(name) };
  });
  if (!info().steps.includes('tabulated')) return named;
  return [
    ...named,
    { name: 'tabulated, kinks', layer: hardTanh, tangent: true, closed: false },
    { name: 'tabulated, one piece', layer: bumpy, tangent: true, closed: false },
  ];
}

export interface Conforming {
  readonly name: string;
  readonly spec: PresetSpec;
  readonly image: boolean;
  readonly tangent: boolean;
  readonly closed: boolean;
}

/** Every preset, in each of its forms, with every activation. */
export function everyPreset(depth: number): Conforming[] {
  const known = presetNames.filter((name) => !images.has(name) || info().steps.includes('trace'));
  return known.flatMap((preset) => {
    const forms = options[preset];
    if (forms === undefined) throw new Error(`preset '${preset}' is not in the conformance suite; give it options`);
    return everyActivation().flatMap(({ name, layer, tangent, closed }) =>
      formsOf(preset, name, forms).map((form) => ({
        name: `${preset} ${JSON.stringify(form)}, ${name}`,
        spec: { preset, depth, activation: layer, ...form } as unknown as PresetSpec,
        image: images.has(preset),
        tangent,
        closed,
      })),
    );
  });
}

/**
 * Tables take a second to make: with each of them one form stands for all of a preset. Pieces of degree 7 with kinks at ±3
 * are integrated pair by pair, milliseconds each: an MLP, and a ResNet that carries their means, stand for all presets.
 */
function formsOf(preset: string, name: string, forms: readonly object[]): readonly object[] {
  if (name === 'tabulated, one piece' && preset !== 'mlp' && preset !== 'li') return [];
  return tabled.has(name) || name.startsWith('tabulated') ? forms.slice(0, 1) : forms;
}

/**
 * Inputs with equal, opposite, almost equal and almost opposite ones and one that is zero; lengths from 0.1 to 10. `even`:
 * from 0.7 to 1.4, with entries of about one size, for tables, whose cost grows with the range that they cover.
 */
export function vectors(rows: number, columns: number, stream = 0, even = false): Tensor {
  return samples(rows, [columns], stream, even);
}

/** Images of that kind, with pixels that are zero. */
export function pictures(count: number, grid: readonly number[], channels: number, stream = 0, even = false): Tensor {
  return samples(count, [...grid, channels], stream, even);
}

function samples(count: number, shape: readonly number[], stream: number, even: boolean): Tensor {
  const random = createRandom(17, stream);
  const size = shape.reduce((product, n) => product * n, 1);
  const channels = shape.at(-1) as number;
  const data = new Float64Array(count * size);
  for (let i = 0; i < count; i++) {
    const length = 10 ** ((even ? 0.3 : 2) * (random.uniform() - 0.5));
    for (let k = 0; k < size; k++) {
      const value = 2 * random.uniform() - 1;
      data[i * size + k] = length * (even ? 0.75 * Math.sign(value) + 0.25 * value : value);
    }
    // A pixel that is zero in every third image.
    if (shape.length > 1 && i % 3 === 0) data.fill(0, i * size + channels, i * size + 2 * channels);
  }
  const copy = (from: number, to: number, factor: number, difference: number): void => {
    for (let k = 0; k < size; k++) {
      const value = data[from * size + k] as number;
      // A pixel of 1e-9 would be a variance of 1e-18 for a table to cover.
      const moved = even && value === 0 ? 0 : difference * (k % 2 === 0 ? 1 : -1);
      data[to * size + k] = factor * value + moved;
    }
  };
  copy(0, 1, 1, 0);
  copy(0, 2, -1, 0);
  copy(3, 4, 1, 1e-9);
  copy(3, 5, -1, 1e-9);
  data.fill(0, 6 * size, 7 * size);
  return { data, shape: [count, ...shape] };
}
