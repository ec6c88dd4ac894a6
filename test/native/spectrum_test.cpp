#include "linalg/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "dense.hpp"
#include "linalg/krylov.hpp"
#include "linalg/linalg.hpp"
#include "linalg/ridge.hpp"

namespace resgram::linalg {
namespace {

using namespace dense;

std::vector<double> numbers(std::size_t count, double step) {
  std::vector<double> made(count);
  for (std::size_t i = 0; i < count; ++i) made[i] = std::sin(step * static_cast<double>(i * i + 1));
  return made;
}

TEST(Symmetric, AllowsWhatSinglePrecisionDoesToTwoTriangles) {
  const std::size_t n = 130;
  Matrix a = with_spectrum(decay(n, 1), 3);
  const double largest_entry = *std::max_element(a.begin(), a.end());
  a[129 * n + 2] += 8 * static_cast<double>(std::numeric_limits<float>::epsilon()) * largest_entry;
  EXPECT_NO_THROW(require_symmetric(a, n));
}

TEST(Symmetric, TellsTheWorstPairOfEntries) {
  const std::size_t n = 130;
  Matrix a = with_spectrum(decay(n, 1), 3);
  a[129 * n + 2] += 0.5;
  a[70 * n + 65] -= 0.25;
  const Error error = expect_error(Code::argument, [&] { require_symmetric(a, n); });
  EXPECT_EQ(detail(error, "row"), 129);
  EXPECT_EQ(detail(error, "column"), 2);
  EXPECT_NE(std::string(error.what()).find("by 0.5"), std::string::npos) << error.what();
}

TEST(Invariants, HoldForEigenvaluesOfAnySizeAndNotForOthers) {
  const std::size_t n = 40;
  for (const double size : {1.0, 1e-300, 1e200, 1e305}) {
    const Matrix a = scaled(with_spectrum(decay(n, 2), 5), size);
    Matrix copy = a;
    std::vector<double> values(n);
    eigenvalues(copy, n, values);
    const double gap = invariant_gap(a, n, values);
    // n terms of either sum are off by rounding, and the eigenvalues by n·eps·‖A‖ at most.
    EXPECT_LE(gap, 2 * static_cast<double>(n) * kEpsilon) << size;
    values[3] *= 1.5;
    EXPECT_GT(invariant_gap(a, n, values), 1e-3) << size;
  }
}

TEST(Invariants, OfTheZeroMatrix) {
  const Matrix zero(9, 0.0);
  EXPECT_EQ(invariant_gap(zero, 3, std::vector<double>(3, 0.0)), 0);
  const Matrix one{1, 0, 0, 0, 1, 0, 0, 0, 1};
  EXPECT_EQ(invariant_gap(one, 3, std::vector<double>(3, 0.0)), std::numeric_limits<double>::infinity());
}

// Small and large parts of spectra, with and without vectors: by Krylov where that pays and converges (steep), where it
// does not converge (flat), and directly.
TEST(CheckedSpectrum, IsThatOfEigenpairsWhateverIsAskedFor) {
  for (const double power : {2.0, 0.0}) {
    const std::size_t n = 520;
    std::vector<double> wanted = decay(n, power);
    if (power == 0) {
      for (std::size_t i = 0; i < n; ++i) wanted[i] = 1 + 1e-3 * static_cast<double>(n - i);
    }
    const Matrix a = with_spectrum(wanted, 7);
    ASSERT_TRUE(krylov_pays(n, 3));
    const double allowed = static_cast<double>(n) * kEpsilon * wanted[0];
    for (const std::size_t top : {std::size_t{3}, std::size_t{200}, n}) {
      for (const bool with_vectors : {false, true}) {
        const Matrix before = a;
        std::vector<double> values(top), vectors(with_vectors ? top * n : 0);
        const double residual = checked_spectrum(a, n, top, values, vectors);
        EXPECT_EQ(a, before);
        EXPECT_LE(residual, 4 * static_cast<double>(n) * kEpsilon) << power << ' ' << top << ' ' << with_vectors;
        for (std::size_t i = 0; i < top; ++i) EXPECT_NEAR(values[i], wanted[i], 2 * allowed);
        if (with_vectors) {
          EXPECT_EQ(eigen_residual(a, n, values, vectors, top), residual);
        }
      }
    }
  }
}

TEST(CheckedSpectrum, OfHugeAndTinyMatrices) {
  const std::size_t n = 520;
  const std::vector<double> wanted = decay(n, 2);
  for (const double size : {1e-250, 1e250}) {
    const Matrix a = scaled(with_spectrum(wanted, 7), size);
    std::vector<double> values(3), vectors(3 * n);
    EXPECT_LE(checked_spectrum(a, n, 3, values, vectors), 4 * static_cast<double>(n) * kEpsilon);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(values[i] / size, wanted[i], 520 * kEpsilon);
  }
}

TEST(BlasThreads, AreWorthTheirWaitingOnlyInLargeMatrices) {
  EXPECT_EQ(blas_threads(8, 511), 1);
  EXPECT_EQ(blas_threads(8, 512), 8);
}

TEST(PosteriorVariance, IsThePriorLessWhatTheKnownPointsExplain) {
  const std::size_t n = 12, m = 5;
  const Matrix a = with_spectrum(decay(n, 1), 11);
  const double ridge = 0.125;
  Matrix lower = a;
  factor(lower, n, ridge);
  const std::vector<double> cross = numbers(m * n, 0.7);
  const std::vector<double> prior(m, 100.0);
  std::vector<double> variance(m);
  posterior_variance(lower, n, cross, m, prior, variance);
  for (std::size_t j = 0; j < m; ++j) {
    std::vector<double> x(cross.begin() + static_cast<std::ptrdiff_t>(j * n),
                          cross.begin() + static_cast<std::ptrdiff_t>((j + 1) * n));
    const std::vector<double> k = x;
    solve(lower, n, x, 1);
    long double explained = 0;
    for (std::size_t i = 0; i < n; ++i) explained += static_cast<long double>(k[i]) * x[i];
    // ‖(A + λI)⁻¹‖‖A + λI‖ < (1 + λ)/λ = 9 for eigenvalues of at most 1.
    EXPECT_NEAR(variance[j], static_cast<double>(100 - explained), 9 * 12 * kEpsilon * 100);
  }
}

TEST(PosteriorVariance, IsNeverNegative) {
  const std::vector<double> lower{2, 0, 1, 1};  // of {4, 2, 2, 2}, whose rows predict themselves without a rest
  std::vector<double> variance(2);
  posterior_variance(lower, 2, std::vector<double>{4, 2, 2, 2}, 2, std::vector<double>{4 - 1e-12, 2}, variance);
  EXPECT_EQ(variance, (std::vector<double>{0, 0}));
}

TEST(PosteriorVariance, RefusesWhatIsNoFactor) {
  std::vector<double> variance(1);
  expect_error(Code::argument, [&] {
    posterior_variance(std::vector<double>{0}, 1, std::vector<double>{1}, 1, std::vector<double>{1}, variance);
  });
  expect_error(Code::shape, [&] {
    posterior_variance(std::vector<double>{1}, 1, std::vector<double>{1, 2}, 1, std::vector<double>{1}, variance);
  });
}

TEST(RidgePath, FromTheMatrixIsThatOfItsEigenpairs) {
  const std::size_t n = 30;
  const Matrix kernel = with_spectrum(decay(n, 1), 13);
  const std::vector<double> y = numbers(n, 0.3), ridges{0, 0.1};
  Matrix vectors = kernel;
  std::vector<double> values(n), loo(2 * n), coefficients(2 * n), dropped(2);
  eigenpairs(vectors, n, values);
  ridge_path(values, vectors, n, y, 1, ridges, loo, coefficients, dropped);
  for (const bool check : {false, true}) {
    Matrix matrix = kernel;
    std::vector<double> values2(n), loo2(2 * n), coefficients2(2 * n), dropped2(2);
    const double residual =
        ridge_path_from_matrix(matrix, n, y, 1, ridges, values2, loo2, coefficients2, dropped2, check);
    EXPECT_EQ(values2, values);
    EXPECT_EQ(loo2, loo);
    EXPECT_EQ(coefficients2, coefficients);
    EXPECT_EQ(dropped2, dropped);
    EXPECT_EQ(matrix, vectors);
    if (check) {
      EXPECT_EQ(residual, eigen_residual(kernel, n, values, vectors, n));
    } else {
      EXPECT_TRUE(std::isnan(residual));
    }
  }
}

}  // namespace
}  // namespace resgram::linalg
