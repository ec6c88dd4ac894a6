/// <reference lib="esnext.disposable" preserve="true" />
/** What a regression takes and gives. */

import type { KernelName } from '../evaluate.js';
import type { JobOptions } from '../jobs.js';
import type { Layer } from '../layers.js';
import type { Samples, Targets, Tensor } from '../tensor.js';

export interface RegressOptions extends JobOptions {
  /**
   * λ of (K + λI)a = y, in the unit of K. Default 0, which asks K to be positive definite and refuses otherwise with the
   * sample, the pivot and a ridge that would do. 'auto' takes the best of 25 by exact leave-one-out: half decades from
   * 1e-10 to 1e2 times the mean of K's diagonal.
   */
  readonly ridge?: number | 'auto';
  /** Default 'ntk'. */
  readonly which?: KernelName;
  /**
   * Fit the deviations of each column of y from its mean, so that far from all samples the mean is predicted and not 0.
   * Default false. Leave-one-out, and 'auto' with it, keeps the mean of all samples.
   */
  readonly centre?: boolean;
  /**
   * σ² of the Gaussian process σ²K with noise σ²λ: what deviations, covariances and the likelihood are in the unit of;
   * means do not depend on it. Default 1, which is the network's own prior. 'auto' takes the most likely one for each
   * column, yᵀ(K+λI)⁻¹y / n, so that error bars are in the unit of y. [gp-amplitude]
   */
  readonly amplitude?: number | 'auto';
  /** As for `gram`, of which a fit is the first part; default 24. The model keeps it for the calls that follow. */
  readonly maxHours?: number;
}

/** What the calls on a model take. */
export interface ModelJobOptions extends JobOptions {
  /** As for `gram`; default: what the fit was allowed. Concerns images. */
  readonly maxHours?: number;
}

export interface PredictOptions extends ModelJobOptions {
  /** Also the posterior standard deviations. Default false. */
  readonly std?: boolean;
  /** Deviations and covariances of new observations, noise σ²λ included, and not of the function. Default false. */
  readonly noise?: boolean;
}

export interface CovarianceOptions extends Omit<PredictOptions, 'std'> {
  /** The column of y whose amplitude is meant; default 0. */
  readonly column?: number;
}

export interface Prediction {
  /** [m, columns of y]. */
  readonly mean: Tensor;
  /**
   * σ√(k(z,z) − k_zᵀ(K+λI)⁻¹k_z): the standard deviation of a Gaussian process with this kernel and noise σ²λ, given the
   * samples; one for each number of `mean`, in its order. Times exp(logScale / 2) where the kernel carries a logScale and
   * the amplitude was given as a number. [gp-posterior]
   */
  readonly std?: Float64Array;
}

export interface JointPrediction {
  /** [m, columns of y]. */
  readonly mean: Tensor;
  /** [m, m], symmetric: σ²(k(z,z′) − k_zᵀ(K+λI)⁻¹k_z′) of the column that was asked for. [gp-posterior] */
  readonly covariance: Tensor;
}

/** What the fit to all other samples says about each sample, exactly. */
export interface LeaveOneOut {
  /** [n, columns of y]. */
  readonly mean: Tensor;
  /** Of the observation, noise included; in the order of `mean`. [loo-variance] */
  readonly std: Float64Array;
}

export interface SaveOptions extends ModelJobOptions {
  /** Replace a file of that name. Default false: refused with ERR_OUTPUT_EXISTS. */
  readonly force?: boolean;
  /**
   * Keep the triangular factor, n(n+1)/2 numbers. Default true. Without it the file is small, means are the same to the
   * last bit, and what needs the factor (std, covariance, append) makes it anew when it is first asked for.
   */
  readonly factor?: boolean;
  /**
   * Plain data of your own, kept as JSON: names of columns, a scaling of inputs. What JSON would lose (NaN, undefined,
   * functions, a Map, a Date, typed arrays) is refused with ERR_ARGUMENT and its place. Default: the notes that the model was
   * loaded with; null leaves them out.
   */
  readonly notes?: unknown;
}

/** Fitted and immutable: what changes anything returns another Regressor. Holds native memory. */
export interface Regressor extends Disposable {
  readonly task: 'regress';
  readonly kernel: KernelName;
  readonly network: Layer;
  /** Samples, and columns of y. */
  readonly size: number;
  readonly columns: number;
  /** Of one sample: [d], [length, channels] or [height, width, channels]. */
  readonly inputShape: readonly number[];
  readonly ridge: number;
  /** What was taken off each column of y and is added to predictions; zeros unless `centre` was asked for. */
  readonly centre: Float64Array;
  /** σ² of each column of y. */
  readonly amplitude: Float64Array;
  /** K is the matrix that ridges and coefficients refer to; the kernel is K · exp(logScale). */
  readonly logScale: number;
  /** (K + λI)⁻¹y: [n, columns of y]. Where the kernel carries a logScale, K and λ are in its unit. */
  readonly coefficients: Tensor;
  /** √(aᵀKa) per column: the norm of the fitted function in the kernel's space; at ridge 0, √(yᵀK⁻¹y). */
  readonly rkhsNorm: Float64Array;
  /** ‖y − (K+λI)a‖ / (‖K+λI‖ ‖a‖ + ‖y‖); a few 1e-16 when the solve went well, however bad the condition. */
  readonly backwardError: number;
  /** log p(y) under N(centre, σ²(K + λI)), summed over the columns of y. [log-likelihood] */
  readonly logLikelihood: number;
  /** Ridges and mean squared leave-one-out errors that 'auto' chose from. */
  readonly candidates?: { readonly ridges: Float64Array; readonly squaredErrors: Float64Array };
  /** What was given to `save` as notes, in a model that was loaded. */
  readonly notes?: unknown;
  predict(z: Samples, options: PredictOptions & { readonly std: true }): Promise<Required<Prediction>>;
  predict(z: Samples, options?: PredictOptions): Promise<Prediction>;
  /** Means and the whole posterior covariance of the rows of z. */
  covariance(z: Samples, options?: CovarianceOptions): Promise<JointPrediction>;
  /** Predictions of each sample by the fit to the others; n³/3 operations. */
  leaveOneOut(options?: ModelJobOptions): Promise<LeaveOneOut>;
  withRidge(ridge: number | 'auto', options?: ModelJobOptions): Promise<Regressor>;
  /**
   * With further samples, as if they had been there from the start (to rounding), in O(n²) for each of them; this model
   * stays as it is. The ridge stays; mean and amplitude, where they were estimated, are estimated anew. [bordered]
   */
  append(x: Samples, y: Targets, options?: ModelJobOptions): Promise<Regressor>;
  /** Writes the model to a file that `loadModel` reads; the format is in docs/model-format.md. */
  save(path: string, options?: SaveOptions): Promise<void>;
  /** Frees the native memory, once no sibling made by `withRidge` uses it either. */
  dispose(): void;
}
