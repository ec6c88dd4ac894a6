/** Training by definition: plain loops over plain arrays, slow and obvious. */

import type { Tensor } from '../../lib/tensor.js';

export type Rows = readonly (readonly number[])[];

export function rowsOf(data: ArrayLike<number>, columns: number): number[][] {
  return Array.from({ length: data.length / columns }, (_, i) =>
    Array.from({ length: columns }, (_, j) => data[i * columns + j] as number),
  );
}

/** Slice `index` of a tensor [T, n, c], as rows. */
export function at({ data, shape: [, n, c] }: Tensor, index: number): number[][] {
  const size = (n as number) * (c as number);
  return rowsOf(data.subarray(index * size, (index + 1) * size), c as number);
}

export function times(a: Rows, b: Rows): number[][] {
  return a.map((row) =>
    (b[0] as readonly number[]).map((_, j) =>
      row.reduce((sum, value, k) => sum + value * ((b[k] as number[])[j] as number), 0),
    ),
  );
}

export function combine(a: Rows, b: Rows, scale: number): number[][] {
  return a.map((row, i) => row.map((value, j) => value + scale * ((b[i] as number[])[j] as number)));
}

export function transposed(a: Rows): number[][] {
  return (a[0] as readonly number[]).map((_, j) => a.map((row) => row[j] as number));
}

export function identity(n: number): number[][] {
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
}

export function scaled(a: Rows, factor: number): number[][] {
  return a.map((row) => row.map((value) => factor * value));
}

export function largest(a: Rows): number {
  return Math.max(...a.map((row) => Math.max(...row.map(Math.abs))));
}

/** exp(A): a Taylor series of A/2^s, squared s times. */
export function exponential(a: Rows): number[][] {
  const norm = Math.max(...a.map((row) => row.reduce((sum, value) => sum + Math.abs(value), 0)));
  const squarings = Math.max(0, Math.ceil(Math.log2(norm)) + 4);
  const small = scaled(a, 2 ** -squarings);
  let term = identity(a.length);
  let sum = term;
  for (let k = 1; k <= 20; k++) {
    term = scaled(times(term, small), 1 / k);
    sum = combine(sum, term, 1);
  }
  for (let s = 0; s < squarings; s++) sum = times(sum, sum);
  return sum;
}

/** A⁻¹B by elimination with pivots. */
export function solved(a: Rows, b: Rows): number[][] {
  const n = a.length;
  const work = a.map((row, i) => [...row, ...(b[i] as readonly number[])]);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k; i < n; i++) {
      if (Math.abs((work[i] as number[])[k] as number) > Math.abs((work[pivot] as number[])[k] as number)) pivot = i;
    }
    [work[k], work[pivot]] = [work[pivot] as number[], work[k] as number[]];
    const chosen = work[k] as number[];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const row = work[i] as number[];
      const multiple = (row[k] as number) / (chosen[k] as number);
      for (let j = k; j < row.length; j++) row[j] = (row[j] as number) - multiple * (chosen[j] as number);
    }
  }
  return work.map((row, i) => row.slice(n).map((value) => value / (row[i] as number)));
}

export interface State {
  readonly train: number[][];
  readonly test: number[][];
}

/** df/dt = −K(f − y)/N by the classical Runge–Kutta rule of order four. */
export function rungeKutta(
  kernel: Rows,
  cross: Rows,
  y: Rows,
  start: State,
  over: number,
  time: number,
  steps: number,
): State {
  const slope = ({ train }: State): State => {
    const residual = combine(train, y, -1);
    return { train: scaled(times(kernel, residual), -1 / over), test: scaled(times(cross, residual), -1 / over) };
  };
  const move = (from: State, by: State, h: number): State => ({
    train: combine(from.train, by.train, h),
    test: combine(from.test, by.test, h),
  });
  const h = time / steps;
  let state = start;
  for (let step = 0; step < steps; step++) {
    const a = slope(state);
    const b = slope(move(state, a, h / 2));
    const c = slope(move(state, b, h / 2));
    const d = slope(move(state, c, h));
    state = move(move(move(move(state, a, h / 6), b, h / 3), c, h / 3), d, h / 6);
  }
  return state;
}

/** Steps of gradient descent, one by one. */
export function descend(kernel: Rows, cross: Rows, y: Rows, start: State, rate: number, steps: number): State {
  let { train, test } = start;
  for (let step = 0; step < steps; step++) {
    const residual = combine(train, y, -1);
    train = combine(train, times(kernel, residual), -rate);
    test = combine(test, times(cross, residual), -rate);
  }
  return { train, test };
}
