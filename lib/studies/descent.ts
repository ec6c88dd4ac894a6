import type { Gram } from '../evaluate.js';
import type { JobOptions } from '../jobs.js';

/** Products of numbers in one descent: some ten seconds. What takes more is left out, and a remark says so. */
const mostProducts = 1e10;

/**
 * Counts the steps of r ← r − ηKr themselves, until ‖r‖² is `left` of what it was; null where `expected`, an estimate of them, or
 * their own number is more than can be waited for.                                                        [ntk-descent]
 */
export async function descend(
  { values, size }: Pick<Gram, 'values' | 'size'>,
  target: Float64Array,
  { rate, left, expected }: { readonly rate: number; readonly left: number; readonly expected: number },
  { signal }: JobOptions,
): Promise<number | null> {
  const most = mostProducts / size ** 2;
  if (expected > most) return null;
  const square = (of: Float64Array) => of.reduce((sum, value) => sum + value * value, 0);
  const goal = left * square(target);
  let residual = target;
  for (let step = 0; step <= most; step++) {
    if (square(residual) <= goal) return step;
    if (step % 500 === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    }
    const before = residual;
    residual = before.map((value, i) => {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += (values[i * size + j] as number) * (before[j] as number);
      return value - rate * sum;
    });
  }
  return null;
}
