#include "../../native/finite/dormand_prince.hpp"

#include <limits>

#include "../../native/core/error.hpp"
#include "kernels.hpp"

namespace resgram::finite {
namespace {

constexpr std::size_t kMany = 1000000;

// y′ = (y₁, −y₀): a circle, at the angle t.
const DormandPrince::Slope kCircle = [](std::span<const double> y, std::span<double> slope) {
  slope[0] = y[1];
  slope[1] = -y[0];
};

DormandPrince circle(double tolerance) { return {{{2, tolerance, 0}}, std::vector<double>{0, 1}, kCircle}; }

double circle_error(double tolerance, double to, std::size_t* steps = nullptr) {
  DormandPrince flow = circle(tolerance);
  flow.advance(to, kMany);
  if (steps != nullptr) *steps = flow.accepted();
  return std::hypot(flow.state()[0] - std::sin(to), flow.state()[1] - std::cos(to));
}

// An error per step of the tolerance makes steps of length ~ tolerance^(1/5), so that the error at the end, as many steps
// of order five as that, goes like their length to the power of five: like the tolerance itself divided by one step.
TEST(DormandPrince, IsOfOrderFive) {
  std::size_t few = 0, many = 0;
  const double coarse = circle_error(1e-6, 20, &few), fine = circle_error(1e-11, 20, &many);
  const double order = std::log(coarse / fine) / std::log(static_cast<double>(many) / static_cast<double>(few));
  EXPECT_NEAR(order, 5, 0.4);
  EXPECT_NEAR(static_cast<double>(many) / static_cast<double>(few), 10, 1.5);
}

TEST(DormandPrince, KeepsItsTolerance) {
  for (const double tolerance : {1e-4, 1e-7, 1e-10}) {
    std::size_t steps = 0;
    const double error = circle_error(tolerance, 10, &steps);
    EXPECT_LT(error, tolerance * static_cast<double>(steps));
    EXPECT_GT(error, 1e-3 * tolerance);
  }
}

TEST(DormandPrince, LandsOnEveryTimeExactly) {
  DormandPrince flow = circle(1e-10);
  for (const double t : {1e-9, 0.1, 0.1000001, 2.0, 2.0, 7.5}) {
    flow.advance(t, kMany);
    EXPECT_EQ(flow.time(), t);
    EXPECT_NEAR(flow.state()[0], std::sin(t), 1e-8);
  }
  // Many landings do not wear the step down.
  DormandPrince often = circle(1e-8), once = circle(1e-8);
  once.advance(20, kMany);
  for (int k = 1; k <= 20; ++k) often.advance(k, kMany);
  EXPECT_LT(often.accepted(), 2 * once.accepted() + 20);
}

// Each part against a size of its own: the small one is as good, relative to itself, as the large one.
TEST(DormandPrince, MeasuresPartsApart) {
  const DormandPrince::Slope slope = [](std::span<const double> y, std::span<double> out) {
    out[0] = -y[0];
    out[1] = -20 * y[1];
  };
  DormandPrince flow({{1, 1e-9, 0}, {1, 0, 1e-9}}, std::vector<double>{1, 1e-12}, slope);
  flow.advance(1, kMany);
  EXPECT_NEAR(flow.state()[0], std::exp(-1), 1e-7);
  EXPECT_NEAR(flow.state()[1], 1e-12 * std::exp(-20), 1e-5 * 1e-12 * std::exp(-20));
}

// y′ = y² from 1 leaves every bound at t = 1.
TEST(DormandPrince, SaysWhereASolutionEnds) {
  DormandPrince flow({{1, 1e-8, 1e-8}}, std::vector<double>{1},
                     [](std::span<const double> y, std::span<double> slope) { slope[0] = y[0] * y[0]; });
  try {
    flow.advance(2, kMany);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::no_convergence);
    EXPECT_NE(std::string(error.what()).find("near time 1"), std::string::npos);
  }
  DormandPrince wall({{1, 1e-8, 0}}, std::vector<double>{0}, [](std::span<const double> y, std::span<double> slope) {
    slope[0] = y[0] < 0.5 ? 1 : std::numeric_limits<double>::quiet_NaN();
  });
  EXPECT_THROW(wall.advance(1, kMany), Error);
  DormandPrince slow = circle(1e-12);
  try {
    slow.advance(100, 50);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("more than 50 steps"), std::string::npos);
  }
}

}  // namespace
}  // namespace resgram::finite
