// Chebyshev polynomials on [0, 1] through values at their zeros.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace resgram::core {

// The zeros of T_n, ascending, on [0, 1].
inline std::vector<double> chebyshev_nodes(std::size_t n) {
  constexpr double kHalfPi = 1.57079632679489661923;
  std::vector<double> at(n);
  for (std::size_t k = 0; k < n; ++k) {
    const double s = std::sin(kHalfPi * (static_cast<double>(k) + 0.5) / static_cast<double>(n));
    at[k] = s * s;
  }
  return at;
}

// T_0 … T_{n−1} at 2x − 1.
inline void chebyshev_basis(double x, std::size_t n, double* out) {
  const double y = 2 * x - 1;
  out[0] = 1;
  if (n > 1) out[1] = y;
  for (std::size_t k = 2; k < n; ++k) out[k] = 2 * y * out[k - 1] - out[k - 2];
}

// n × n matrix that makes coefficients of values at the nodes, row-major. Cosines of exactly reduced multiples: the
// recurrence would lose k² units at the ends.
inline std::vector<double> chebyshev_transform(std::size_t n) {
  constexpr double kPi = 3.14159265358979323846;
  std::vector<double> matrix(n * n);
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t j = 0; j < n; ++j) {
      const std::size_t turns = k * (2 * j + 1) % (4 * n);  // in units of π/2n
      const double cosine = std::cos(kPi * static_cast<double>(turns) / static_cast<double>(2 * n));
      matrix[k * n + j] = (k % 2 == 0 ? cosine : -cosine) * (k == 0 ? 1 : 2) / static_cast<double>(n);
    }
  return matrix;
}

}  // namespace resgram::core
