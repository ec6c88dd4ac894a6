// Cholesky in single precision is twice as fast; a few corrections bring its solution to double precision.
//                                                                                                           [refinement]
// With D A D = U₃₂ᵀU₃₂ + E, ‖E‖ of the order of u₃₂‖D A D‖, one correction x ← x + D(U₃₂ᵀU₃₂)⁻¹D(b − Ax) multiplies the
// error by I − (A + E)⁻¹A, whose norm is about κ·u₃₂: the factorisation does the work, double precision the residuals.
// From κ = 10⁶ on that is too slow; then the same factor makes the condition of the preconditioned matrix small, and
// conjugate gradients gets there in as many steps as there are outliers.
//
// D holds powers of two near 1/√a_ii: exact, keeps the range of single precision for the correlations, and makes the
// condition of D A D nearly the least that any diagonal reaches.
#include "refine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "checks.hpp"
#include "cholesky.hpp"
#include "core/error.hpp"
#include "generator.hpp"
#include "lapack.hpp"
#include "linalg.hpp"
#include "norm.hpp"
#include "survey.hpp"
#include "triangles.hpp"
#include "workspace.hpp"

namespace resgram::linalg {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr float kSingleEpsilon = std::numeric_limits<float>::epsilon();

// The upper triangle of D A D, column-major: our lower one.
class SingleFactor {
 public:
  // `diagonal`: that of the matrix to be factorised; `a` gives the rest.
  SingleFactor(std::span<const double> a, std::size_t n, std::span<const double> diagonal)
      : n_(lapack_int(n, "matrix size")), scale_(n) {
    for (std::size_t i = 0; i < n; ++i) {
      if (!(diagonal[i] > 0)) return;
      int exponent = 0;
      std::frexp(diagonal[i], &exponent);
      scale_[i] = std::ldexp(1, -(exponent / 2));
    }
    u_ = workspace<float>(n * n);
    for (std::size_t i = 0; i < n; ++i) {
      const double own = scale_[i];
      float* row = u_.get() + i * n;
      for (std::size_t j = 0; j < i; ++j) row[j] = static_cast<float>(a[i * n + j] * own * scale_[j]);
      row[i] = static_cast<float>(diagonal[i] * own * own);
    }
    std::vector<float> before(n);
    for (std::size_t i = 0; i < n; ++i) before[i] = u_[i * n + i];
    int info = 0;
    RESGRAM_FORTRAN(spotrf)("U", &n_, u_.get(), &n_, &info, 1);
    require_accepted(info, "spotrf");
    if (info > 0) return;
    for (std::size_t i = 0; i < n; ++i) {
      const float pivot = u_[i * n + i] * u_[i * n + i];
      if (!(pivot > 0)) return;
      const float rounding = std::max(32.0F, std::sqrt(static_cast<float>(i + 1))) * kSingleEpsilon;
      doubtful_ = doubtful_ || pivot <= rounding * before[i];
    }
    usable_ = true;
  }

  [[nodiscard]] bool usable() const { return usable_; }

  // A pivot is no larger than its own rounding error; it may be that of a singular matrix.
  [[nodiscard]] bool doubtful() const { return doubtful_; }

  // block ← D (UᵀU)⁻¹ D block, column by column brought to unit size and back.
  void solve(std::span<double> block, int columns) {
    const std::size_t n = scale_.size();
    room_.resize(block.size());
    std::vector<double> sizes(static_cast<std::size_t>(columns));
    for (std::size_t j = 0; j < sizes.size(); ++j) {
      const std::span<double> column = block.subspan(j * n, n);
      for (std::size_t i = 0; i < n; ++i) column[i] *= scale_[i];
      const int exponent = std::clamp(binary_exponent(column), -1000, 1000);
      sizes[j] = std::ldexp(1, exponent);
      const double unit = std::ldexp(1, -exponent);
      for (std::size_t i = 0; i < n; ++i) room_[j * n + i] = static_cast<float>(column[i] * unit);
    }
    for (const char* transposed : {"T", "N"}) triangle(transposed, columns);
    for (std::size_t j = 0; j < sizes.size(); ++j) {
      for (std::size_t i = 0; i < n; ++i) {
        block[j * n + i] = static_cast<double>(room_[j * n + i]) * sizes[j] * scale_[i];
      }
    }
  }

 private:
  void triangle(const char* transposed, int columns) {
    const int stride = 1;
    const float one = 1;
    if (columns == 1) {
      RESGRAM_FORTRAN(strsv)("U", transposed, "N", &n_, u_.get(), &n_, room_.data(), &stride, 1, 1, 1);
    } else {
      RESGRAM_FORTRAN(strsm)("L", "U", transposed, "N", &n_, &columns, &one, u_.get(), &n_, room_.data(), &n_, 1, 1, 1,
                             1);
    }
  }

  int n_;
  bool usable_ = false;
  bool doubtful_ = false;
  std::vector<double> scale_;
  Room<float> u_;  // uninitialised: only one triangle is ever touched
  std::vector<float> room_;
};

double dot(std::span<const double> x, std::span<const double> y) {
  double lanes[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= x.size(); i += 4) {
    for (std::size_t k = 0; k < 4; ++k) lanes[k] += x[i + k] * y[i + k];
  }
  for (; i < x.size(); ++i) lanes[0] += x[i] * y[i];
  return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

// A system with its residual, columns side by side.
class System {
 public:
  System(Triangles& matrix, std::span<const double> b, std::size_t n, std::size_t columns, std::span<double> x)
      : matrix_(matrix), b_(b), x_(x), n_(n), columns_(columns), norm_(matrix.norm()), r_(n * columns) {
    if (std::isfinite(norm_)) return;
    throw Error(
        Code::range,
        "the entries are so large that the norm of the matrix leaves the range of numbers, and no solution could be "
        "judged; divide the matrix and the ridge by a power of ten");
  }

  [[nodiscard]] std::span<double> residual(std::size_t j) { return std::span(r_).subspan(j * n_, n_); }
  [[nodiscard]] std::span<double> residuals() { return r_; }
  [[nodiscard]] std::span<double> solution(std::size_t j) { return x_.subspan(j * n_, n_); }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] Triangles& matrix() { return matrix_; }

  // r = b − A x
  void look() {
    matrix_.multiply(x_.data(), r_.data(), static_cast<int>(columns_));
    for (std::size_t i = 0; i < r_.size(); ++i) r_[i] = b_[i] - r_[i];
  }

  // What a residual of column j is weighed against.
  [[nodiscard]] double weight(std::size_t j) const {
    return norm_ * norm_of(std::span<const double>(x_).subspan(j * n_, n_)) + norm_of(b_.subspan(j * n_, n_));
  }

  // The backward error of column j with the residual that `look` found. Not finite where x is not.
  [[nodiscard]] double error(std::size_t j) const {
    const double length = norm_of(std::span<const double>(r_).subspan(j * n_, n_));
    return length == 0 ? 0 : length / weight(j);
  }

  void report(Solved& solved) const {
    solved.backward_error = 0;
    solved.residual = 0;
    for (std::size_t j = 0; j < columns_; ++j) {
      const double right = norm_of(b_.subspan(j * n_, n_));
      const double left = norm_of(std::span<const double>(r_).subspan(j * n_, n_));
      solved.backward_error = std::max(solved.backward_error, error(j));
      if (right > 0) solved.residual = std::max(solved.residual, left / right);
    }
  }

 private:
  Triangles& matrix_;
  std::span<const double> b_;
  std::span<double> x_;
  std::size_t n_;
  std::size_t columns_;
  double norm_;
  std::vector<double> r_;
};

double worst_error(const System& system) {
  double worst = 0;
  for (std::size_t j = 0; j < system.columns(); ++j) {
    const double error = system.error(j);
    if (!(error <= worst)) worst = error;  // NaN stays
    if (std::isnan(worst)) break;
  }
  return worst;
}

// A singular matrix is to be refused, which is for the factorisation in double to do; but its factor in single precision
// may exist by luck, and a right side in its range be solved. Inverse iteration with that factor finds the direction that
// it is least sure of, and the quotient vᵀAv / Σ a_ii v_i², in double, whether anything is there.         [refinement]
bool regular(Triangles& matrix, SingleFactor& factor, std::span<const double> diagonal) {
  const std::size_t n = diagonal.size();
  constexpr int kSteps = 4;
  std::vector<double> v(n);
  std::vector<double> image(n);
  std::generate(v.begin(), v.end(), Generator());
  for (int step = 0; step < kSteps; ++step) {
    for (std::size_t i = 0; i < n; ++i) v[i] *= diagonal[i];
    factor.solve(v, 1);
    const double largest = largest_magnitude(v);
    for (double& value : v) value /= largest;
  }
  matrix.multiply(v.data(), image.data(), 1);
  double weight = 0;
  for (std::size_t i = 0; i < n; ++i) weight += v[i] * v[i] * diagonal[i];
  return dot(v, image) > 16 * static_cast<double>(n) * kEpsilon * weight;
}

// A factorisation in double leaves about that; it is also what the data are uncertain by.
constexpr double kWanted = kEpsilon;

// Corrections while each divides the residuals by kProgress at least, also beyond the accuracy wanted, for the sake of
// ‖r‖/‖b‖. True if that is reached. Where they are slower conjugate gradients need fewer steps.
bool refine(System& system, SingleFactor& factor, Solved& solved, Ticket& ticket) {
  constexpr std::size_t kMost = 12;
  constexpr double kProgress = 8;
  double before = std::numeric_limits<double>::infinity();
  std::vector<double> kept;
  for (std::size_t step = 0; step <= kMost; ++step) {
    ticket.checkpoint(0);
    const double now = worst_error(system);
    if (!(now < before / kProgress)) {
      if (before > kWanted) return false;
      // The last correction may have done harm where there was nothing left to correct.
      if (!(now <= before)) {
        std::copy(kept.begin(), kept.end(), system.solution(0).data());
        system.look();
        --solved.iterations;
      }
      return true;
    }
    before = now;
    if (now == 0) return true;
    kept.assign(system.solution(0).data(), system.solution(0).data() + system.residuals().size());
    const std::span<double> correction = system.residuals();
    factor.solve(correction, static_cast<int>(system.columns()));
    double* x = system.solution(0).data();
    for (std::size_t i = 0; i < correction.size(); ++i) x[i] += correction[i];
    system.look();
    ++solved.iterations;
  }
  return before <= kWanted;
}

// Conjugate gradients of column j from where it stands, at most `budget` steps in all. When the recurrence believes to be
// done the true residual has its say.
bool conjugate_gradients(System& system, SingleFactor& factor, std::size_t j, std::size_t n, std::size_t budget,
                         std::size_t& steps, Ticket& ticket) {
  const std::span<double> x = system.solution(j);
  std::vector<double> r(system.residual(j).begin(), system.residual(j).end());
  std::vector<double> p(n);
  std::vector<double> z(n);
  std::vector<double> image(n);
  const double start = norm_of(r);
  while (steps < budget) {
    const double target = kWanted / 8 * system.weight(j);
    if (norm_of(r) <= target) return true;
    double rho = 0;
    for (bool first = true; steps < budget; first = false) {
      ticket.checkpoint(0);
      z = r;
      factor.solve(z, 1);
      const double next = dot(r, z);
      const double beta = first ? 0 : next / rho;
      rho = next;
      for (std::size_t i = 0; i < n; ++i) p[i] = z[i] + beta * p[i];
      system.matrix().multiply(p.data(), image.data(), 1);
      const double curvature = dot(p, image);
      // Not positive definite, or out of range.
      if (!(curvature > 0) || !(rho > 0) || !std::isfinite(rho / curvature)) return false;
      const double alpha = rho / curvature;
      for (std::size_t i = 0; i < n; ++i) {
        x[i] += alpha * p[i];
        r[i] -= alpha * image[i];
      }
      ++steps;
      const double length = norm_of(r);
      if (length <= target) break;
      // Whoever has not half of the digits after half of the room will not arrive.
      if (2 * steps >= budget && length > std::sqrt(target) * std::sqrt(start)) return false;
    }
    system.look();
    std::copy(system.residual(j).begin(), system.residual(j).end(), r.begin());
    if (system.error(j) <= kWanted) return true;
  }
  return false;
}

void to_columns(std::span<const double> rows, std::size_t n, std::size_t columns, std::span<double> out) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < columns; ++j) out[j * n + i] = rows[i * columns + j];
  }
}

void to_rows(std::span<const double> columns_first, std::size_t n, std::size_t columns, std::span<double> out) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < columns; ++j) out[i * columns + j] = columns_first[j * n + i];
  }
}

}  // namespace

bool mixed_pays(std::size_t n, std::size_t columns) { return n >= 768 && columns <= n / 128; }

bool solve_mixed(Triangles& matrix, std::span<const double> a, std::size_t n, std::span<const double> b,
                 std::size_t columns, std::span<double> x, Solved& solved, Ticket& ticket) {
  const std::vector<double> diagonal = matrix.ridged_diagonal();
  SingleFactor factor(a, n, diagonal);
  ticket.checkpoint();
  if (!factor.usable() || (factor.doubtful() && !regular(matrix, factor, diagonal))) return false;
  System system(matrix, b, n, columns, x);
  std::fill(x.begin(), x.end(), 0.0);
  solved = {Way::refined, 0, 0, 0};
  system.look();
  if (!refine(system, factor, solved, ticket)) {
    // A step costs what a correction does, and all of them together shall cost less than the factorisation in double.
    const std::size_t budget = std::max<std::size_t>(10, n / 100) / columns;
    if (budget < 4) return false;
    solved = {Way::conjugate_gradients, 0, 0, 0};
    std::fill(x.begin(), x.end(), 0.0);
    system.look();
    for (std::size_t j = 0; j < columns; ++j) {
      std::size_t steps = 0;
      if (!conjugate_gradients(system, factor, j, n, budget, steps, ticket)) return false;
      solved.iterations = std::max(solved.iterations, steps);
    }
    system.look();
    if (!(worst_error(system) <= kWanted)) return false;
  }
  system.report(solved);
  return true;
}

Solved solve_definite(std::span<double> a, std::size_t n, double ridge, std::span<const double> b, std::size_t columns,
                      std::span<double> x, Arithmetic arithmetic, Ticket& ticket) {
  lapack_int(n, "matrix size");
  const int count = lapack_int(columns, "right-hand sides");
  require_shape(a, n, n, "matrix");
  require_shape(b, n, columns, "right-hand side");
  require_finite(b, columns, "right-hand side");
  require_shape(x, n, columns, "solution");
  const bool mirrored = survey(a, n).mirrored;
  Triangles matrix(a, n, ridge, mirrored);
  Solved solved{Way::factorised, 0, 0, 0};
  if (n == 0 || columns == 0) return solved;
  ticket.expect(3);
  std::vector<double> right(n * columns);
  to_columns(b, n, columns, right);
  std::vector<double> solution(n * columns);
  const bool mixed = arithmetic == Arithmetic::mixed && mixed_pays(n, columns) &&
                     solve_mixed(matrix, a, n, right, columns, solution, solved, ticket);
  if (!mixed) {
    solved = {Way::factorised, 0, 0, 0};
    ticket.checkpoint();
    matrix.factor_or_explain();
    ticket.checkpoint();
    solution = right;
    matrix.solve(solution.data(), count);
    System system(matrix, right, n, columns, solution);
    system.look();
    system.report(solved);
  }
  if (!all_finite(solution)) {
    throw Error(Code::range, "solution leaves the range of doubles; rescale the data, or add a ridge");
  }
  to_rows(solution, n, columns, x);
  ticket.checkpoint();
  return solved;
}

}  // namespace resgram::linalg
