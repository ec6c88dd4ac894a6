/** Finds, loads and checks the native library; the only module that does. */

import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { type ErrorCode, errorCodes, KernelError } from './errors.js';
import { type Attempt, type Candidate, candidates, ownPackage, type Reason, Unfit } from './locate.js';
import type { AlgebraVerbs } from './native-algebra.js';
import type { FiniteVerbs } from './native-finite.js';
import type { GaussianVerbs } from './native-gaussian.js';
import type { MotionVerbs } from './native-motion.js';
import type { PredictVerbs } from './native-predict.js';
import type { SvmVerbs } from './native-svm.js';
import type { TrainingVerbs } from './native-training.js';
import { notLoaded, refuseSystem } from './not-loaded.js';

/** Numbers outside JavaScript's reach, row-major. */
export interface NativeMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Copies source[from, from + count) to `at`; −1, or the offset of the first number that is not finite. */
  write(source: Float64Array | Float32Array, from: number, at: number, count: number): number;
  /** Fills rows [first, first + count) with source[rows[r] · width + columns[c]]; returns what `write` returns. */
  gather(
    source: Float64Array | Float32Array,
    width: number,
    rows: Float64Array,
    columns: Float64Array,
    first: number,
    count: number,
  ): number;
  copyTo(target: Float64Array): void;
  /** Copies numbers [from, from + count) to position `at` of the target. */
  read(target: Float64Array, at: number, from: number, count: number): void;
  /** Tells the engine of the memory; for matrices that outlive their call. */
  keep(): this;
  dispose(): void;
}

/** A checked listing. */
export interface NativeProgram {
  readonly emits: number;
  /** Is there a tangent kernel? Not with `sign`. */
  readonly tangent: boolean;
  /** Does it read images? Then verbs want their grid. */
  readonly image: boolean;
  /** Steps of one run, repeats unrolled. */
  readonly work: number;
  /** Do its kernels of vectors depend on the angle alone, but for the lengths? */
  readonly homogeneous: boolean;
  /** Does the input step divide by the number of inputs? */
  readonly perDimension: boolean;
  dispose(): void;
}

/** Of images, whose rows hold their numbers in this order, channels fastest. A signal has height 1. */
export type Grid = readonly [height: number, width: number, channels: number];

/** One call of a long verb; runs once. A cancelled job yields undefined. */
export interface NativeJob<R> {
  start(): Promise<R | undefined>;
  run(): R | undefined;
  cancel(): void;
  progress(): readonly [done: number, total: number];
}

/** NNGP, its errors, NTK, its errors. */
export type SphereOutputs = readonly [
  nngp: Float64Array | null,
  nngpErrors: Float64Array | null,
  ntk: Float64Array | null,
  ntkErrors: Float64Array | null,
];

export type Output = Float64Array | Float32Array | NativeMatrix | null;
/** Where the kernels of one emit go. */
export type Outputs = readonly (readonly [nngp: Output, ntk: Output])[];
/** Where the derivatives of one emit by the angle go. */
export type CurveOutputs = readonly [
  nngpSlopes: Float64Array | null,
  nngpCurvatures: Float64Array | null,
  ntkSlopes: Float64Array | null,
  ntkCurvatures: Float64Array | null,
];
/** How pairs were evaluated: each through the steps of the listing, or from a table in the angle. */
export type Path = 'steps' | 'table';
/** Their logarithmic scales, and for matrices the path that was taken. */
export type Scales = readonly (readonly [nngp: number, ntk: number, path?: Path])[];
export type Precision = 'float64' | 'float32';

/** What native/addon exports; the comments there say what each argument means. */
interface Binding extends AlgebraVerbs, FiniteVerbs, GaussianVerbs, MotionVerbs, PredictVerbs, SvmVerbs, TrainingVerbs {
  readonly abi: number;
  readonly version: string;
  readonly Matrix: new (rows: number, columns: number) => NativeMatrix;
  readonly Program: new (
    steps: readonly (readonly [string, ...number[]])[],
    /** Layers, and of each step the number of its own. */
    places?: readonly [layers: readonly (readonly [path: string, name: string])[], steps: readonly number[]],
  ) => NativeProgram;
  about(): { readonly blas: string; readonly simd: string; readonly cpus: number; readonly steps: readonly string[] };
  availableCpus(): number;
  availableMemory(): number;
  watchForTermination(): void;
  gram(
    program: NativeProgram,
    x: NativeMatrix,
    outputs: Outputs,
    precision: Precision,
    threads: number,
    grid?: Grid,
    maxHours?: number,
    path?: Path | 'automatic',
  ): NativeJob<Scales>;
  cross(
    program: NativeProgram,
    x: NativeMatrix,
    z: NativeMatrix,
    outputs: Outputs,
    precision: Precision,
    threads: number,
    first: number,
    rows: number,
    grid?: Grid,
    maxHours?: number,
    path?: Path | 'automatic',
  ): NativeJob<Scales>;
  diagonal(
    program: NativeProgram,
    x: NativeMatrix,
    outputs: Outputs,
    first: number,
    rows: number,
    grid?: Grid,
  ): NativeJob<Scales>;
  profile(program: NativeProgram, angles: Float64Array, dimension: number, outputs: Outputs): NativeJob<Scales>;
  profileDerivatives(
    program: NativeProgram,
    angles: Float64Array,
    dimension: number,
    outputs: readonly CurveOutputs[],
  ): NativeJob<undefined>;
  sphereSpectrum(
    program: NativeProgram,
    dimension: number,
    degrees: number,
    outputs: readonly SphereOutputs[],
    threads: number,
  ): NativeJob<Scales>;
  /** What `sphereSpectrum` takes beside its outputs. */
  sphereBytes(dimension: number, degrees: number, curves: number, threads: number): number;
  /** What `derive` takes beside inputs and outputs, for images. */
  gradientBytes(program: NativeProgram, grid: Grid, threads: number): number;
  /** Order 1: gradients by the rows of x; 2: Hessians. */
  derive(
    program: NativeProgram,
    x: NativeMatrix,
    z: NativeMatrix,
    order: 1 | 2,
    outputs: Outputs,
    threads: number,
    grid: Grid | undefined,
    maxHours: number,
  ): NativeJob<Scales>;
  /** What `derive` takes for so many kernels, in some ten nanoseconds of one core; without what it integrates. */
  derivativeWork(
    program: NativeProgram,
    rows: number,
    columns: number,
    dimension: number,
    order: 1 | 2,
    kernels: number,
    grid?: Grid,
  ): number;
  workspaceBytes(
    program: NativeProgram,
    rows: number,
    columns: number,
    dimension: number,
    bytesPerValue: number,
    threads: number,
    grid?: Grid,
  ): number;
  /** Pairs of pixels times steps of a matrix of images, by which its time can be estimated; a Gram matrix takes half. */
  imageWork(program: NativeProgram, rows: number, columns: number, grid: Grid): number;
}

/** What this facade expects of the library; raised with every change of what crosses. */
export const abi = 6;

interface Loaded {
  readonly binding: Binding;
  readonly path: string;
}

let loaded: Loaded | undefined;

/** The native library, loaded at its first use. Throws ERR_NATIVE_LOAD with everything that was tried. */
export function native(): Binding {
  return library().binding;
}

/** The library with the file it came from. Throws ERR_ARGUMENT if RESGRAM_SIMD names no instruction set. */
export function library(): Loaded {
  if (loaded !== undefined) return loaded;
  const found = load();
  // Refuses a RESGRAM_SIMD that it does not know before any work starts.
  called(() => found.binding.about());
  loaded = found;
  return loaded;
}

/** Runs a native call; whatever it throws leaves as a KernelError. */
export function called<R>(call: () => R): R {
  try {
    return call();
  } catch (error) {
    throw asKernelError(error);
  }
}

/** An error of the addon as the package's own; anything else is a mistake of ours. */
export function asKernelError(error: unknown): KernelError {
  if (error instanceof KernelError) return error;
  const { code, details, message } = (error ?? {}) as { code?: unknown; details?: object; message?: unknown };
  const text = typeof message === 'string' ? message : String(error);
  const known = errorCodes.find((one): one is ErrorCode => one === code && one !== 'ERR_INTERNAL');
  if (known !== undefined) return new KernelError(known, text, { ...details });
  return new KernelError(
    'ERR_INTERNAL',
    `${text}; this is a mistake of resgram, please report it`,
    { ...details },
    { cause: error },
  );
}

function load(): Loaded {
  refuseSystem();
  const own = ownPackage();
  const require = createRequire(import.meta.url);
  const attempts: (Attempt & { readonly reason: Reason })[] = [];
  for (const { what, kind, locate } of candidates(own, require)) {
    try {
      const path = locate();
      const binding = require(path) as Binding;
      checkMatch(binding, own.version, kind);
      // A worker_thread may be terminated while a job runs; the main thread cancels at 'exit' (jobs.ts).
      if (!isMainThread) binding.watchForTermination();
      return { binding, path };
    } catch (error) {
      attempts.push({ what, why: firstLine(error), reason: reasonOf(error) });
    }
  }
  throw notLoaded(own, attempts, require);
}

function checkMatch(binding: Binding, version: string, kind: Candidate['kind']): void {
  const rebuild = kind === 'package' ? '' : '; rebuild it';
  if (binding.abi !== abi) throw new Unfit('mismatch', `has ABI number ${binding.abi}, expected ${abi}${rebuild}`);
  if (binding.version !== version) {
    throw new Unfit('mismatch', `is version ${binding.version}, expected ${version}${rebuild}`);
  }
}

function reasonOf(error: unknown): Reason {
  if (error instanceof Unfit) return error.reason;
  return (error as NodeJS.ErrnoException).code === 'ERR_DLOPEN_DISABLED' ? 'forbidden' : 'unloadable';
}

/** Without a full stop, which the message sets itself. */
function firstLine(error: unknown): string {
  const { message } = error as { message?: string };
  return ((message ?? String(error)).split('\n', 1)[0] as string).replace(/\.$/, '');
}
