/** How likely the targets are under the prior. */

/** yᵀa per column, a = (K + λI)⁻¹y. */
export function quadraticForms(a: Float64Array, y: Float64Array, columns: number): Float64Array {
  const forms = new Float64Array(columns);
  for (let i = 0; i < a.length; i++) {
    const column = i % columns;
    forms[column] = (forms[column] as number) + (a[i] as number) * (y[i] as number);
  }
  return forms;
}

/**
 * log p(y) of y ~ N(0, σ²(K + λI)), summed over the columns: −½ (yᵀ(K+λI)⁻¹y/σ² + log det(K+λI) + n log 2πσ²).
 *                                                                                                      [log-likelihood]
 */
export function logLikelihood(forms: Float64Array, logDeterminant: number, amplitude: Float64Array, n: number): number {
  let sum = 0;
  forms.forEach((form, column) => {
    const scale = amplitude[column] as number;
    sum -= (form / scale + logDeterminant + n * Math.log(2 * Math.PI * scale)) / 2;
  });
  return sum;
}

/**
 * The same for every ridge from one eigendecomposition, K = Σ v_k q_k q_kᵀ: yᵀ(K+λI)⁻¹y = Σ (q_k·y)²/(v_k + λ) and
 * log det(K+λI) = Σ log(v_k + λ). `projected` holds q_k·y, n × columns. NaN for ridges that leave an eigenvalue at
 * rounding level. [log-likelihood]
 */
export function likelihoodPath(
  values: Float64Array,
  projected: Float64Array,
  columns: number,
  ridges: Float64Array,
  amplitude: number | 'auto',
): Float64Array {
  const n = values.length;
  const floor = n * Number.EPSILON * Math.max(values[0] as number, 0);
  return ridges.map((ridge) => {
    if (!((values[n - 1] as number) + ridge > floor)) return Number.NaN;
    const forms = new Float64Array(columns);
    let determinant = 0;
    for (let k = 0; k < n; k++) {
      const value = (values[k] as number) + ridge;
      determinant += Math.log(value);
      for (let c = 0; c < columns; c++) {
        forms[c] = (forms[c] as number) + (projected[k * columns + c] as number) ** 2 / value;
      }
    }
    const scales = amplitude === 'auto' ? forms.map((form) => form / n) : forms.map(() => amplitude);
    return logLikelihood(forms, determinant, scales, n);
  });
}
