#include "spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "checks.hpp"
#include "eigen.hpp"
#include "krylov.hpp"
#include "linalg.hpp"
#include "residual.hpp"
#include "survey.hpp"
#include "workspace.hpp"

namespace resgram::linalg {

// tr A = Σλ and ‖A‖²_F = Σλ² hold for every symmetric A.                                                [invariants]
double invariant_gap(const Survey& seen, std::span<const double> values) {
  double sum = 0;
  double squares = 0;
  for (const double value : values) {
    sum += value;
    squares += value * value;
  }
  const double worst = std::max(std::abs(seen.trace - sum), std::abs(std::sqrt(seen.square) - std::sqrt(squares)));
  const double largest = largest_magnitude(values);
  if (worst == 0) return 0;
  return largest == 0 ? std::numeric_limits<double>::infinity() : worst / largest;
}

namespace {

// Of a matrix of moderate size that is symmetric to the bit; what of it the lower triangle and `diagonal` hold survives.
double decompose(const Survey& seen, std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                 std::span<double> vectors, std::span<const double> diagonal) {
  if (top < n && krylov_pays(n, top)) {
    if (const std::optional<double> residual = leading_pairs(a, n, top, values, vectors)) return *residual;
  }
  if (!vectors.empty()) {
    direct_pairs(a, n, top, values, vectors);
    for (std::size_t i = 0; i < n; ++i) a[i * n + i] = diagonal[i];
    return pair_residual(a, n, values, vectors, top);
  }
  if (top == n) {
    direct_values(a, n, values);
    return invariant_gap(seen, values);
  }
  std::vector<double> all(n);
  direct_values(a, n, all);
  std::copy_n(all.begin(), top, values.begin());
  return invariant_gap(seen, all);
}

// What LAPACK leaves of a matrix is its lower triangle without the diagonal: makes the matrix whole again, also when a
// decomposition ends with an error.
class Whole {
 public:
  Whole(std::span<double> a, std::size_t n) : a_(a), n_(n), diagonal_(n) {
    for (std::size_t i = 0; i < n; ++i) diagonal_[i] = a[i * n + i];
  }
  ~Whole() {
    for (std::size_t i = 0; i < n_; ++i) a_[i * n_ + i] = diagonal_[i];
    write_upper(a_, n_);
  }
  Whole(const Whole&) = delete;
  Whole& operator=(const Whole&) = delete;

  std::span<const double> diagonal() const { return diagonal_; }

 private:
  std::span<double> a_;
  std::size_t n_;
  std::vector<double> diagonal_;
};

}  // namespace

double checked_spectrum(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                        std::span<double> vectors) {
  require_shape(values, top, 1, "eigenvalues");
  if (!vectors.empty()) require_shape(vectors, top, n, "eigenvectors");
  int exponent = 0;
  const Survey seen = prepare(a, n, exponent);
  std::vector<double> diagonal(n);
  for (std::size_t i = 0; i < n; ++i) diagonal[i] = a[i * n + i];
  const double residual = decompose(seen, a, n, top, values, vectors, diagonal);
  restore_size(values, exponent);
  return residual;
}

double kept_spectrum(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                     std::span<double> vectors) {
  const Survey seen = survey(a, n);
  int exponent = 0;
  std::frexp(seen.largest, &exponent);
  if (!seen.mirrored || std::abs(exponent) > kModerate) {
    const Room<double> copy = workspace(n * n);
    const std::span<double> scratch(copy.get(), n * n);
    std::copy(a.begin(), a.end(), scratch.begin());
    return checked_spectrum(scratch, n, top, values, vectors);
  }
  require_shape(values, top, 1, "eigenvalues");
  if (!vectors.empty()) require_shape(vectors, top, n, "eigenvectors");
  double residual = 0;
  {
    const Whole whole(a, n);
    residual = decompose(seen, a, n, top, values, vectors, whole.diagonal());
  }
  restore_size(values, 0);
  return residual;
}

}  // namespace resgram::linalg
