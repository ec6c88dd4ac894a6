import { takesImages } from '../fit-grid.js';
import type { KernelName } from '../kernel.js';
import { unexpected } from '../options.js';
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
  /** Its 95 % confidence interval, of figures that are estimated. */
  interval?(study: Study, which: KernelName): Promise<readonly [number, number] | null>;
}

/** A measure of the kernel as a function of the angle, which that of a network on images is not: null there. */
export function overAngle(measure: (study: Study, which: KernelName) => number): Metric['measure'] {
  return async (study, which) => (takesImages(study.kernel.network) ? null : measure(study, which));
}

const words = ['name', 'title', 'meaning', 'caution', 'reference'] as const;

/** Refuses (ERR_ARGUMENT) what is no metric. */
export function requireMetric(what: string, metric: unknown): asserts metric is Metric {
  if (typeof metric !== 'object' || metric === null || !('measure' in metric)) {
    throw unexpected(what, `a metric: ${words.join(', ')}, smootherWhen and measure(study, which)`, metric);
  }
  const { measure, smootherWhen } = metric as Partial<Metric>;
  for (const key of words) {
    const word: unknown = (metric as Partial<Metric>)[key];
    if (typeof word !== 'string' || word === '') throw unexpected(`${what}.${key}`, 'a text', word);
  }
  if (typeof measure !== 'function') throw unexpected(`${what}.measure`, 'a function', measure);
  const { interval } = metric as Partial<Metric>;
  if (interval !== undefined && typeof interval !== 'function') {
    throw unexpected(`${what}.interval`, 'a function, or nothing', interval);
  }
  if (smootherWhen !== 'smaller' && smootherWhen !== 'larger')
    throw unexpected(`${what}.smootherWhen`, "'smaller' or 'larger'", smootherWhen);
}

/** Checks a metric and freezes it. Throws ERR_ARGUMENT with the key that is wrong. */
export function defineMetric<const Name extends string>(metric: Metric<Name>): Metric<Name> {
  requireMetric('metric', metric);
  return Object.freeze(metric);
}
