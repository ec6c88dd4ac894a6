/** The error function and its complement, to a few units in the last place. They feed φ and its plots, never a kernel. */

const twoOverSqrtPi = 2 / Math.sqrt(Math.PI);

/** erf(x) = 2/√π ∫₀ˣ exp(−t²) dt. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  const size = Math.abs(x);
  // All terms of this series are positive: erf(x) = 2/√π · exp(−x²) · Σ 2ⁿ x^{2n+1} / (2n+1)!!.
  if (size < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return twoOverSqrtPi * Math.exp(-x * x) * sum;
  }
  return Math.sign(x) * (1 - erfc(size));
}

/** 1 − erf(x) without cancellation for large x. */
export function erfc(x: number): number {
  if (x < 2.5) return 1 - erf(x);
  if (x > 27.3) return 0;
  // Continued fraction x + (1/2)/(x + (2/2)/(x + (3/2)/…)), from the inside out; 60 levels are enough from 2.5 on.
  let tail = x;
  for (let k = 60; k >= 1; k--) tail = x + k / 2 / tail;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * tail);
}
