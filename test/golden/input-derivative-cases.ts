/** input-derivatives.json as typed cases: networks, two inputs, what differences of 30-digit kernels gave. */

import { readFileSync } from 'node:fs';
import type { KernelName } from '../../lib/evaluate.js';
import { parseNetwork } from '../../lib/parse-network.js';
import type { Network } from '../../lib/presets.js';

type Nested = number | readonly Nested[];

interface Derivatives {
  readonly value: string;
  readonly gradient: readonly string[];
  readonly hessian?: readonly (readonly string[])[];
}

type Kernels = Readonly<Record<KernelName, Derivatives>>;

interface File {
  readonly networks: Readonly<Record<string, unknown>>;
  readonly pairs: Readonly<Record<string, { readonly x: readonly number[]; readonly z: readonly number[] }>>;
  readonly cases: readonly ({ readonly network: string; readonly pair: string } & Kernels)[];
  readonly images: readonly ({ readonly network: string; readonly x: Nested; readonly z: Nested } & Kernels)[];
}

interface Input {
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

export interface InputDerivativeCase {
  readonly name: string;
  readonly network: Network;
  readonly x: Input;
  readonly z: Input;
  /** Hessians of vectors alone. */
  readonly expected: Readonly<
    Record<KernelName, { readonly value: number; readonly gradient: number[]; readonly hessian: number[] | undefined }>
  >;
}

export function inputDerivativeCases(): InputDerivativeCase[] {
  const file = JSON.parse(readFileSync(new URL('./input-derivatives.json', import.meta.url), 'utf8')) as File;
  const numbers = ({ value, gradient, hessian }: Derivatives) => ({
    value: Number(value),
    gradient: gradient.map(Number),
    hessian: hessian?.flat().map(Number),
  });
  const row = (network: string, pair: string, x: Nested, z: Nested, { nngp, ntk }: Kernels) => ({
    name: `${network}, ${pair}`,
    network: parseNetwork(file.networks[network]),
    x: one(x),
    z: one(z),
    expected: { nngp: numbers(nngp), ntk: numbers(ntk) },
  });
  return [
    ...file.cases.map(({ network, pair, ...kernels }) => {
      const { x, z } = file.pairs[pair] as { x: readonly number[]; z: readonly number[] };
      return row(network, pair, x, z, kernels);
    }),
    ...file.images.map(({ network, x, z, ...kernels }) => row(network, 'images', x, z, kernels)),
  ];
}

/** A batch of one. */
function one(nested: Nested): Input {
  const shape = [1];
  let level = nested;
  while (typeof level !== 'number') {
    shape.push(level.length);
    level = level[0] as Nested;
  }
  return { data: Float64Array.from([nested].flat(9) as number[]), shape };
}
