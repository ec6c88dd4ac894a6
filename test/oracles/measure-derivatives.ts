/** Deviations of gradients and Hessians from gradients.json and input-derivatives.json. */

import { compile, type Kernel } from '../../lib/kernel.js';
import type { Network } from '../../lib/presets.js';
import { sync } from '../../lib/sync.js';
import type { Samples } from '../../lib/tensor.js';
import { gradientCases } from '../golden/gradient-cases.js';
import { inputDerivativeCases } from '../golden/input-derivative-cases.js';
import { described, type Measurement, type Name, names, quantities, ratio } from './measurement.js';

interface Case {
  readonly name: string;
  readonly network: Network;
  readonly x: Samples;
  readonly z: Samples;
  readonly expected: {
    readonly [N in Name]: {
      readonly value: number;
      readonly gradient: readonly number[];
      readonly hessian: readonly number[] | undefined;
    };
  };
  /** |x|: what turns the kernel's size into that of a derivative. */
  readonly length: number;
  readonly angle: number;
}

export function* ofDerivatives(): Generator<Measurement> {
  for (const { x, z, ...one } of gradientCases()) {
    yield* ofCase('gradients.json', { ...one, x: [x], z: [z], length: Math.hypot(...x), angle: angle(x, z) });
  }
  for (const one of inputDerivativeCases()) {
    yield* ofCase('input-derivatives.json', { ...one, length: Math.hypot(...one.x.data), angle: Math.PI / 2 });
  }
}

function* ofCase(file: string, { name, network, x, z, expected, length, angle }: Case): Generator<Measurement> {
  using kernel = compile(network);
  const what = described(network);
  for (const which of names) {
    const { value, gradient, hessian } = expected[which];
    for (const [symbol, order, wanted] of [['∇', 1, gradient] as const, ['∇²', 2, hessian] as const]) {
      if (wanted === undefined) continue;
      const got = derivative(kernel, x, z, which, order);
      const size = Math.max(...wanted.map(Math.abs), Math.abs(value) / length ** order);
      // The NTK has a cusp where inputs meet, and which side of it they are on is known to a rounding over their angle.
      const cusp = which === 'ntk' ? Math.min(angle, 1) : 1;
      for (const [k, want] of wanted.entries()) {
        const deviation = cusp * ratio(got.length === wanted.length ? (got[k] as number) : Number.NaN, want, size);
        yield { file, ...what, quantity: `${symbol} ${quantities[which]}`, deviation, place: `${name} [${k}]` };
      }
    }
  }
}

function derivative(kernel: Kernel, x: Samples, z: Samples, which: Name, order: 1 | 2): Float64Array {
  return (order === 1 ? sync.gradient(kernel, x, z, which) : sync.hessian(kernel, x, z, which)).data;
}

/** From the difference of the directions, so that an angle of 1e-7 has its digits. */
function angle(x: readonly number[], z: readonly number[]): number {
  const [a, b] = [x.map((v) => v / Math.hypot(...x)), z.map((v) => v / Math.hypot(...z))];
  const apart = (sign: number): number => Math.hypot(...a.map((v, k) => v - sign * (b[k] as number)));
  return 2 * Math.atan2(apart(1), apart(-1));
}
