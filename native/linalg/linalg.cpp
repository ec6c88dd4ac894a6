// Factor, solve, multiply: what needs no eigenvalues.
#include "linalg.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "checks.hpp"
#include "cholesky.hpp"
#include "core/error.hpp"
#include "lapack.hpp"
#include "norm.hpp"
#include "workspace.hpp"

namespace resgram::linalg {
namespace {

constexpr double kOne = 1;
constexpr double kZero = 0;

void require_factor(std::span<const double> factor, std::size_t n) {
  require_shape(factor, n, n, "factor");
  for (std::size_t i = 0; i < n; ++i) {
    if (factor[i * n + i] > 0) continue;
    throw Error(Code::argument,
                "factor: expected a lower Cholesky factor with a positive diagonal, row " + std::to_string(i) +
                    " has " + shown(factor[i * n + i]),
                {{"row", static_cast<double>(i)}});
  }
}

// What went wrong, if a result is not finite though nothing was refused: an input, or the range of doubles.
void require_result(std::span<const double> result, std::span<const double> input, std::size_t input_columns,
                    const char* input_name, const char* what) {
  if (all_finite(result)) return;
  require_finite(input, input_columns, input_name);
  throw Error(Code::range, std::string(what) + " leaves the range of doubles; rescale the data, or add a ridge");
}

}  // namespace

void factor(std::span<double> a, std::size_t n, double ridge) {
  lapack_int(n, "matrix size");
  require_shape(a, n, n, "matrix");
  require_finite(a, n, "matrix");
  require_ridge(ridge);
  if (n == 0) return;
  std::vector<double> diagonal(n);
  for (std::size_t i = 0; i < n; ++i) diagonal[i] = a[i * n + i];
  factor_or_explain(a, n, diagonal, ridge);
  for (std::size_t i = 0; i < n; ++i) std::fill_n(a.data() + i * n + i + 1, n - i - 1, 0.0);
}

// Row-major B is LAPACK's Bᵀ, so A X = B reads Xᵀ (LLᵀ) = Bᵀ and the triangles are solved from the right, without a
// transposition: LAPACK's upper triangle U is our Lᵀ.
void solve(std::span<const double> factor, std::size_t n, std::span<double> b, std::size_t columns) {
  const int order = lapack_int(n, "matrix size");
  const int count = lapack_int(columns, "right-hand sides");
  require_shape(b, n, columns, "right-hand side");
  require_finite(b, columns, "right-hand side");
  require_factor(factor, n);
  if (n == 0 || columns == 0) return;
  if (columns == 1) {
    int info = 0;
    RESGRAM_FORTRAN(dpotrs)("U", &order, &count, factor.data(), &order, b.data(), &order, &info, 1);
    require_accepted(info, "dpotrs");
  } else {
    RESGRAM_FORTRAN(dtrsm)("R", "U", "N", "N", &count, &order, &kOne, factor.data(), &order, b.data(), &count, 1, 1, 1,
                           1);
    RESGRAM_FORTRAN(dtrsm)("R", "U", "T", "N", &count, &order, &kOne, factor.data(), &order, b.data(), &count, 1, 1, 1,
                           1);
  }
  require_result(b, factor, n, "factor", "solution");
}

double backward_error(std::span<const double> a, std::size_t n, double ridge, std::span<const double> x,
                      std::span<const double> b, std::size_t columns) {
  require_shape(a, n, n, "matrix");
  require_shape(x, n, columns, "solution");
  require_shape(b, n, columns, "right-hand side");
  require_finite(x, columns, "solution");
  require_finite(b, columns, "right-hand side");
  require_ridge(ridge);
  const Room<double> image = workspace(n * columns);
  const std::span<double> residual(image.get(), n * columns);
  multiply(a, x, residual, n, n, columns);
  Norm left;
  for (std::size_t i = 0; i < n * columns; ++i) residual[i] = b[i] - residual[i] - ridge * x[i];
  for (std::size_t i = 0; i < n; ++i) left.add(residual.subspan(i * columns, columns));

  Norm matrix;
  Norm solution;
  Norm right;
  for (std::size_t i = 0; i < n; ++i) {
    const std::span<const double> row = a.subspan(i * n, n);
    const double diagonal = row[i] + ridge;
    matrix.add(row.first(i));
    matrix.add(std::span(&diagonal, 1));
    matrix.add(row.subspan(i + 1));
    solution.add(x.subspan(i * columns, columns));
    right.add(b.subspan(i * columns, columns));
  }
  if (left.value() == 0) return 0;
  return left.value() / (matrix.value() * solution.value() + right.value());
}

// Row-major C = A·B is LAPACK's Cᵀ = Bᵀ·Aᵀ: the operands change places and nothing is transposed.
void multiply(std::span<const double> a, std::span<const double> b, std::span<double> c, std::size_t rows,
              std::size_t inner, std::size_t columns) {
  const int m = lapack_int(columns, "columns");
  const int n = lapack_int(rows, "rows");
  const int k = lapack_int(inner, "inner size");
  require_shape(a, rows, inner, "left factor");
  require_shape(b, inner, columns, "right factor");
  require_shape(c, rows, columns, "product");
  if (c.empty()) return;
  if (inner == 0) {
    std::fill(c.begin(), c.end(), 0.0);
    return;
  }
  RESGRAM_FORTRAN(dgemm)("N", "N", &m, &n, &k, &kOne, b.data(), &m, a.data(), &k, &kZero, c.data(), &m, 1, 1);
  if (all_finite(c)) return;
  require_finite(b, columns, "right factor");
  require_result(c, a, inner, "left factor", "product");
}

}  // namespace resgram::linalg
