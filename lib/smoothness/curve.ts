/**
 * A kernel along the angle between two unit vectors, divided by its value at angle 0: angles in radians from 0 to π go
 * in, κ(θ)/κ(0) comes out.
 */
export type Curve = (angles: Float64Array) => Float64Array;

const levels = 44;
const first = 0.5;
/** Bound on the rounding error of one value of a curve; the kernels are good to a few units in the last place. */
const rounding = 2 ** -50;

/**
 * −κ′(0⁺): the slope of the corner that the kernel has where its two arguments meet, of the curve normalised to 1
 * there. 0 where no corner can be told from rounding. In closed form for ReLU networks without biases: L/(2π) for an
 * MLP of L hidden layers, and those of the ResNets beside it.                                          [cusp-slope]
 */
export function cuspSlope(curve: Curve): number {
  const steps = stepSizes();
  const values = curve(Float64Array.of(0, ...steps));
  return oneSidedSlope(steps, values.subarray(1), values[0] as number);
}

/** κ′(π⁻): the slope with which the normalised curve arrives at opposite inputs.                 [antipodal-slope] */
export function antipodalSlope(curve: Curve): number {
  const steps = stepSizes();
  const values = curve(Float64Array.of(Math.PI, ...steps.map((h) => Math.PI - h)));
  return oneSidedSlope(steps, values.subarray(1), values[0] as number);
}

function stepSizes(): number[] {
  return Array.from({ length: levels }, (_, i) => first * 2 ** -i);
}

/**
 * lim (start − value(h))/h for h → 0, where value is analytic in h up to an unknown radius: the quotients at halved
 * steps are extrapolated (Richardson, one power of h per column), and of the whole tableau the entry is taken whose
 * neighbours agree best. Rounding of the values enters each quotient as rounding/h, which keeps the choice from
 * steps so small that the difference has no digits left.                                        [one-sided-slope]
 */
function oneSidedSlope(steps: readonly number[], values: Float64Array, start: number): number {
  let best = 0;
  let bestError = Number.POSITIVE_INFINITY;
  let above: number[] = [];
  steps.forEach((h, row) => {
    const current = [(start - (values[row] as number)) / h];
    for (let column = 1; column <= row; column++) {
      const finer = current[column - 1] as number;
      const coarser = above[column - 1] as number;
      const value = finer + (finer - coarser) / (2 ** column - 1);
      const error = Math.max(Math.abs(value - finer), Math.abs(value - coarser)) + (4 * rounding) / h;
      if (error < bestError) {
        best = value;
        bestError = error;
      }
      current.push(value);
    }
    above = current;
  });
  return Math.abs(best) <= bestError ? 0 : best;
}
