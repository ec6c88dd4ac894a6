// LAPACK's "L" is our upper triangle: it reads columns where we have rows.
#include "triangles.hpp"

#include <cmath>

#include "checks.hpp"
#include "cholesky.hpp"
#include "core/error.hpp"
#include "lapack.hpp"
#include "norm.hpp"

namespace resgram::linalg {
namespace {

constexpr double kOne = 1;
constexpr double kZero = 0;

// dsymv reads half of the matrix and is bound by memory. Several columns together read it once: dgemm all of it, as long
// as the lower triangle is there; dsymm half of it, which it copies on the way.
constexpr int kSingly = 3;

}  // namespace

Triangles::Triangles(std::span<double> a, std::size_t n, double ridge, bool mirrored)
    : a_(a), n_(lapack_int(n, "matrix size")), ridge_(ridge), diagonal_(n), factor_diagonal_(n), mirrored_(mirrored) {
  require_shape(a, n, n, "matrix");
  require_ridge(ridge);
  for (std::size_t i = 0; i < n; ++i) {
    diagonal_[i] = a[i * n + i];
    a[i * n + i] += ridge;
    factor_diagonal_[i] = a[i * n + i];
  }
  if (!all_finite(factor_diagonal_)) {
    throw Error(Code::range, "matrix: the ridge takes its diagonal out of the range of doubles; rescale the data");
  }
}

void Triangles::show(Shown what) {
  if (shown_ == what) return;
  const std::size_t n = diagonal_.size();
  for (std::size_t i = 0; i < n; ++i) {
    a_[i * n + i] = what == Shown::matrix ? diagonal_[i] + ridge_ : factor_diagonal_[i];
  }
  shown_ = what;
}

void Triangles::take_factor() {
  const std::size_t n = diagonal_.size();
  for (std::size_t i = 0; i < n; ++i) factor_diagonal_[i] = a_[i * n + i];
  shown_ = Shown::factor;
}

void Triangles::multiply(const double* block, double* images, int columns) {
  show(Shown::matrix);
  if (columns > kSingly && mirrored_) {
    RESGRAM_FORTRAN(dgemm)("N", "N", &n_, &columns, &n_, &kOne, a_.data(), &n_, block, &n_, &kZero, images, &n_, 1, 1);
    return;
  }
  if (columns > kSingly) {
    RESGRAM_FORTRAN(dsymm)("L", "L", &n_, &columns, &kOne, a_.data(), &n_, block, &n_, &kZero, images, &n_, 1, 1);
    return;
  }
  const int stride = 1;
  for (int j = 0; j < columns; ++j) {
    const std::size_t at = static_cast<std::size_t>(j) * diagonal_.size();
    RESGRAM_FORTRAN(dsymv)("L", &n_, &kOne, a_.data(), &n_, block + at, &stride, &kZero, images + at, &stride, 1);
  }
}

std::optional<std::size_t> Triangles::factor(double shift) {
  const std::size_t n = diagonal_.size();
  if (!mirrored_) restore_lower(a_, n, diagonal_, ridge_ + shift);
  for (std::size_t i = 0; i < n; ++i) a_[i * n + i] = diagonal_[i] + (ridge_ + shift);
  mirrored_ = false;
  const std::optional<std::size_t> stopped = factor_lower(a_, n);
  take_factor();
  return stopped;
}

void Triangles::factor_or_explain() {
  restore();
  mirrored_ = false;
  linalg::factor_or_explain(a_, diagonal_.size(), diagonal_, ridge_);
  take_factor();
}

void Triangles::solve(double* block, int columns) {
  show(Shown::factor);
  if (columns == 1) {
    const int stride = 1;
    RESGRAM_FORTRAN(dtrsv)("U", "T", "N", &n_, a_.data(), &n_, block, &stride, 1, 1, 1);
    RESGRAM_FORTRAN(dtrsv)("U", "N", "N", &n_, a_.data(), &n_, block, &stride, 1, 1, 1);
    return;
  }
  for (const char* transposed : {"T", "N"}) {
    RESGRAM_FORTRAN(dtrsm)("L", "U", transposed, "N", &n_, &columns, &kOne, a_.data(), &n_, block, &n_, 1, 1, 1, 1);
  }
}

void Triangles::restore() {
  if (!mirrored_) restore_lower(a_, diagonal_.size(), diagonal_, ridge_);
  mirrored_ = true;
  show(Shown::matrix);
}

std::vector<double> Triangles::ridged_diagonal() const {
  std::vector<double> sums(diagonal_);
  for (double& value : sums) value += ridge_;
  return sums;
}

double Triangles::norm() {
  show(Shown::matrix);
  const std::size_t n = diagonal_.size();
  const auto above = [&](std::size_t i) { return a_.subspan(i * n + i + 1, n - i - 1); };
  double square = 0;
  for (std::size_t i = 0; i < n; ++i) square += 2 * plain_square(above(i)) + a_[i * n + i] * a_[i * n + i];
  if (trustworthy(square)) return std::sqrt(square);
  Norm upper;
  Norm middle;
  for (std::size_t i = 0; i < n; ++i) {
    middle.add(a_.subspan(i * n + i, 1));
    upper.add(above(i));
  }
  return std::hypot(middle.value(), std::sqrt(2.0) * upper.value());
}

}  // namespace resgram::linalg
