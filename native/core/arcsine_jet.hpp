// The analytic functions behind the arc-cosine kernels, with two derivatives. The polynomials of arcsine.hpp are as good
// as a double themselves, but the derivatives of a fit are not; these are power series.                [arcsine-series]
#pragma once

#include "jet.hpp"

namespace resgram::core {

struct Derivatives {
  double value, first, second;
};

// On 0 ≤ m ≤ ½, to a few units in the last place:
//   asin(√m)/√m = Σ a_n mⁿ
Derivatives arcsine_ratio(double m);
//   (asin(√m)/√m − 1)/m
Derivatives arcsine_gap(double m);
//   P0(m) = (2/π) Σ a_n mⁿ and P1(m) = (2/π) Σ 2 a_n/(n + 3/2) mⁿ of [half-defect]
Derivatives half_angle(double m);
Derivatives half_bend(double m);

// (1 − e^{−y})/y for y ≥ 0.
Derivatives decay_chord(double y);

template <std::size_t N>
Jet<N> composed(const Jet<N>& a, const Derivatives& f) {
  return composed(a, f.value, f.first, f.second);
}

template <std::size_t N>
Jet<N> decay_chord(const Jet<N>& a) {
  return composed(a, decay_chord(a.v));
}

// asin(√x²)/√x² from x² and 1 − x², both given without cancellation.
template <std::size_t N>
Jet<N> arcsine_ratio(const Jet<N>& x2, const Jet<N>& complement) {
  constexpr double kHalfPi = 1.57079632679489661923;
  if (x2.v <= complement.v) return composed(x2, arcsine_ratio(x2.v));
  const Jet<N> acos = sqrt(complement) * composed(complement, arcsine_ratio(complement.v));
  return (kHalfPi - acos) / sqrt(x2);
}

}  // namespace resgram::core
