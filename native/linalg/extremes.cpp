// Lanczos iteration with one vector at a time, since a kernel matrix is read from memory for each, and full
// reorthogonalisation, which costs nothing beside that. The upper end of a kernel matrix stands apart and takes a few
// products. The lower end is dense, relative to the upper; inverted it stands apart, too.                    [extremes]
#include "extremes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "checks.hpp"
#include "cholesky.hpp"
#include "core/error.hpp"
#include "krylov.hpp"
#include "linalg.hpp"
#include "norm.hpp"
#include "survey.hpp"
#include "triangles.hpp"
#include "workspace.hpp"

namespace resgram::linalg {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

// Of an eigenvalue; its error is about the square.                                                             [weyl]
constexpr double kResidual = 1e-9;

constexpr std::size_t kMostSteps = 400;

// Below, all eigenvalues cost less than the iterations do.
constexpr std::size_t kDirect = 300;

// Expands until the largest Ritz value has the wanted residual; `enough` says which, given that value.
template <class Enough>
bool converge(BlockKrylov& krylov, const Enough& enough, Ticket& ticket) {
  std::size_t next_check = 6;
  while (krylov.can_expand()) {
    ticket.checkpoint(0);
    krylov.expand();
    if (krylov.size() < next_check && krylov.can_expand()) continue;
    krylov.project();
    if (krylov.residual(0) <= enough(krylov.values().front())) return true;
    next_check = krylov.size() + std::max<std::size_t>(2, krylov.size() / 8);
  }
  return false;
}

double dot(std::span<const double> x, std::span<const double> y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

// θ = xᵀAx and ‖Ax − θx‖ as they come out in doubles, plus what rounding may have hidden: the computed product is off by
// at most n·u·‖|A||x|‖ ≤ n·u·‖A‖_F for a unit vector, u = ε/2; a few units more cover the subtraction.          [extremes]
Extreme judged(Triangles& matrix, std::span<double> x, double norm) {
  const std::size_t n = x.size();
  const double length = norm_of(x);
  for (double& value : x) value /= length;
  const Room<double> own = workspace(n);
  const std::span<double> image(own.get(), n);
  matrix.multiply(x.data(), image.data(), 1);
  const double value = dot(x, image);
  for (std::size_t i = 0; i < n; ++i) image[i] -= value * x[i];
  return {value, norm_of(image) + (0.5 * static_cast<double>(n) + 4) * kEpsilon * norm};
}

// The backward error of a stable decomposition is n·ε·‖A‖ at most, in practice far less.
Extremes by_decomposition(std::span<double> a, std::size_t n) {
  std::vector<double> values(n);
  eigenvalues(a, n, values);
  const double error =
      static_cast<double>(n) * kEpsilon * std::max(std::fabs(values.front()), std::fabs(values.back()));
  return {{values.front(), error}, {values.back(), error}, true};
}

}  // namespace

bool extremes_by_lanczos(std::span<double> a, std::size_t n, bool mirrored, Extremes& found, Ticket& ticket) {
  if (n < 4) return false;
  Triangles matrix(a, n, 0, mirrored);
  const double norm = matrix.norm();
  const double floor = static_cast<double>(n) * kEpsilon * norm;
  const std::size_t capacity = std::min(n / 2, kMostSteps);
  const Room<double> own = workspace(n);
  const std::span<double> x(own.get(), n);
  const auto give_up = [&] {
    matrix.restore();
    return false;
  };

  double lowest = 0;  // no eigenvalue is known to lie lower
  {
    BlockKrylov krylov([&](const double* from, double* image, int columns) { matrix.multiply(from, image, columns); },
                       n, 1, capacity);
    const auto enough = [&](double value) { return std::max(kResidual * std::fabs(value), floor); };
    if (!converge(krylov, enough, ticket)) return give_up();
    krylov.vectors(1, x);
    found.largest = judged(matrix, x, norm);
    lowest = krylov.values().back();
  }
  ticket.checkpoint();

  // What is definite to rounding needs no shift. What is not needs as much as its lowest eigenvalue, of which Lanczos
  // iteration on the matrix itself has an upper bound, and rounding asks for; a few trials make up for the bound.
  constexpr int kTrials = 3;
  constexpr double kGrowth = 1000;
  double shift = 0;
  for (int trial = 0; matrix.factor(shift); ++trial) {
    ticket.checkpoint(0);
    if (trial == kTrials) return give_up();
    shift = trial == 0 ? 2 * floor + 2 * std::max(0.0, -lowest) : kGrowth * shift;
    shift = std::max(shift, std::numeric_limits<double>::min());
  }
  ticket.checkpoint();

  {
    const auto inverse = [&](const double* from, double* image, int columns) {
      std::copy_n(from, n * static_cast<std::size_t>(columns), image);
      matrix.solve(image, columns);
    };
    BlockKrylov krylov(inverse, n, 1, capacity);
    // μ ± r is 1/μ ± r/μ² for the matrix, where nothing below rounding can be told.
    const auto enough = [&](double value) { return std::max(kResidual * std::fabs(value), floor / 4 * value * value); };
    if (!converge(krylov, enough, ticket)) return give_up();
    krylov.vectors(1, x);
  }
  // Once more, so that what the vector has along large eigenvalues, which its residual weighs most, is divided by them.
  matrix.solve(x.data(), 1);
  if (!all_finite(x)) return give_up();
  found.smallest = judged(matrix, x, norm);
  found.decomposed = false;
  // The iteration has converged; the definition has the last word.
  if (found.smallest.error > std::max(1e-6 * std::fabs(found.smallest.value), 16 * floor) ||
      found.largest.error > 1e-6 * norm) {
    return give_up();
  }
  ticket.checkpoint();
  return true;
}

Extremes extreme_eigenvalues(std::span<double> a, std::size_t n, double ridge, Ticket& ticket) {
  if (n == 0) throw Error(Code::argument, "a matrix of no samples has no eigenvalues");
  lapack_int(n, "matrix size");
  require_shape(a, n, n, "matrix");
  require_ridge(ridge);
  const bool mirrored = survey(a, n).mirrored;
  for (std::size_t i = 0; i < n; ++i) {
    a[i * n + i] += ridge;
    if (std::isfinite(a[i * n + i])) continue;
    throw Error(Code::range, "matrix: the ridge takes its diagonal out of the range of doubles; rescale the data");
  }
  ticket.expect(3);
  const int exponent = bring_to_unit_size(a);
  Extremes found{};
  if (n <= kDirect) {
    found = by_decomposition(a, n);
    ticket.checkpoint(3);
  } else if (!extremes_by_lanczos(a, n, mirrored, found, ticket)) {
    found = by_decomposition(a, n);
  }
  double* const numbers[] = {&found.largest.value, &found.largest.error, &found.smallest.value, &found.smallest.error};
  for (double* number : numbers) restore_size({number, 1}, exponent);
  return found;
}

}  // namespace resgram::linalg
