/**
 * Statistics of how far sampled networks are from the kernels. An error is (sampled − limit)/√(k(x,x) k(z,z)) for one
 * network, one kernel and one pair of inputs.
 */

import { compile, type Kernel } from '../../lib/kernel.js';
import { type Network, network as networkOf } from '../../lib/presets.js';
import { sync } from '../../lib/sync.js';
import { type Inputs, sample } from './finite-network.js';
import { normals } from './normals.js';

export interface Case {
  readonly name: string;
  readonly network: Network;
  readonly inputs: Inputs;
}

/** Errors by network and, within one, by entry: the pairs i ≥ j of the GPK, then those of the NTK. */
export type Errors = readonly (readonly number[])[];

const kernels = ['nngp', 'ntk'] as const;

/** What an entry of a list of errors is about. */
export function entryName(entry: number, inputs: number): string {
  const pairs = (inputs * (inputs + 1)) / 2;
  let [i, j] = [0, entry % pairs];
  while (j > i) j -= ++i;
  return `${kernels[Math.floor(entry / pairs)]}[${i}, ${j}]`;
}

function limits(kernel: Kernel, { rows, shape }: Inputs): Readonly<Record<(typeof kernels)[number], Float64Array>> {
  const own = shape ?? [(rows[0] as readonly number[]).length];
  const samples = { data: Float64Array.from(rows.flat()), shape: [rows.length, ...own] };
  const { nngp, ntk } = sync.gram(kernel, samples, kernels);
  return { nngp: nngp.values as Float64Array, ntk: ntk.values as Float64Array };
}

/** Errors of `seeds` networks of one width for every case, which share their random numbers. */
export function sampleErrors(cases: readonly Case[], width: number, seeds: number): Errors[] {
  const wanted = cases.map(({ network, inputs }) => {
    using kernel = compile(network);
    return limits(kernel, inputs);
  });
  const out = cases.map((): number[][] => []);
  for (let seed = 0; seed < seeds; seed++) {
    const numbers = normals(seed, width);
    for (const [c, { network, inputs }] of cases.entries()) {
      const sampled = sample(networkOf(network), inputs, width, numbers.rewound());
      const n = inputs.rows.length;
      const errors: number[] = [];
      for (const which of kernels) {
        const limit = (wanted[c] as (typeof wanted)[number])[which];
        for (let i = 0; i < n; i++) {
          for (let j = 0; j <= i; j++) {
            const size = Math.sqrt((limit[i * n + i] as number) * (limit[j * n + j] as number));
            errors.push(((sampled[which][i * n + j] as number) - (limit[i * n + j] as number)) / size);
          }
        }
      }
      (out[c] as number[][]).push(errors);
    }
  }
  return out;
}

export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
}

export function estimate(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, standardError: Math.sqrt(variance / values.length) };
}

/** The mean error of every entry. */
export function means(errors: Errors): Estimate[] {
  return (errors[0] as readonly number[]).map((_, entry) =>
    estimate(errors.map((network) => network[entry] as number)),
  );
}

/** Means of several widths as one, each with the weight width · networks, because its variance falls like the inverse. */
export function joint(
  found: readonly { readonly width: number; readonly seeds: number; readonly means: readonly Estimate[] }[],
): Estimate[] {
  const total = found.reduce((sum, { width, seeds }) => sum + width * seeds, 0);
  const weights = found.map(({ width, seeds }) => (width * seeds) / total);
  return (found[0] as (typeof found)[number]).means.map((_, entry) => {
    const at = found.map(({ means: own }) => own[entry] as Estimate);
    return {
      mean: at.reduce((sum, { mean }, i) => sum + (weights[i] as number) * mean, 0),
      standardError: Math.hypot(...at.map(({ standardError }, i) => (weights[i] as number) * standardError)),
    };
  });
}

/**
 * log of the root mean square of all errors. Entries of one network depend on each other, so networks are what is
 * counted: with q the mean square of one network's errors, log √(mean q) varies by ½ se(q)/mean q.
 */
export function logRms(errors: Errors): Estimate {
  const { mean, standardError } = estimate(
    errors.map((network) => network.reduce((sum, e) => sum + e * e, 0) / network.length),
  );
  return { mean: Math.log(mean) / 2, standardError: standardError / mean / 2 };
}

/** Slope of log rms over log width by least squares, and what the scatter of the points makes of it. */
export function slope(points: readonly { readonly width: number; readonly rms: Estimate }[]): Estimate {
  const logs = points.map(({ width }) => Math.log(width));
  const centre = logs.reduce((sum, x) => sum + x, 0) / logs.length;
  const spread = logs.reduce((sum, x) => sum + (x - centre) ** 2, 0);
  const weights = logs.map((x) => (x - centre) / spread);
  return {
    mean: points.reduce((sum, { rms }, i) => sum + (weights[i] as number) * rms.mean, 0),
    standardError: Math.hypot(...points.map(({ rms }, i) => (weights[i] as number) * rms.standardError)),
  };
}
