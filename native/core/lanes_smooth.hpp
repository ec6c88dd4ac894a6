// Part of lanes_body.hpp, inside its namespace: erf, GELU, and the loop of all smooth steps.

// E φφ = (2/π) asin x for unit scale, x = ρ Y, Y = y_i y_j, and q = 1 − x² = E + (1 − ρ²) Y² with E = 1 − y_i² y_j² from
// the e's: no cancellation at any variance. asin x is x A(x²) for x² ≤ ½ and ±(π/2 − √q A(q)) beyond, A = (π/2) P0, so
// what multiplies it is inverse/Y there, `over`; vanishing variances need no case.                                [erf]
template <class Real>
struct Erf {
  RowFactor<false, Real> reach, inverse, f, over;
  Real e_i;
  const Real* __restrict e;
  [[gnu::always_inline]] Erf(const SmoothFactors<Real>& factors, std::size_t row)
      : reach(factors.reach, row),
        inverse(factors.inverse, row),
        f(factors.f, row),
        over(factors.over, row),
        e_i(factors.e.row[row]),
        e(factors.e.col) {}

  [[gnu::always_inline]] Pair<Real> operator()(Real rho, Real m, std::size_t j) const {
    const Real Y = reach.at(j), x = rho * Y, x2 = x * x;
    const Real e_j = e[j], q = ((e_i + e_j) - e_i * e_j) + spread(m) * (Y * Y);
    const bool small = x2 <= q;
    const Real z = small ? x2 : q;
    const Real a = Real(kHalfPi) * polynomial(Arcsine<Real>::kP0, z, z * z);
    const Real near_zero = rho * (inverse.at(j) * a);
    const Real to_one = over.at(j) * (Real(kHalfPi) - root(q) * a);
    const Real next = small ? near_zero : (rho < Real(0) ? -to_one : to_one);
    return {next, Real(0.5) * (Real(1) - magnitude(next)), f.at(j) / root(q)};
  }
};

// With A = 1 + a, x = ρ G, G = g_i g_j = √(ab/(AB)), q = 1 − x² = E + (1 − ρ²) G²:                                 [gelu]
//   S/√(ab) = ρ F + G (1 − ρ² + ρ²(e_i + e_j)) / (2π √q),      F = acos(−x)/(2π)
//   Ṡ       = F + x (e_i + e_j + e_i e_j / q) / (2π √q)
// F is ¼ + x P0(x²)/4 for x² ≤ ½, and beyond it √q P0(q)/4 or ½ less that.
template <class Real>
struct Gelu {
  RowFactor<false, Real> reach, inverse, f;
  Real e_i;
  const Real* __restrict e;
  [[gnu::always_inline]] Gelu(const SmoothFactors<Real>& factors, std::size_t row)
      : reach(factors.reach, row),
        inverse(factors.inverse, row),
        f(factors.f, row),
        e_i(factors.e.row[row]),
        e(factors.e.col) {}

  [[gnu::always_inline]] Pair<Real> operator()(Real rho, Real m, std::size_t j) const {
    constexpr Real kPerTau = Real(1 / (4 * kHalfPi));
    const Real G = reach.at(j), x = rho * G, x2 = x * x;
    const Real e_j = e[j], sum = e_i + e_j, ee = e_i * e_j;
    const Real apart = spread(m);
    const Real q = (sum - ee) + apart * (G * G);
    const Real side = root(q);
    const bool small = x2 <= q;
    const Real z = small ? x2 : q;
    const Real part = (small ? x : side) * (Real(0.25) * polynomial(Arcsine<Real>::kP0, z, z * z));
    const Real far = x < Real(0) ? part : Real(0.5) - part;
    const Real F = small ? Real(0.25) + part : far;
    const Real reciprocal = Real(1) / side;
    const Real over = kPerTau * reciprocal;
    const Real value = rho * F + G * (apart + rho * rho * sum) * over;
    const Real derivative = F + x * (sum + ee * (reciprocal * reciprocal)) * over;
    const Real next = value * inverse.at(j);
    return {next, Real(0.5) * (Real(1) - magnitude(next)), derivative * f.at(j)};
  }
};

// Rows in blocks: the dense layer's part into an array that stays in L1, then the step, which therefore may run in place
// and still tell near.hpp what it saw.
template <class Step, class Real>
[[gnu::always_inline]] inline void smooth_with(Strip strip, const Dense<Real>& before, Planes<Real> in,
                                               MutablePlanes<Real> out, const SmoothFactors<Real>& factors,
                                               const NearBlocks<Real>& near) {
  const auto loop = [&]<bool kUniform, DenseKind kDense, bool kTangent>() __attribute__((always_inline)) {
    std::size_t number = 0;
    for (std::size_t i = 0; i < strip.rows; ++i) {
      const DenseRow<false, kDense, kTangent, Real> dense(before, i);
      const Step step(factors, i);
      const auto block = [&](std::size_t first, std::size_t count) __attribute__((always_inline)) {
        const std::size_t at = i * strip.cols + first;
        const Real *in_rho = in.rho + at, *in_m = in.m + at, *in_t = from(in.t, at);
        Real *rho = out.rho + at, *m = out.m + at, *t = from(out.t, at);
        Real before_rho[kColumnPadding], before_m[kColumnPadding], tangent[kColumnPadding];
        Mask<Real> close = 0;
        for (std::size_t k = 0; k < count; ++k) {
          Real r = in_rho[k], small = in_m[k], own = kTangent ? in_t[k] : Real(0);
          dense.apply(r, small, own, first + k);
          before_rho[k] = r;
          before_m[k] = small;
          if constexpr (kTangent) tangent[k] = own;
          close |= small < near.limit ? Mask<Real>(-1) : Mask<Real>(0);
        }
        RESGRAM_INDEPENDENT
        for (std::size_t k = 0; k < count; ++k) {
          const Pair<Real> pair = step(before_rho[k], before_m[k], first + k);
          rho[k] = pair.rho;
          m[k] = pair.m;
          if constexpr (kTangent) t[k] = tangent[k] * pair.derivative;
        }
        near.found[number++] = close != 0;
        if (close == 0) return;
        for (std::size_t k = 0; k < count; ++k) {
          near.rho[at + k] = before_rho[k];
          near.m[at + k] = before_m[k];
        }
      };
      std::size_t first = 0;
      for (; first + kColumnPadding <= strip.cols; first += kColumnPadding) block(first, kColumnPadding);
      if (first < strip.cols) block(first, strip.cols - first);
    }
  };
  by_dense(before, false, in.t != nullptr, loop);
}

template <class Real>
void erf(Strip strip, const Dense<Real>& before, Planes<Real> in, MutablePlanes<Real> out,
         const SmoothFactors<Real>& factors, const NearBlocks<Real>& near) {
  smooth_with<Erf<Real>>(strip, before, in, out, factors, near);
}

template <class Real>
void gelu(Strip strip, const Dense<Real>& before, Planes<Real> in, MutablePlanes<Real> out,
          const SmoothFactors<Real>& factors, const NearBlocks<Real>& near) {
  smooth_with<Gelu<Real>>(strip, before, in, out, factors, near);
}
