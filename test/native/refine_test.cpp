#include "linalg/refine.hpp"

#include <cmath>
#include <set>

#include "dense.hpp"
#include "linalg/linalg.hpp"
#include "linalg/triangles.hpp"

namespace resgram::linalg {
namespace {

using namespace dense;

constexpr std::size_t kSize = 800;  // beyond the size from which mixed arithmetic pays

struct Answer {
  Solved solved;
  Matrix x;
};

Answer answer(Matrix a, std::size_t n, const Matrix& b, std::size_t columns, Arithmetic arithmetic, double ridge = 0) {
  set_threads(1);
  Answer result{{}, Matrix(n * columns)};
  Ticket ticket;
  result.solved = solve_definite(a, n, ridge, b, columns, result.x, arithmetic, ticket);
  return result;
}

// The backward error of column j by plain loops.
double column_error(const Matrix& a, const Matrix& x, const Matrix& b, std::size_t n, std::size_t columns,
                    std::size_t j) {
  double residual = 0;
  double norm = 0;
  double solution = 0;
  double right = 0;
  for (std::size_t i = 0; i < n; ++i) {
    double sum = b[i * columns + j];
    for (std::size_t k = 0; k < n; ++k) {
      sum -= a[i * n + k] * x[k * columns + j];
      norm += a[i * n + k] * a[i * n + k];
    }
    residual += sum * sum;
    solution += x[i * columns + j] * x[i * columns + j];
    right += b[i * columns + j] * b[i * columns + j];
  }
  if (residual == 0) return 0;
  return std::sqrt(residual) / (std::sqrt(norm * solution) + std::sqrt(right));
}

// Largest difference of two solutions, relative to the larger column.
double distance(const Matrix& x, const Matrix& y) {
  double most = 0;
  for (std::size_t i = 0; i < x.size(); ++i) most = std::max(most, std::fabs(x[i] - y[i]));
  return most / largest(y);
}

std::vector<double> geometric(std::size_t n, double decades) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) {
    values[i] = std::pow(10.0, -decades * static_cast<double>(i) / static_cast<double>(n - 1));
  }
  return values;
}

TEST(Refine, EveryWayReachesTheAccuracyOfDouble) {
  std::set<Way> seen;
  const Matrix b = Random(61)(kSize);
  for (double decades : {0.0, 2.0, 4.0, 6.0, 7.0, 8.0, 10.0, 13.0}) {
    SCOPED_TRACE("condition 1e" + std::to_string(decades));
    const Matrix a = with_spectrum(geometric(kSize, decades), 62);
    const Answer mixed = answer(a, kSize, b, 1, Arithmetic::mixed);
    const Answer doubled = answer(a, kSize, b, 1, Arithmetic::float64);
    seen.insert(mixed.solved.way);
    EXPECT_EQ(doubled.solved.way, Way::factorised);
    EXPECT_EQ(doubled.solved.iterations, 0U);
    const double error = column_error(a, mixed.x, b, kSize, 1, 0);
    EXPECT_LE(error, 2 * kEpsilon);
    EXPECT_NEAR(error, mixed.solved.backward_error, 2 * kEpsilon);
    if (decades <= 6) {
      EXPECT_EQ(mixed.solved.way, Way::refined);
    }
    if (decades <= 4) {
      EXPECT_LE(mixed.solved.iterations, 6U);
    }
    // Two solvers that are backward stable differ by their errors times the condition number.
    EXPECT_LE(distance(mixed.x, doubled.x), kThreshold * kSize * kEpsilon * std::pow(10.0, decades));
  }
  EXPECT_TRUE(seen.contains(Way::factorised));
}

TEST(Refine, ConjugateGradientsTakeOverWhereCorrectionsDoNotConverge) {
  const Matrix b = Random(63)(kSize);
  std::set<Way> seen;
  // A few small eigenvalues, each smaller than the last: each of them is an outlier for the factor in single precision.
  for (double decades = 6; decades <= 9; decades += 0.1) {
    std::vector<double> spectrum = geometric(kSize, 1);
    for (std::size_t i = kSize - 3; i < kSize; ++i) spectrum[i] = std::pow(10.0, -decades);
    const Matrix a = with_spectrum(spectrum, 64);
    const Answer mixed = answer(a, kSize, b, 1, Arithmetic::mixed);
    seen.insert(mixed.solved.way);
    EXPECT_LE(column_error(a, mixed.x, b, kSize, 1, 0), 2 * kEpsilon) << decades;
  }
  EXPECT_TRUE(seen.contains(Way::refined));
  EXPECT_TRUE(seen.contains(Way::conjugate_gradients));
  EXPECT_TRUE(seen.contains(Way::factorised));
}

TEST(Refine, ManyColumnsAreSolvedTogetherAndJudgedApart) {
  const Matrix a = with_spectrum(geometric(kSize, 3), 65);
  for (std::size_t columns : {std::size_t{2}, std::size_t{3}, std::size_t{4}, std::size_t{6}, std::size_t{40}}) {
    SCOPED_TRACE(columns);
    Matrix b = Random(66)(kSize * columns);
    // Columns of very different size, and one of zeros.
    for (std::size_t i = 0; i < kSize; ++i) {
      b[i * columns] *= 1e-200;
      b[i * columns + 1] = 0;
    }
    const Answer mixed = answer(a, kSize, b, columns, Arithmetic::mixed);
    EXPECT_EQ(mixed.solved.way, columns <= 6 ? Way::refined : Way::factorised);
    double worst = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      if (j == 0) continue;  // its squares leave the range of the plain loops
      worst = std::max(worst, column_error(a, mixed.x, b, kSize, columns, j));
    }
    EXPECT_LE(worst, kThreshold * kEpsilon);
    for (std::size_t i = 0; i < kSize; ++i) ASSERT_EQ(mixed.x[i * columns + 1], 0);
    // The tiny column is a multiple of the one that it was made from.
    Matrix first(kSize);
    for (std::size_t i = 0; i < kSize; ++i) first[i] = b[i * columns] * 1e200;
    const Answer alone = answer(a, kSize, first, 1, Arithmetic::float64);
    Matrix tiny(kSize);
    for (std::size_t i = 0; i < kSize; ++i) tiny[i] = mixed.x[i * columns] * 1e200;
    EXPECT_LE(distance(tiny, alone.x), kThreshold * kSize * kEpsilon * 1e3);
  }
}

TEST(Refine, PassesForEveryFamilyAndSize) {
  for (const Family& family : families()) {
    if (!family.definite) continue;
    for (std::size_t n : kSizes) {
      for (std::size_t columns : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
        SCOPED_TRACE(family.name + ", n = " + std::to_string(n) + ", columns = " + std::to_string(columns));
        const Matrix a = family.make(n);
        const Matrix x = Random(67)(n * columns);
        Matrix b(n * columns);
        multiply(a, x, b, n, n, columns);
        const Answer solved = answer(a, n, b, columns, Arithmetic::mixed);
        EXPECT_LE(solved.solved.backward_error, kThreshold * kEpsilon);
        EXPECT_LE(backward_error(a, n, 0, solved.x, b, columns), kThreshold * kEpsilon);
      }
    }
  }
}

// Mixed arithmetic itself at sizes around LAPACK's blocks, and for matrices beyond the range of single precision.
TEST(Refine, MixedArithmeticIsAccurateOrDeclines) {
  std::size_t solved_in_all = 0;
  for (const Family& family : families()) {
    for (std::size_t n : kSizes) {
      if (n == 0) continue;
      for (std::size_t columns : {std::size_t{1}, std::size_t{2}, std::size_t{5}}) {
        SCOPED_TRACE(family.name + ", n = " + std::to_string(n) + ", columns = " + std::to_string(columns));
        Matrix a = family.make(n);
        const Matrix before = a;
        const Matrix b = scaled(Random(68)(n * columns), largest(a));
        Matrix x(n * columns);
        Triangles matrix(a, n, 0, true);
        Solved solved{};
        Ticket ticket;
        const bool converged = solve_mixed(matrix, a, n, b, columns, x, solved, ticket);
        EXPECT_EQ(a, before);
        if (!converged) continue;
        ++solved_in_all;
        EXPECT_TRUE(family.definite || n == 1);
        EXPECT_LE(solved.backward_error, kEpsilon);
        Matrix rows(n * columns);
        Matrix right(n * columns);
        for (std::size_t i = 0; i < n; ++i) {
          for (std::size_t j = 0; j < columns; ++j) {
            rows[i * columns + j] = x[j * n + i];
            right[i * columns + j] = b[j * n + i];
          }
        }
        EXPECT_LE(backward_error(before, n, 0, rows, right, columns), 4 * kEpsilon);
      }
    }
  }
  EXPECT_GT(solved_in_all, 100U);
}

TEST(Refine, RefusesWhatIsNotPositiveDefiniteWithARidgeThatDoes) {
  // Every sample twice: singular, and in the range of a consistent right side.
  Matrix a = with_spectrum(geometric(kSize, 2), 69);
  for (std::size_t i = 0; i < kSize; ++i) a[i * kSize + kSize - 1] = a[i * kSize + 3];
  for (std::size_t i = 0; i < kSize; ++i) a[(kSize - 1) * kSize + i] = a[3 * kSize + i];
  a[kSize * kSize - 1] = a[3 * kSize + 3];
  Matrix consistent = Random(70)(kSize);
  consistent[kSize - 1] = consistent[3];
  for (const Matrix& b : {consistent, Random(71)(kSize)}) {
    const Error error = expect_error(Code::not_positive_definite, [&] { answer(a, kSize, b, 1, Arithmetic::mixed); });
    EXPECT_EQ(detail(error, "pivot"), kSize - 1);
    const double ridge = detail(error, "suggestedRidge");
    EXPECT_LE(answer(a, kSize, b, 1, Arithmetic::mixed, ridge).solved.backward_error, kThreshold * kEpsilon);
  }
  std::vector<double> indefinite = geometric(kSize, 2);
  indefinite[5] = -1e-5;
  const Matrix lower = with_spectrum(indefinite, 72);
  expect_error(Code::not_positive_definite, [&] { answer(lower, kSize, consistent, 1, Arithmetic::mixed); });
}

TEST(Refine, ARidgeIsPartOfTheMatrix) {
  const Matrix a = with_spectrum(geometric(kSize, 12), 73);
  const Matrix b = Random(74)(kSize);
  Matrix ridged = a;
  for (std::size_t i = 0; i < kSize; ++i) ridged[i * kSize + i] += 0.01;
  const Answer given = answer(a, kSize, b, 1, Arithmetic::mixed, 0.01);
  EXPECT_EQ(given.solved.way, Way::refined);
  EXPECT_EQ(given.x, answer(ridged, kSize, b, 1, Arithmetic::mixed).x);
  EXPECT_LE(column_error(ridged, given.x, b, kSize, 1, 0), 2 * kEpsilon);
}

TEST(Refine, RefusesAndStops) {
  Matrix a = with_spectrum(geometric(kSize, 2), 75);
  const Matrix b = Random(76)(kSize);
  expect_error(Code::argument, [&] { answer(a, kSize, b, 1, Arithmetic::mixed, -1); });
  expect_error(Code::shape, [&] { answer(a, kSize, b, 2, Arithmetic::mixed); });
  Matrix bad = b;
  bad[9] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(detail(expect_error(Code::not_finite, [&] { answer(a, kSize, bad, 1, Arithmetic::mixed); }), "row"), 9);
  expect_error(Code::range, [&] { answer(scaled(a, 1e-300), kSize, scaled(b, 1e100), 1, Arithmetic::mixed); });
  // Every entry is finite, the norm is not.
  for (const Arithmetic arithmetic : {Arithmetic::mixed, Arithmetic::float64})
    expect_error(Code::range, [&] { answer(scaled(a, 1.7e308 / std::sqrt(2.0)), kSize, b, 1, arithmetic); });
  Ticket ticket;
  ticket.cancel();
  Matrix x(kSize);
  EXPECT_THROW((void)solve_definite(a, kSize, 0, b, 1, x, Arithmetic::mixed, ticket), Cancelled);
}

TEST(Triangles, MatrixAndFactorShareTheirRoom) {
  for (std::size_t n : {std::size_t{1}, std::size_t{2}, std::size_t{33}, std::size_t{100}}) {
    const Matrix a = graded(n, 100);
    Matrix room = a;
    Triangles triangles(room, n, 0, true);
    ASSERT_FALSE(triangles.factor());
    const Matrix x = Random(77)(n * 5);
    for (int columns : {1, 3, 5}) {
      Matrix image(n * static_cast<std::size_t>(columns));
      triangles.multiply(x.data(), image.data(), columns);
      for (int j = 0; j < columns; ++j) {
        for (std::size_t i = 0; i < n; ++i) {
          double sum = 0;
          double size = 0;
          for (std::size_t k = 0; k < n; ++k) {
            const double term = a[i * n + k] * x[static_cast<std::size_t>(j) * n + k];
            sum += term;
            size += std::fabs(term);
          }
          EXPECT_NEAR(image[static_cast<std::size_t>(j) * n + i], sum, static_cast<double>(n) * kEpsilon * size);
        }
      }
      // … and back, as far as each equation goes.
      Matrix back = image;
      triangles.solve(back.data(), columns);
      Matrix again(image.size());
      triangles.multiply(back.data(), again.data(), columns);
      for (std::size_t i = 0; i < n; ++i) {
        double size = 0;
        for (std::size_t k = 0; k < n; ++k) size += std::fabs(a[i * n + k] * back[k]);
        EXPECT_NEAR(again[i], image[i], kThreshold * static_cast<double>(n) * kEpsilon * size);
      }
    }
    triangles.restore();
    EXPECT_EQ(room, a);
  }
}

}  // namespace
}  // namespace resgram::linalg
