#include "arcsine_jet.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace resgram::core {
namespace {

// At m = ½ the second derivative's terms fall below 2⁻⁵⁴ of its sum.
constexpr std::size_t kTerms = 72;
using Series = std::array<double, kTerms>;

constexpr double kTwoOverPi = 0.63661977236758134308;

// a_0 = 1, a_n = a_{n−1} (2n − 1)²/(2n (2n + 1)), times a weight of n.
template <class Weight>
constexpr Series series(std::size_t skipped, Weight weight) {
  Series out{};
  double a = 1;
  for (std::size_t n = 0; n < kTerms + skipped; ++n) {
    const double odd = 2.0 * static_cast<double>(n) - 1, even = 2.0 * static_cast<double>(n);
    if (n > 0) a *= odd * odd / (even * (even + 1));
    if (n >= skipped) out[n - skipped] = a * weight(static_cast<double>(n));
  }
  return out;
}

constexpr Series kRatio = series(0, [](double) { return 1.0; });
constexpr Series kGap = series(1, [](double) { return 1.0; });
constexpr Series kAngle = series(0, [](double) { return kTwoOverPi; });
constexpr Series kBend = series(0, [](double n) { return kTwoOverPi * 2 / (n + 1.5); });

// All coefficients are positive: Horner's rule loses nothing, for the derivatives neither.
Derivatives sum(const Series& c, double m) {
  int exponent = 0;
  std::frexp(m, &exponent);
  // m < 2^exponent: terms beyond these do not reach the last place of the second derivative.
  const auto needed =
      m == 0 || exponent < -64 ? std::size_t{4} : 4 + 68 / static_cast<std::size_t>(std::max(1, -exponent));
  double value = 0, first = 0, second = 0;
  for (std::size_t n = std::min(kTerms, needed); n-- > 0;) {
    second = second * m + 2 * first;
    first = first * m + value;
    value = value * m + c[n];
  }
  return {value, first, second};
}

}  // namespace

Derivatives arcsine_ratio(double m) { return sum(kRatio, m); }
Derivatives arcsine_gap(double m) { return sum(kGap, m); }
Derivatives half_angle(double m) { return sum(kAngle, m); }
Derivatives half_bend(double m) { return sum(kBend, m); }

Derivatives decay_chord(double y) {
  if (y < 1) {
    double value = 0, first = 0, second = 0;
    for (int n = 20; n >= 0; --n) {  // Σ (−y)ⁿ/(n + 1)!
      second = second * y + 2 * first;
      first = first * y + value;
      value = value * y + (n % 2 == 0 ? 1 : -1) / std::tgamma(n + 2.0);
    }
    return {value, first, second};
  }
  const double rest = std::exp(-y), value = -std::expm1(-y) / y, first = (rest - value) / y;
  return {value, first, (-rest - 2 * first) / y};
}

}  // namespace resgram::core
