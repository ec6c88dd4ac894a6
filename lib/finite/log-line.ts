/** Powers of the width, read from means over networks. */

export interface MeasuredAt {
  readonly x: number;
  /** A mean above 0 and its standard error. */
  readonly mean: number;
  readonly error: number;
}

/** The slope of the line of least squares through (log x, log mean), and what the means' own errors make of it.  [width-slope] */
export function logLine(points: readonly MeasuredAt[]): { readonly slope: number; readonly error: number } {
  const at = points.map(({ x }) => Math.log(x));
  const middle = at.reduce((sum, value) => sum + value, 0) / at.length;
  const across = at.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  const shares = at.map((value) => (value - middle) / across);
  const slope = points.reduce((sum, { mean }, i) => sum + (shares[i] as number) * Math.log(mean), 0);
  const spread = points.reduce((sum, { mean, error }, i) => sum + ((shares[i] as number) * (error / mean)) ** 2, 0);
  return { slope, error: Math.sqrt(spread) };
}
