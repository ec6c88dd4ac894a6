/** A lazy notebook of one kernel on one data set: metrics and reports read it, and share what each of them needs. */

import { handleOf } from './compile.js';
import { gramConstraints } from './evaluate.js';
import type { JobOptions } from './jobs.js';
import { type Gram, type GramOptions, gram, type Kernel, type KernelName } from './kernel.js';
import { ridgePath } from './loo.js';
import { type Constraint, readOptions } from './options.js';
import { readPoints } from './points.js';
import { chooseRidge, ridgeGrid } from './ridge-choice.js';
import { type CircleInterpolant, interpolateCircle } from './smoothness/circle.js';
import type { Curve } from './smoothness/curve.js';
import { kernelCurve } from './smoothness/kernel-curve.js';
import { type Spectrum, spectrum } from './spectrum.js';
import { centred } from './targets.js';
import type { Samples, Targets } from './tensor.js';

/** A ridge fit of the centred targets: (K + ridge·I) coefficients = targets, n × columns numbers each. */
export interface Fit {
  /** In the unit of gram.values. */
  readonly ridge: number;
  readonly coefficients: Float64Array;
  readonly targets: Float64Array;
}

export interface Study {
  readonly kernel: Kernel;
  readonly x: Samples;
  readonly y: Targets | undefined;
  gram(which: KernelName): Promise<Gram>;
  /** All eigenvalues of the Gram matrix. */
  spectrum(which: KernelName): Promise<Pick<Spectrum, 'values' | 'residual'>>;
  /** null without targets. */
  fit(which: KernelName): Promise<Fit | null>;
  /** The normalised kernel over the angle. */
  curve(which: KernelName): Curve;
  /** The interpolant of the circle target. */
  circle(which: KernelName): CircleInterpolant;
  /** Threads and signal of whatever is computed for this study. */
  readonly job: JobOptions;
  /** What several metrics need: made by the first that asks for this key, for each kernel. */
  once<R>(which: KernelName, key: string, make: () => Promise<R>): Promise<R>;
}

/** What is at hand already, so that the study need not compute it. */
export interface KnownParts {
  readonly gram?: Gram;
  readonly spectrum?: Pick<Spectrum, 'values' | 'residual'>;
  readonly fit?: Fit | null;
}

export interface StudyOptions extends GramOptions {
  readonly y?: Targets;
  /** Relative to the mean diagonal of the Gram; 'loo' (default) takes the one of least leave-one-out squared error. */
  readonly ridge?: 'loo' | number;
  readonly known?: Readonly<Partial<Record<KernelName, KnownParts>>>;
}

const anything: Constraint<unknown> = { expected: 'anything', accepts: (_value): _value is unknown => true };

const constraints = {
  ...gramConstraints,
  y: anything,
  ridge: {
    expected: "'loo' or a number ≥ 0, relative to the mean diagonal of the Gram matrix",
    accepts: (value: unknown): value is 'loo' | number =>
      value === 'loo' || (typeof value === 'number' && Number.isFinite(value) && value >= 0),
  },
  known: {
    expected: 'an object of known parts by kernel',
    accepts: (value: unknown): value is NonNullable<StudyOptions['known']> =>
      typeof value === 'object' && value !== null,
  },
};

/**
 * Computes nothing by itself: every part is made at its first use and kept. Throws at once for what is no kernel and no
 * samples of it.
 */
export function study(kernel: Kernel, x: Samples, options: StudyOptions = {}): Study {
  handleOf(kernel);
  readPoints('x', x, kernel.network);
  readOptions('options', options, constraints);
  const { y, ridge = 'loo', known = {}, precision, ...job } = options;
  const gramOptions: GramOptions = precision === undefined ? job : { ...job, precision };

  const grams = memoised((which) => known[which]?.gram ?? gram(kernel, x, which, gramOptions));
  const spectra = memoised(async (which) => known[which]?.spectrum ?? spectrum(await grams(which), job));
  const fits = memoised(async (which): Promise<Fit | null> => {
    const given = known[which]?.fit;
    if (given !== undefined) return given;
    return y === undefined ? null : fitOf(await grams(which), y, ridge, job);
  });
  const circles = memoised((which) => interpolateCircle(kernelCurve(kernel, which)));
  const made = new Map<string, Promise<unknown>>();
  return Object.freeze({
    kernel,
    x,
    y,
    gram: async (which: KernelName) => grams(which),
    spectrum: spectra,
    fit: fits,
    curve: (which: KernelName) => kernelCurve(kernel, which),
    circle: circles,
    job: Object.freeze({
      ...(job.signal === undefined ? {} : { signal: job.signal }),
      ...(job.threads === undefined ? {} : { threads: job.threads }),
    }),
    once: <R>(which: KernelName, key: string, make: () => Promise<R>): Promise<R> => {
      const name = `${which} ${key}`;
      const known = made.get(name) ?? make();
      made.set(name, known);
      return known as Promise<R>;
    },
  });
}

async function fitOf(matrix: Gram, y: Targets, ridge: 'loo' | number, job: GramOptions): Promise<Fit> {
  const targets = centred(y);
  const scale = meanDiagonal(matrix);
  const ridges = (ridge === 'loo' ? ridgeGrid : [ridge]).map((relative) => relative * scale);
  const path = await ridgePath(matrix, { data: targets.values, shape: [targets.rows, targets.columns] }, ridges, {
    ...job,
    coefficients: true,
  });
  const cells = targets.values.length;
  const { index } = chooseRidge(path.predictions.data as Float64Array, targets.values, ridges.length, path.dropped);
  return {
    ridge: ridges[index] as number,
    coefficients: Float64Array.from(path.coefficients.data.subarray(index * cells, (index + 1) * cells)),
    targets: targets.values,
  };
}

/** Mean of the diagonal over the given samples, or over all of them. */
export function meanDiagonal({ values, size }: Gram, rows?: readonly number[]): number {
  const count = rows?.length ?? size;
  let sum = 0;
  for (let k = 0; k < count; k++) sum += values[(rows === undefined ? k : (rows[k] as number)) * (size + 1)] as number;
  return sum / count;
}

function memoised<T>(make: (which: KernelName) => T): (which: KernelName) => T {
  const made = new Map<KernelName, T>();
  return (which) => {
    if (!made.has(which)) made.set(which, make(which));
    return made.get(which) as T;
  };
}
