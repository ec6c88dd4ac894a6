#include "../../native/core/scaled.hpp"

#include "kernels.hpp"

namespace resgram::core {
namespace {

using namespace trial;

// (m · 2^e) as a number with its logarithm apart: what Scaled must be, whatever its representation.
void expect_same(Scaled got, double mantissa, std::int64_t exponent) {
  int shift = 0, expected_shift = 0;
  const double m = std::frexp(got.m, &shift), expected = std::frexp(mantissa, &expected_shift);
  EXPECT_EQ(m, expected);
  EXPECT_EQ(got.e + shift, exponent + expected_shift);
}

TEST(Scaled, ValueIsThatOfADoubleWhereThereIsOne) {
  EXPECT_EQ((Scaled{1.5, 0}).value(), 1.5);
  EXPECT_EQ((Scaled{1.5, 10}).value(), 1536);
  EXPECT_EQ((Scaled{1, -1074}).value(), 0x1p-1074);
  EXPECT_EQ((Scaled{0x1p+299, -1300}).value(), 0x1p-1001);
  EXPECT_EQ((Scaled{1, -1'000'000}).value(), 0);
  EXPECT_EQ((Scaled{1, 1'000'000}).value(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(Scaled{}.value(), 0);
  EXPECT_TRUE(Scaled{}.zero());
}

TEST(Scaled, ProductsKeepTheirDigitsWhateverTheExponent) {
  Random random(1);
  for (const std::int64_t e : {-1'000'000LL, -3000LL, 0LL, 77LL, 1'000'000LL}) {
    for (int k = 0; k < 100; ++k) {
      const double a = 0.5 + random.uniform(), b = 0.5 + random.uniform();
      expect_same(Scaled{a, e} * Scaled{b, -e / 2}, a * b, e - e / 2);
      expect_same(Scaled{a, e} * b, a * b, e);
    }
  }
  EXPECT_TRUE((Scaled{3, 1'000'000} * 0.0).zero());
  EXPECT_TRUE((Scaled{3, 1'000'000} * Scaled{}).zero());
}

TEST(Scaled, AMillionFactorsNeitherOverflowNorDrift) {
  Scaled up{1, 0}, down{1, 0};
  for (int k = 0; k < 1'000'000; ++k) {
    up = up * 2.0;
    down = down * 0.5;
  }
  expect_same(up, 1, 1'000'000);
  expect_same(down, 1, -1'000'000);
  expect_same(up * down, 1, 0);
  EXPECT_EQ(ratio(up, up), 1);
}

TEST(Scaled, ExtremeFactorsSettle) {
  Scaled big{1, 0};
  for (int k = 0; k < 1000; ++k) big = big * 1e200;
  EXPECT_NEAR(log2_of(big), 1000 * std::log2(1e200), 1e-6);
  EXPECT_TRUE(std::isfinite(big.m));
  for (int k = 0; k < 1000; ++k) big = big * 1e-200;
  // 2000 roundings of half an ulp each.
  EXPECT_LE(relative(big.value(), 1), 2000 * kEps);
  // The mantissa has wandered as far as it may, and the factor is as large or small as a double gets.
  expect_same(Scaled{0x1p+299, 0} * 0x1p+1023, 1, 1322);
  expect_same(Scaled{0x1p-299, 0} * 0x1p-1022, 1, -1321);
  expect_same(Scaled{0x1p-299, 0} * 0x1p-1074, 1, -1373);
}

TEST(Scaled, SumsAreThoseOfDoublesAtAnyExponent) {
  Random random(2);
  for (const std::int64_t e : {-1'000'001LL, -3000LL, 0LL, 1'000'001LL}) {
    for (int k = 0; k < 200; ++k) {
      const double a = 0.5 + random.uniform(), b = 0.5 + random.uniform();
      const int gap = static_cast<int>(random.below(120)) - 60;
      const Scaled sum = Scaled{a, e} + Scaled{b, e + gap};
      expect_same(sum, gap >= 0 ? std::ldexp(a, -gap) + b : a + std::ldexp(b, gap), gap >= 0 ? e + gap : e);
      const Scaled swapped = Scaled{b, e + gap} + Scaled{a, e};
      EXPECT_EQ(sum.m, swapped.m);
      EXPECT_EQ(sum.e, swapped.e);
    }
  }
  expect_same(Scaled{1, 1'000'000} + Scaled{1, -1'000'000}, 1, 1'000'000);
  expect_same(Scaled{} + Scaled{1.25, 9}, 1.25, 9);
  expect_same(Scaled{1.25, 9} + Scaled{}, 1.25, 9);
}

TEST(Scaled, CarriesTwiceTheDigits) {
  // 10⁶ · 0.1 in tenths that are doubles: exact to the last bit, where plain sums are off by 1e-11.
  Scaled sum, product{1, 0};
  for (int k = 0; k < 1'000'000; ++k) sum = sum + Scaled{0.1, 0};
  EXPECT_EQ(sum.value(), 0.1 * 1'000'000);
  // (1 + ε)ⁿ for ε = 2⁻⁵²: 1 + nε + n²ε²/2, whose last term is below a double's ulp.
  for (int k = 0; k < 1 << 20; ++k) product = product * (1 + kEps);
  EXPECT_EQ(product.m, 1 + 0x1p+20 * kEps);
  EXPECT_NEAR(product.low, 0x1p+39 * kEps * kEps, 1e-3 * kEps * kEps * 0x1p+39);
}

TEST(Scaled, RatioIsADoubleOrZero) {
  EXPECT_EQ(ratio({3, 1'000'000}, {1.5, 999'999}), 4);
  EXPECT_EQ(ratio({1, -1'000'000}, {1, 1'000'000}), 0);
  EXPECT_EQ(ratio({1, 5}, Scaled{}), 0);
  EXPECT_EQ(ratio(Scaled{}, {1, 5}), 0);
  EXPECT_EQ(ratio({0x1p+299, -700}, {0x1p-299, 100}), 0x1p-202);
}

TEST(Scaled, RootsOfOddAndEvenExponents) {
  EXPECT_EQ(root_of({2.25, 0}, 0), 1.5);
  EXPECT_EQ(root_of({2, 1}, 0), 2);
  EXPECT_EQ(root_of({2, -1}, 0), 1);
  EXPECT_EQ(root_of({2, -3}, 0), 0.5);
  EXPECT_EQ(root_of({4.5, -1}, 1), 3);
  EXPECT_EQ(root_of({1, 1'000'000}, -500'000), 1);
  EXPECT_EQ(root_of({2, -1'000'001}, 500'001), 2);
  EXPECT_EQ(root_of(Scaled{}, 3), 0);
  Random random(3);
  for (int k = 0; k < 1000; ++k) {
    const double a = 0.5 + random.uniform();
    const auto e = static_cast<std::int64_t>(random.below(2001)) - 1000;
    const double root = root_of({a, e}, 0);
    EXPECT_LE(relative(root * root, std::ldexp(a, static_cast<int>(e))), 2 * kEps);
  }
}

TEST(Scaled, SignsAndCancellation) {
  const Scaled a{1.5, 4}, b{-3, 3};
  EXPECT_EQ((a + b).value(), 0);
  EXPECT_EQ((a * b).value(), -576);
  EXPECT_EQ((Scaled{-2, 0} * -0.5).value(), 1);
  EXPECT_EQ((Scaled{1, 0} + Scaled{-1, -60}).m, 1);  // the rest is kept
  EXPECT_EQ((Scaled{1, 0} + Scaled{-1, -60} + Scaled{-1, 0}).value(), -0x1p-60);
  EXPECT_EQ((Scaled{-0x1p-299, 0} * 0x1p-299).value(), -0x1p-598);
  EXPECT_EQ((Scaled{-0x1p-400, 0}).settled().value(), -0x1p-400);
}

// The square of a root gives back both halves of the number, whatever its exponent.
TEST(Scaled, RootsHaveTwiceTheDigits) {
  Random random(3);
  EXPECT_TRUE(root(Scaled{}).zero());
  EXPECT_EQ(root(Scaled{9, -4}).value(), 0.75);
  for (const std::int64_t e : {-1'000'001LL, -1LL, 0LL, 7LL, 1'000'000LL})
    for (int k = 0; k < 100; ++k) {
      const Scaled a = Scaled{0.5 + random.uniform(), e} * (0.5 + random.uniform());
      const Scaled r = root(a), rest = r * r + Scaled{-a.m, a.e, -a.low};
      EXPECT_LE(std::fabs(ratio(rest, a)), 0x1p-100);
    }
}

}  // namespace
}  // namespace resgram::core
