#include "linalg/krylov.hpp"

#include "dense.hpp"
#include "linalg/linalg.hpp"

namespace resgram::linalg {
namespace {

using namespace dense;

constexpr std::size_t kSize = 600;

// The `top` pairs by Krylov alone, judged against the definition and against the spectrum the matrix was made with.
void expect_found(const std::vector<double>& spectrum, std::size_t top) {
  const std::size_t n = spectrum.size();
  const Matrix a = with_spectrum(spectrum, 31);
  std::vector<double> values(top);
  std::vector<double> z(top * n);
  ASSERT_TRUE(krylov_eigenpairs(a, n, top, values, z));
  EXPECT_LT(pair_ratio(a, values, z, n), kThreshold);
  EXPECT_LT(orthogonality_ratio(z, top, n), kThreshold);
  const double norm = std::max(std::fabs(spectrum.front()), std::fabs(spectrum.back()));
  for (std::size_t i = 0; i < top; ++i) {
    EXPECT_NEAR(values[i], spectrum[i], kThreshold * static_cast<double>(n) * kEpsilon * norm) << i;
  }
}

TEST(Krylov, FindsTheTopOfADecayingSpectrum) {
  expect_found(decay(kSize, 2), 1);
  expect_found(decay(kSize, 2), 10);
  expect_found(decay(kSize, 4), 14);
}

TEST(Krylov, FindsEveryCopyOfAMultipleEigenvalue) {
  std::vector<double> spectrum = decay(kSize, 3);
  for (std::size_t i = 0; i < 9; ++i) spectrum[i] = 1;
  expect_found(spectrum, 12);
  std::fill(spectrum.begin(), spectrum.end(), 1.0);
  expect_found(spectrum, 12);
}

TEST(Krylov, FindsTheLargestNotTheLargestInMagnitude) {
  std::vector<double> spectrum = decay(kSize, 3);
  spectrum.back() = -5;
  expect_found(spectrum, 4);
}

TEST(Krylov, CopesWithSpacesThatAreExhausted) {
  std::vector<double> rank_one(kSize, 0.0);
  rank_one[0] = 7;
  expect_found(rank_one, 5);
  expect_found(std::vector<double>(kSize, 0.0), 3);
}

TEST(Krylov, SaysSoWhereItDoesNotConverge) {
  std::vector<double> flat(kSize);
  for (std::size_t i = 0; i < kSize; ++i) flat[i] = 1 - static_cast<double>(i) / kSize;
  const Matrix a = with_spectrum(flat, 32);
  std::vector<double> values(4);
  std::vector<double> z(4 * kSize);
  EXPECT_FALSE(krylov_eigenpairs(a, kSize, 4, values, z));

  // … and the caller of top_eigenpairs does not notice.
  ASSERT_TRUE(krylov_pays(kSize, 4));
  Matrix work = a;
  top_eigenpairs(work, kSize, 4, values, z);
  EXPECT_LT(pair_ratio(a, values, z, kSize), kThreshold);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(values[i], flat[i], kThreshold * kSize * kEpsilon);
}

TEST(Krylov, TopPairsAreThoseOfTheFullDecomposition) {
  for (std::size_t n : {std::size_t{1}, std::size_t{2}, std::size_t{65}, kSize}) {
    const Matrix a = with_spectrum(decay(n, 2), 33);
    Matrix full = a;
    std::vector<double> all(n);
    eigenpairs(full, n, all);
    for (std::size_t top :
         {std::size_t{0}, std::size_t{1}, std::min(n, std::size_t{4}), std::min(n, std::size_t{40})}) {
      SCOPED_TRACE("n = " + std::to_string(n) + ", top = " + std::to_string(top));
      Matrix work = a;
      std::vector<double> values(top);
      std::vector<double> z(top * n);
      top_eigenpairs(work, n, top, values, z);
      for (std::size_t i = 0; i < top; ++i) {
        EXPECT_NEAR(values[i], all[i], kThreshold * static_cast<double>(n) * kEpsilon);
        // Vectors agree with their sign; the gap to the neighbours, at least 2/(top + 1)³, magnifies rounding.
        double difference = 0;
        for (std::size_t j = 0; j < n; ++j)
          difference = std::max(difference, std::fabs(z[i * n + j] - full[i * n + j]));
        EXPECT_LT(difference, 1e-6);
      }
      work = a;
      std::vector<double> alone(top);
      top_eigenpairs(work, n, top, alone, {});
      for (std::size_t i = 0; i < top; ++i) {
        EXPECT_NEAR(alone[i], values[i], kThreshold * static_cast<double>(n) * kEpsilon);
      }
    }
  }
}

TEST(Krylov, MatricesNearTheLimitsOfDoublesAreScaled) {
  for (double scale : {1e300, 1e-300}) {
    const Matrix a = scaled(with_spectrum(decay(kSize, 3), 34), scale);
    Matrix work = a;
    std::vector<double> values(3);
    std::vector<double> z(3 * kSize);
    top_eigenpairs(work, kSize, 3, values, z);
    EXPECT_LT(pair_ratio(a, values, z, kSize), kThreshold);
    EXPECT_NEAR(values[1] / scale, 0.125, 1e-12);
  }
}

TEST(Krylov, RepeatsItselfToTheBit) {
  const Matrix a = with_spectrum(decay(kSize, 2), 35);
  std::vector<double> z[2];
  for (std::vector<double>& run : z) {
    run.resize(4 * kSize);
    std::vector<double> values(4);
    ASSERT_TRUE(krylov_eigenpairs(a, kSize, 4, values, run));
  }
  EXPECT_EQ(z[0], z[1]);
}

}  // namespace
}  // namespace resgram::linalg
