/** gradients.json as typed cases: a network in this package's terms, two inputs, what multiprecision differences gave. */

import { readFileSync } from 'node:fs';
import type { KernelName } from '../../lib/evaluate.js';
import { activation, dense, type Layer, residual, serial } from '../../lib/layers.js';

interface Phi {
  readonly name: 'relu' | 'erf' | 'gelu' | 'sine';
  readonly scale: number;
  readonly slope?: number;
}

interface NetworkRow {
  readonly name: string;
  readonly bias: number;
  readonly weightVar: number;
  readonly alpha?: number;
  readonly layers: readonly Phi[];
}

interface Derivatives<T> {
  readonly value: T;
  readonly gradient: readonly T[];
  readonly hessian: readonly (readonly T[])[] | readonly T[];
}

interface File {
  readonly networks: readonly NetworkRow[];
  readonly pairs: Readonly<Record<string, { readonly x: readonly number[]; readonly z: readonly number[] }>>;
  readonly cases: readonly ({ readonly network: string; readonly pair: string } & Readonly<
    Record<KernelName, Derivatives<string>>
  >)[];
}

export interface GradientCase {
  readonly name: string;
  readonly network: Layer;
  readonly x: readonly number[];
  readonly z: readonly number[];
  readonly expected: Readonly<
    Record<KernelName, { readonly value: number; readonly gradient: number[]; readonly hessian: number[] }>
  >;
}

export function gradientCases(): GradientCase[] {
  const file = JSON.parse(readFileSync(new URL('./gradients.json', import.meta.url), 'utf8')) as File;
  const networks = new Map(file.networks.map((row) => [row.name, networkOf(row)]));
  const numbers = ({ value, gradient, hessian }: Derivatives<string>) => ({
    value: Number(value),
    gradient: gradient.map(Number),
    hessian: hessian.flat().map(Number),
  });
  return file.cases.map(({ network, pair, nngp, ntk }) => ({
    name: `${network}, ${pair}`,
    network: networks.get(network) as Layer,
    ...(file.pairs[pair] as { x: readonly number[]; z: readonly number[] }),
    expected: { nngp: numbers(nngp), ntk: numbers(ntk) },
  }));
}

function networkOf({ bias: variance, weightVar, alpha, layers }: NetworkRow): Layer {
  const bias = variance === 0 ? null : ({ var: variance, init: 'normal', trainable: true } as const);
  const fresh = (variance: number) => dense({ weightVar: variance, bias });
  const phi = ({ name, scale, slope }: Phi) =>
    name === 'relu' && slope !== undefined ? activation('leakyRelu', { scale, slope }) : activation(name, { scale });
  const input = dense({ inputScale: '1', bias });
  if (alpha === undefined) return serial(input, ...layers.flatMap((one) => [phi(one), fresh(weightVar)]));
  const blocks = layers.map((one) => residual(serial(fresh(1), phi(one), fresh(1)), { bodyScale: alpha }));
  return serial(input, ...blocks, fresh(1));
}
