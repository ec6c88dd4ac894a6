import { familyName } from '../describe.js';
import { KernelError } from '../errors.js';
import { compile, type KernelName } from '../kernel.js';
import type { VectorFamily } from '../presets.js';
import { circleTarget, interpolateCircle } from '../smoothness/circle.js';
import type { Curve } from '../smoothness/curve.js';
import { kernelCurve } from '../smoothness/kernel-curve.js';
import type { Contestant } from './network-list.js';
import type { AngleCurves, CircleStudy } from './schema.js';

/** Dense near 0, where the corner is; evenly spaced beyond. */
const nearAngles = 60;
const farAngles = 160;

export function angleCurves(contestants: readonly Contestant[], depth: number, which: KernelName): AngleCurves {
  // Quadratic spacing up to 0.2 lets 60 angles resolve a corner of depth 1000.
  const near = Array.from({ length: nearAngles }, (_, i) => 0.2 * (i / nearAngles) ** 2);
  const far = Array.from({ length: farAngles }, (_, i) => 0.2 + ((Math.PI - 0.2) * i) / (farAngles - 1));
  const angles = [...near, ...far.slice(0, -1), Math.PI];
  return {
    depth,
    angles,
    series: contestants.map(({ id, spec }) => {
      const at = Float64Array.from(angles);
      return withCurve(spec, depth, which, (curve) => ({ id, values: [...curve.at(at)], cuspSlope: curve.cuspSlope }));
    }),
  };
}

export function circleStudy(contestants: readonly Contestant[], depth: number, which: KernelName): CircleStudy {
  const all = contestants.map(({ id, spec }) => ({
    id,
    circle: withCurve(spec, depth, which, (curve) => interpolateCircle(curve)),
  }));
  const { sampleAngles, sampleValues, angles, truth } = (all[0] as (typeof all)[number]).circle;
  return {
    depth,
    target: circleTarget.label,
    sampleAngles: [...sampleAngles],
    sampleValues: [...sampleValues],
    angles: [...angles],
    truth: [...truth],
    series: all.map(({ id, circle }) => ({
      id,
      values: [...circle.values],
      largestJump: circle.largestJump,
      totalJump: circle.totalJump,
      spectralTail: circle.spectralTail,
      rmsError: circle.rmsError,
    })),
  };
}

function withCurve<R>(spec: VectorFamily, depth: number, which: KernelName, use: (curve: Curve) => R): R {
  const kernel = compile({ ...spec, depth });
  try {
    return use(kernelCurve(kernel, which));
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    throw new KernelError(error.code, `${familyName(spec)} at depth ${depth}: ${error.message}`, error.details, {
      cause: error,
    });
  } finally {
    kernel.dispose();
  }
}
