#include "gaussian.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "checks.hpp"
#include "cholesky.hpp"
#include "core/error.hpp"
#include "lapack.hpp"
#include "linalg.hpp"
#include "workspace.hpp"

namespace resgram::linalg {
namespace {

constexpr double kOne = 1;
constexpr double kMinusOne = -1;

// Room for `size` numbers that starts as a copy.
Room<double> copied(std::span<const double> numbers) {
  Room<double> room = workspace(numbers.size());
  std::copy(numbers.begin(), numbers.end(), room.get());
  return room;
}

// Rows k of `rows` (m × n) become L⁻¹k. LAPACK sees them as columns, and our lower factor as its upper one, Lᵀ.
void whiten(std::span<const double> factor, std::size_t n, double* rows, std::size_t m) {
  const int order = lapack_int(n, "matrix size");
  const int count = lapack_int(m, "points");
  if (n == 0 || m == 0) return;
  if (m == 1) {
    const int step = 1;
    RESGRAM_FORTRAN(dtrsv)("U", "T", "N", &order, factor.data(), &order, rows, &step, 1, 1, 1);
  } else {
    RESGRAM_FORTRAN(dtrsm)("L", "U", "T", "N", &order, &count, &kOne, factor.data(), &order, rows, &order, 1, 1, 1, 1);
  }
  if (all_finite({rows, m * n})) return;
  require_finite(factor, n, "factor");
  throw Error(Code::range, "whitened covariances leave the range of doubles; rescale the data, or add a ridge");
}

// The lower triangle of c (m × m, leading dimension ldc) loses w wᵀ for the m rows of w, n long.
void subtract_products(const double* w, std::size_t m, std::size_t n, double* c, std::size_t ldc) {
  const int order = lapack_int(m, "points");
  const int inner = lapack_int(n, "matrix size");
  const int step = lapack_int(ldc, "matrix size");
  if (m == 0 || n == 0) return;
  RESGRAM_FORTRAN(dsyrk)("U", "T", &order, &inner, &kMinusOne, w, &inner, &kOne, c, &step, 1, 1);
}

}  // namespace

double log_determinant(std::span<const double> factor, std::size_t n) {
  require_shape(factor, n, n, "factor");
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += std::log(factor[i * n + i]);
  if (!std::isfinite(sum)) throw Error(Code::argument, "factor: expected a positive diagonal");
  return 2 * sum;
}

// Columns of L⁻¹ begin at their diagonal, so a panel of them is solved with what is left of the triangle: Σ b (n − j)² = n³/3
// operations in all, in the room of one panel, and with a place to stop after each.
void inverse_diagonal(std::span<const double> factor, std::size_t n, std::span<double> diagonal, Ticket& ticket) {
  constexpr std::size_t kPanel = 128;
  lapack_int(n, "matrix size");
  require_shape(factor, n, n, "factor");
  require_shape(diagonal, n, 1, "diagonal");
  for (std::size_t i = 0; i < n; ++i)
    if (!(factor[i * n + i] > 0)) throw Error(Code::argument, "factor: expected a positive diagonal");
  const int stride = lapack_int(n, "matrix size");
  for (std::size_t j = 0; j < n; j += kPanel) ticket.expect(n - j);
  const Room<double> panel = workspace(std::min(n, kPanel) * n);
  for (std::size_t j = 0; j < n; j += kPanel) {
    const std::size_t rest = n - j, width = std::min(rest, kPanel);
    std::fill_n(panel.get(), width * rest, 0.0);
    for (std::size_t r = 0; r < width; ++r) panel[r * rest + r] = 1;
    const int order = static_cast<int>(rest), count = static_cast<int>(width);
    RESGRAM_FORTRAN(dtrsm)
    ("L", "U", "T", "N", &order, &count, &kOne, factor.data() + j * n + j, &stride, panel.get(), &order, 1, 1, 1, 1);
    for (std::size_t r = 0; r < width; ++r) {
      double square = 0;
      for (std::size_t k = r; k < rest; ++k) square += panel[r * rest + k] * panel[r * rest + k];
      diagonal[j + r] = square;
    }
    ticket.checkpoint(rest);
  }
  if (all_finite(diagonal)) return;
  throw Error(Code::range, "inverse: leaves the range of doubles; rescale the data, or add a ridge");
}

void posterior_covariance(std::span<const double> factor, std::size_t n, std::span<const double> cross, std::size_t m,
                          std::span<double> covariance) {
  require_shape(factor, n, n, "factor");
  require_shape(cross, m, n, "cross matrix");
  require_shape(covariance, m, m, "covariance");
  require_finite(cross, n, "cross matrix");
  require_finite(covariance, m, "covariance");
  const Room<double> whitened = copied(cross);
  whiten(factor, n, whitened.get(), m);
  subtract_products(whitened.get(), m, n, covariance.data(), m);
  for (std::size_t i = 0; i < m; ++i) {
    covariance[i * m + i] = std::max(0.0, covariance[i * m + i]);
    for (std::size_t j = 0; j < i; ++j) covariance[j * m + i] = covariance[i * m + j];
  }
}

// With L Lᵀ = K + λI known, the factor of the bordered matrix is [L 0; W M], W = rows L⁻ᵀ, M Mᵀ = corner + λI − W Wᵀ: what
// the plain factorisation computes in its last m rows, and its pivots are judged by the same rule.
void border(std::span<const double> a, std::span<const double> factor, std::size_t n, std::span<const double> rows,
            std::span<const double> corner, std::size_t m, double ridge, std::span<double> bordered,
            std::span<double> extended) {
  const std::size_t all = n + m;
  lapack_int(all, "matrix size");
  require_shape(a, n, n, "matrix");
  require_shape(factor, n, n, "factor");
  require_shape(rows, m, n, "rows");
  require_shape(corner, m, m, "corner");
  require_shape(bordered, all, all, "bordered matrix");
  require_shape(extended, all, all, "extended factor");
  require_finite(rows, n, "rows");
  require_finite(corner, m, "corner");
  require_ridge(ridge);

  for (std::size_t i = 0; i < n; ++i) {
    double* const row = bordered.data() + i * all;
    std::copy_n(a.data() + i * n, n, row);
    for (std::size_t j = 0; j < m; ++j) row[n + j] = rows[j * n + i];
    double* const known = extended.data() + i * all;
    std::copy_n(factor.data() + i * n, n, known);
    std::fill_n(known + n, m, 0.0);
  }
  for (std::size_t j = 0; j < m; ++j) {
    double* const row = bordered.data() + (n + j) * all;
    std::copy_n(rows.data() + j * n, n, row);
    std::copy_n(corner.data() + j * m, m, row + n);
  }

  const Room<double> whitened = copied(rows);
  whiten(factor, n, whitened.get(), m);
  const Room<double> rest = copied(corner);
  for (std::size_t j = 0; j < m; ++j) rest[j * m + j] += ridge;
  subtract_products(whitened.get(), m, n, rest.get(), m);
  const int order = lapack_int(m, "samples");
  int info = 0;
  if (m > 0) RESGRAM_FORTRAN(dpotrf)("U", &order, rest.get(), &order, &info, 1);
  require_accepted(info, "dpotrf");
  bool definite = info == 0;
  for (std::size_t j = 0; j < m && definite; ++j) {
    const double l = rest[j * m + j];
    const double own = corner[j * m + j] + ridge;
    definite = l * l > static_cast<double>(n + j + 1) * std::numeric_limits<double>::epsilon() * own;
  }
  if (!definite) {
    // Rare and worth its O(n³): factor() says at which sample, and which ridge would do.
    std::copy(bordered.begin(), bordered.end(), extended.begin());
    linalg::factor(extended, all, ridge);
    return;
  }
  for (std::size_t j = 0; j < m; ++j) {
    double* const row = extended.data() + (n + j) * all;
    std::copy_n(whitened.get() + j * n, n, row);
    std::copy_n(rest.get() + j * m, j + 1, row + n);
    std::fill_n(row + n + j + 1, m - j - 1, 0.0);
  }
}

}  // namespace resgram::linalg
