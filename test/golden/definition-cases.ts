/** duals.json, presets.json and conv.json as cases: 30-digit values straight from the definition of the kernels. */

import { readFileSync } from 'node:fs';
import type { Layer, Nonlinearity, Residual, Serial } from '../../lib/layers.js';
import type { Network, PresetSpec } from '../../lib/presets.js';
import type { Tensor } from '../../lib/tensor.js';

/** Two inputs and both kernels at (x, x), (x, z), (z, z); null where the file has no value. */
export interface PairCase {
  readonly name: string;
  readonly network: Network;
  /** Both inputs, [2, …]. */
  readonly points: Tensor;
  readonly expected: { readonly [Name in 'nngp' | 'ntk']: readonly (number | null)[] };
}

function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as T;
}

export interface DefinitionDual {
  /** The name of the row: an activation of the catalogue, or a tabulated φ. */
  readonly name: string;
  readonly layer: Nonlinearity;
  readonly rho: string;
  readonly x: readonly [number, number];
  readonly z: readonly [number, number];
  /** E φφ and E φ′φ′; null where φ′ is no function. */
  readonly value: number;
  readonly slope: number | null;
}

/** A φ and its means at the variances lengths². */
export interface DefinitionMean {
  readonly name: string;
  readonly layer: Nonlinearity;
  readonly length: number;
  readonly mean: number;
}

interface DualsFile {
  readonly lengths: readonly number[];
  readonly pairs: readonly { readonly x: number; readonly z: readonly [number, number]; readonly rho: string }[];
  readonly activations: readonly {
    readonly name: string;
    readonly layer: Nonlinearity;
    readonly means: readonly string[];
    readonly rows: readonly (readonly [pair: number, value: string, slope: string | null])[];
  }[];
}

/** Every row of duals.json. */
export function definitionDuals(): DefinitionDual[] {
  const { pairs, activations } = load<DualsFile>('duals.json');
  return activations.flatMap(({ name, layer, rows }) =>
    rows.map(([at, value, slope]) => {
      const { x, z, rho } = pairs[at] as DualsFile['pairs'][number];
      return { name, layer, rho, x: [x, 0], z, value: Number(value), slope: slope === null ? null : Number(slope) };
    }),
  );
}

/** Every mean of duals.json. */
export function definitionMeans(): DefinitionMean[] {
  const { lengths, activations } = load<DualsFile>('duals.json');
  return activations.flatMap(({ name, layer, means }) =>
    means.map((mean, i) => ({ name, layer, length: lengths[i] as number, mean: Number(mean) })),
  );
}

/** Every network of presets.json at every pair. */
export function* presetCases(): Generator<PairCase & { readonly family: string }> {
  const { pairs, kernels } = load<{
    readonly pairs: readonly { readonly x: readonly number[]; readonly z: readonly number[] }[];
    readonly kernels: readonly {
      readonly family: string;
      readonly activation: string;
      readonly network: Network;
      readonly nngp: readonly string[];
      readonly ntk: readonly string[] | null;
    }[];
  }>('presets.json');
  for (const { family, activation, network: written, nngp, ntk } of kernels) {
    const network = family.startsWith('li') ? liNetwork(written as Serial) : written;
    for (const [at, { x, z }] of pairs.entries()) {
      const values = (all: readonly string[] | null) => [null, all === null ? null : Number(all[at]), null];
      yield {
        name: `${family} ${activation}, pair ${at}`,
        family,
        network,
        points: { data: Float64Array.from([...x, ...z]), shape: [2, x.length] },
        expected: { nngp: values(nngp), ntk: values(ntk) },
      };
    }
  }
}

/** The one-matrix ResNet, which the file writes as layers: dense, √c φ, residuals of strength/depth, dense. */
function liNetwork({ layers }: Serial): PresetSpec {
  const depth = layers.length - 2;
  const activation = { ...(layers[1] as Nonlinearity), scale: 1 };
  const step = layers[2] as Residual;
  const residualScale = depth === 1 ? 1 : Number(((step.bodyScale as number) * depth).toPrecision(12));
  return { preset: 'li', depth, activation, residualScale };
}

/** Every row of conv.json. */
export function* convCases(): Generator<PairCase & { readonly grid: string }> {
  type Image = readonly (readonly number[])[];
  const { images, kernels } = load<{
    readonly images: Readonly<Record<string, { readonly grid: readonly number[] } & Readonly<Record<string, Image>>>>;
    readonly kernels: readonly {
      readonly name: string;
      readonly grid: string;
      readonly pair: string;
      readonly network: Layer | PresetSpec;
      readonly nngp: readonly string[];
      readonly ntk: readonly (string | null)[];
    }[];
  }>('conv.json');
  for (const { name, grid, pair, network, nngp, ntk } of kernels) {
    const own = images[grid] as (typeof images)[string];
    const both = pair.split(' ').map((one) => own[one] as Image);
    const channels = both[0]?.[0]?.length as number;
    const read = 'head' in network ? `, ${network.head}` : '';
    yield {
      name: `${name}${read}, ${grid}, ${pair}`,
      grid,
      network,
      points: { data: Float64Array.from(both.flat(2)), shape: [2, ...own.grid, channels] },
      expected: { nngp: nngp.map(Number), ntk: ntk.map((value) => (value === null ? null : Number(value))) },
    };
  }
}
