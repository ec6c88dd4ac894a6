// Part of lanes_body.hpp, inside its namespace: from inner products to pairs, and from pairs to kernel values.

// out = amplitude_i amplitude_j value.
template <class Real>
[[gnu::always_inline]] inline void emit(Strip strip, const Real* values, Factor<Real> amplitude, Real* out) {
  for (std::size_t i = 0; i < strip.rows; ++i) {
    const RowFactor<false, Real> ai(amplitude, i);
    const Real* __restrict value = values + i * strip.cols;
    Real* __restrict row = out + i * strip.cols;
    for (std::size_t j = 0; j < strip.cols; ++j) row[j] = ai.at(j) * value[j];
  }
}

template <class Real>
void emit_covariance(Strip strip, Planes<Real> in, Factor<Real> amplitude, Real* out) {
  emit(strip, in.rho, amplitude, out);
}

template <class Real>
void emit_tangent(Strip strip, Planes<Real> in, Factor<Real> amplitude, Real* out) {
  emit(strip, in.t, amplitude, out);
}
