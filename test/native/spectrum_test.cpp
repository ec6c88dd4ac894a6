#include "linalg/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "dense.hpp"
#include "linalg/krylov.hpp"
#include "linalg/linalg.hpp"
#include "linalg/residual.hpp"
#include "linalg/ridge.hpp"
#include "linalg/survey.hpp"

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
  EXPECT_FALSE(survey(a, n).mirrored);
}

TEST(Symmetric, TellsTheWorstPairOfEntries) {
  const std::size_t n = 130;
  Matrix a = with_spectrum(decay(n, 1), 3);
  a[129 * n + 2] += 0.5;
  a[70 * n + 65] -= 0.25;
  const Error error = expect_error(Code::argument, [&] { survey(a, n); });
  EXPECT_EQ(detail(error, "row"), 129);
  EXPECT_EQ(detail(error, "column"), 2);
  EXPECT_NE(std::string(error.what()).find("by 0.5"), std::string::npos) << error.what();
}

TEST(Survey, SumsUpAMatrixOfAnySize) {
  for (const std::size_t n : {1, 7, 63, 64, 65, 130, 200}) {
    const Matrix a = with_spectrum(decay(n, 1), 3);
    const Survey seen = survey(a, n);
    double trace = 0, square = 0, largest = 0;
    for (std::size_t i = 0; i < n; ++i) trace += a[i * n + i];
    for (const double x : a) {
      square += x * x;
      largest = std::max(largest, std::fabs(x));
    }
    EXPECT_TRUE(seen.mirrored);
    EXPECT_EQ(seen.largest, largest);
    EXPECT_NEAR(seen.trace, trace, static_cast<double>(n) * kEpsilon * std::fabs(trace));
    EXPECT_NEAR(seen.square, square, static_cast<double>(n * n) * kEpsilon * square);
  }
}

TEST(Survey, FindsWhatIsNotFiniteWhereverItIs) {
  const std::size_t n = 130;
  const Matrix a = with_spectrum(decay(n, 1), 3);
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    for (const auto& [row, column] : {std::pair{0, 129}, {129, 0}, {64, 64}, {127, 128}, {129, 129}}) {
      Matrix spoilt = a;
      spoilt[static_cast<std::size_t>(row) * n + static_cast<std::size_t>(column)] = bad;
      const Error error = expect_error(Code::not_finite, [&] { survey(spoilt, n); });
      EXPECT_EQ(detail(error, "row"), row);
      EXPECT_EQ(detail(error, "column"), column);
    }
  }
}

TEST(Invariants, HoldForEigenvaluesOfAnySizeAndNotForOthers) {
  const std::size_t n = 40;
  for (const double size : {1.0, 1e-300, 1e200, 1e305}) {
    Matrix a = scaled(with_spectrum(decay(n, 2), 5), size);
    std::vector<double> values(n);
    // n terms of either sum are off by rounding, and the eigenvalues by n·eps·‖A‖ at most.
    EXPECT_LE(checked_spectrum(a, n, n, values, {}), 2 * static_cast<double>(n) * kEpsilon) << size;
    EXPECT_NEAR(values[0] / size, 1, 2 * static_cast<double>(n) * kEpsilon);
  }
  Matrix a = with_spectrum(decay(n, 2), 5);
  const Survey seen = survey(a, n);
  std::vector<double> values(n);
  eigenvalues(a, n, values);
  values[3] *= 1.5;
  EXPECT_GT(invariant_gap(seen, values), 1e-3);
}

TEST(Invariants, OfTheZeroMatrix) {
  const Matrix zero(9, 0.0);
  EXPECT_EQ(invariant_gap(survey(zero, 3), std::vector<double>(3, 0.0)), 0);
  const Matrix one{1, 0, 0, 0, 1, 0, 0, 0, 1};
  EXPECT_EQ(invariant_gap(survey(one, 3), std::vector<double>(3, 0.0)), std::numeric_limits<double>::infinity());
}

// More pairs than are looked at one by one: one wrong pair, all of them a little wrong, and vectors that are no numbers.
TEST(Residual, OfManyPairsIsNearTheRootOfTheSumOfSquares) {
  const std::size_t n = 200, count = 100;
  ASSERT_GT(count, kOneByOne);
  const Matrix a = with_spectrum(decay(n, 1), 9);
  Matrix vectors = a;
  std::vector<double> values(n);
  eigenpairs(vectors, n, values);
  const auto measured = [&](const std::vector<double>& l, std::span<const double> v) {
    return eigen_residual(a, n, std::span(l).first(count), v.first(count * n), count);
  };
  EXPECT_LE(measured(values, vectors), 30 * static_cast<double>(n) * kEpsilon);
  for (const std::size_t wrong : {std::size_t{1}, count}) {
    std::vector<double> off = values;
    double squares = 0;
    for (std::size_t i = 0; i < wrong; ++i) {
      off[i] += 1e-3;
      squares += 1e-6;
    }
    const double ratio = measured(off, vectors) * off[0] / std::sqrt(squares);
    // Fewer than one set of 16 normal numbers in two million is so small, fewer than one so large.
    EXPECT_GT(ratio, 0.25) << wrong;
    EXPECT_LT(ratio, 2) << wrong;
  }
  Matrix spoilt = vectors;
  spoilt[(count - 1) * n + 5] = std::nan("");
  EXPECT_EQ(pair_residual(a, n, std::span(values).first(count), spoilt, count),
            std::numeric_limits<double>::infinity());
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
        Matrix kept = a, destroyed = a;
        std::vector<double> values(top), vectors(with_vectors ? top * n : 0);
        const double residual = kept_spectrum(kept, n, top, values, vectors);
        EXPECT_EQ(kept, a);
        std::vector<double> values2(top), vectors2(vectors.size());
        EXPECT_EQ(checked_spectrum(destroyed, n, top, values2, vectors2), residual);
        EXPECT_EQ(values2, values);
        EXPECT_EQ(vectors2, vectors);
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
    const Matrix given = scaled(with_spectrum(wanted, 7), size);
    for (const std::size_t top : {std::size_t{3}, n}) {
      Matrix a = given;
      std::vector<double> values(top), vectors(top * n);
      EXPECT_LE(kept_spectrum(a, n, top, values, vectors), 4 * static_cast<double>(n) * kEpsilon);
      EXPECT_EQ(a, given);
      for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(values[i] / size, wanted[i], 520 * kEpsilon);
    }
  }
}

// Of triangles that differ in the last digits of single precision the upper one, row-major, is taken, by every way.
TEST(CheckedSpectrum, OfTrianglesThatDifferIsThatOfOneOfThem) {
  const std::size_t n = 520;
  const Matrix upper = with_spectrum(decay(n, 2), 7);
  Matrix given = upper;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) given[i * n + j] += 1e-8 * (i % 2 == 0 ? 1 : -1);
  }
  for (const std::size_t top : {std::size_t{3}, n}) {
    Matrix a = given, reference = upper;
    std::vector<double> values(top), vectors(top * n), values2(top), vectors2(top * n);
    const double residual = kept_spectrum(a, n, top, values, vectors);
    EXPECT_EQ(a, given);
    EXPECT_EQ(checked_spectrum(reference, n, top, values2, vectors2), residual);
    EXPECT_EQ(values, values2);
    EXPECT_EQ(vectors, vectors2);
  }
}

TEST(BlasThreads, AreWorthTheirWaitingOnlyInLargeMatrices) {
  EXPECT_EQ(blas_threads(8, 511), 1);
  EXPECT_EQ(blas_threads(8, 512), 8);
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
