// Numbers of twice the digits of a double: high + low with |low| ≤ half an ulp of high, 106 bits. Portable to machines
// without a 128-bit float, and free of cancellation down to 1e-32 where eigenvalues of kernels on spheres need it.  [wide]
#pragma once

#include <cmath>

namespace resgram::core {

struct Wide {
  double high = 0;
  double low = 0;

  constexpr Wide() = default;
  constexpr Wide(double value) : high(value) {}  // NOLINT: exact, so implicit
  constexpr Wide(double h, double l) : high(h), low(l) {}

  explicit operator double() const { return high + low; }
};

// One ulp of a Wide near 1, a bound for the relative rounding error of one operation.
inline constexpr double kWideEps = 0x1p-104;

inline constexpr Wide kWidePi{3.141592653589793116, 1.2246467991473532e-16};

// Knuth: a + b and its rounding error, in any order of size.
inline Wide two_sum(double a, double b) {
  const double sum = a + b, taken = sum - a;
  return {sum, (a - (sum - taken)) + (b - taken)};
}

// The same for |a| ≥ |b|.
inline Wide ordered_sum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

inline Wide two_product(double a, double b) {
  const double product = a * b;
  return {product, std::fma(a, b, -product)};
}

inline Wide operator-(Wide a) { return {-a.high, -a.low}; }

inline Wide operator+(Wide a, Wide b) {
  const Wide s = two_sum(a.high, b.high), t = two_sum(a.low, b.low);
  const Wide u = ordered_sum(s.high, s.low + t.high);
  return ordered_sum(u.high, u.low + t.low);
}
inline Wide operator-(Wide a, Wide b) { return a + -b; }

inline Wide operator*(Wide a, Wide b) {
  const Wide p = two_product(a.high, b.high);
  return ordered_sum(p.high, p.low + (a.high * b.low + a.low * b.high));
}

inline Wide operator/(Wide a, Wide b) {
  const double first = a.high / b.high;
  const Wide rest = a - b * Wide(first);
  const double second = rest.high / b.high;
  const Wide last = rest - b * Wide(second);
  return ordered_sum(first, second) + Wide(last.high / b.high);
}

inline Wide& operator+=(Wide& a, Wide b) { return a = a + b; }
inline Wide& operator*=(Wide& a, Wide b) { return a = a * b; }

inline bool operator<(Wide a, Wide b) { return a.high < b.high || (a.high == b.high && a.low < b.low); }
inline bool operator<=(Wide a, Wide b) { return !(b < a); }

inline Wide magnitude(Wide a) { return a.high < 0 ? -a : a; }

inline Wide ldexp(Wide a, int shift) { return {std::ldexp(a.high, shift), std::ldexp(a.low, shift)}; }

// √a for a ≥ 0: one step of Newton's from the double root.
inline Wide sqrt(Wide a) {
  if (!(a.high > 0)) return {};
  const double r = std::sqrt(a.high);
  const Wide rest = a - two_product(r, r);
  return ordered_sum(r, rest.high / (2 * r));
}

struct SinCos {
  Wide sin, cos;
};

// For 0 ≤ x ≤ π/2.
SinCos sin_cos(Wide x);

// For 0 ≤ x ≤ 1/√2, with full relative accuracy.
Wide asin(Wide x);

// sin t − t cos t for 0 ≤ t ≤ π/2, with full relative accuracy, given sin t and cos t.
Wide sine_excess(Wide t, SinCos of_t);

// eˣ − 1 for x ≤ 0, with full relative accuracy near 0.
Wide expm1(Wide x);

}  // namespace resgram::core
