/** Dense algebra of the addon; a part of the binding in native.ts. */

import type { NativeJob, NativeMatrix } from './native.js';

/** One problem of a batch of ridge paths, and where its results go. */
export type RidgeProblemRow = readonly [
  matrix: NativeMatrix,
  y: NativeMatrix,
  ridges: Float64Array,
  eigenvalues: Float64Array,
  loo: Float64Array,
  coefficients: Float64Array,
  dropped: Float64Array,
  residual: Float64Array | null,
];

/** An eigenvalue lies within each error of the value before it. */
export interface NativeExtremes {
  readonly largest: number;
  readonly largestError: number;
  readonly smallest: number;
  readonly smallestError: number;
  readonly decomposed: boolean;
}

export interface NativeSolved {
  /** 0: refinement of a single precision factor; 1: conjugate gradients with it; 2: a factor in double. */
  readonly way: 0 | 1 | 2;
  readonly iterations: number;
  readonly backwardError: number;
  readonly residual: number;
}

export interface AlgebraVerbs {
  /** Destroys a unless it is to be kept. */
  eigen(
    a: NativeMatrix,
    top: number,
    values: Float64Array,
    vectors: Float64Array | NativeMatrix | null,
    keep: boolean,
    threads: number,
  ): NativeJob<number>;
  factor(a: NativeMatrix, ridge: number, threads: number): NativeJob<NativeMatrix>;
  solve(
    factor: NativeMatrix,
    a: NativeMatrix,
    ridge: number,
    b: NativeMatrix,
    x: Float64Array,
    threads: number,
  ): NativeJob<number>;
  /** Of a + ridge·I. Destroys a. */
  extremes(a: NativeMatrix, ridge: number, threads: number): NativeJob<NativeExtremes>;
  /** (a + ridge·I) x = b, with a factor in single precision where `mixed` and possible. Destroys a. */
  solveDefinite(
    a: NativeMatrix,
    ridge: number,
    b: NativeMatrix,
    x: Float64Array,
    mixed: boolean,
    threads: number,
  ): NativeJob<NativeSolved>;
  ridgePath(
    values: Float64Array,
    vectors: NativeMatrix,
    y: NativeMatrix,
    ridges: Float64Array,
    loo: Float64Array,
    coefficients: Float64Array | null,
    dropped: Float64Array,
    threads: number,
  ): NativeJob<undefined>;
  /** Destroys the matrices. Each problem runs on one thread; results do not depend on how many there are. */
  ridgePaths(problems: readonly RidgeProblemRow[], threads: number): NativeJob<undefined>;
  multiply(a: NativeMatrix, b: NativeMatrix, c: Float64Array, threads: number): NativeJob<undefined>;
}
