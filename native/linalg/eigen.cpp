// Symmetric eigenproblems. A row-major matrix is LAPACK's transpose, here the same matrix; an eigenvector, a column
// there, is a row here, so vectors come out as rows without a transposition.
#include "eigen.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
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
void orient(std::span<double> row) {
  constexpr double kTie = 1 - 1e-6;
  const double enough = kTie * largest_magnitude(row);
  const auto first = std::find_if(row.begin(), row.end(), [&](double x) { return std::fabs(x) >= enough; });
  if (first != row.end() && *first < 0) {
    for (double& x : row) x = -x;
  }
}

// Through a band matrix nearly all work is dgemm, at the price of a serial reduction of the band; measured, that pays
// from here on. The choice depends on n alone: a rule that asked for the threads would let them choose the last digits.
constexpr std::size_t kTwoStage = 1800;

// Subdiagonals of the band. More make the first stage faster and the second slower; 48 to 64 are the best of both.
constexpr int kBand = 48;

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

// LAPACK's ascending pairs (`rows`, as many as values) as our descending ones, signs fixed. `rows` may be `vectors`.
void take_descending(std::span<const double> ascending, double* rows, std::size_t n, std::span<double> values,
                     std::span<double> vectors) {
  const std::size_t top = ascending.size();
  std::reverse_copy(ascending.begin(), ascending.end(), values.begin());
  if (rows == vectors.data()) {
    for (std::size_t i = 0; i < (top + 1) / 2; ++i) {
      const std::span<double> upper = vectors.subspan(i * n, n);
      const std::span<double> lower = vectors.subspan((top - 1 - i) * n, n);
      if (upper.data() != lower.data()) {
        std::swap_ranges(upper.begin(), upper.end(), lower.begin());
        orient(lower);
      }
      orient(upper);
    }
    return;
  }
  for (std::size_t i = 0; i < top; ++i) {
    const double* from = rows + (top - 1 - i) * n;
    const std::span<double> row = vectors.subspan(i * n, n);
    for (double& x : row) x = *from++;
    orient(row);
  }
}

// a = Q T Qᵀ; of a only the upper triangle (row-major) is read and written.
struct Tridiagonal {
  Tridiagonal(std::span<double> a, std::size_t n)
      : order(lapack_int(n, "matrix size")), diagonal(n), off_diagonal(n), tau(n) {
    double query = 0;
    int lwork = -1;
    int info = 0;
    RESGRAM_FORTRAN(dsytrd)("L", &order, a.data(), &order, diagonal.data(), off_diagonal.data(), tau.data(), &query,
                            &lwork, &info, 1);
    lwork = workspace_int(query, n);
    const Room<double> work = workspace(static_cast<std::size_t>(lwork));
    RESGRAM_FORTRAN(dsytrd)("L", &order, a.data(), &order, diagonal.data(), off_diagonal.data(), tau.data(), work.get(),
                            &lwork, &info, 1);
    require_accepted(info, "dsytrd");
  }

  int order;
  std::vector<double> diagonal;
  std::vector<double> off_diagonal;
  std::vector<double> tau;
};

// The tridiagonal of a = Q T Qᵀ by way of a band.
void reduce_by_band(std::span<double> a, std::size_t n, std::span<double> diagonal, std::span<double> off_diagonal) {
  constexpr int kRows = kBand + 1;
  const int order = lapack_int(n, "matrix size");
  const Room<double> band = workspace(static_cast<std::size_t>(kRows) * n);
  std::vector<double> tau(n);
  double query = 0;
  int lwork = -1;
  int info = 0;
  RESGRAM_FORTRAN(dsytrd_sy2sb)("L", &order, &kBand, a.data(), &order, band.get(), &kRows, tau.data(), &query, &lwork,
                                &info, 1);
  lwork = workspace_int(query, n);
  {
    const Room<double> work = workspace(static_cast<std::size_t>(lwork));
    RESGRAM_FORTRAN(dsytrd_sy2sb)("L", &order, &kBand, a.data(), &order, band.get(), &kRows, tau.data(), work.get(),
                                  &lwork, &info, 1);
  }
  require_accepted(info, "dsytrd_sy2sb");

  double reflectors_query = 0;
  lwork = -1;
  int reflectors_length = -1;
  RESGRAM_FORTRAN(dsytrd_sb2st)("Y", "N", "L", &order, &kBand, band.get(), &kRows, diagonal.data(), off_diagonal.data(),
                                &reflectors_query, &reflectors_length, &query, &lwork, &info, 1, 1, 1);
  lwork = workspace_int(query, n);
  reflectors_length = workspace_int(reflectors_query, n);
  const Room<double> work = workspace(static_cast<std::size_t>(lwork));
  const Room<double> reflectors = workspace(static_cast<std::size_t>(reflectors_length));
  RESGRAM_FORTRAN(dsytrd_sb2st)("Y", "N", "L", &order, &kBand, band.get(), &kRows, diagonal.data(), off_diagonal.data(),
                                reflectors.get(), &reflectors_length, work.get(), &lwork, &info, 1, 1, 1);
  require_accepted(info, "dsytrd_sb2st");
}

}  // namespace

bool divide_and_conquer_fits(std::size_t n) {
  // dstedc wants 1 + 4n + n² doubles.
  return n <= 46'338;
}

void divide_and_conquer(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                        std::span<double> vectors) {
  Tridiagonal reduced(a, n);
  const int order = reduced.order;
  const bool own = top < n || vectors.data() == a.data();
  const Room<double> room = workspace(own ? n * n : 0);
  double* const z = own ? room.get() : vectors.data();
  double query = 0;
  int integer_query = 0;
  int lwork = -1;
  int liwork = -1;
  int info = 0;
  double* const diagonal = reduced.diagonal.data();
  double* const off_diagonal = reduced.off_diagonal.data();
  RESGRAM_FORTRAN(dstedc)("I", &order, diagonal, off_diagonal, z, &order, &query, &lwork, &integer_query, &liwork,
                          &info, 1);
  lwork = workspace_int(query, n);
  liwork = integer_query;
  {
    const Room<double> work = workspace(static_cast<std::size_t>(lwork));
    std::vector<int> integers(static_cast<std::size_t>(liwork));
    RESGRAM_FORTRAN(dstedc)("I", &order, diagonal, off_diagonal, z, &order, work.get(), &lwork, integers.data(),
                            &liwork, &info, 1);
  }
  require_accepted(info, "dstedc");
  if (info > 0) no_convergence("dstedc", info, n);

  const std::size_t skipped = n - top;
  if (n > 1) back_transform(a.data(), order, reduced.tau, z + skipped * n, static_cast<int>(top));
  take_descending(std::span(reduced.diagonal).subspan(skipped), z + skipped * n, n, values, vectors);
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
  take_descending(std::span(ascending).first(top), z.get(), n, values, vectors);
}

void direct_values(std::span<double> a, std::size_t n, std::span<double> values) {
  const int order = lapack_int(n, "matrix size");
  std::vector<double> off_diagonal(n);
  if (n < kTwoStage) {
    Tridiagonal reduced(a, n);
    std::copy(reduced.diagonal.begin(), reduced.diagonal.end(), values.begin());
    off_diagonal = std::move(reduced.off_diagonal);
  } else {
    reduce_by_band(a, n, values, off_diagonal);
  }
  int info = 0;
  RESGRAM_FORTRAN(dsterf)(&order, values.data(), off_diagonal.data(), &info);
  require_accepted(info, "dsterf");
  if (info > 0) no_convergence("dsterf", info, n);
  std::reverse(values.begin(), values.end());
}

void direct_pairs(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                  std::span<double> vectors) {
  const auto direct = divide_and_conquer_fits(n) ? divide_and_conquer : robust_representations;
  direct(a, n, top, values, vectors);
}

std::optional<double> leading_pairs(std::span<const double> a, std::size_t n, std::size_t top, std::span<double> values,
                                    std::span<double> vectors) {
  const std::optional<double> residual = krylov_eigenpairs(a, n, top, values, vectors);
  if (!residual || vectors.empty()) return residual;
  for (std::size_t i = 0; i < top; ++i) orient(vectors.subspan(i * n, n));
  return residual;
}

void eigenvalues(std::span<double> a, std::size_t n, std::span<double> values) {
  require_shape(values, n, 1, "eigenvalues");
  require_matrix(a, n);
  if (n == 0) return;
  const int exponent = bring_to_unit_size(a);
  direct_values(a, n, values);
  restore_size(values, exponent);
}

void eigenpairs(std::span<double> a, std::size_t n, std::span<double> values) {
  require_shape(values, n, 1, "eigenvalues");
  require_matrix(a, n);
  if (n == 0) return;
  const int exponent = bring_to_unit_size(a);
  direct_pairs(a, n, n, values, a);
  restore_size(values, exponent);
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
  if (top == 0) return;
  const int exponent = bring_to_unit_size(a);
  if (krylov_pays(n, top) && leading_pairs(a, n, top, values, vectors)) {
    // found
  } else if (!vectors.empty()) {
    direct_pairs(a, n, top, values, vectors);
  } else {
    std::vector<double> all(n);
    direct_values(a, n, all);
    std::copy_n(all.begin(), top, values.begin());
  }
  restore_size(values, exponent);
}

}  // namespace resgram::linalg
