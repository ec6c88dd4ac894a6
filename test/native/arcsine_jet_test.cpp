#include "core/arcsine_jet.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace resgram::core {
namespace {

// Of A(m) = asin(√m)/√m; the closed forms divide by m, so the tolerance does too.
TEST(ArcsineSeries, HasTheDerivativesOfItsClosedForm) {
  for (int i = 1; i <= 100; ++i) {
    const double m = 0.5 * i / 100, s = std::sqrt(m);
    const double value = std::asin(s) / s, first = (1 / std::sqrt(1 - m) - value) / (2 * m);
    const double second = (0.5 / ((1 - m) * std::sqrt(1 - m)) - 3 * first) / (2 * m);
    const Derivatives a = arcsine_ratio(m), gap = arcsine_gap(m), p0 = half_angle(m), p1 = half_bend(m);
    EXPECT_NEAR(a.value, value, 1e-15);
    EXPECT_NEAR(a.first, first, 1e-15 / m);
    EXPECT_NEAR(a.second, second, 4e-15 / (m * m));
    EXPECT_NEAR(1 + m * gap.value, a.value, 1e-15);
    EXPECT_NEAR(gap.value + m * gap.first, a.first, 1e-15);
    EXPECT_NEAR(2 * gap.first + m * gap.second, a.second, 1e-14);
    // d(m √m P1)/dm = 2 √m P0, the value and its derivative.
    EXPECT_NEAR(1.5 * p1.value + m * p1.first, 2 * p0.value, 1e-14);
    EXPECT_NEAR(2.5 * p1.first + m * p1.second, 2 * p0.first, 1e-14);
    EXPECT_NEAR(p0.value, value / std::asin(1.0), 1e-15);
  }
}

TEST(ArcsineSeries, StartsWithItsCoefficients) {
  for (const double m : {0.0, 1e-300, 1e-40}) {
    const Derivatives a = arcsine_ratio(m);
    EXPECT_DOUBLE_EQ(a.value, 1);
    EXPECT_DOUBLE_EQ(a.first, 1.0 / 6);
    EXPECT_DOUBLE_EQ(a.second, 2 * 3.0 / 40);
    EXPECT_DOUBLE_EQ(arcsine_gap(m).value, 1.0 / 6);
    EXPECT_DOUBLE_EQ(half_bend(m).value, 8 / (3 * std::acos(-1.0)));
  }
}

}  // namespace
}  // namespace resgram::core
