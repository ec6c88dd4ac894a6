/** One preset at several depths: one pass over the data where its α allows that. */

import { types } from 'node:util';
import { loadProgram } from './compile.js';
import {
  type Cross,
  crossesOf,
  type Emitted,
  type Gram,
  type GramOptions,
  gramConstraints,
  gramsOf,
  type KernelName,
  type PerKernel,
  readWhich,
  requireTable,
  type Which,
} from './evaluate.js';
import { background, type Steps, type Task, threadsOf } from './jobs.js';
import type { Crosses, Grams } from './kernel.js';
import type { Layer } from './layers.js';
import type { Program } from './lower.js';
import type { NativeMatrix, NativeProgram } from './native.js';
import { reading, readOptions, unexpected } from './options.js';
import { type Load, planCrosses, planGrams } from './plan.js';
import { readBoth, readPoints } from './points.js';
import { atDepth, network, type PresetFamily } from './presets.js';
import { type Rows, withCopies } from './samples.js';
import { sweep } from './sweep.js';
import { requireTangent } from './tangent.js';
import type { Samples } from './tensor.js';

/**
 * The Gram matrices of a preset at each of the ascending `depths`, in their order. With a fixed α all depths come from
 * one pass; with a rule depth^−γ each depth has its own. All of them are held at once, and planned for.
 */
export function gramSweep<K extends KernelName>(
  preset: PresetFamily,
  depths: readonly number[],
  x: Samples,
  which: K,
  options?: GramOptions,
): Promise<readonly Gram[]>;
export function gramSweep<K extends KernelName>(
  preset: PresetFamily,
  depths: readonly number[],
  x: Samples,
  which: readonly K[],
  options?: GramOptions,
): Promise<readonly Grams<K>[]>;
export function gramSweep(
  preset: PresetFamily,
  depths: readonly number[],
  x: Samples,
  which: Which,
  options?: GramOptions,
): Promise<readonly PerKernel<Gram>[]> {
  return background(gramSweep, () => gramSweepTask(preset, depths, x, which, options));
}

/** The cross matrices of a preset at each of the ascending `depths`, in their order. */
export function crossSweep<K extends KernelName>(
  preset: PresetFamily,
  depths: readonly number[],
  x: Samples,
  z: Samples,
  which: K,
  options?: GramOptions,
): Promise<readonly Cross[]>;
export function crossSweep<K extends KernelName>(
  preset: PresetFamily,
  depths: readonly number[],
  x: Samples,
  z: Samples,
  which: readonly K[],
  options?: GramOptions,
): Promise<readonly Crosses<K>[]>;
export function crossSweep(
  preset: PresetFamily,
  depths: readonly number[],
  x: Samples,
  z: Samples,
  which: Which,
  options?: GramOptions,
): Promise<readonly PerKernel<Cross>[]> {
  return background(crossSweep, () => crossSweepTask(preset, depths, x, z, which, options));
}

export function gramSweepTask(
  preset: PresetFamily,
  depths: readonly number[],
  x: Samples,
  which: Which,
  options?: GramOptions,
): Task<readonly PerKernel<Gram>[]> {
  if (types.isPromise(preset)) throw unexpected('preset', 'a preset without its depth', preset);
  const { names, shape } = readWhich(which);
  const settings = readOptions('options', options, gramConstraints);
  const { precision = 'float64', maxHours } = settings;
  const threads = threadsOf(settings);
  const { listings, networks, deepest } = listingsOf(preset, depths, names);
  const samples = readPoints('x', x, deepest);
  const programs = listings.map((listing) => loadProgram(listing, preset.preset));
  requireTable(settings.path, programs);
  const load = { programs, networks, names, precision, threads, maxHours };
  planGrams(load, samples);
  const steps = overDepths<Gram>(programs, [samples], shape, (program, [points]) =>
    gramsOf(
      program,
      points as NativeMatrix,
      samples.grid,
      names,
      precision,
      threads,
      () => planGrams(only(load, program), samples),
      settings.path,
    ),
  );
  return { settings, steps };
}

export function crossSweepTask(
  preset: PresetFamily,
  depths: readonly number[],
  x: Samples,
  z: Samples,
  which: Which,
  options?: GramOptions,
): Task<readonly PerKernel<Cross>[]> {
  if (types.isPromise(preset)) throw unexpected('preset', 'a preset without its depth', preset);
  const { names, shape } = readWhich(which);
  const settings = readOptions('options', options, gramConstraints);
  const { precision = 'float64', maxHours } = settings;
  const threads = threadsOf(settings);
  const { listings, networks, deepest } = listingsOf(preset, depths, names);
  const [left, right] = readBoth(x, z, deepest);
  const programs = listings.map((listing) => loadProgram(listing, preset.preset));
  requireTable(settings.path, programs);
  const load = { programs, networks, names, precision, threads, maxHours };
  planCrosses(load, left, right);
  const steps = overDepths<Cross>(programs, [left, right], shape, (program, [first, second]) =>
    crossesOf(
      program,
      first as NativeMatrix,
      second as NativeMatrix,
      left.grid,
      names,
      precision,
      threads,
      () => planCrosses(only(load, program), left, right),
      settings.path,
    ),
  );
  return { settings, steps };
}

interface Listings {
  readonly listings: readonly Program[];
  /** The deepest network of each listing. */
  readonly networks: readonly Layer[];
  /** The deepest of all. */
  readonly deepest: Layer;
}

function listingsOf(preset: PresetFamily, depths: readonly number[], names: readonly KernelName[]): Listings {
  return reading('preset', () => {
    const { programs } = sweep(preset, depths);
    const networks = programs.map((one) => network(atDepth(preset, one.depths.at(-1) as number)));
    requireTangent(networks.at(-1) as Layer, names);
    return { listings: programs.map(({ program }) => program), networks, deepest: networks.at(-1) as Layer };
  });
}

/** One program of several, when its turn comes. */
function only(load: Load, program: NativeProgram): Load {
  return { ...load, programs: [program], networks: [load.networks[load.programs.indexOf(program)] as Layer] };
}

/** Copies the inputs once and runs every program over them; the results of all their emits, in order. */
function* overDepths<T>(
  programs: readonly NativeProgram[],
  inputs: readonly Rows[],
  shape: (emitted: Emitted<T>) => PerKernel<T>,
  run: (program: NativeProgram, copies: readonly NativeMatrix[]) => Steps<Emitted<T>[]>,
): Steps<readonly PerKernel<T>[]> {
  try {
    return yield* withCopies(inputs, function* (...copies) {
      const results: PerKernel<T>[] = [];
      for (const program of programs) {
        for (const emitted of yield* run(program, copies)) results.push(shape(emitted));
      }
      return results;
    });
  } finally {
    for (const program of programs) program.dispose();
  }
}
