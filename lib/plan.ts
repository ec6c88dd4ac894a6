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

/** Nobody waits longer than a day without having meant something else. */
const usualHours = 24;
/** What one core takes for one activation, and the filters around it, of one pair of pixels; measured. */
const secondsPerPixelPair = 8e-9;

/** Refuses Gram matrices that will not fit: all emits of the programs, with the native working memory; or take too long. */
export function planGrams(load: Load, samples: Points): void {
  const { rows } = samples;
  const count = emits(load.programs) * load.names.length;
  planMatrices(load, samples, rows, several(count, 'Gram matrix', 'Gram matrices'));
  planTime(load, samples, (rows * (rows + 1)) / 2, `${rows} × ${rows}`);
}

/** The same for pairs of two sets. */
export function planCrosses(load: Load, x: Points, z: { readonly rows: number }): void {
  const count = emits(load.programs) * load.names.length;
  planMatrices(load, x, z.rows, several(count, 'cross matrix', 'cross matrices'));
  planTime(load, x, x.rows * z.rows, `${x.rows} × ${z.rows}`);
}

function planMatrices({ programs, names, precision, threads }: Load, x: Points, columns: number, what: string): void {
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

function planTime({ networks, threads, maxHours = usualHours }: Load, x: Points, pairs: number, what: string): void {
  if (x.grid === undefined) return;
  const perPair = networks.reduce((sum, network) => sum + pixelPairs(network, x), 0);
  const hours = (pairs * perPair * secondsPerPixelPair) / threads / 3600;
  if (hours <= maxHours) return;
  const readsAll = networks.some((network) =>
    fitGrid(network, x.axes).some((one) => one.kind === 'head' && one.read === 'pool'),
  );
  throw new KernelError(
    'ERR_ARGUMENT',
    `${what} pairs of images of ${sizes(x.axes)} pixels: about ${short(hours)} hours on ${threads} threads, more than the ` +
      `${short(maxHours)} allowed; use ` +
      (readsAll ? "head('trace') in place of head('pool'), whose time grows with the square of the pixels, or " : '') +
      'fewer or smaller images, or raise maxHours',
    { hours, maxHours, pairs, pixels: x.axes, threads },
  );
}

/** Activations of one pair of images: all pairs of pixels under a pooled head, else those in one pooling window. */
function pixelPairs(network: Layer, { axes }: Points): number {
  const stations = fitGrid(network, axes).toReversed();
  const readsAll = stations.some((one) => one.kind === 'head' && one.read === 'pool');
  let window = 1;
  let sum = 0;
  for (const station of stations) {
    if (station.kind === 'pool') window *= station.size ** axes.length;
    if (station.kind !== 'activation') continue;
    const pixels = station.axes.reduce((product, n) => product * n, 1);
    sum += station.times * pixels * (readsAll ? pixels : window);
  }
  return sum;
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
