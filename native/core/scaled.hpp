// Numbers (m + low) · 2^e: an exponent that never overflows and twice the digits of a double, for variances
// of networks 10,000 layers deep. A sum that gains the same small term ten thousand times would otherwise drift, and with
// it the difference between two rows, on which deep biased networks depend.
#pragma once

#include <cmath>
#include <cstdint>

namespace resgram::core {

struct Scaled {
  double m = 0;
  std::int64_t e = 0;
  double low = 0;  // at most half an ulp of m

  [[nodiscard]] bool zero() const { return m == 0; }

  // As a double; overflows to infinity and underflows to 0 like any product.
  [[nodiscard]] double value() const {
    if (e == 0) return m;
    return std::ldexp(m, static_cast<int>(e > 5000 ? 5000 : (e < -5000 ? -5000 : e)));
  }

  // Moves the exponent out of the mantissa only when the mantissa has wandered far: powers of two are exact.
  [[nodiscard]] Scaled settled() const {
    constexpr double kHigh = 0x1p+300, kLow = 0x1p-300;
    if (m == 0) return {};
    if (std::fabs(m) < kHigh && std::fabs(m) > kLow) return *this;
    int shift = 0;
    const double mantissa = std::frexp(m, &shift);
    return {mantissa, e + shift, std::ldexp(low, -shift)};
  }
};

// high + rest with |rest| ≪ |high|, as a settled number.
inline Scaled with_rest(double high, double rest, std::int64_t exponent) {
  const double m = high + rest;
  return Scaled{m, exponent, rest - (m - high)}.settled();
}

// Settled mantissas multiply without overflow; a factor may be any double.
inline Scaled operator*(Scaled a, Scaled b) {
  const double product = a.m * b.m;
  return with_rest(product, std::fma(a.m, b.m, -product) + (a.m * b.low + a.low * b.m), a.e + b.e);
}

inline Scaled operator*(Scaled a, double factor) { return a * Scaled{factor, 0}.settled(); }

inline Scaled operator+(Scaled a, Scaled b) {
  if (a.zero()) return b;
  if (b.zero()) return a;
  const bool first = a.e > b.e || (a.e == b.e && a.m >= b.m);
  const Scaled& high = first ? a : b;
  const Scaled& less = first ? b : a;
  const std::int64_t gap = high.e - less.e;
  const int shift = static_cast<int>(gap > 3000 ? -3000 : -gap);
  const double other = gap == 0 ? less.m : std::ldexp(less.m, shift);
  const double other_low = gap == 0 ? less.low : std::ldexp(less.low, shift);
  // Knuth: the rounding error of a sum is itself a double, whichever of the two is larger.
  const double sum = high.m + other, taken = sum - high.m;
  const double error = (high.m - (sum - taken)) + (other - taken);
  return with_rest(sum, error + (high.low + other_low), high.e);
}

// a / b as a double; 0 where b is 0.
inline double ratio(Scaled a, Scaled b) {
  if (a.zero() || b.zero()) return 0;
  return Scaled{a.m / b.m, a.e - b.e}.value();
}

// log2 of a positive number, to the accuracy needed for choosing a scale.
inline double log2_of(Scaled a) { return std::log2(a.m) + static_cast<double>(a.e); }

// √a for a ≥ 0 with twice the digits of a double: one step of Newton's from the double root.
inline Scaled root(Scaled a) {
  if (a.zero()) return {};
  const bool odd = (a.e & 1) != 0;
  const double m = odd ? a.m * 2 : a.m, low = odd ? a.low * 2 : a.low;
  const double r = std::sqrt(m);
  return with_rest(r, (std::fma(-r, r, m) + low) / (2 * r), (a.e - (odd ? 1 : 0)) / 2);
}

// √a · 2^shift as a double.
inline double root_of(Scaled a, std::int64_t shift) {
  if (a.zero()) return 0;
  const bool odd = (a.e & 1) != 0;
  const double m = std::sqrt(odd ? a.m * 2 : a.m);
  return Scaled{m, (a.e - (odd ? 1 : 0)) / 2 + shift}.value();
}

}  // namespace resgram::core
