#include "linalg/extremes.hpp"

#include <cmath>

#include "dense.hpp"
#include "linalg/linalg.hpp"
#include "linalg/spectrum.hpp"

namespace resgram::linalg {
namespace {

using namespace dense;

constexpr std::size_t kSize = 400;  // beyond the size below which all eigenvalues are computed

Extremes extremes_of(Matrix a, std::size_t n, double ridge = 0, int threads = 1) {
  set_threads(threads);
  Ticket ticket;
  return extreme_eigenvalues(a, n, ridge, ticket);
}

// What the construction of a matrix with a given spectrum, or another algorithm, is off by.
double unit(const std::vector<double>& spectrum) {
  return kThreshold * static_cast<double>(spectrum.size()) * kEpsilon * largest(spectrum);
}

// Both ends are found, and the errors stated bound the errors made.
void expect_ends(std::vector<double> spectrum, const Extremes& found) {
  std::sort(spectrum.begin(), spectrum.end());
  const double most = found.largest.error + unit(spectrum);
  EXPECT_NEAR(found.largest.value, spectrum.back(), most);
  EXPECT_NEAR(found.smallest.value, spectrum.front(), found.smallest.error + unit(spectrum));
  // The bounds are worth something.
  const double norm = std::max(std::fabs(spectrum.front()), std::fabs(spectrum.back()));
  const double rounding =
      static_cast<double>(spectrum.size()) * std::sqrt(static_cast<double>(spectrum.size())) * kEpsilon * norm;
  EXPECT_LE(found.largest.error, 1e-8 * std::fabs(found.largest.value) + 16 * rounding);
  EXPECT_LE(found.smallest.error, 1e-6 * std::fabs(found.smallest.value) + 16 * rounding);
}

// Values from 1 down to 10^−decades, evenly on a logarithmic scale.
std::vector<double> geometric(std::size_t n, double decades) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) {
    values[i] = std::pow(10.0, -decades * static_cast<double>(i) / static_cast<double>(n - 1));
  }
  return values;
}

TEST(Extremes, EveryConditionNumberToTheLimitOfDoubles) {
  for (double decades : {0.0, 1.0, 3.0, 6.0, 9.0, 12.0, 14.0, 16.0}) {
    SCOPED_TRACE("condition 1e" + std::to_string(decades));
    const std::vector<double> spectrum = geometric(kSize, decades);
    const Extremes found = extremes_of(with_spectrum(spectrum, 51), kSize);
    EXPECT_FALSE(found.decomposed);
    expect_ends(spectrum, found);
    // Far from rounding the value itself is as good as a decomposition's.
    if (decades <= 9) {
      EXPECT_NEAR(found.smallest.value, spectrum.back(), unit(spectrum));
    }
    EXPECT_NEAR(found.largest.value, 1, unit(spectrum));
  }
}

TEST(Extremes, ClustersSingularAndIndefiniteMatrices) {
  std::vector<double> clustered(kSize);
  for (std::size_t i = 0; i < kSize; ++i)
    clustered[i] = (i % 3 == 0 ? 1.0 : 1e-3) * (1 + 1e-13 * static_cast<double>(i));
  std::vector<double> semidefinite = geometric(kSize, 3);
  std::fill(semidefinite.begin() + kSize / 2, semidefinite.end(), 0.0);
  std::vector<double> barely_indefinite = geometric(kSize, 3);
  barely_indefinite.back() = -1e-9;
  std::vector<double> indefinite = geometric(kSize, 3);
  indefinite[7] = -1e-4;
  std::vector<double> negative = geometric(kSize, 2);
  for (double& value : negative) value = -value;
  std::vector<double> mirror = decay(kSize, 1);
  for (std::size_t i = 1; i < kSize; i += 2) mirror[i] = -mirror[i];
  for (const auto& spectrum : {clustered, semidefinite, barely_indefinite, indefinite, negative, mirror,
                               std::vector<double>(kSize, 0.0), std::vector<double>(kSize, 3.0)}) {
    expect_ends(spectrum, extremes_of(with_spectrum(spectrum, 52), kSize));
  }
}

TEST(Extremes, DenseEndsAreLeftToTheDecomposition) {
  // Evenly spaced eigenvalues: the gap at the end is a thousandth of the whole.
  std::vector<double> even(1200);
  for (std::size_t i = 0; i < even.size(); ++i) even[i] = 2 - std::pow(static_cast<double>(i) / 1200.0, 1.5);
  const Extremes found = extremes_of(with_spectrum(even, 53), even.size());
  expect_ends(even, found);
}

TEST(Extremes, HugeAndTinyMatricesKeepTheirDigits) {
  const std::vector<double> spectrum = geometric(kSize, 5);
  const Matrix a = with_spectrum(spectrum, 54);
  const Extremes plain = extremes_of(a, kSize);
  for (int exponent : {-1000, -500, 500, 1000}) {
    const double scale = std::ldexp(1, exponent);
    const Extremes found = extremes_of(scaled(a, scale), kSize);
    EXPECT_NEAR(found.largest.value / scale, plain.largest.value, unit(spectrum));
    EXPECT_NEAR(found.smallest.value / scale, plain.smallest.value, unit(spectrum));
  }
  Matrix huge(kSize * kSize, 1.7e308);
  expect_error(Code::range, [&] { extremes_of(huge, kSize); });
}

TEST(Extremes, SmallMatricesAndSizesAroundTheBlocks) {
  for (const Family& family : families()) {
    for (std::size_t n : kSizes) {
      if (n == 0) continue;
      SCOPED_TRACE(family.name + ", n = " + std::to_string(n));
      const Matrix a = family.make(n);
      Matrix work = a;
      std::vector<double> values(n);
      eigenvalues(work, n, values);
      const Extremes found = extremes_of(a, n);
      EXPECT_TRUE(found.decomposed);
      EXPECT_EQ(found.largest.value, values.front());
      EXPECT_EQ(found.smallest.value, values.back());
    }
  }
}

// The iteration itself at sizes where a whole spectrum can be had in a moment.
TEST(Extremes, TheIterationAgreesWithTheDecompositionOrDeclines) {
  std::size_t converged = 0;
  for (const Family& family : families()) {
    for (std::size_t n : kSizes) {
      SCOPED_TRACE(family.name + ", n = " + std::to_string(n));
      Matrix a = family.make(n);
      std::vector<double> none;
      to_unit_size(a, none);
      const Matrix before = a;
      Extremes found{};
      Ticket ticket;
      if (!extremes_by_lanczos(a, n, true, found, ticket)) {
        EXPECT_EQ(a, before);
        continue;
      }
      ++converged;
      Matrix work = before;
      std::vector<double> values(n);
      eigenvalues(work, n, values);
      expect_ends(values, found);
    }
  }
  EXPECT_GT(converged, 30U);
}

TEST(Extremes, ARidgeMovesBothEnds) {
  const std::vector<double> spectrum = geometric(kSize, 4);
  const Matrix a = with_spectrum(spectrum, 55);
  const Extremes with = extremes_of(a, kSize, 0.5);
  EXPECT_NEAR(with.largest.value, 1.5, unit(spectrum));
  EXPECT_NEAR(with.smallest.value, 0.5 + 1e-4, unit(spectrum));
}

TEST(Extremes, TrianglesThatDifferInTheLastDigitsAreOneMatrix) {
  const std::vector<double> spectrum = geometric(kSize, 3);
  Matrix a = with_spectrum(spectrum, 56);
  for (std::size_t i = 0; i < kSize; ++i) {
    for (std::size_t j = 0; j < i; ++j) a[i * kSize + j] *= 1 + 1e-9;
  }
  const Extremes found = extremes_of(a, kSize);
  EXPECT_NEAR(found.largest.value, 1, 1e-8);
  EXPECT_NEAR(found.smallest.value, 1e-3, 1e-8);
}

TEST(Extremes, RefusesAndStops) {
  Matrix a = with_spectrum(geometric(kSize, 3), 57);
  expect_error(Code::argument, [&] { extremes_of(a, kSize, -1); });
  expect_error(Code::argument, [&] { extremes_of({}, 0); });
  expect_error(Code::shape, [&] { extremes_of(a, kSize - 1); });
  expect_error(Code::range, [&] { extremes_of(scaled(a, 1e308), kSize, 1.7e308); });
  Matrix lopsided = a;
  lopsided[5] += 1;
  expect_error(Code::argument, [&] { extremes_of(lopsided, kSize); });
  a[3] = a[3 * kSize] = std::nan("");
  expect_error(Code::not_finite, [&] { extremes_of(a, kSize); });
  Ticket ticket;
  ticket.cancel();
  Matrix fine = with_spectrum(geometric(kSize, 3), 57);
  EXPECT_THROW((void)extreme_eigenvalues(fine, kSize, 0, ticket), Cancelled);
}

TEST(Extremes, NumberOfThreadsChangesRoundingOnly) {
  const std::size_t n = 700;
  const std::vector<double> spectrum = geometric(n, 6);
  const Matrix a = with_spectrum(spectrum, 58);
  const Extremes one = extremes_of(a, n);
  const Extremes again = extremes_of(a, n);
  const Extremes two = extremes_of(a, n, 0, 2);
  EXPECT_EQ(one.smallest.value, again.smallest.value);
  EXPECT_EQ(one.largest.value, again.largest.value);
  EXPECT_NEAR(one.smallest.value, two.smallest.value, unit(spectrum));
  EXPECT_NEAR(one.largest.value, two.largest.value, unit(spectrum));
}

}  // namespace
}  // namespace resgram::linalg
