#include "linalg/eigen.hpp"

#include <cmath>
#include <numbers>
#include <numeric>

#include "dense.hpp"
#include "linalg/checks.hpp"
#include "linalg/krylov.hpp"
#include "linalg/linalg.hpp"

namespace resgram::linalg {
namespace {

using namespace dense;

// A circulant matrix is diagonalised by the Fourier basis: its eigenvalues are sums of cosines.
struct Circulant {
  Matrix matrix;
  std::vector<double> values;  // descending
};

Circulant circulant(std::size_t n) {
  std::vector<double> first(n);
  for (std::size_t k = 0; k < n; ++k) first[k] = std::exp(-0.1 * static_cast<double>(std::min(k, n - k)));
  Circulant result{Matrix(n * n), std::vector<double>(n, 0.0)};
  std::vector<double> cosines(n);
  for (std::size_t k = 0; k < n; ++k) {
    cosines[k] = std::cos(2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n));
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      result.matrix[i * n + j] = first[(i + n - j) % n];
      result.values[i] += first[j] * cosines[i * j % n];
    }
  }
  std::sort(result.values.rbegin(), result.values.rend());
  return result;
}

double largest_difference(std::span<const double> a, std::span<const double> b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::fabs(a[i] - b[i]));
  return most;
}

void expect_oriented(const std::vector<double>& z, std::size_t count, std::size_t n) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const double> row = std::span(z).subspan(i * n, n);
    const double most = largest_magnitude(row);
    const auto first = std::find_if(row.begin(), row.end(), [&](double x) { return std::fabs(x) > 0.999999 * most; });
    ASSERT_NE(first, row.end());
    EXPECT_GT(*first, 0) << "row " << i;
  }
}

TEST(Eigen, PairsPassTheLapackRatiosForEveryFamilyAndSize) {
  for (const Family& family : families()) {
    for (std::size_t n : kSizes) {
      SCOPED_TRACE(family.name + ", n = " + std::to_string(n));
      const Matrix a = family.make(n);
      Matrix z = a;
      std::vector<double> values(n);
      eigenpairs(z, n, values);
      if (n == 0) continue;
      EXPECT_LT(pair_ratio(a, values, z, n), kThreshold);
      EXPECT_LT(orthogonality_ratio(z, n, n), kThreshold);
      EXPECT_TRUE(std::is_sorted(values.rbegin(), values.rend()));
      expect_oriented(z, n, n);
      EXPECT_LE(eigen_residual(a, n, values, z, n), kThreshold * static_cast<double>(n) * kEpsilon);
    }
  }
}

TEST(Eigen, ValuesAloneAgreeWithPairsAndKeepTraceAndNorm) {
  for (const Family& family : families()) {
    for (std::size_t n : kSizes) {
      if (n == 0) continue;
      SCOPED_TRACE(family.name + ", n = " + std::to_string(n));
      Matrix a = family.make(n);
      Matrix work = a;
      std::vector<double> values(n);
      eigenvalues(work, n, values);
      work = a;
      std::vector<double> with_vectors(n);
      eigenpairs(work, n, with_vectors);

      Matrix same = a;
      to_unit_size(same, with_vectors);
      to_unit_size(a, values);
      const double unit = static_cast<double>(n) * kEpsilon * one_norm(a, n, n);
      EXPECT_LE(largest_difference(values, with_vectors), kThreshold * unit);
      double trace = 0;
      double square = 0;
      for (std::size_t i = 0; i < n; ++i) trace += a[i * n + i];
      for (double x : a) square += x * x;
      EXPECT_LE(std::fabs(trace - std::accumulate(values.begin(), values.end(), 0.0)), kThreshold * unit);
      const double norm = std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0));
      EXPECT_LE(std::fabs(std::sqrt(square) - norm), kThreshold * unit);
    }
  }
}

TEST(Eigen, GivenSpectrumIsFound) {
  const std::size_t n = 200;
  std::vector<double> expected = Random(11)(n);
  std::sort(expected.rbegin(), expected.rend());
  Matrix a = with_spectrum(expected, 12);
  std::vector<double> values(n);
  eigenvalues(a, n, values);
  EXPECT_LE(largest_difference(values, expected), kThreshold * static_cast<double>(n) * kEpsilon);
}

TEST(Eigen, CirculantMatrixHasItsFourierSpectrumAlsoThroughTheBand) {
  // 2048 is beyond the size from which values come from the two-stage reduction.
  for (std::size_t n : {std::size_t{300}, std::size_t{2048}}) {
    Circulant c = circulant(n);
    std::vector<double> values(n);
    eigenvalues(c.matrix, n, values);
    EXPECT_LE(largest_difference(values, c.values), kThreshold * static_cast<double>(n) * kEpsilon * c.values[0]);
  }
}

TEST(Eigen, TheTwoDirectWaysAgreeAndGiveAnyPart) {
  for (const Family& family : families()) {
    for (std::size_t n : {std::size_t{1}, std::size_t{2}, std::size_t{65}, std::size_t{150}}) {
      for (std::size_t top : {std::size_t{1}, (n + 1) / 2, n}) {
        SCOPED_TRACE(family.name + ", n = " + std::to_string(n) + ", top = " + std::to_string(top));
        std::vector<double> none;
        Matrix a = family.make(n);
        to_unit_size(a, none);
        std::vector<double> values[2];
        const auto ways = {divide_and_conquer, robust_representations};
        for (std::size_t way = 0; way < 2; ++way) {
          Matrix work = a;
          std::vector<double> z(top * n);
          values[way].resize(top);
          ways.begin()[way](work, n, top, values[way], z);
          EXPECT_LT(pair_ratio(a, values[way], z, n), kThreshold);
          EXPECT_LT(orthogonality_ratio(z, top, n), kThreshold);
        }
        EXPECT_LE(largest_difference(values[0], values[1]),
                  kThreshold * static_cast<double>(n) * kEpsilon * one_norm(a, n, n));
      }
    }
  }
}

TEST(Eigen, WorkspaceOfDivideAndConquerIsCountedIn32Bits) {
  EXPECT_TRUE(divide_and_conquer_fits(46'338));
  EXPECT_FALSE(divide_and_conquer_fits(46'339));
  const double n = 46'338;
  EXPECT_LE(1 + 4 * n + n * n, 2147483647.0);
}

TEST(Eigen, SignOfAnEigenvectorIsFixedWhereComponentsTie) {
  Matrix a = {0, -1, -1, 0};
  std::vector<double> values(2);
  eigenpairs(a, 2, values);
  EXPECT_NEAR(values[0], 1, 1e-15);
  EXPECT_GT(a[0], 0);
  EXPECT_LT(a[1], 0);
  EXPECT_GT(a[2], 0);
  EXPECT_GT(a[3], 0);
}

TEST(Eigen, ResidualIsRelativeToTheLargestValue) {
  const Matrix a = {3, 0, 0, 1};
  const std::vector<double> vectors = {1, 0, 0, 1};
  EXPECT_EQ(eigen_residual(a, 2, std::vector<double>{3, 1}, vectors, 2), 0);
  EXPECT_DOUBLE_EQ(eigen_residual(a, 2, std::vector<double>{4, 1}, vectors, 2), 0.25);
  EXPECT_EQ(eigen_residual(a, 2, std::vector<double>{0, 0}, vectors, 2), std::numeric_limits<double>::infinity());
  const Matrix huge = scaled(a, 1e308 / 3);
  EXPECT_NEAR(eigen_residual(huge, 2, std::vector<double>{1e308, 1e308 / 3}, vectors, 2), 0, kEpsilon);
  const Matrix tiny = scaled(a, 1e-310);
  EXPECT_NEAR(eigen_residual(tiny, 2, std::vector<double>{4e-310, 1e-310}, vectors, 2), 0.25, 1e-12);
}

TEST(Eigen, BadInputIsRefused) {
  Matrix a = with_spectrum(decay(33, 1), 1);
  a[5 * 33 + 7] = std::nan("");
  std::vector<double> values(33);
  const Error nan = expect_error(Code::not_finite, [&] { eigenvalues(a, 33, values); });
  EXPECT_EQ(detail(nan, "row"), 5);
  EXPECT_EQ(detail(nan, "column"), 7);
  EXPECT_STREQ(nan.what(), "matrix: expected finite numbers, row 5, column 7 is NaN");
  a[5 * 33 + 7] = -std::numeric_limits<double>::infinity();
  expect_error(Code::not_finite, [&] { eigenpairs(a, 33, values); });
  expect_error(Code::not_finite, [&] { top_eigenpairs(a, 33, 1, std::span(values).first(1), {}); });
  a[5 * 33 + 7] = 0;
  expect_error(Code::shape, [&] { eigenvalues(a, 32, values); });
  expect_error(Code::shape, [&] { eigenpairs(a, 33, std::span(values).first(32)); });
  const Error top = expect_error(Code::argument, [&] { top_eigenpairs(a, 33, 34, values, {}); });
  EXPECT_STREQ(top.what(), "top: expected at most 33 (the size of the matrix), got 34");
  Matrix ones(9, 1.7e308);
  expect_error(Code::range, [&] { eigenvalues(ones, 3, std::span(values).first(3)); });
}

TEST(Eigen, NumberOfThreadsChangesRoundingOnly) {
  const std::size_t n = 300;
  const Matrix a = with_spectrum(decay(n, 1), 21);
  std::vector<double> values[2];
  for (int threads : {1, 2}) {
    set_threads(threads);
    Matrix z = a;
    values[threads - 1].resize(n);
    eigenpairs(z, n, values[threads - 1]);
    EXPECT_LT(pair_ratio(a, values[threads - 1], z, n), kThreshold);
  }
  set_threads(1);
  EXPECT_LE(largest_difference(values[0], values[1]), kThreshold * static_cast<double>(n) * kEpsilon);
}

}  // namespace
}  // namespace resgram::linalg
