/** What a study is made of: parameters, and items that each compute something and say what was expected. */

import type { Dataset } from '../data/dataset.js';
import type { JobOptions } from '../jobs.js';
import type { Parameters, Settings } from './parameters.js';
import type { Chart, ItemReference, Measurement, StudySize } from './schema.js';

/** What an item sees beside its parameters. */
export interface StudyContext {
  readonly size: StudySize;
  readonly seed: number;
  /** Two classes of images or other rows; null where none were given and none were found. */
  readonly data: Dataset | null;
  /** Images of CIFAR-10 with all their classes; null where they were not given. */
  readonly cifar10: Dataset | null;
  /** Options of a verb, with progress under this name. */
  readonly job: (phase: string) => JobOptions;
  /** What several items of a run need: made by the first that asks for this key. */
  readonly once: <R>(key: string, make: () => Promise<R>) => Promise<R>;
}

export interface Outcome {
  readonly measured: readonly Measurement[];
  readonly charts: readonly Chart[];
  readonly remarks?: readonly string[];
}

export interface Item<P extends Parameters = Parameters> {
  readonly id: string;
  readonly title: string;
  readonly claim: string;
  readonly check: string;
  readonly expected: string;
  readonly reference: ItemReference;
  /** Cannot do without data, or without CIFAR-10. */
  readonly needsData?: boolean | 'cifar10';
  /** What the settings ask beyond the range that the claim is about; it is computed all the same. */
  readonly outside?: (settings: Settings<P>) => readonly string[];
  readonly run: (settings: Settings<P>, context: StudyContext) => Promise<Outcome>;
}

export interface StudyDefinition<P extends Parameters = Parameters> {
  readonly name: string;
  readonly title: string;
  /** Authors, title, number of the preprint. */
  readonly paper: string;
  readonly parameters: P;
  readonly items: readonly Item<P>[];
}

/** Keeps the type of the parameters while the study joins a list of others. */
export function defineStudy<P extends Parameters>(study: StudyDefinition<P>): StudyDefinition {
  return study as unknown as StudyDefinition;
}
