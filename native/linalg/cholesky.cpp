#include "cholesky.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "checks.hpp"
#include "core/error.hpp"
#include "krylov.hpp"
#include "lapack.hpp"
#include "linalg.hpp"
#include "survey.hpp"

namespace resgram::linalg {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

// The smallest eigenvalue of the (whole, symmetric) matrix; of a large one its smallest Ritz value, which is no less.
double smallest_eigenvalue(std::span<const double> a, std::size_t n) {
  constexpr std::size_t kSmall = 256;
  if (n <= kSmall) {
    std::vector<double> copy(a.begin(), a.end());
    std::vector<double> values(n);
    eigenvalues(copy, n, values);
    return values.back();
  }
  constexpr std::size_t kBlock = 4;
  constexpr std::size_t kBasis = 60;
  BlockKrylov krylov(a, n, kBlock, kBasis);
  while (krylov.can_expand()) krylov.expand();
  krylov.project();
  return krylov.values().back();
}

double max_row_sum(std::span<const double> a, std::size_t n) {
  double largest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += std::fabs(a[i * n + j]);
    largest = std::max(largest, sum);
  }
  return largest;
}

// The least d·10^k ≥ x with a digit d, through decimal text, so that the number a user types is the number tried.
double round_up_to_one_digit(double x) {
  int power = static_cast<int>(std::floor(std::log10(x)));
  for (; power <= std::numeric_limits<double>::max_exponent10; ++power) {
    for (int digit = 1; digit <= 9; ++digit) {
      const double candidate = std::strtod((std::to_string(digit) + "e" + std::to_string(power)).c_str(), nullptr);
      if (candidate >= x) return candidate;
    }
  }
  return std::numeric_limits<double>::infinity();
}

std::string one_digit(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0e", x);
  return text;
}

[[noreturn]] void not_positive_definite(std::size_t pivot, std::size_t n, const std::optional<Remedy>& remedy) {
  std::string message =
      "stopped being positive definite at sample " + std::to_string(pivot) + " of " + std::to_string(n);
  Error::Details details = {{"pivot", static_cast<double>(pivot)}, {"size", static_cast<double>(n)}};
  if (remedy) {
    message +=
        remedy->rounding ? "; equal samples?" : ", by more than rounding explains; is it a Gram matrix in float64?";
    message += " a ridge of " + one_digit(remedy->ridge) + " would do";
    details.emplace_back("suggestedRidge", remedy->ridge);
  } else {
    message += "; its entries are too large for any ridge, rescale it";
  }
  throw Error(Code::not_positive_definite, message, std::move(details));
}

}  // namespace

void restore_lower(std::span<double> a, std::size_t n, std::span<const double> diagonal, double ridge) {
  write_lower(a, n);
  for (std::size_t i = 0; i < n; ++i) a[i * n + i] = diagonal[i] + ridge;
}

// LAPACK's upper triangle, column-major, is our lower one, row-major: A = UᵀU there is A = LLᵀ here. Matrices graded
// over all the range of doubles need no scaling: Σ_k l_ik² = a_ii keeps every entry and every sum in range.
//
// dpotrf lets a pivot pass that is positive by luck. The computed pivot of row i is off by up to (i + 1)·eps·a_ii, so
// below that it is no evidence that A is definite (a duplicated sample comes out as ±1e-17), and what is solved with it
// is noise.                                                                                              [chol-pivot]
std::optional<std::size_t> factor_lower(std::span<double> a, std::size_t n) {
  const int order = lapack_int(n, "matrix size");
  std::vector<double> diagonal(n);
  for (std::size_t i = 0; i < n; ++i) diagonal[i] = a[i * n + i];
  int info = 0;
  RESGRAM_FORTRAN(dpotrf)("U", &order, a.data(), &order, &info, 1);
  require_accepted(info, "dpotrf");
  const std::size_t end = info > 0 ? static_cast<std::size_t>(info - 1) : n;
  for (std::size_t i = 0; i < end; ++i) {
    const double l = a[i * n + i];
    // note: written so that NaN fails too. dpotrf takes it for a pivot; an indefinite matrix may overflow on its way.
    if (!(l * l > static_cast<double>(i + 1) * kEpsilon * diagonal[i])) return i;
  }
  if (info > 0) return end;
  return std::nullopt;
}

// Rounding moves the pivots by about n·eps·‖A‖, and A + λI is indefinite by −(λ_min + λ): adding that sum should do. It
// is tried, and grown until it does; ‖A‖∞ always does (Gershgorin). What is suggested adds twice what was tried, so
// that another number of threads or another kernel of the library finds it good as well.                  [ridge-hint]
std::optional<Remedy> find_remedy(std::span<double> a, std::size_t n, std::span<const double> diagonal, double ridge) {
  constexpr double kGrowth = 4;
  restore_lower(a, n, diagonal, 0);
  const double norm = max_row_sum(a, n) + ridge;
  // note: to a matrix of zeros every ridge is the same; this one is as good as another.
  const double rounding =
      norm == 0 ? 1e-9 : std::max(kEpsilon * static_cast<double>(n) * norm, std::numeric_limits<double>::min());
  if (!std::isfinite(norm)) return std::nullopt;
  for (double more = rounding + std::max(0.0, -smallest_eigenvalue(a, n) - ridge);; more *= kGrowth) {
    const double suggested = round_up_to_one_digit(ridge + 2 * more);
    if (!std::isfinite(suggested)) break;
    restore_lower(a, n, diagonal, ridge + (suggested - ridge) / 2);
    if (!factor_lower(a, n)) {
      restore_lower(a, n, diagonal, 0);
      return Remedy{suggested, more <= kGrowth * kGrowth * rounding};
    }
  }
  restore_lower(a, n, diagonal, 0);
  return std::nullopt;
}

void require_ridge(double ridge) {
  if (ridge >= 0 && std::isfinite(ridge)) return;
  throw Error(Code::argument, "ridge: expected a finite number from 0 on, got " + shown(ridge));
}

void factor_or_explain(std::span<double> a, std::size_t n, std::span<const double> diagonal, double ridge) {
  for (std::size_t i = 0; i < n; ++i) a[i * n + i] = diagonal[i] + ridge;
  if (const std::optional<std::size_t> pivot = factor_lower(a, n)) {
    not_positive_definite(*pivot, n, find_remedy(a, n, diagonal, ridge));
  }
}

}  // namespace resgram::linalg
