/** Deviations of the package from the golden files, one by one, with what they were measured on. */

import { compile, type Kernel } from '../../lib/kernel.js';
import { dense, type Layer } from '../../lib/layers.js';
import type { Network } from '../../lib/presets.js';
import { sync } from '../../lib/sync.js';
import type { Samples } from '../../lib/tensor.js';
import { depthCases, neuralTangentsCases, referenceDuals, referenceKernelCases } from '../golden/cases.js';
import {
  convCases,
  type DefinitionDual,
  definitionDuals,
  definitionMeans,
  type PairCase,
  presetCases,
} from '../golden/definition-cases.js';
import { neuralTangentsImageCases, referenceConvCases } from '../golden/image-cases.js';
import { ofDerivatives } from './measure-derivatives.js';
import { ofSpheres } from './measure-spheres.js';
import { activationName, described, type Measurement, type Name, names, quantities, ratio } from './measurement.js';
import { isListed } from './network-parts.js';

/** Matrices of kernels: reference.json and neural_tangents.json. */
interface MatrixCase {
  readonly name: string;
  readonly network: Network;
  readonly x: Samples;
  readonly z: Samples | null;
  readonly expected: { readonly [N in Name]: readonly (readonly number[])[] };
}

function* ofMatrices(file: string, cases: Iterable<MatrixCase>): Generator<Measurement> {
  for (const { name, network: spec, x, z, expected } of cases) {
    using kernel = compile(spec);
    const left = sync.diagonal(kernel, x, names);
    const right = z === null ? left : sync.diagonal(kernel, z, names);
    const what = described(spec);
    for (const which of names) {
      const all = z === null ? sync.gram(kernel, x, which).values : sync.cross(kernel, x, z, which).data;
      const width = right[which].values.length;
      for (const [at, got] of all.entries()) {
        const [i, j] = [Math.floor(at / width), at % width];
        const size = Math.sqrt((left[which].values[i] as number) * (right[which].values[j] as number));
        const deviation = ratio(got, expected[which][i]?.[j] as number, size);
        yield { file, ...what, quantity: quantities[which], deviation, place: `${name} [${i}, ${j}]` };
      }
    }
  }
}

/** Pairs of inputs: presets.json and conv.json. */
function* ofPairs(file: string, cases: Iterable<PairCase>): Generator<Measurement> {
  let last: { spec: Network; kernel: Kernel; what: ReturnType<typeof described> } | undefined;
  try {
    for (const { name, network: spec, points, expected } of cases) {
      if (last?.spec !== spec) {
        last?.kernel.dispose();
        last = { spec, kernel: compile(spec), what: described(spec) };
      }
      const { kernel, what } = last;
      const wanted = names.filter((which) => expected[which].some((value) => value !== null));
      const grams = sync.gram(kernel, points, wanted);
      for (const which of wanted) {
        const { values } = grams[which];
        const [xx, xz, , zz] = [...values] as [number, number, number, number];
        for (const [at, got] of [xx, xz, zz].entries()) {
          const want = expected[which][at];
          if (want === null || want === undefined) continue;
          const deviation = ratio(got, want, at === 1 ? Math.sqrt(xx * zz) : want);
          const place = `${name} at ${['(x, x)', '(x, z)', '(z, z)'][at]}`;
          yield { file, ...what, quantity: quantities[which], deviation, place };
        }
      }
    }
  } finally {
    last?.kernel.dispose();
  }
}

/** depth.json: mantissa · 2^exponent against value · exp(logScale), whose logarithm is a multiple of log 2. */
function* ofDepth(): Generator<Measurement> {
  for (const { name, network: spec, x, z, expected } of depthCases()) {
    using kernel = compile(spec);
    const what = described(spec);
    for (const which of names) {
      const { values, logScale } = sync.gram(kernel, [x, z], which);
      const shift = Math.round(logScale / Math.LN2);
      const scaled = (at: 0 | 1 | 2): number => {
        const [mantissa, exponent] = expected[which][at] as readonly [number, number];
        const power = exponent - shift;
        return mantissa * 2 ** Math.trunc(power / 2) * 2 ** (power - Math.trunc(power / 2));
      };
      for (const at of [0, 1, 2] as const) {
        const got = values[at === 2 ? 3 : at] as number;
        const size = at === 1 ? Math.sqrt(scaled(0)) * Math.sqrt(scaled(2)) : scaled(at);
        const deviation = ratio(got, scaled(at), size);
        yield { file: 'depth.json', ...what, quantity: quantities[which], deviation, place: name };
      }
    }
  }
}

/** One hidden layer, as plain data; the first layer alone trains. */
const hidden = (middle: Layer): Layer => ({
  kind: 'serial',
  layers: [dense({ inputScale: '1' }), middle, dense({ trainable: false })],
});

/** E φφ and E φ′φ′ at a pair. */
function* ofDual({ name, layer, rho, x, z, value, slope }: DefinitionDual): Generator<Measurement> {
  if (!isListed(hidden(layer))) return;
  const activation = activationName(layer);
  const k = x[0] * z[0] + x[1] * z[1];
  const which = slope === null || k === 0 ? (['nngp'] as const) : names;
  using kernel = compile(hidden(layer));
  const place = `${name} at x = ${x[0]}, |z| = ${Math.hypot(...z)}, ρ = ${rho}`;
  for (const one of which) {
    const got = sync.cross(kernel, [x], [z], one).data[0] as number;
    const [a, b] = [...sync.diagonal(kernel, [[...x], [...z]], one).values] as [number, number];
    const want = one === 'nngp' ? value : k * (slope as number);
    const quantity = one === 'nngp' ? 'E φφ' : 'E φ′φ′';
    const deviation = ratio(got, want, Math.sqrt(a * b));
    yield { file: 'duals.json', kind: 'dual', activation, quantity, deviation, place };
  }
}

/** E φ(u) E φ(v) = ½(k(φ + φ̃) − 2S) for two branches φ(Wh) + φ(W̃h): only their means make them correlated. */
function* ofMeans(): Generator<Measurement> {
  for (const { name, layer, length, mean } of definitionMeans()) {
    if (!isListed(hidden(layer))) continue;
    const branch: Layer = { kind: 'serial', layers: [dense(), layer] };
    const through = (middle: Layer): number => {
      using kernel = compile(hidden(middle));
      return sync.diagonal(kernel, [[length]], 'nngp').values[0] as number;
    };
    const single = through(branch);
    const both = { kind: 'residual', body: branch, shortcut: branch, bodyScale: 1, shortcutScale: 1 } as const;
    const got = through(both) / 2 - single;
    const deviation = ratio(got, mean * mean, single);
    const place = `${name} at variance ${length ** 2}`;
    yield { file: 'duals.json', kind: 'dual', activation: activationName(layer), quantity: 'E φ', deviation, place };
  }
}

function* ofReferenceDuals(): Generator<Measurement> {
  for (const { name, phi, qx, qz, k, value, slope } of referenceDuals()) {
    const root = Math.sqrt(qx * qz);
    const z = [k / Math.sqrt(qx), Math.sqrt(((root - k) * (root + k)) / qx)] as const;
    for (const one of ofDual({ name, layer: phi, rho: `${k / root}`, x: [Math.sqrt(qx), 0], z, value, slope })) {
      yield { ...one, file: 'reference.json' };
    }
  }
}

/** The presets under their other name. */
function* renamed(cases: Iterable<PairCase>): Generator<PairCase> {
  let last: Network | undefined;
  let other: Network | undefined;
  const again: PairCase[] = [];
  for (const one of cases) {
    yield one;
    if (!('preset' in one.network) || one.network.preset !== 'huang') continue;
    if (last !== one.network) [last, other] = [one.network, { ...one.network, preset: 'belfer' }];
    again.push({ ...one, network: other as Network });
  }
  yield* again;
}

function* listed<C extends { readonly network: Network }>(cases: Iterable<C>): Generator<C> {
  for (const one of cases) if (isListed(one.network)) yield one;
}

/** Everything, file by file. */
export function* measurements(): Generator<Measurement> {
  yield* ofReferenceDuals();
  for (const one of definitionDuals()) yield* ofDual(one);
  yield* ofMeans();
  yield* ofPairs('presets.json', listed(renamed(presetCases())));
  yield* ofMatrices('reference.json', referenceKernelCases());
  yield* ofDepth();
  const tangents = [...neuralTangentsCases()];
  const exact = (all: readonly { readonly exact: boolean }[]) => all.filter((one) => one.exact);
  yield* ofMatrices('neural_tangents.json', exact(tangents) as typeof tangents);
  yield* ofPairs('conv.json', listed(convCases()));
  yield* ofMatrices('reference.json', listed(referenceConvCases()));
  const images = [...listed(neuralTangentsImageCases())];
  yield* ofMatrices('neural_tangents.json', exact(images) as typeof images);
  yield* ofDerivatives();
  yield* ofSpheres();
}
