/// <reference lib="esnext.disposable" preserve="true" />
/** What a classification takes and gives. */

import type { KernelName } from '../evaluate.js';
import type { Layer } from '../layers.js';
import type { ModelJobOptions, RegressOptions, SaveOptions } from '../regression/types.js';
import type { Samples, Tensor } from '../tensor.js';
import type { ClassCoding, Label, Labels } from './labels.js';
import type { ClassCalibration } from './reliability.js';

export interface ClassifyOptions extends Omit<RegressOptions, 'amplitude'> {
  /** Default 'centred'. */
  readonly coding?: ClassCoding;
}

/** What a classifier says about some rows. */
export interface Classification {
  /** In the order of the columns below. */
  readonly classes: readonly Label[];
  /** Of the largest score; of equal ones the first class. */
  readonly labels: readonly Label[];
  /** [m, classes]: predictions of the coded labels. */
  readonly scores: Tensor;
  /** [m, classes]: softmax of the scores times the classifier's sharpness. */
  readonly probabilities: Tensor;
}

/** Fitted and immutable, as a Regressor. Holds native memory. */
export interface Classifier extends Disposable {
  readonly task: 'classify';
  readonly kernel: KernelName;
  readonly network: Layer;
  readonly size: number;
  /** Of one sample: [d], [length, channels] or [height, width, channels]. */
  readonly inputShape: readonly number[];
  /** Numbers ascending, strings by their code units. */
  readonly classes: readonly Label[];
  readonly coding: ClassCoding;
  readonly ridge: number;
  /** Ridges and mean squared leave-one-out errors of the coded labels that 'auto' chose from. */
  readonly candidates?: { readonly ridges: Float64Array; readonly squaredErrors: Float64Array };
  readonly backwardError: number;
  /** β of probabilities = softmax(β · scores), fitted to exact leave-one-out scores; 0 where those say nothing. */
  readonly sharpness: number;
  /**
   * Of the leave-one-out predictions. The sharpness, one number, was fitted to the same predictions; `calibration` measures it
   * on samples of their own.
   */
  readonly calibration: ClassCalibration;
  readonly notes?: unknown;
  predict(z: Samples, options?: ModelJobOptions): Promise<Classification>;
  /** Each sample by the fit to all others, exactly. */
  leaveOneOut(options?: ModelJobOptions): Promise<Classification>;
  withRidge(ridge: number | 'auto', options?: ModelJobOptions): Promise<Classifier>;
  /** With further samples of the known classes, in O(n²) each for the fit; the sharpness is fitted anew (n³/3). */
  append(x: Samples, labels: Labels, options?: ModelJobOptions): Promise<Classifier>;
  save(path: string, options?: SaveOptions): Promise<void>;
  dispose(): void;
}
