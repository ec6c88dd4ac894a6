// Part of lanes_body.hpp, inside its namespace: sine, with an exponential that every instruction set compiles, and sign.

// e^{−y} is 2^k e^r with k = −y/log 2 rounded and r = −y − k log 2 in two pieces, |r| ≤ ½ log 2. The nearest integer is what
// adding 1.5 · 2^(digits − 1) leaves in the last bits, and these, moved into the place of the exponent, are 2^k.
template <class Real>
struct Exponential;

template <>
struct Exponential<double> {
  using Bits = unsigned long long;
  static constexpr double kRounder = 0x1.8p52, kLeast = 708, kPerLog = 0x1.71547652b82fep0;
  static constexpr double kLogHigh = 0x1.62e42fefa38p-1, kLogLow = 0x1.ef35793c7673p-45;
  static constexpr Bits kBias = 1023;
  static constexpr int kDigits = 52;
  // (eʳ − 1)/r = Σ rⁿ/(n + 1)!; what is left off is 1.2e-17.
  static constexpr double kSlope[13] = {
      1.0,         1.0 / 2,      1.0 / 6,       1.0 / 24,       1.0 / 120,       1.0 / 720,        1.0 / 5040,
      1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800,
  };
};

template <>
struct Exponential<float> {
  using Bits = unsigned;
  static constexpr float kRounder = 0x1.8p23F, kLeast = 87, kPerLog = 0x1.715476p0F;
  static constexpr float kLogHigh = 0x1.62e4p-1F, kLogLow = 0x1.7f7d1cp-20F;
  static constexpr Bits kBias = 127;
  static constexpr int kDigits = 23;
  static constexpr float kSlope[7] = {1.0F, 1.0F / 2, 1.0F / 6, 1.0F / 24, 1.0F / 120, 1.0F / 720, 1.0F / 5040};
};

template <class Real>
struct Decay {
  Real rest;   // e^{−y}; from y = 708 (float: 87) on it stays there
  Real gone;   // 1 − e^{−y}
  Real slope;  // (1 − e^{−y})/y
};

// For y ≥ 0, each to about an ulp.                                                                           [sine]
template <class Real>
[[gnu::always_inline]] inline Decay<Real> decay(Real y) {
  using E = Exponential<Real>;
  using Bits = typename E::Bits;
  const Real x = y < E::kLeast ? -y : -E::kLeast;
  const Real shifted = x * E::kPerLog + E::kRounder;
  const Real k = shifted - E::kRounder;
  const Real r = (x - k * E::kLogHigh) - k * E::kLogLow;
  const Real power =
      __builtin_bit_cast(Real, static_cast<Bits>(__builtin_bit_cast(Bits, shifted) + E::kBias) << E::kDigits);
  const Real slope = polynomial(E::kSlope, r, r * r);
  const Real p = r * slope;
  const Real gone = (Real(1) - power) - power * p;
  const bool near = k == Real(0);  // then r = −y
  const Real chord = gone / (near ? Real(1) : y);
  return {power + power * p, gone, near ? slope : chord};
}

// E sin sin = e^{−(a+b)/2} sinh k, E cos cos = e^{−(a+b)/2} cosh k. With κ = |k| = |ρ| r_i r_j, r = √a, and
// D = (a + b)/2 − κ = ½(r_i − r_j)² + 2m r_i r_j, which nothing makes negative:                                    [sine]
//   S = ½ sign(ρ) e^{−D} (1 − e^{−2κ}),     Ṡ = ½ e^{−D} (1 + e^{−2κ})
// r comes in two pieces, so that the difference of two lengths is as good in single precision.
template <class Real>
struct Sine {
  RowFactor<false, Real> inverse, f;
  Real high_i, low_i, length;
  const Real* __restrict high, * __restrict low;
  [[gnu::always_inline]] Sine(const SmoothFactors<Real>& factors, std::size_t row)
      : inverse(factors.inverse, row),
        f(factors.f, row),
        high_i(factors.reach.row[row]),
        low_i(factors.e.row[row]),
        length(high_i + low_i),
        high(factors.reach.col),
        low(factors.e.col) {}

  [[gnu::always_inline]] Pair<Real> operator()(Real rho, Real m, std::size_t j) const {
    const Real product = length * (high[j] + low[j]);
    const Real gap = (high_i - high[j]) + (low_i - low[j]);
    const Decay<Real> fall = decay(Real(0.5) * gap * gap + Real(2) * m * product);
    const Decay<Real> self = decay(Real(2) * magnitude(rho) * product);
    const Real next = rho * (fall.rest * (inverse.at(j) * self.slope));
    return {next, Real(0.5) * (Real(1) - magnitude(next)), fall.rest * (f.at(j) * (Real(1) - Real(0.5) * self.gone))};
  }
};

template <class Real>
void sine(Strip strip, const Dense<Real>& before, Planes<Real> in, MutablePlanes<Real> out,
          const SmoothFactors<Real>& factors, const NearBlocks<Real>& near) {
  smooth_with<Sine<Real>>(strip, before, in, out, factors, near);
}

// E sign sign = (2/π) asin ρ = ρ P0(ρ²), and its complement is (2/π) asin √m = √m P0(m). There is no Ṡ.                 [sign]
template <class Real>
void sign(Strip strip, Planes<Real> in, MutablePlanes<Real> out) {
  const std::size_t count = strip.rows * strip.cols;
  RESGRAM_INDEPENDENT
  for (std::size_t k = 0; k < count; ++k) {
    const Real r = in.rho[k], small = in.m[k];
    const Real next = root(small) * polynomial(Arcsine<Real>::kP0, small, small * small);
    const Real square = r * r;
    const Real z = square < Real(0.5) ? square : Real(0.5);
    const Real inner = r * polynomial(Arcsine<Real>::kP0, z, z * z);
    const Real outer = Real(1) - Real(2) * next;
    out.rho[k] = square < Real(0.5) ? inner : (r < Real(0) ? -outer : outer);
    out.m[k] = next;
    if (out.t != nullptr) out.t[k] = Real(0);
  }
}
