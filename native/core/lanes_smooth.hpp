// Part of lanes_body.hpp, inside its namespace: erf and GELU.

// E φφ = (2/π) asin x for unit scale, x = ρ Y, Y = y_i y_j, and 1 − x² = E + (1 − ρ²) Y² with E = 1 − y_i² y_j² from the
// e's: no cancellation at any variance. asin x / x is finite at 0, so vanishing variances need no case.            [erf]
template <class Real>
[[gnu::always_inline]] inline Pair<Real> erf_pair(Real rho, Real m, Real Y, Real ei, Real ej, Real inverse) {
  const Real Y2 = Y * Y;
  const Real x = rho * Y, x2 = x * x;
  const Real q = ((ei + ej) - ei * ej) + spread(m) * Y2;
  const bool small = x2 <= q;
  const Real z = small ? x2 : q;
  const Real a = asin_root(z);
  const Real ratio =
      small ? Real(kHalfPi) * horner(Arcsine<Real>::kP0, z) : (Real(kHalfPi) - a) / (small ? Real(1) : magnitude(x));
  const Real next = rho * (inverse * ratio);
  return {next, Real(0.5) * (Real(1) - magnitude(next)), Real(1) / root(q)};
}

// With A = 1 + a, x = ρ G, G = g_i g_j = √(ab/(AB)), q = 1 − x² = E + (1 − ρ²) G²:                                 [gelu]
//   S/√(ab) = ρ F + G (1 − ρ² + ρ²(e_i + e_j)) / (2π √q),      F = acos(−x)/(2π)
//   Ṡ       = F + x (e_i + e_j + e_i e_j / q) / (2π √q)
template <class Real>
[[gnu::always_inline]] inline Pair<Real> gelu_pair(Real rho, Real m, Real G, Real ei, Real ej, Real inverse) {
  constexpr Real kTau = Real(4 * kHalfPi);
  const Real x = rho * G, x2 = x * x;
  const Real sum = ei + ej, ee = ei * ej;
  const Real apart = spread(m);
  const Real q = (sum - ee) + apart * (G * G);
  const bool small = x2 <= q;
  const Real z = small ? x2 : q;
  const Real part = asin_root(z) / kTau;
  const Real signed_part = x < Real(0) ? -part : part;
  const Real far = x < Real(0) ? part : Real(0.5) - part;
  const Real F = small ? Real(0.25) + signed_part : far;
  const Real over = Real(1) / (kTau * root(q));
  const Real value = rho * F + G * (apart + rho * rho * sum) * over;
  const Real next = value * inverse;
  return {next, Real(0.5) * (Real(1) - magnitude(next)), F + x * (sum + ee / q) * over};
}

// A loop over pairs whose step takes three factors, and a fourth for the derivative.
template <class Real, class Step>
[[gnu::always_inline]] inline void smooth(Strip strip, Planes<Real> in, MutablePlanes<Real> out, Factor<Real> reach,
                                          Factor<Real> e, Factor<Real> inverse, Factor<Real> f, Step&& step) {
  for_rows<Real>(strip, false, [&]<bool kUniform>(std::size_t i, std::size_t at) __attribute__((always_inline)) {
    const RowFactor<false, Real> reach_i(reach, i), inverse_i(inverse, i), fi(f, i);
    const Real ei = e.row[i];
    const Real* ej = e.col;
    const Real *in_rho = in.rho + at, *in_m = in.m + at, *in_t = in.t + at;
    Real *rho = out.rho + at, *m = out.m + at, *t = out.t + at;
    RESGRAM_INDEPENDENT
    for (std::size_t j = 0; j < strip.cols; ++j) {
      const Pair<Real> pair = step(in_rho[j], in_m[j], reach_i.at(j), ei, ej[j], inverse_i.at(j));
      rho[j] = pair.rho;
      m[j] = pair.m;
      t[j] = in_t[j] * (pair.derivative * fi.at(j));
    }
  });
}

template <class Real>
void erf(Strip strip, Planes<Real> in, MutablePlanes<Real> out, Factor<Real> y, Factor<Real> e, Factor<Real> inverse,
         Factor<Real> f) {
  smooth(strip, in, out, y, e, inverse, f,
         [](Real rho, Real m, Real Y, Real ei, Real ej, Real scale)
             __attribute__((always_inline)) { return erf_pair(rho, m, Y, ei, ej, scale); });
}

template <class Real>
void gelu(Strip strip, Planes<Real> in, MutablePlanes<Real> out, Factor<Real> g, Factor<Real> e, Factor<Real> inverse,
          Factor<Real> f) {
  smooth(strip, in, out, g, e, inverse, f,
         [](Real rho, Real m, Real G, Real ei, Real ej, Real scale)
             __attribute__((always_inline)) { return gelu_pair(rho, m, G, ei, ej, scale); });
}
