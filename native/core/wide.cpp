#include "wide.hpp"

#include <array>
#include <cstddef>

namespace resgram::core {
namespace {

constexpr std::size_t kTerms = 40;

// 1/k!. Factorials are exact in 106 bits up to 33!, their reciprocals rounded once; what is beyond adds below 1e-37.
const std::array<Wide, kTerms>& inverse_factorials() {
  static const std::array<Wide, kTerms> made = [] {
    std::array<Wide, kTerms> out;
    Wide factorial = 1;
    for (std::size_t k = 0; k < kTerms; ++k) {
      if (k > 0) factorial *= Wide(static_cast<double>(k));
      out[k] = Wide(1) / factorial;
    }
    return out;
  }();
  return made;
}

// Σ (−y)ʲ c(from + 2j): the series of sine (from = 1) and cosine (from = 0) in y = x² ≤ (π/4)², to 1e-34.
Wide alternating(Wide y, std::size_t from) {
  const auto& c = inverse_factorials();
  constexpr std::size_t kPairs = 15;
  Wide sum = c[from + 2 * kPairs];
  for (std::size_t j = kPairs; j-- > 0;) sum = c[from + 2 * j] - y * sum;
  return sum;
}

SinCos near_zero(Wide x) {
  const Wide y = x * x;
  return {x * alternating(y, 1), alternating(y, 0)};
}

}  // namespace

SinCos sin_cos(Wide x) {
  const Wide quarter = ldexp(kWidePi, -2);
  if (x <= quarter) return near_zero(x);
  const SinCos other = near_zero(ldexp(kWidePi, -1) - x);
  return {other.cos, other.sin};
}

// From y = asin of the leading double, asin x = y + δ/cos y + tan y (δ/cos y)²/2 with δ = x − sin y below 1e-16.
Wide asin(Wide x) {
  const double y = std::asin(x.high);
  const SinCos at = near_zero(y);
  const double step = (x - at.sin).high / at.cos.high;
  const double bend = 0.5 * (at.sin.high / at.cos.high) * step * step;
  return ordered_sum(y, step + bend);
}

// The terms of the two series cancel in the leading order: Σ_{k ≥ 1} (−1)^{k+1} t^{2k+1} 2k/(2k+1)!.
Wide sine_excess(Wide t, SinCos of_t) {
  if (t.high > 1) return of_t.sin - t * of_t.cos;
  const auto& c = inverse_factorials();
  constexpr std::size_t kMost = 15;
  const Wide y = t * t;
  const auto term = [&c](std::size_t k) { return Wide(static_cast<double>(2 * k)) * c[2 * k + 1]; };
  Wide sum = term(kMost);
  for (std::size_t k = kMost; k-- > 1;) sum = term(k) - y * sum;
  return t * y * sum;
}

// x = n log 2 + 16 r, the series for e^r − 1, four times p ← p (2 + p), then 2ⁿ p + (2ⁿ − 1).
Wide expm1(Wide x) {
  constexpr Wide kLogTwo{0.693147180559945286, 2.3190468138462996e-17};
  if (x.high < -745) return -1;
  const double n = std::nearbyint(x.high / kLogTwo.high);
  const Wide r = ldexp(x - kLogTwo * Wide(n), -4);
  const auto& c = inverse_factorials();
  constexpr std::size_t kMost = 17;
  Wide sum = c[kMost];
  for (std::size_t k = kMost; k-- > 1;) sum = c[k] + r * sum;
  Wide p = r * sum;
  for (int turn = 0; turn < 4; ++turn) p = p * (Wide(2) + p);
  const int shift = static_cast<int>(n);
  return ldexp(p, shift) + (ldexp(Wide(1), shift) - Wide(1));
}

}  // namespace resgram::core
