import type { KernelName } from '../kernel.js';
import type { Study } from '../study.js';

/** One figure of smoothness: what it is, how to read it, and how to get it from a study. */
export interface Metric<Name extends string = string> {
  readonly name: Name;
  readonly title: string;
  /** One sentence: what it measures. */
  readonly meaning: string;
  readonly smootherWhen: 'smaller' | 'larger';
  /** One sentence: when the figure misleads. */
  readonly caution: string;
  /** Key of docs/equations.md. */
  readonly reference: string;
  /** null where it is not defined: no targets, too few eigenvalues… */
  measure(study: Study, which: KernelName): Promise<number | null>;
}

export function defineMetric<const Name extends string>(metric: Metric<Name>): Metric<Name> {
  return Object.freeze(metric);
}
