// Truncated Taylor series: a number with its first and second derivatives by N variables. Arithmetic on them is the chain
// rule; a formula that neither cancels nor divides by small numbers has derivatives that do not either.       [jets]
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace resgram::core {

template <std::size_t N>
struct Jet {
  static constexpr std::size_t kPairs = N * (N + 1) / 2;

  double v = 0;
  std::array<double, N> d{};       // ∂_i
  std::array<double, kPairs> h{};  // ∂_i ∂_j, i ≤ j, rows of the upper triangle

  Jet() = default;
  explicit Jet(double value) : v(value) {}

  // Value and derivatives 0.
  [[nodiscard]] bool vanishes() const {
    bool all = v == 0;
    for (const double x : d) all = all && x == 0;
    for (const double x : h) all = all && x == 0;
    return all;
  }
};

// f(a) from f, f′ and f″ at a.v.
template <std::size_t N>
Jet<N> composed(const Jet<N>& a, double f, double f1, double f2) {
  Jet<N> out(f);
  std::size_t at = 0;
  for (std::size_t i = 0; i < N; ++i) {
    out.d[i] = f1 * a.d[i];
    for (std::size_t j = i; j < N; ++j, ++at) out.h[at] = f1 * a.h[at] + f2 * a.d[i] * a.d[j];
  }
  return out;
}

template <std::size_t N>
Jet<N> operator+(const Jet<N>& a, const Jet<N>& b) {
  Jet<N> out(a.v + b.v);
  for (std::size_t i = 0; i < N; ++i) out.d[i] = a.d[i] + b.d[i];
  for (std::size_t i = 0; i < Jet<N>::kPairs; ++i) out.h[i] = a.h[i] + b.h[i];
  return out;
}

template <std::size_t N>
Jet<N> operator*(const Jet<N>& a, double b) {
  Jet<N> out(a.v * b);
  for (std::size_t i = 0; i < N; ++i) out.d[i] = a.d[i] * b;
  for (std::size_t i = 0; i < Jet<N>::kPairs; ++i) out.h[i] = a.h[i] * b;
  return out;
}

template <std::size_t N>
Jet<N> operator*(double a, const Jet<N>& b) {
  return b * a;
}

template <std::size_t N>
Jet<N> operator-(const Jet<N>& a) {
  return a * -1.0;
}

template <std::size_t N>
Jet<N> operator-(const Jet<N>& a, const Jet<N>& b) {
  return a + (-b);
}

template <std::size_t N>
Jet<N> operator+(const Jet<N>& a, double b) {
  Jet<N> out = a;
  out.v += b;
  return out;
}

template <std::size_t N>
Jet<N> operator+(double a, const Jet<N>& b) {
  return b + a;
}

template <std::size_t N>
Jet<N> operator-(const Jet<N>& a, double b) {
  return a + (-b);
}

template <std::size_t N>
Jet<N> operator-(double a, const Jet<N>& b) {
  return -b + a;
}

template <std::size_t N>
Jet<N> operator*(const Jet<N>& a, const Jet<N>& b) {
  Jet<N> out(a.v * b.v);
  std::size_t at = 0;
  for (std::size_t i = 0; i < N; ++i) {
    out.d[i] = a.d[i] * b.v + a.v * b.d[i];
    for (std::size_t j = i; j < N; ++j, ++at)
      out.h[at] = (a.h[at] * b.v + a.v * b.h[at]) + (a.d[i] * b.d[j] + a.d[j] * b.d[i]);
  }
  return out;
}

// In relative derivatives, which stay in range where powers of 1/a would not.
template <std::size_t N>
Jet<N> inverse(const Jet<N>& a) {
  const double f = 1 / a.v;
  Jet<N> out(f);
  std::size_t at = 0;
  for (std::size_t i = 0; i < N; ++i) {
    out.d[i] = -a.d[i] * f * f;
    for (std::size_t j = i; j < N; ++j, ++at) out.h[at] = (2 * (a.d[i] * f) * (a.d[j] * f) - a.h[at] * f) * f;
  }
  return out;
}

template <std::size_t N>
Jet<N> operator/(const Jet<N>& a, const Jet<N>& b) {
  return a * inverse(b);
}

template <std::size_t N>
Jet<N> operator/(const Jet<N>& a, double b) {
  return a * (1 / b);
}

template <std::size_t N>
Jet<N> operator/(double a, const Jet<N>& b) {
  return inverse(b) * a;
}

// Of a positive number.
template <std::size_t N>
Jet<N> sqrt(const Jet<N>& a) {
  const double f = std::sqrt(a.v);
  Jet<N> out(f);
  std::size_t at = 0;
  for (std::size_t i = 0; i < N; ++i) out.d[i] = 0.5 * a.d[i] / f;
  for (std::size_t i = 0; i < N; ++i)
    for (std::size_t j = i; j < N; ++j, ++at) out.h[at] = (0.5 * a.h[at] - out.d[i] * out.d[j]) / f;
  return out;
}

}  // namespace resgram::core
