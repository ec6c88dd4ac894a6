/** Integrals over the sphere of functions of one angle, by Gauss and Legendre in the angle.                  [sphere-spectrum] */

export interface ZonalRule {
  /** From 0 to π. */
  readonly angles: Float64Array;
  /** Of the uniform probability measure on the unit sphere in d dimensions; they add up to 1. */
  readonly weights: Float64Array;
}

export function zonalRule(nodes: number, dimension: number): ZonalRule {
  const { at, weights } = gaussLegendre(nodes);
  const angles = at.map((x) => ((x + 1) * Math.PI) / 2);
  const measure = angles.map((angle, i) => (weights[i] as number) * Math.sin(angle) ** (dimension - 2));
  const total = measure.reduce((sum, value) => sum + value, 0);
  return { angles, weights: measure.map((value) => value / total) };
}

/** λ_k for k = 0 … degrees of the function whose values at the rule's angles are given. */
export function zonalCoefficients(
  values: ArrayLike<number>,
  { angles, weights }: ZonalRule,
  dimension: number,
  degrees: number,
): Float64Array {
  const d = dimension;
  const cosines = angles.map(Math.cos);
  let before = new Float64Array(angles.length);
  let now = new Float64Array(angles.length).fill(1);
  return Float64Array.from({ length: degrees + 1 }, (_, k) => {
    const coefficient = now.reduce((sum, p, i) => sum + p * (weights[i] as number) * (values[i] as number), 0);
    const next =
      k === 0
        ? cosines
        : now.map((p, i) => ((2 * k + d - 2) * (cosines[i] as number) * p - k * (before[i] as number)) / (k + d - 2));
    [before, now] = [now, next];
    return coefficient;
  });
}

/** Zeros of the Legendre polynomial by Newton's method, and their weights on [−1, 1]. */
function gaussLegendre(order: number): { readonly at: Float64Array; readonly weights: Float64Array } {
  const at = new Float64Array(order);
  const weights = new Float64Array(order);
  for (let i = 0; i < order; i++) {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (order + 0.5));
    let slope = 0;
    for (let step = 0; step < 8; step++) {
      let [before, now] = [1, x];
      for (let k = 1; k < order; k++) [before, now] = [now, ((2 * k + 1) * x * now - k * before) / (k + 1)];
      slope = (order * (x * now - before)) / (x * x - 1);
      x -= now / slope;
    }
    at[i] = x;
    weights[i] = 2 / ((1 - x * x) * slope * slope);
  }
  return { at, weights };
}
