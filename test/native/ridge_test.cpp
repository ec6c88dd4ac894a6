#include "linalg/ridge.hpp"

#include <cmath>

#include "dense.hpp"
#include "linalg/linalg.hpp"

namespace resgram::linalg {
namespace {

using namespace dense;

// One target column of a path, for kernels given by their matrix.
struct Path {
  std::vector<double> loo;
  std::vector<double> coefficients;
  std::vector<double> dropped;
};

Path path(const Matrix& kernel, const std::vector<double>& y, std::size_t columns, const std::vector<double>& ridges) {
  const std::size_t n = y.size() / std::max<std::size_t>(1, columns);
  Matrix vectors = kernel;
  std::vector<double> values(n);
  eigenpairs(vectors, n, values);
  Path result{std::vector<double>(ridges.size() * y.size()), std::vector<double>(ridges.size() * y.size()),
              std::vector<double>(ridges.size(), -1.0)};
  ridge_path(values, vectors, n, y, columns, ridges, result.loo, result.coefficients, result.dropped);
  return result;
}

// (K + λI)⁻¹ y by elimination with long doubles: slow and obvious.
std::vector<long double> fit(const Matrix& kernel, std::size_t n, const std::vector<std::size_t>& samples,
                             const std::vector<double>& y, std::size_t columns, std::size_t column, double ridge) {
  const std::size_t m = samples.size();
  std::vector<long double> a(m * (m + 1));
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) a[i * (m + 1) + j] = kernel[samples[i] * n + samples[j]];
    a[i * (m + 1) + i] += ridge;
    a[i * (m + 1) + m] = y[samples[i] * columns + column];
  }
  for (std::size_t k = 0; k < m; ++k) {
    for (std::size_t i = 0; i < m; ++i) {
      if (i == k) continue;
      const long double multiple = a[i * (m + 1) + k] / a[k * (m + 1) + k];
      for (std::size_t j = k; j <= m; ++j) a[i * (m + 1) + j] -= multiple * a[k * (m + 1) + j];
    }
  }
  std::vector<long double> x(m);
  for (std::size_t i = 0; i < m; ++i) x[i] = a[i * (m + 1) + m] / a[i * (m + 1) + i];
  return x;
}

// Leave sample i out, fit the others, predict sample i.
double refit(const Matrix& kernel, std::size_t n, const std::vector<double>& y, std::size_t columns, std::size_t column,
             std::size_t i, double ridge) {
  std::vector<std::size_t> others;
  for (std::size_t j = 0; j < n; ++j) {
    if (j != i) others.push_back(j);
  }
  const std::vector<long double> alpha = fit(kernel, n, others, y, columns, column, ridge);
  long double prediction = 0;
  for (std::size_t k = 0; k < others.size(); ++k) prediction += kernel[i * n + others[k]] * alpha[k];
  return static_cast<double>(prediction);
}

TEST(RidgePath, LeaveOneOutIsWhatRefittingGives) {
  for (std::size_t n : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{33}}) {
    const std::size_t columns = 2;
    const Matrix kernel = laplacian(Random(51)(n));
    const std::vector<double> y = Random(52)(n * columns);
    const std::vector<double> ridges = {0, 1e-6, 1e-2, 1, 1e6};
    const Path result = path(kernel, y, columns, ridges);
    for (std::size_t r = 0; r < ridges.size(); ++r) {
      EXPECT_EQ(result.dropped[r], 0);
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t c = 0; c < columns; ++c) {
          const double expected = refit(kernel, n, y, columns, c, i, ridges[r]);
          EXPECT_NEAR(result.loo[(r * n + i) * columns + c], expected, 1e-10) << n << ' ' << r << ' ' << i << ' ' << c;
        }
      }
    }
  }
}

TEST(RidgePath, CoefficientsSolveTheSystem) {
  const std::size_t n = 100;
  const std::size_t columns = 3;
  const Matrix kernel = laplacian(Random(53)(n));
  const std::vector<double> y = Random(54)(n * columns);
  const std::vector<double> ridges = {0, 1e-3, 10};
  const Path result = path(kernel, y, columns, ridges);
  for (std::size_t r = 0; r < ridges.size(); ++r) {
    const std::span<const double> alpha = std::span(result.coefficients).subspan(r * n * columns, n * columns);
    EXPECT_LT(backward_error(kernel, n, ridges[r], alpha, y, columns), kThreshold * n * kEpsilon);
  }
}

TEST(RidgePath, EqualSamplesWithoutRidgeArePredictedByTheirTwins) {
  // Samples 0 and 1 are equal, 2, 3 and 4 too, 5 stands alone; the labels disagree.
  const std::vector<double> points = {0.1, 0.1, 0.5, 0.5, 0.5, 0.9};
  const std::vector<double> y = {0, 1, 2, 4, 9, 3};
  const Matrix kernel = laplacian(points);
  const Path result = path(kernel, y, 1, {0, 1e-4});
  EXPECT_EQ(result.dropped[0], 3);
  EXPECT_EQ(result.dropped[1], 0);
  EXPECT_NEAR(result.loo[0], 1, 1e-12);
  EXPECT_NEAR(result.loo[1], 0, 1e-12);
  EXPECT_NEAR(result.loo[2], 6.5, 1e-12);
  EXPECT_NEAR(result.loo[3], 5.5, 1e-12);
  EXPECT_NEAR(result.loo[4], 3, 1e-12);
  // What the mean labels 0.5 and 5 of its neighbours imply; the exponential kernel sees only the nearest.
  EXPECT_NEAR(result.loo[5], 5 * std::exp(-0.4), 1e-12);
  // The coefficients are the pseudo-inverse: equal shares for equal samples.
  EXPECT_NEAR(result.coefficients[0], result.coefficients[1], 1e-12);
}

TEST(RidgePath, SingularKernelIsTheLimitOfASmallRidge) {
  const std::size_t n = 24;
  std::vector<double> points = Random(55)(n);
  for (std::size_t i = 0; i < 8; ++i) points[i] = points[i + 8];
  const Matrix kernel = laplacian(points);
  const std::vector<double> y = Random(56)(n);
  const Path result = path(kernel, y, 1, {0});
  EXPECT_EQ(result.dropped[0], 8);
  for (std::size_t i = 0; i < n; ++i) {
    // Long doubles solve with 1e-10 to about 1e-9, and the limit is that far away.
    EXPECT_NEAR(result.loo[i], refit(kernel, n, y, 1, 0, i, 1e-10), 1e-7) << i;
  }
}

TEST(RidgePath, SampleFarOutIsExtrapolatedFromTheOthers) {
  // A linear kernel on a line: all but one direction are null, and they hardly touch the far sample.
  const std::vector<double> x = {1000, 1, 2, -1};
  const std::vector<double> y = {7, 1, 3, 1};
  Matrix kernel(16);
  for (std::size_t i = 0; i < 16; ++i) kernel[i] = x[i / 4] * x[i % 4];
  const Path result = path(kernel, y, 1, {0});
  EXPECT_EQ(result.dropped[0], 3);
  // Least squares through the origin: slope (1·1 + 2·3 − 1·1)/(1 + 4 + 1) without the far sample.
  EXPECT_NEAR(result.loo[0], 1000, 1e-6);
  EXPECT_NEAR(result.loo[1], (7000 + 6 - 1) / (1e6 + 5), 1e-12);
}

TEST(RidgePath, SpectrumThatFadesIntoRoundingKeepsPredictionsSane) {
  // A smooth kernel: its eigenvalues pass through the tolerance without a gap, so the choice of what is dropped is
  // arbitrary. Predictions of a smooth target must not show it.
  const std::size_t n = 60;
  std::vector<double> points = Random(57)(n);
  std::vector<double> y(n);
  Matrix kernel(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    y[i] = std::sin(3 * points[i]);
    for (std::size_t j = 0; j < n; ++j) kernel[i * n + j] = std::exp(-2 * std::pow(points[i] - points[j], 2));
  }
  const Path result = path(kernel, y, 1, {0});
  EXPECT_GT(result.dropped[0], 20);
  std::vector<double> sorted = points;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < n; ++i) {
    // The end points are extrapolated, which a condition number of 1e14 forbids to be accurate.
    if (points[i] < sorted[3] || points[i] > sorted[n - 4]) continue;
    EXPECT_NEAR(result.loo[i], y[i], 1e-3) << points[i];
  }
}

TEST(RidgePath, SampleThatTheKernelDoesNotSeeIsPredictedAsZero) {
  Matrix kernel = laplacian({0.1, 0.4, 0.8});
  for (std::size_t j = 0; j < 3; ++j) kernel[3 + j] = kernel[j * 3 + 1] = 0;
  const Path result = path(kernel, {1, 2, 3}, 1, {0, 0.5});
  EXPECT_EQ(result.dropped[0], 1);
  EXPECT_NEAR(result.loo[1], 0, 1e-14);
  EXPECT_NEAR(result.loo[3 + 1], 0, 1e-14);
  EXPECT_NEAR(result.loo[0], refit({1, kernel[2], kernel[2], 1}, 2, {1, 3}, 1, 0, 0, 0), 1e-14);
}

TEST(RidgePath, ZeroKernelPredictsZero) {
  const Path result = path(Matrix(9, 0.0), {1, 2, 3}, 1, {0, 1});
  EXPECT_EQ(result.dropped[0], 3);
  EXPECT_EQ(result.dropped[1], 0);
  for (double prediction : result.loo) EXPECT_NEAR(prediction, 0, 1e-14);
  EXPECT_EQ(result.coefficients[0], 0);
  EXPECT_NEAR(result.coefficients[3], 1, 1e-14);
}

TEST(RidgePath, ManyRidgesAndColumnsGiveWhatEachGivesAlone) {
  const std::size_t n = 40;
  const std::size_t columns = 7;
  std::vector<double> points = Random(58)(n);
  points[3] = points[30];
  const Matrix kernel = laplacian(points);
  const std::vector<double> y = Random(59)(n * columns);
  std::vector<double> ridges = {0};
  for (int k = 0; k < 80; ++k) ridges.push_back(std::pow(10.0, -16 + 0.2 * k));
  const Path all = path(kernel, y, columns, ridges);
  for (std::size_t r = 0; r < ridges.size(); ++r) {
    const Path one = path(kernel, y, columns, {ridges[r]});
    EXPECT_EQ(all.dropped[r], one.dropped[0]);
    for (std::size_t i = 0; i < n * columns; ++i) {
      ASSERT_NEAR(all.loo[r * n * columns + i], one.loo[i], 1e-9);
      ASSERT_TRUE(std::isfinite(one.loo[i]));
    }
  }
}

TEST(RidgePath, CoefficientsAreOptional) {
  const Matrix kernel = laplacian({0.1, 0.4, 0.8});
  const std::vector<double> y = {1, 2, 3};
  Matrix vectors = kernel;
  std::vector<double> values(3);
  eigenpairs(vectors, 3, values);
  std::vector<double> loo(3);
  std::vector<double> dropped(1);
  ridge_path(values, vectors, 3, y, 1, std::vector<double>{0.1}, loo, {}, dropped);
  EXPECT_EQ(loo, path(kernel, y, 1, {0.1}).loo);
}

TEST(RidgePath, BadInputIsRefusedAndEmptyInputIsFine) {
  const Matrix kernel = laplacian({0.1, 0.4});
  const Error negative = expect_error(Code::argument, [&] { path(kernel, {1, 2}, 1, {1, -1}); });
  EXPECT_EQ(detail(negative, "index"), 1);
  expect_error(Code::argument, [&] { path(kernel, {1, 2}, 1, {std::nan("")}); });
  const Error target = expect_error(Code::not_finite, [&] { path(kernel, {1, 2, 3, std::nan("")}, 2, {1}); });
  EXPECT_EQ(detail(target, "row"), 1);
  EXPECT_EQ(detail(target, "column"), 1);
  std::vector<double> room(1);
  expect_error(Code::shape, [&] { ridge_path({}, {}, 0, {}, 1, std::vector<double>{1, 2}, {}, {}, room); });
  EXPECT_NO_THROW(path({}, {}, 1, {0, 1}));
  EXPECT_NO_THROW(path(kernel, {1, 2}, 1, {}));
}

}  // namespace
}  // namespace resgram::linalg
