/** What a search over networks, depths, kernels and ridges takes and gives. */

import type { ClassCoding, Label } from '../classification/labels.js';
import type { KernelName } from '../evaluate.js';
import type { JobOptions } from '../jobs.js';
import type { Network, PresetFamily } from '../presets.js';

/**
 * 'leave-one-out': mean squared error of each sample under the fit to all others, exact. 'folds': the same with parts of the
 * samples held out, seeded, for classes stratified. 'likelihood': log marginal likelihood. [leave-one-out; held-out; log-likelihood]
 */
export type Criterion = 'leave-one-out' | 'folds' | 'likelihood';

export interface SearchOptions extends JobOptions {
  /** Networks, and presets that are tried at each of `depths` (their own depth, if they have one, is then replaced). */
  readonly networks: readonly (PresetFamily | Network)[];
  /** Ascending. Presets of one entry share a pass over the data for all depths, where their α does not depend on the depth. */
  readonly depths?: readonly number[];
  /** Default 'ntk'. */
  readonly which?: KernelName | readonly KernelName[];
  /** Relative to the mean diagonal of each Gram matrix. Default: half decades from 1e-10 to 1e2, as 'auto' of `regress`. */
  readonly ridges?: readonly number[];
  /** Default 'leave-one-out'. */
  readonly criterion?: Criterion;
  /** Parts of 'folds', 2 or more; default 5. */
  readonly folds?: number;
  /** Of the parts; default 0. */
  readonly seed?: number;
  /** Default: 'classify' where y is a list of strings, else 'regress'. */
  readonly task?: 'regress' | 'classify';
  /** As for `classify`. */
  readonly coding?: ClassCoding;
  /** As for `regress`. Parts of 'folds' keep the mean of all samples. */
  readonly centre?: boolean;
  /** As for `regress`, for the likelihood alone; default 'auto' here, so that it does not depend on the unit of y. */
  readonly amplitude?: number | 'auto';
  readonly maxHours?: number;
}

/** One Gram matrix at its best ridge. */
export interface SearchCandidate {
  /** What `compile` takes. */
  readonly network: Network;
  readonly depth?: number;
  readonly kernel: KernelName;
  /** In the unit of the Gram matrix, as `regress` takes it. */
  readonly ridge: number;
  readonly relativeRidge: number;
  /** What the criterion says; less is better. Of the likelihood: −logLikelihood. Infinite where no ridge makes K + λI regular. */
  readonly score: number;
  /**
   * At this ridge, whatever the criterion. NaN where K + λI is singular to rounding, and of a column that is 0 throughout
   * where the amplitude is 'auto': the most likely one is 0, which is no density.
   */
  readonly logLikelihood: number;
  /** Mean squared error at this ridge: of the folds with 'folds', of leave-one-out otherwise. */
  readonly squaredError: number;
  /** Share of the same predictions with another class than the label's; for classes. */
  readonly errorRate?: number;
  /** What the criterion says at every ridge; NaN where K + λI is singular to rounding. */
  readonly path: { readonly ridges: Float64Array; readonly scores: Float64Array };
}

export interface SearchResult {
  readonly criterion: Criterion;
  /** By entry of `networks`, then depth, then kernel. */
  readonly candidates: readonly SearchCandidate[];
  /** The one of the least score; of equal ones (to 1e-6 of squared errors) the first. */
  readonly best: SearchCandidate;
  readonly task: 'regress' | 'classify';
  readonly classes?: readonly Label[];
}
