/**
 * The listing of an image network, run on all P × P pairs of pixels in plain JavaScript: slow, obvious, and without any
 * of the savings of the package.
 */

import type { Program } from '../../lib/lower.js';
import type { Tensor } from '../../lib/tensor.js';
import { erfDual, geluDual, type KernelPair, leakyDual } from './recursion.js';

/** [length, channels] or [height, width, channels] in row-major order. */
export interface Image {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

/** The images of a tensor, one by one. */
export function imagesOf({ data, shape }: Tensor): Image[] {
  const [n, ...own] = shape as [number, ...number[]];
  const size = data.length / n;
  return Array.from({ length: n }, (_, i) => ({ data: data.subarray(i * size, (i + 1) * size), shape: own }));
}

/** Covariances of all pixels of one image with all of another, row by row. */
type Matrix = readonly (readonly number[])[];

interface State {
  /** One length per axis of the grid; none once a head has read it. */
  readonly grid: readonly number[];
  readonly xx: Matrix;
  readonly zz: Matrix;
  readonly xz: Matrix;
  readonly tangent: Matrix;
}

/** One pair of kernels for each `emit` of the listing. */
export function evaluateImages(program: Program, x: Image, z: Image): KernelPair[] {
  const emitted: KernelPair[] = [];
  const saved: State[] = [];
  let now: State = { grid: [], xx: [], zz: [], xz: [], tangent: [] };
  const run = (from: number, to: number): void => {
    for (let at = from; at < to; at++) {
      const [op, ...args] = program.steps[at] as readonly [string, ...number[]];
      const [a = Number.NaN, b = Number.NaN, c = Number.NaN] = args;
      if (op === 'repeat') {
        const end = endOf(program, at);
        for (let turn = 0; turn < a; turn++) run(at + 1, end);
        at = end;
      } else if (op === 'input') {
        now = input(x, z, a === 1);
      } else if (op === 'push') {
        saved.push(now);
      } else if (op === 'pop') {
        now = saved.pop() as State;
      } else if (op === 'swap') {
        const other = saved.pop() as State;
        saved.push(now);
        now = other;
      } else if (op === 'add') {
        now = added(saved.pop() as State, now);
      } else if (op === 'emit') {
        emitted.push({ nngp: only(now.xz), ntk: only(now.tangent) });
      } else if (op === 'patch') {
        const { grid } = now;
        const windows = filterWindows(grid, a, b, c);
        now = everywhere(now, windows.grid, (m) => meanOver(m, windows.pairs, a ** grid.length));
      } else if (op === 'average') {
        const grid = now.grid.map((n) => n / a);
        const inside = positions(grid).map((at) =>
          positions(grid.map(() => a)).map((k) =>
            index(
              now.grid,
              at.map((p, axis) => p * a + (k[axis] as number)),
            ),
          ),
        );
        now = everywhere(now, grid, (m) =>
          inside.map((j) => inside.map((k) => mean(j.flatMap((p) => k.map((q) => cell(m, p, q)))))),
        );
      } else if (op === 'pixel') {
        const at = now.grid.length === 1 ? [b] : [a, b];
        const p = index(now.grid, at);
        now = everywhere(now, [], (m) => [[cell(m, p, p)]]);
      } else if (op === 'trace') {
        now = everywhere(now, [], (m) => [[mean(m.map((_, j) => cell(m, j, j)))]]);
      } else if (op === 'mean') {
        now = everywhere(now, [], (m) => [[mean(m.flat())]]);
      } else {
        now = pointwise(now, op, args);
      }
    }
  };
  run(0, program.steps.length);
  return emitted;
}

function input(x: Image, z: Image, perChannel: boolean): State {
  const grid = x.shape.slice(0, -1);
  const channels = x.shape.at(-1) as number;
  const inner = (p: Image, q: Image) =>
    positions(grid).map((_, j) =>
      positions(grid).map((__, k) => {
        let sum = 0;
        for (let c = 0; c < channels; c++) {
          sum += (p.data[j * channels + c] as number) * (q.data[k * channels + c] as number);
        }
        return perChannel ? sum / channels : sum;
      }),
    );
  const xz = inner(x, z);
  return { grid, xx: inner(x, x), zz: inner(z, z), xz, tangent: xz.map((row) => row.map(() => 0)) };
}

/** Steps that look at one pair of pixels and at the variances of the two. */
function pointwise(state: State, op: string, args: readonly number[]): State {
  const [a = Number.NaN, b = Number.NaN, c = Number.NaN, d = Number.NaN, e = Number.NaN] = args;
  if (op === 'scale') return everywhere(state, state.grid, (m) => m.map((row) => row.map((value) => a * a * value)));
  if (op === 'affine') {
    const affine = (m: Matrix) => m.map((row) => row.map((value) => a * value + c * d));
    return {
      grid: state.grid,
      xx: affine(state.xx),
      zz: affine(state.zz),
      xz: affine(state.xz),
      tangent: state.tangent.map((row, j) => row.map((t, k) => a * (t + b * cell(state.xz, j, k)) + e * c)),
    };
  }
  const duals: Readonly<Record<string, typeof erfDual>> = {
    relu: (p, q, k) => leakyDual(p, q, k, b),
    erf: erfDual,
    gelu: geluDual,
  };
  const dual = duals[op];
  if (dual === undefined) throw new Error(`unknown step '${op}'`);
  const activated = (m: Matrix, left: Matrix, right: Matrix) =>
    m.map((row, j) => row.map((value, k) => a * a * dual(cell(left, j, j), cell(right, k, k), value).value));
  const { xx, zz, xz } = state;
  return {
    grid: state.grid,
    xx: activated(xx, xx, xx),
    zz: activated(zz, zz, zz),
    xz: activated(xz, xx, zz),
    tangent: state.tangent.map((row, j) =>
      row.map((t, k) => a * a * dual(cell(xx, j, j), cell(zz, k, k), cell(xz, j, k)).slope * t),
    ),
  };
}

/** For every output pixel, the input pixels under the filter; undefined where it hangs over a border of zeros. */
function filterWindows(
  grid: readonly number[],
  size: number,
  stride: number,
  padding: number,
): { readonly grid: readonly number[]; readonly pairs: readonly (readonly (number | undefined)[])[] } {
  const half = (size - 1) / 2;
  const valid = padding === 0;
  const out = grid.map((n) => Math.ceil((valid ? n - size + 1 : n) / stride));
  const offsets = positions(grid.map(() => size));
  const pairs = positions(out).map((at) =>
    offsets.map((k) => {
      const place = at.map((p, axis) => p * stride + (k[axis] as number) - (valid ? 0 : half));
      const wrapped = place.map((p, axis) => {
        const n = grid[axis] as number;
        return padding === 2 ? ((p % n) + n) % n : p;
      });
      return wrapped.some((p, axis) => p < 0 || p >= (grid[axis] as number)) ? undefined : index(grid, wrapped);
    }),
  );
  return { grid: out, pairs };
}

/** Sums over one offset at a time, the same for both images, divided by the size of the whole filter. */
function meanOver(m: Matrix, windows: readonly (readonly (number | undefined)[])[], weights: number): Matrix {
  return windows.map((j) =>
    windows.map((k) => {
      let sum = 0;
      for (const [offset, p] of j.entries()) {
        const q = k[offset];
        if (p !== undefined && q !== undefined) sum += cell(m, p, q);
      }
      return sum / weights;
    }),
  );
}

function everywhere(state: State, grid: readonly number[], change: (m: Matrix) => Matrix): State {
  const { xx, zz, xz, tangent } = state;
  return { grid, xx: change(xx), zz: change(zz), xz: change(xz), tangent: change(tangent) };
}

function added(left: State, right: State): State {
  const sum = (m: Matrix, n: Matrix) => m.map((row, j) => row.map((value, k) => value + cell(n, j, k)));
  return {
    grid: left.grid,
    xx: sum(left.xx, right.xx),
    zz: sum(left.zz, right.zz),
    xz: sum(left.xz, right.xz),
    tangent: sum(left.tangent, right.tangent),
  };
}

/** All places of a grid, last axis fastest. */
function positions(grid: readonly number[]): number[][] {
  return grid.reduce<number[][]>(
    (before, n) => before.flatMap((at) => Array.from({ length: n }, (_, p) => [...at, p])),
    [[]],
  );
}

function index(grid: readonly number[], at: readonly number[]): number {
  return grid.reduce((sum, n, axis) => sum * n + (at[axis] as number), 0);
}

function cell(m: Matrix, j: number, k: number): number {
  return (m[j] as readonly number[])[k] as number;
}

function only(m: Matrix): number {
  if (m.length !== 1 || m[0]?.length !== 1) throw new Error('an image was emitted, not a vector');
  return m[0][0] as number;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function endOf(program: Program, repeat: number): number {
  let open = 0;
  for (let at = repeat; at < program.steps.length; at++) {
    const op = program.steps[at]?.[0];
    if (op === 'repeat') open++;
    if (op === 'end' && --open === 0) return at;
  }
  throw new Error('a repeat has no end');
}
