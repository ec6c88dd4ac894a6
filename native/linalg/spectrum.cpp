#include "spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "checks.hpp"
#include "core/error.hpp"
#include "eigen.hpp"
#include "krylov.hpp"
#include "linalg.hpp"
#include "workspace.hpp"

namespace resgram::linalg {

// Two triangles of a matrix that was computed in single precision differ by what the order of summation did to their
// entries: a few eps₃₂ of √(aᵢᵢaⱼⱼ), which is no more than the largest entry; 16 are allowed. What the other triangle
// would have said is then a perturbation no larger than the errors that the entries have anyway. A matrix that is not
// symmetric by mistake (distances of two sets, a product in the wrong order) is off by far more.        [symmetric]
//
// Walks pairs of 64 × 64 blocks, because reading down a column of a large matrix misses the cache at every number.
bool require_symmetric(std::span<const double> a, std::size_t n) {
  require_shape(a, n, n, "matrix");
  constexpr double kAllowed = 16 * static_cast<double>(std::numeric_limits<float>::epsilon());
  constexpr std::size_t kBlock = 64;
  double worst = 0;
  std::size_t row = 0;
  std::size_t column = 0;
  for (std::size_t i0 = 0; i0 < n; i0 += kBlock) {
    for (std::size_t j0 = 0; j0 <= i0; j0 += kBlock) {
      for (std::size_t i = i0; i < std::min(i0 + kBlock, n); ++i) {
        for (std::size_t j = j0; j < std::min(j0 + kBlock, i); ++j) {
          const double gap = std::abs(a[i * n + j] - a[j * n + i]);
          if (gap > worst) {
            worst = gap;
            row = i;
            column = j;
          }
        }
      }
    }
  }
  if (worst == 0) return true;
  if (worst <= kAllowed * largest_magnitude(a)) return false;
  char gap[32];
  std::snprintf(gap, sizeof gap, "%.3g", worst);
  throw Error(Code::argument,
              "expected a symmetric matrix, but row " + std::to_string(row) + ", column " + std::to_string(column) +
                  " differs from its mirror image by " + gap,
              {{"row", static_cast<double>(row)}, {"column", static_cast<double>(column)}});
}

// tr A = Σλ and ‖A‖²_F = Σλ² hold for every symmetric A. Both sides are taken of the matrix divided by a power of two
// near its largest entry, so that no square leaves the range of doubles.                                 [invariants]
double invariant_gap(std::span<const double> a, std::size_t n, std::span<const double> values) {
  require_shape(a, n, n, "matrix");
  require_shape(values, n, 1, "eigenvalues");
  constexpr int kLargestExponent = 1000;
  const double scale = std::ldexp(1, -std::clamp(binary_exponent(a), -kLargestExponent, kLargestExponent));
  double trace = 0;
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    double row = 0;
    for (std::size_t j = 0; j < n; ++j) {
      const double entry = a[i * n + j] * scale;
      row += entry * entry;
    }
    squares += row;
    trace += a[i * n + i] * scale;
  }
  double sum = 0;
  double value_squares = 0;
  for (const double value : values) {
    sum += value * scale;
    value_squares += value * scale * (value * scale);
  }
  const double worst = std::max(std::abs(trace - sum), std::abs(std::sqrt(squares) - std::sqrt(value_squares)));
  const double largest = largest_magnitude(values) * scale;
  if (worst == 0) return 0;
  return largest == 0 ? std::numeric_limits<double>::infinity() : worst / largest;
}

double checked_spectrum(std::span<const double> a, std::size_t n, std::size_t top, std::span<double> values,
                        std::span<double> vectors) {
  require_symmetric(a, n);
  require_shape(values, top, 1, "eigenvalues");
  if (top == n && !vectors.empty()) {
    require_shape(vectors, n, n, "eigenvectors");
    std::copy(a.begin(), a.end(), vectors.begin());
    eigenpairs(vectors, n, values);
    return eigen_residual(a, n, values, vectors, n);
  }
  if (top < n && krylov_pays(n, top)) {
    if (const std::optional<double> residual = leading_eigenpairs(a, n, top, values, vectors)) return *residual;
  }
  const Room<double> copy = workspace(n * n);  // LAPACK destroys what it decomposes
  const std::span<double> scratch(copy.get(), n * n);
  std::copy(a.begin(), a.end(), scratch.begin());
  if (!vectors.empty()) {
    direct_eigenpairs(scratch, n, top, values, vectors);
    return eigen_residual(a, n, values, vectors, top);
  }
  std::vector<double> all(n);
  eigenvalues(scratch, n, all);
  std::copy_n(all.begin(), top, values.begin());
  return invariant_gap(a, n, all);
}

}  // namespace resgram::linalg
