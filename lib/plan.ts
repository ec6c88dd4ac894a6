/** What will not fit in memory, or takes longer than anyone meant, is refused before work starts. */

import { KernelError } from './errors.js';
import type { KernelName } from './evaluate.js';
import { fitGrid, sizes } from './fit-grid.js';
import type { Layer } from './layers.js';
import { bytesOf, requireMemory } from './memory.js';
import { called, type NativeProgram, native, type Precision } from './native.js';
import type { Points } from './points.js';

/** What is to be computed, and how. */
export interface Load {
  readonly programs: readonly NativeProgram[];
  /** The network of each program; of one for several depths, the deepest. */
  readonly networks: readonly Layer[];
  readonly names: readonly KernelName[];
  readonly precision: Precision;
  readonly threads: number;
  /** Default 24. */
  readonly maxHours?: number | undefined;
}

/** How many points there are, and of what size. */
type Extent = Pick<Points, 'rows' | 'columns' | 'grid' | 'axes'>;

/** Nobody waits longer than a day without having meant something else. */
export const usualHours = 24;
/**
 * What one slow core takes for one step of one pair of pixels: twice the CPU time that `npm run bench:native` shows for a
 * step with 512-bit vectors, for cores that are shared or have narrower ones.
 */
const secondsPerStep = { float64: 4e-9, float32: 2e-9 } as const;

/**
 * Refuses Gram matrices that will not fit: all emits of the programs, with the native working memory; or take too long.
 * Returns the hours that are allowed, for what is only known when the rows have been looked at.
 */
export function planGrams(load: Load, samples: Extent): number {
  const { rows } = samples;
  const count = emits(load.programs) * load.names.length;
  planMatrices(load, samples, rows, several(count, 'Gram matrix', 'Gram matrices'));
  return planTime(load, samples, rows, true);
}

/** Refuses pairs of two sets that take too long, wherever they are put; returns the hours that are allowed. */
export function planCrossTime(load: Load, x: Extent, columns: number): number {
  return planTime(load, x, columns, false);
}

/** The same for pairs of two sets. */
export function planCrosses(load: Load, x: Points, z: { readonly rows: number }): number {
  const count = emits(load.programs) * load.names.length;
  planMatrices(load, x, z.rows, several(count, 'cross matrix', 'cross matrices'));
  return planTime(load, x, z.rows, false);
}

function planMatrices({ programs, names, precision, threads }: Load, x: Extent, columns: number, what: string): void {
  const each = bytesOf[precision];
  const count = emits(programs) * names.length;
  const workspace = largest(programs, (program) =>
    native().workspaceBytes(program, x.rows, columns, x.columns, each, threads, x.grid),
  );
  requireMemory(
    `${what} of ${x.rows} × ${columns} ${precision} numbers`,
    count * x.rows * columns * each + workspace,
    remedy(precision, count),
  );
}

function planTime(
  { programs, networks, precision, threads, maxHours = usualHours }: Load,
  x: Extent,
  columns: number,
  isGram: boolean,
): number {
  const { grid, rows } = x;
  if (grid === undefined) return maxHours;
  const share = isGram ? 0.5 : 1;
  const work = programs.reduce(
    (sum, one) => sum + share * called(() => native().imageWork(one, rows, columns, grid)),
    0,
  );
  const hours = (work * secondsPerStep[precision]) / threads / 3600;
  if (hours <= maxHours) return maxHours;
  const readsAll = networks.some((network) => fitGrid(network, x.axes).read === 'pool');
  throw new KernelError(
    'ERR_ARGUMENT',
    `${rows} × ${columns} pairs of images of ${sizes(x.axes)} pixels: about ${short(hours)} hours on ${threads} threads, ` +
      `more than the ${short(maxHours)} allowed; use ` +
      (readsAll ? "head('trace') in place of head('pool'), whose time grows with the square of the pixels, or " : '') +
      'fewer or smaller images, or allow more (maxHours)',
    { hours, maxHours, work, pixels: x.axes, threads },
  );
}

/** Derivatives of kernels to be computed. */
interface DerivativeLoad {
  readonly program: NativeProgram;
  readonly names: readonly KernelName[];
  readonly order: 1 | 2;
  readonly threads: number;
  readonly maxHours: number;
}

/** A unit of the native count on a slow core. */
const secondsPerDerivative = 2e-8;

/** Refuses derivatives by the rows of x that take too long, but for those that are integrated: the job measures one. */
export function planDerivatives(
  { program, names, order, threads, maxHours }: DerivativeLoad,
  x: Points,
  z: Points,
): void {
  const work = called(() => native().derivativeWork(program, x.rows, z.rows, x.columns, order, names.length, x.grid));
  const hours = (work * secondsPerDerivative) / threads / 3600;
  if (hours <= maxHours) return;
  throw new KernelError(
    'ERR_ARGUMENT',
    `${order === 1 ? 'gradients' : 'Hessians'} of ${x.rows} × ${z.rows} pairs` +
      (x.grid === undefined ? '' : ` of images of ${sizes(x.axes)} pixels`) +
      `: about ${short(hours)} hours on ${threads} threads, more than the ${short(maxHours)} allowed; use ` +
      (x.grid === undefined ? 'fewer rows or a shallower network' : 'fewer or smaller images') +
      ', or allow more (maxHours)',
    { hours, maxHours, work, threads },
  );
}

function emits(programs: readonly NativeProgram[]): number {
  return programs.reduce((sum, program) => sum + called(() => program.emits), 0);
}

function largest(programs: readonly NativeProgram[], bytes: (program: NativeProgram) => number): number {
  return Math.max(...programs.map((program) => called(() => bytes(program))));
}

function several(count: number, one: string, many: string): string {
  return count === 1 ? `a ${one}` : `${count} ${many}`;
}

function remedy(precision: Precision, count: number): string {
  const ways = ['use fewer rows'];
  if (precision === 'float64') ways.push("precision: 'float32'");
  if (count > 1) ways.push('fewer kernels or depths at a time');
  return ways.join(', ');
}

function short(hours: number): string {
  return String(Number(hours.toPrecision(2)));
}
