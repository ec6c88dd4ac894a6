#include "linalg/linalg.hpp"

#include <cmath>
#include <numeric>

#include "dense.hpp"
#include "linalg/checks.hpp"

namespace resgram::linalg {
namespace {

using namespace dense;

// ‖A − L Lᵀ‖ / (n·eps·‖A‖), after scaling rows and columns to unit diagonal so that a graded matrix is judged at every
// scale and not at its largest alone.
double factor_ratio(const Matrix& a, const Matrix& l, std::size_t n) {
  std::vector<int> exponents(n);
  for (std::size_t i = 0; i < n; ++i) exponents[i] = static_cast<int>(std::lround(std::log2(l[i * n + i])));
  Matrix scaled_l(n * n, 0.0);
  Matrix scaled_a(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      scaled_l[i * n + j] = std::ldexp(l[i * n + j], -exponents[i]);
      scaled_a[i * n + j] = std::ldexp(a[i * n + j], -exponents[i] - exponents[j]);
    }
  }
  Matrix error(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      double sum = scaled_a[i * n + j];
      for (std::size_t k = 0; k <= std::min(i, j); ++k) sum -= scaled_l[i * n + k] * scaled_l[j * n + k];
      error[i * n + j] = sum;
    }
  }
  return one_norm(error, n, n) / (static_cast<double>(n) * kEpsilon * one_norm(scaled_a, n, n));
}

TEST(Cholesky, FactorPassesTheLapackRatio) {
  for (const Family& family : families()) {
    if (!family.definite) continue;
    for (std::size_t n : kSizes) {
      SCOPED_TRACE(family.name + ", n = " + std::to_string(n));
      const Matrix a = family.make(n);
      Matrix l = a;
      factor(l, n);
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i + 1; j < n; ++j) ASSERT_EQ(l[i * n + j], 0);
      }
      if (n == 0) continue;
      EXPECT_LT(factor_ratio(a, l, n), kThreshold);
    }
  }
}

TEST(Cholesky, LogDeterminantIsTheSumOfLogEigenvalues) {
  for (std::size_t n : {std::size_t{1}, std::size_t{33}, std::size_t{100}}) {
    Matrix a = with_spectrum(decay(n, 1), 41);
    Matrix l = a;
    factor(l, n);
    std::vector<double> values(n);
    eigenvalues(a, n, values);
    double from_factor = 0;
    double from_values = 0;
    for (std::size_t i = 0; i < n; ++i) {
      from_factor += 2 * std::log(l[i * n + i]);
      from_values += std::log(values[i]);
    }
    // Each log λ is off by (n·eps·λ₁)/λ at most, and λ₁/λ ≤ n.
    EXPECT_NEAR(from_factor, from_values, kThreshold * static_cast<double>(n * n * n) * kEpsilon);
  }
}

TEST(Cholesky, SolvesWithASmallBackwardErrorForOneAndManyColumns) {
  for (const Family& family : families()) {
    if (!family.definite) continue;
    for (std::size_t n : kSizes) {
      for (std::size_t columns : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
        SCOPED_TRACE(family.name + ", n = " + std::to_string(n) + ", columns = " + std::to_string(columns));
        const Matrix a = family.make(n);
        Matrix l = a;
        factor(l, n);
        std::vector<double> b = Random(42)(n * columns);
        if (n > 0) b = scaled(b, std::min(1.0, largest(a)));  // keeps the solution of tiny systems finite
        std::vector<double> x = b;
        if (family.name.starts_with("graded")) continue;  // its solution spans 300 orders; see below
        solve(l, n, x, columns);
        EXPECT_LE(backward_error(a, n, 0, x, b, columns), kThreshold * static_cast<double>(n + 1) * kEpsilon);
      }
    }
  }
}

TEST(Cholesky, GradedSystemIsSolvedAtEveryScale) {
  // With A = D R D and x = D⁻¹·1 the solution of A x = D R 1 is known, each component at its own scale.
  const std::size_t n = 100;
  const Matrix a = graded(n, 150);
  std::vector<double> expected(n);
  std::vector<double> b(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) expected[i] = std::pow(10.0, 150 - 300.0 * static_cast<double>(i) / 99);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) b[i] += a[i * n + j] * expected[j];
  }
  Matrix l = a;
  factor(l, n);
  solve(l, n, b, 1);
  for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(b[i] / expected[i], 1, 1e-10) << i;
}

TEST(Cholesky, NothingNearTheLimitsOfDoublesIsMisreported) {
  const std::size_t n = 100;
  const Matrix a = graded(n, 153);  // diagonal from 2e-306 to 2e306
  Matrix l = a;
  factor(l, n);
  EXPECT_LT(factor_ratio(a, l, n), kThreshold);
  Matrix subnormal = scaled(laplacian(Random(48)(n)), 1e-310);
  factor(subnormal, n);
  EXPECT_NEAR(subnormal[0] / std::sqrt(1e-310), 1, 1e-12);
}

TEST(Cholesky, EqualSamplesAreNamedAndTheSuggestedRidgeWorks) {
  for (std::size_t n : {std::size_t{2}, std::size_t{33}, std::size_t{300}}) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      std::vector<double> points = Random(seed)(n);
      const std::size_t twin = n - 1 - seed % (n / 2);
      points[twin] = points[twin / 2];
      const Matrix a = laplacian(points);
      Matrix work = a;
      const Error error = expect_error(Code::not_positive_definite, [&] { factor(work, n); });
      EXPECT_EQ(detail(error, "pivot"), static_cast<double>(twin));
      EXPECT_EQ(detail(error, "size"), static_cast<double>(n));
      EXPECT_EQ(work, a) << "a refused matrix is handed back as it was";
      const double ridge = detail(error, "suggestedRidge");
      EXPECT_LT(ridge, 1e-9) << "of the size of rounding";
      for (std::size_t i = 0; i < n; ++i) work[i * n + i] += ridge;
      EXPECT_NO_THROW(factor(work, n));
    }
  }
}

TEST(Cholesky, MessageSaysWhatCameAndWhatHelps) {
  Matrix twins = {1, 1, 1, 1};
  const Error equal = expect_error(Code::not_positive_definite, [&] { factor(twins, 2); });
  EXPECT_STREQ(equal.what(),
               "stopped being positive definite at sample 1 of 2; equal samples? a ridge of 2e-15 would do");
  Matrix swap = {0, 1, 1, 0};
  const Error indefinite = expect_error(Code::not_positive_definite, [&] { factor(swap, 2); });
  EXPECT_STREQ(
      indefinite.what(),
      "stopped being positive definite at sample 0 of 2, by more than rounding explains; is it a Gram matrix in "
      "float64? a ridge of 3e+00 would do");
  EXPECT_EQ(detail(indefinite, "suggestedRidge"), 3);
}

TEST(Cholesky, SuggestedRidgeWorksForEverySingularOrIndefiniteMatrix) {
  for (const Family& family : families()) {
    if (family.definite) continue;
    for (std::size_t n : {std::size_t{2}, std::size_t{64}, std::size_t{300}}) {
      for (double scale : {1.0, 1e-200, 1e-290, 1e200}) {
        SCOPED_TRACE(family.name + ", n = " + std::to_string(n) + ", scale " + std::to_string(scale));
        const Matrix a = scaled(family.make(n), scale);
        Matrix work = a;
        const Error error = expect_error(Code::not_positive_definite, [&] { factor(work, n); });
        EXPECT_EQ(work, a);
        for (std::size_t i = 0; i < n; ++i) work[i * n + i] += detail(error, "suggestedRidge");
        EXPECT_NO_THROW(factor(work, n));
      }
    }
  }
}

TEST(Cholesky, RidgeIsAddedAndTheSuggestionTakesItsPlace) {
  const Matrix a = {1, 2, 2, 1};  // eigenvalues 3 and −1
  Matrix l = a;
  factor(l, 2, 3);
  EXPECT_DOUBLE_EQ(l[0], 2);
  EXPECT_DOUBLE_EQ(l[2], 1);
  EXPECT_DOUBLE_EQ(l[3], std::sqrt(3.0));
  for (double ridge : {0.5, 0.999}) {
    Matrix work = a;
    const Error error = expect_error(Code::not_positive_definite, [&] { factor(work, 2, ridge); });
    EXPECT_EQ(work, a);
    EXPECT_GT(detail(error, "suggestedRidge"), 1);
    EXPECT_NO_THROW(factor(work, 2, detail(error, "suggestedRidge")));
  }
  l = a;
  expect_error(Code::argument, [&] { factor(l, 2, -1); });
  expect_error(Code::argument, [&] { factor(l, 2, std::nan("")); });
}

TEST(Cholesky, AnEntryTooLargeForItsDiagonalFailsAtItsSample) {
  Matrix a(9, 0.0);
  a[0] = a[4] = 1e-300;
  a[8] = 1e300;
  a[1] = a[3] = 1e300;
  const Error error = expect_error(Code::not_positive_definite, [&] { factor(a, 3); });
  EXPECT_EQ(detail(error, "pivot"), 1);
  EXPECT_EQ(a[3], 1e300);
}

TEST(Cholesky, BadInputIsRefused) {
  Matrix a = laplacian(Random(43)(300));
  a[299 * 300 + 2] = std::nan("");
  const Error nan = expect_error(Code::not_finite, [&] { factor(a, 300); });
  EXPECT_EQ(detail(nan, "row"), 299);
  EXPECT_EQ(detail(nan, "column"), 2);
  expect_error(Code::shape, [&] { factor(a, 299); });
  expect_error(Code::range, [&] { factor({}, std::size_t{1} << 31); });
  expect_error(Code::range, [&] { require_shape({}, std::size_t{1} << 33, std::size_t{1} << 33, "matrix"); });
  EXPECT_EQ(lapack_int(2147483647, "n"), 2147483647);
  expect_error(Code::range, [] { lapack_int(2147483648, "n"); });

  std::vector<double> b = {1, 2};
  const Matrix l = {1, 0, 1, 0};
  expect_error(Code::argument, [&] { solve(l, 2, b, 1); });
  const Matrix poisoned = {1, 0, std::nan(""), 1};
  const Error factor_nan = expect_error(Code::not_finite, [&] { solve(poisoned, 2, b, 1); });
  EXPECT_EQ(detail(factor_nan, "row"), 1);
  b = {1, std::numeric_limits<double>::infinity()};
  expect_error(Code::not_finite, [&] { solve(Matrix{1, 0, 0, 1}, 2, b, 1); });
  b = {1e300, 0};
  expect_error(Code::range, [&] { solve(Matrix{1e-10, 0, 0, 1}, 2, b, 1); });
  b = {1, 2};
  expect_error(Code::shape, [&] { solve(Matrix{1, 0, 0, 1}, 2, b, 2); });
}

TEST(BackwardError, IsTheDefinition) {
  const Matrix a = {2, 0, 0, 2};
  const std::vector<double> b = {3, 3};
  EXPECT_EQ(backward_error(a, 2, 1, std::vector<double>{1, 1}, b, 1), 0);
  // r = (3, 0), ‖A + I‖_F = √18, ‖x‖ = 1, ‖b‖ = √18.
  EXPECT_NEAR(backward_error(a, 2, 1, std::vector<double>{0, 1}, b, 1), 3 / (std::sqrt(18.0) * 2), 1e-15);
  EXPECT_EQ(backward_error({}, 0, 0, {}, {}, 1), 0);
  EXPECT_EQ(backward_error(Matrix(4, 0.0), 2, 0, std::vector<double>{1, 1}, std::vector<double>{0, 0}, 1), 0);
  expect_error(Code::argument, [&] { backward_error(a, 2, std::nan(""), b, b, 1); });
  expect_error(Code::not_finite, [&] { backward_error(a, 2, 1, std::vector<double>{std::nan(""), 1}, b, 1); });
}

TEST(Multiply, IsTheDefinitionForEveryShape) {
  for (std::size_t rows : {0, 1, 5, 67}) {
    for (std::size_t inner : {0, 1, 33}) {
      for (std::size_t columns : {0, 1, 2, 40}) {
        const std::vector<double> a = Random(44)(rows * inner);
        const std::vector<double> b = Random(45)(inner * columns);
        std::vector<double> c(rows * columns, 7.0);
        multiply(a, b, c, rows, inner, columns);
        for (std::size_t i = 0; i < rows; ++i) {
          for (std::size_t j = 0; j < columns; ++j) {
            double sum = 0;
            for (std::size_t k = 0; k < inner; ++k) sum += a[i * inner + k] * b[k * columns + j];
            ASSERT_NEAR(c[i * columns + j], sum, static_cast<double>(inner) * kEpsilon);
          }
        }
      }
    }
  }
}

TEST(Multiply, NamesWhatIsNotFinite) {
  std::vector<double> c(4);
  const Matrix fine = {1, 2, 3, 4};
  Matrix bad = fine;
  bad[3] = std::nan("");
  const Error right = expect_error(Code::not_finite, [&] { multiply(fine, bad, c, 2, 2, 2); });
  EXPECT_STREQ(right.what(), "right factor: expected finite numbers, row 1, column 1 is NaN");
  expect_error(Code::not_finite, [&] { multiply(bad, fine, c, 2, 2, 2); });
  expect_error(Code::range, [&] { multiply(scaled(fine, 1e200), scaled(fine, 1e200), c, 2, 2, 2); });
  expect_error(Code::shape, [&] { multiply(fine, fine, c, 2, 2, 3); });
}

TEST(Finite, ScanSeesEveryPosition) {
  for (std::size_t size : {1, 1023, 1024, 1025, 3000}) {
    std::vector<double> data(size, -std::numeric_limits<double>::max());
    EXPECT_TRUE(all_finite(data));
    for (std::size_t i = 0; i < size; i += 1 + size / 50) {
      for (double bad : {std::nan(""), -std::nan(""), std::numeric_limits<double>::infinity(),
                         -std::numeric_limits<double>::infinity()}) {
        const double kept = std::exchange(data[i], bad);
        EXPECT_FALSE(all_finite(data)) << i;
        data[i] = kept;
      }
    }
  }
}

TEST(Linalg, NumberOfThreadsChangesRoundingOnly) {
  const std::size_t n = 300;
  const Matrix a = laplacian(Random(46)(n));
  const std::vector<double> b = Random(47)(n);
  for (int threads : {1, 2}) {
    set_threads(threads);
    Matrix l = a;
    factor(l, n);
    EXPECT_LT(factor_ratio(a, l, n), kThreshold);
    std::vector<double> x = b;
    solve(l, n, x, 1);
    EXPECT_LE(backward_error(a, n, 0, x, b, 1), kThreshold * static_cast<double>(n) * kEpsilon);
  }
  set_threads(1);
}

}  // namespace
}  // namespace resgram::linalg
