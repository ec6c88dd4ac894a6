/** f̂ = Σ_j c_j k(·, x_j) over entries [rows, samples, width] of a kernel or of its derivatives: [rows, width]. */
export function combined(data: ArrayLike<number>, coefficients: ArrayLike<number>, unit = 1, width = 1): Float64Array {
  const samples = coefficients.length;
  const rows = data.length / (samples * width);
  const sums = new Float64Array(rows * width);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < samples; j++) {
      const c = unit * (coefficients[j] as number);
      for (let e = 0; e < width; e++) {
        sums[i * width + e] = (sums[i * width + e] as number) + c * (data[(i * samples + j) * width + e] as number);
      }
    }
  }
  return sums;
}
