/** The Laplace kernel that is closest to another on the sphere.                                          [laplace-match] */

/** a · exp(−c‖x − z‖) + b, on the unit sphere ‖x − z‖ = 2 sin θ/2. */
export interface Laplace {
  readonly width: number;
  readonly factor: number;
  readonly constant: number;
}

export function laplaceAt({ width, factor, constant }: Laplace, angle: number): number {
  return factor * Math.exp(-2 * width * Math.sin(angle / 2)) + constant;
}

/** Factor and constant in closed form for every width, the width by the golden section. */
export function fitLaplace(curve: Float64Array, angles: Float64Array, weights: Float64Array): Laplace {
  const at = (width: number) => {
    const shape = angles.map((angle) => Math.exp(-2 * width * Math.sin(angle / 2)));
    const mean = (of: (i: number) => number) => weights.reduce((sum, weight, i) => sum + weight * of(i), 0);
    const [ms, mc] = [mean((i) => shape[i] as number), mean((i) => curve[i] as number)];
    const covariance = mean((i) => ((shape[i] as number) - ms) * ((curve[i] as number) - mc));
    const factor = covariance / mean((i) => ((shape[i] as number) - ms) ** 2);
    const fit = { width, factor, constant: mc - factor * ms };
    return { fit, error: mean((i) => ((curve[i] as number) - factor * (shape[i] as number) - fit.constant) ** 2) };
  };
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(1e-3), Math.log(100)];
  for (let step = 0; step < 80; step++) {
    const [left, right] = [high - golden * (high - low), low + golden * (high - low)];
    if (at(Math.exp(left)).error < at(Math.exp(right)).error) high = right;
    else low = left;
  }
  return at(Math.exp((low + high) / 2)).fit;
}
