import { type KernelName, kernelNames } from '../kernel.js';
import { unexpected } from '../options.js';
import type { Study } from '../study.js';
import { antipodalSlope } from './antipodal-slope.js';
import { cuspSlope } from './cusp-slope.js';
import { effectiveDimension } from './effective-dimension.js';
import { eigenvalueDecay } from './eigenvalue-decay.js';
import { featureHolder } from './feature-holder.js';
import { featureModulus } from './feature-modulus.js';
import { fitGradient } from './fit-gradient.js';
import { fitHessian } from './fit-hessian.js';
import { holderBound } from './holder-bound.js';
import { kernelGradient } from './kernel-gradient.js';
import { kernelHessian } from './kernel-hessian.js';
import { largestJump } from './largest-jump.js';
import { type Metric, requireMetric } from './metric.js';
import { pathBend } from './path-bend.js';
import { pathLipschitz } from './path-lipschitz.js';
import { rkhsNorm } from './rkhs-norm.js';
import { rowJump } from './row-jump.js';
import { spectralTail } from './spectral-tail.js';
import { totalJump } from './total-jump.js';
import { totalVariation } from './total-variation.js';
import { traceTail } from './trace-tail.js';

export { type Decay, decayExponent } from './decay.js';
export { defineMetric, type Metric } from './metric.js';

/** Those that a comparison reports, in its order: of the kernel alone, of its interpolants, of the fit to the data. */
export const metrics = [
  cuspSlope,
  featureModulus,
  antipodalSlope,
  largestJump,
  totalJump,
  spectralTail,
  eigenvalueDecay,
  traceTail,
  rkhsNorm,
  holderBound,
  effectiveDimension,
] as const;

/**
 * All metrics: those of the report, then what takes derivatives or paths between the rows, and what misleads more often than it
 * helps. A new metric is a file and a row here.
 */
export const catalogue = [
  ...metrics,
  featureHolder,
  rowJump,
  kernelGradient,
  kernelHessian,
  fitGradient,
  fitHessian,
  pathLipschitz,
  pathBend,
  totalVariation,
] as const;

export type MetricName = (typeof metrics)[number]['name'];

/** Measures a study; the keys are the names of the metrics. What a study already has is not computed again. Rejects with ERR_ARGUMENT for what is no study or no metric. */
export async function smoothness<Name extends string>(
  study: Study,
  which: KernelName,
  chosen: readonly Metric<Name>[],
): Promise<Readonly<Record<Name, number | null>>> {
  if (typeof study?.gram !== 'function') throw unexpected('study', 'what study() returned', study);
  if (!kernelNames.includes(which)) throw unexpected('which', "'nngp' or 'ntk'", which);
  const list: unknown = chosen;
  if (!Array.isArray(list)) throw unexpected('chosen', 'a list of metrics', list);
  for (const [i, metric] of list.entries()) requireMetric(`chosen[${i}]`, metric);
  const figures = {} as Record<Name, number | null>;
  for (const metric of chosen) figures[metric.name] = await metric.measure(study, which);
  return figures;
}
