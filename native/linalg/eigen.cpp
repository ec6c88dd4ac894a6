// Symmetric eigenproblems. A row-major matrix is LAPACK's transpose, here the same matrix; an eigenvector, a column
// there, is a row here, so vectors come out as rows without a transposition.
#include "eigen.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "checks.hpp"
#include "core/error.hpp"
#include "krylov.hpp"
#include "lapack.hpp"
#include "linalg.hpp"
#include "workspace.hpp"

namespace resgram::linalg {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

[[noreturn]] void no_convergence(const char* routine, int info, std::size_t n) {
  throw Error(Code::no_convergence,
              std::string("eigenvalues of a ") + std::to_string(n) + " × " + std::to_string(n) + " matrix: " + routine +
                  " did not converge (info " + std::to_string(info) + "); please report the matrix",
              {{"info", info}, {"size", static_cast<double>(n)}});
}

// LAPACK reports workspace sizes as doubles.
int workspace_int(double query, std::size_t n) {
  if (query <= std::numeric_limits<int>::max()) return static_cast<int>(query);
  throw Error(
      Code::range,
      "matrix: a size of " + std::to_string(n) + " needs more workspace than the linear algebra library can count",
      {{"size", static_cast<double>(n)}});
}

void require_matrix(std::span<const double> a, std::size_t n) {
  lapack_int(n, "matrix size");
  require_shape(a, n, n, "matrix");
  require_finite(a, n, "matrix");
}

// An eigenvector is determined up to its sign: its largest component shall be positive, the first of those that tie.
// Components within kTie of the largest count as ties, so that rounding does not choose between the two of (1, −1)/√2.
void orient(std::span<double> vectors, std::size_t count, std::size_t n) {
  constexpr double kTie = 1 - 1e-6;
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<double> row = vectors.subspan(i * n, n);
    const double enough = kTie * largest_magnitude(row);
    const auto first = std::find_if(row.begin(), row.end(), [&](double x) { return std::fabs(x) >= enough; });
    if (first != row.end() && *first < 0) {
      for (double& x : row) x = -x;
    }
  }
}

// Through a band matrix nearly all work is dgemm, at the price of a serial reduction of the band; measured, that pays
// from here on. The choice depends on n alone: a rule that asked for the threads would let them choose the last digits.
constexpr std::size_t kTwoStage = 2000;

// Rows of reflectors applied at once in the back-transformation; LAPACK's own block of 32 is slower by a third.
constexpr int kReflectors = 128;

// Z ← Q Z for the Q that dsytrd left in `a` and `tau`: n − 1 reflectors, last block first.
void back_transform(const double* a, int n, const std::vector<double>& tau, double* z, int columns) {
  const int reflectors = n - 1;
  const Room<double> triangle = workspace(static_cast<std::size_t>(kReflectors) * kReflectors);
  const Room<double> work = workspace(static_cast<std::size_t>(columns) * kReflectors);
  for (int start = (reflectors - 1) / kReflectors * kReflectors; start >= 0; start -= kReflectors) {
    const int count = std::min(kReflectors, reflectors - start);
    const int rows = reflectors - start;
    // Reflector i lives in column i, from the row below the diagonal on.
    const double* v = a + static_cast<std::size_t>(start) * static_cast<std::size_t>(n) + start + 1;
    RESGRAM_FORTRAN(dlarft)("F", "C", &rows, &count, v, &n, tau.data() + start, triangle.get(), &kReflectors, 1, 1);
    RESGRAM_FORTRAN(dlarfb)("L", "N", "F", "C", &rows, &columns, &count, v, &n, triangle.get(), &kReflectors,
                            z + start + 1, &n, work.get(), &columns, 1, 1, 1, 1);
  }
}

// LAPACK's ascending pairs (n rows, the wanted ones last) as our descending ones.
void take_descending(std::span<const double> ascending, const double* rows, std::size_t n, std::size_t top,
                     std::span<double> values, std::span<double> vectors) {
  const std::size_t found = ascending.size();
  for (std::size_t i = 0; i < top; ++i) {
    values[i] = ascending[found - 1 - i];
    std::copy_n(rows + (found - 1 - i) * n, n, vectors.data() + i * n);
  }
}

}  // namespace

bool divide_and_conquer_fits(std::size_t n) {
  // dstedc wants 1 + 4n + n² doubles.
  return n <= 46'338;
}

void divide_and_conquer(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                        std::span<double> vectors) {
  const int order = lapack_int(n, "matrix size");
  std::vector<double> diagonal(n);
  std::vector<double> off_diagonal(n);
  std::vector<double> tau(n);
  double query = 0;
  int integer_query = 0;
  int lwork = -1;
  int liwork = -1;
  int info = 0;
  RESGRAM_FORTRAN(dsytrd)("L", &order, a.data(), &order, diagonal.data(), off_diagonal.data(), tau.data(), &query,
                          &lwork, &info, 1);
  lwork = workspace_int(query, n);
  {
    const Room<double> work = workspace(static_cast<std::size_t>(lwork));
    RESGRAM_FORTRAN(dsytrd)("L", &order, a.data(), &order, diagonal.data(), off_diagonal.data(), tau.data(), work.get(),
                            &lwork, &info, 1);
  }
  require_accepted(info, "dsytrd");

  const Room<double> z = workspace(n * n);
  lwork = -1;
  RESGRAM_FORTRAN(dstedc)("I", &order, diagonal.data(), off_diagonal.data(), z.get(), &order, &query, &lwork,
                          &integer_query, &liwork, &info, 1);
  lwork = workspace_int(query, n);
  liwork = integer_query;
  {
    const Room<double> work = workspace(static_cast<std::size_t>(lwork));
    std::vector<int> integers(static_cast<std::size_t>(liwork));
    RESGRAM_FORTRAN(dstedc)("I", &order, diagonal.data(), off_diagonal.data(), z.get(), &order, work.get(), &lwork,
                            integers.data(), &liwork, &info, 1);
  }
  require_accepted(info, "dstedc");
  if (info > 0) no_convergence("dstedc", info, n);

  const std::size_t skipped = n - top;
  if (n > 1) back_transform(a.data(), order, tau, z.get() + skipped * n, static_cast<int>(top));
  take_descending(std::span(diagonal).subspan(skipped), z.get() + skipped * n, n, top, values, vectors);
}

void robust_representations(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                            std::span<double> vectors) {
  const int order = lapack_int(n, "matrix size");
  const int first = order - static_cast<int>(top) + 1;
  const double safe_minimum = std::numeric_limits<double>::min();
  const double unused = 0;
  const Room<double> z = workspace(n * top);
  std::vector<double> ascending(n);
  std::vector<int> support(2 * n);
  int found = 0;
  double query = 0;
  int integer_query = 0;
  int lwork = -1;
  int liwork = -1;
  int info = 0;
  RESGRAM_FORTRAN(dsyevr)("V", "I", "L", &order, a.data(), &order, &unused, &unused, &first, &order, &safe_minimum,
                          &found, ascending.data(), z.get(), &order, support.data(), &query, &lwork, &integer_query,
                          &liwork, &info, 1, 1, 1);
  lwork = workspace_int(query, n);
  liwork = integer_query;
  const Room<double> work = workspace(static_cast<std::size_t>(lwork));
  std::vector<int> integers(static_cast<std::size_t>(liwork));
  RESGRAM_FORTRAN(dsyevr)("V", "I", "L", &order, a.data(), &order, &unused, &unused, &first, &order, &safe_minimum,
                          &found, ascending.data(), z.get(), &order, support.data(), work.get(), &lwork,
                          integers.data(), &liwork, &info, 1, 1, 1);
  require_accepted(info, "dsyevr");
  if (info > 0 || found != static_cast<int>(top)) no_convergence("dsyevr", info, n);
  take_descending(std::span(ascending).first(top), z.get(), n, top, values, vectors);
}

void eigenvalues(std::span<double> a, std::size_t n, std::span<double> values) {
  require_shape(values, n, 1, "eigenvalues");
  require_matrix(a, n);
  if (n == 0) return;
  const int exponent = bring_to_unit_size(a);
  const int order = lapack_int(n, "matrix size");
  const bool two_stage = n >= kTwoStage;
  const auto solve = two_stage ? RESGRAM_FORTRAN(dsyevd_2stage) : RESGRAM_FORTRAN(dsyevd);
  double query = 0;
  int integer_query = 0;
  int lwork = -1;
  int liwork = -1;
  int info = 0;
  solve("N", "L", &order, a.data(), &order, values.data(), &query, &lwork, &integer_query, &liwork, &info, 1, 1);
  lwork = workspace_int(query, n);
  liwork = integer_query;
  const Room<double> work = workspace(static_cast<std::size_t>(lwork));
  std::vector<int> integers(static_cast<std::size_t>(liwork));
  solve("N", "L", &order, a.data(), &order, values.data(), work.get(), &lwork, integers.data(), &liwork, &info, 1, 1);
  const char* name = two_stage ? "dsyevd_2stage" : "dsyevd";
  require_accepted(info, name);
  if (info > 0) no_convergence(name, info, n);
  std::reverse(values.begin(), values.end());
  restore_size(values, exponent);
}

void eigenpairs(std::span<double> a, std::size_t n, std::span<double> values) { direct_eigenpairs(a, n, n, values, a); }

void direct_eigenpairs(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                       std::span<double> vectors) {
  require_shape(values, top, 1, "eigenvalues");
  require_shape(vectors, top, n, "eigenvectors");
  require_matrix(a, n);
  if (top == 0) return;
  const int exponent = bring_to_unit_size(a);
  const auto direct = divide_and_conquer_fits(n) ? divide_and_conquer : robust_representations;
  direct(a, n, top, values, vectors);
  orient(vectors, top, n);
  restore_size(values, exponent);
}

std::optional<double> leading_eigenpairs(std::span<const double> a, std::size_t n, std::size_t top,
                                         std::span<double> values, std::span<double> vectors) {
  require_matrix(a, n);
  int exponent = binary_exponent(a);
  std::optional<double> residual;
  if (std::abs(exponent) <= kModerate) {
    exponent = 0;
    residual = krylov_eigenpairs(a, n, top, values, vectors);
  } else {
    const Room<double> copy = workspace(n * n);
    const std::span<double> scaled(copy.get(), n * n);
    std::copy(a.begin(), a.end(), scaled.begin());
    scale_by_power(scaled, -exponent);
    residual = krylov_eigenpairs(scaled, n, top, values, vectors);
  }
  if (!residual) return std::nullopt;
  if (!vectors.empty()) orient(vectors, top, n);
  restore_size(values, exponent);
  return residual;
}

void top_eigenpairs(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                    std::span<double> vectors) {
  if (top > n) {
    throw Error(Code::argument,
                "top: expected at most " + std::to_string(n) + " (the size of the matrix), got " + std::to_string(top),
                {{"top", static_cast<double>(top)}, {"size", static_cast<double>(n)}});
  }
  require_shape(values, top, 1, "eigenvalues");
  if (!vectors.empty()) require_shape(vectors, top, n, "eigenvectors");
  require_matrix(a, n);
  if (top == 0 || (krylov_pays(n, top) && leading_eigenpairs(a, n, top, values, vectors))) return;
  if (!vectors.empty()) return direct_eigenpairs(a, n, top, values, vectors);
  std::vector<double> all(n);
  eigenvalues(a, n, all);
  std::copy_n(all.begin(), top, values.begin());
}

double eigen_residual(std::span<const double> a, std::size_t n, std::span<const double> values,
                      std::span<const double> vectors, std::size_t count) {
  const int order = lapack_int(n, "matrix size");
  require_matrix(a, n);
  require_shape(values, count, 1, "eigenvalues");
  require_shape(vectors, count, n, "eigenvectors");
  require_finite(values, 1, "eigenvalues");
  require_finite(vectors, n, "eigenvectors");
  // Scaling v instead of A keeps A·v of unit size, whatever the size of A, as far as v itself remains a double.
  constexpr int kLargestExponent = 1000;
  const double largest = largest_magnitude(values);
  int exponent = std::clamp(binary_exponent(values), -kLargestExponent, kLargestExponent);
  if (std::abs(exponent) <= kModerate) exponent = 0;
  constexpr std::size_t kRows = 128;
  constexpr double kOne = 1;
  constexpr double kZero = 0;
  const int stride = 1;
  const Room<double> scaled = workspace(std::min(kRows, count) * n);
  const Room<double> image = workspace(std::min(kRows, count) * n);
  double worst = 0;
  for (std::size_t start = 0; start < count; start += kRows) {
    const std::size_t rows = std::min(kRows, count - start);
    const int columns = static_cast<int>(rows);
    const std::span<double> block(scaled.get(), rows * n);
    std::copy_n(vectors.data() + start * n, rows * n, block.data());
    if (exponent != 0) scale_by_power(block, -exponent);
    RESGRAM_FORTRAN(dgemm)("N", "N", &order, &columns, &order, &kOne, a.data(), &order, block.data(), &order, &kZero,
                           image.get(), &order, 1, 1);
    for (std::size_t i = 0; i < rows; ++i) {
      double* row = image.get() + i * n;
      for (std::size_t k = 0; k < n; ++k) row[k] -= values[start + i] * block[i * n + k];
      const double residual = RESGRAM_FORTRAN(dnrm2)(&order, row, &stride);
      if (!std::isfinite(residual)) return std::numeric_limits<double>::infinity();
      worst = std::max(worst, residual);
    }
  }
  if (worst == 0) return 0;
  if (largest == 0) return std::numeric_limits<double>::infinity();
  return worst / std::ldexp(largest, -exponent);
}

}  // namespace resgram::linalg
