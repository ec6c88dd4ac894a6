#include "../../native/core/rows.hpp"

#include "../../native/core/run.hpp"
#include "kernels.hpp"

namespace resgram::core {
namespace {

using namespace trial;

constexpr std::size_t kDepths[] = {1, 2, 3, 10, 100, 1000, 10'000};

struct Last {
  RowState state;
  bool any_zero;
};

Last run_rows(const Rows& rows, const std::vector<Unit>& units, bool uniform) {
  const Program program = Program::load(rows);
  RowRecursion recursion(units, uniform);
  Last last;
  run(program, [&](const Step& step) {
    recursion.step(step);
    last = {recursion.state(), recursion.any_zero()};
  });
  return last;
}

const std::vector<Unit> kOne{{Scaled{1, 0}, false}};

// base^n with twice the digits: its own rounding must not count.
Scaled power(double base, std::size_t n) {
  double high = 1, low = 0;
  std::int64_t exponent = 0;
  for (std::size_t k = 0; k < n; ++k) {
    const double product = high * base;
    low = std::fma(high, base, -product) + low * base;
    high = product + low;
    low = low - (high - product);
    if (high > 0x1p+200 || high < 0x1p-200) {
      int shift = 0;
      high = std::frexp(high, &shift);
      low = std::ldexp(low, -shift);
      exponent += shift;
    }
  }
  return {high, exponent};
}

// Whatever the depth: rows carry twice the digits of a double.
void expect_near(Scaled got, Scaled expected, const std::string& what) {
  EXPECT_LE(std::fabs(ratio(got, expected) - 1), 4 * kEps) << what;
}

TEST(VarianceFactor, RecoversTheNumberWhoseRootTheScaleIs) {
  EXPECT_EQ(variance_factor(kRootTwo), 2);
  EXPECT_EQ(variance_factor(-kRootTwo), 2);
  EXPECT_EQ(variance_factor(std::sqrt(0.5)), 0.5);
  EXPECT_EQ(variance_factor(1.5), 2.25);
  EXPECT_EQ(variance_factor(1), 1);
  EXPECT_EQ(variance_factor(0x1p-500), 0x1p-1000);
  for (int c = 1; c <= 1000; ++c) {
    EXPECT_EQ(variance_factor(std::sqrt(c)), c);
    EXPECT_EQ(variance_factor(std::sqrt(c / 64.0)), c / 64.0);
  }
  // Any other scale: its rounded square, within an ulp.
  Random random(1);
  for (int k = 0; k < 1000; ++k) {
    const double scale = random.uniform() * 10;
    EXPECT_LE(relative(variance_factor(scale), scale * scale), kEps);
  }
}

TEST(Rows, OnlyHomogeneousNetworksWithoutBiasesShareTheirFactors) {
  for (const Named& network : networks()) {
    bool expected = true;
    for (const Row& row : network.rows)
      if (row.op == "erf" || row.op == "gelu" || row.op == "sine" || (row.op == "affine" && row.args[2] > 0))
        expected = false;
    EXPECT_EQ(is_uniform(Program::load(network.rows)), expected) << network.name;
  }
  // A bias that is neither in the covariance nor trained is none.
  EXPECT_TRUE(is_uniform(Program::load(Rows{{"input", {0}}, {"affine", {1, 1, 0.5, 0, 0}}, {"emit", {}}})));
}

TEST(Rows, TheOneRowThatStandsForAllIsAsEachOfThem) {
  const std::vector<Unit> units{{Scaled{1, 0}, false}, {Scaled{1.7, 40}, false}, {Scaled{0.3, -9}, false}};
  for (const Named& network : networks()) {
    if (!is_uniform(Program::load(network.rows))) continue;
    const RowState one = run_rows(network.rows, kOne, true).state, each = run_rows(network.rows, units, false).state;
    for (std::size_t i = 0; i < units.size(); ++i) {
      EXPECT_LE(std::fabs(ratio(each.q[i], one.q[0]) - 1), 8 * kEps) << network.name;
      EXPECT_LE(std::fabs(ratio(each.theta[i], one.theta[0]) - 1), 8 * kEps) << network.name;
    }
  }
}

// c = 2: K = 1 and T = L + 1, without rounding at any depth; with the head frozen T = L.                  [presets]
TEST(Rows, DiagonalOfTheVariancePreservingMlpIsExact) {
  for (const std::size_t depth : kDepths) {
    const RowState all = run_rows(mlp_rows(depth, relu()), kOne, true).state;
    EXPECT_EQ(all.q[0].value(), 1);
    EXPECT_EQ(all.theta[0].value(), static_cast<double>(depth + 1));
    const RowState frozen = run_rows(mlp_rows(depth, relu(), affine(), affine(1, false)), kOne, true).state;
    EXPECT_EQ(frozen.theta[0].value(), static_cast<double>(depth));
  }
}

// c = 1: K = 2^−L, T = (L + 1) 2^−L; slope s: c (1 + s²)/2 in place of ½.
TEST(Rows, DiagonalOfTheHalvingMlpIsExact) {
  for (const std::size_t depth : kDepths) {
    const auto exponent = -static_cast<std::int64_t>(depth);
    const RowState half = run_rows(mlp_rows(depth, relu(1)), kOne, true).state;
    EXPECT_EQ(ratio(half.q[0], Scaled{1, exponent}), 1);
    EXPECT_EQ(ratio(half.theta[0], Scaled{static_cast<double>(depth + 1), exponent}), 1);
    const RowState leaky = run_rows(mlp_rows(depth, relu(1, 0.5)), kOne, true).state;
    const Scaled q = power(0.625, depth);
    expect_near(leaky.q[0], q, "leaky");
    expect_near(leaky.theta[0], q * static_cast<double>(depth + 1), "leaky");
  }
}

// K_L = (1 + α²)^L, Ω_L = 2 L α² (1 + α²)^{L−1}.                                                          [presets]
TEST(Rows, DiagonalOfHuang) {
  for (const std::size_t depth : kDepths) {
    for (const double alpha : {1.0, 0.5, 0.125, 2.0}) {
      const RowState state = run_rows(resnet_rows(depth, alpha, relu(), false), kOne, true).state;
      const double gain = 1 + alpha * alpha;
      const Scaled theta = power(gain, depth - 1) * (2 * static_cast<double>(depth) * alpha * alpha);
      expect_near(state.q[0], power(gain, depth), "K");
      expect_near(state.theta[0], theta, "T");
    }
  }
}

// With A = α²/2: K_L = (1 + A)^L, T = 2 (1 + A)^L + 2 L A (1 + A)^{L−1}.                                  [presets]
TEST(Rows, DiagonalOfTirer) {
  for (const std::size_t depth : kDepths) {
    for (const double alpha : {1.0, 0.5, 0.125, 2.0}) {
      const RowState state = run_rows(resnet_rows(depth, alpha, relu(1), true), kOne, true).state;
      const double a = alpha * alpha / 2;
      const Scaled k = power(1 + a, depth);
      const Scaled theta = k * 2.0 + power(1 + a, depth - 1) * (2 * static_cast<double>(depth) * a);
      expect_near(state.q[0], k, "K");
      expect_near(state.theta[0], theta, "T");
    }
  }
}

// The largest and smallest numbers that a network may hold, times each other.
TEST(Rows, ExtremeNumbersLeaveNeitherInfinityNorZero) {
  for (const double tiny : {1e-150, 1e150}) {
    const Rows rows{{"input", {0}}, affine(tiny), {"relu", {tiny, tiny}}, affine(tiny), {"scale", {tiny}},
                    affine(),       {"emit", {}}};
    const RowState state = run_rows(rows, kOne, true).state;
    // K = v² · s² · (1 + s²)/2 · s² for v = s = 1e±150, and T = 3 K.
    const double log_tiny = std::log2(tiny), halves = std::log2((1 + std::pow(tiny, 2)) / 2);
    EXPECT_NEAR(log2_of(state.q[0]), 6 * log_tiny + halves, 1e-9);
    EXPECT_LE(std::fabs(ratio(state.theta[0], state.q[0]) - 3), 16 * kEps);
  }
}

// Q grows by the same β² at every layer: rounded sums would all err in one direction.
TEST(Rows, AConstantBiasAddsUp) {
  for (const std::size_t depth : kDepths) {
    const std::vector<Unit> units{{Scaled{6.5, 0}, false}, {Scaled{0.62, 3}, false}};
    const RowState state = run_rows(mlp_rows(depth, relu(), biased(0.1, true), biased(0.1, true)), units, false).state;
    for (std::size_t i = 0; i < units.size(); ++i) {
      const double unit = units[i].square.value();
      const double expected = 1 + static_cast<double>(depth + 1) * 0.1 / unit;
      EXPECT_LE(relative(state.q[i].value(), expected), 4 * kEps) << depth;
    }
  }
}

TEST(Rows, ZeroVectors) {
  const std::vector<Unit> units{{Scaled{1, 0}, true}, {Scaled{1, 0}, false}};
  // Without a bias nothing ever comes of it.
  const Last bare = run_rows(mlp_rows(3, {"erf", {1}}), units, false);
  EXPECT_TRUE(bare.state.q[0].zero());
  EXPECT_TRUE(bare.state.theta[0].zero());
  EXPECT_TRUE(bare.any_zero);
  // One that trains from zero leaves K = 0, and κ₀ = ½ at ρ := 0 passes half of T on: T = β²(1 + ½ + ¼ + …).
  const Last trained = run_rows(mlp_rows(3, relu(), biased(1, false), biased(1, false)), units, false);
  EXPECT_TRUE(trained.state.q[0].zero());
  EXPECT_EQ(trained.state.theta[0].value(), 1.875);
  EXPECT_TRUE(trained.any_zero);
  // One in the covariance makes it like any other input.
  const Last normal = run_rows(mlp_rows(3, relu(), biased(1, true), biased(1, true)), units, false);
  EXPECT_EQ(normal.state.q[0].value(), 4);
  EXPECT_FALSE(normal.any_zero);
}

// Closed forms on the diagonal, written so that nothing cancels: asin(p/q) = atan(p/√(q² − p²)).        [erf; gelu]
TEST(Rows, SmoothFactorsKeepTheirDigitsAtEveryVariance) {
  for (double a = 1e-300; a < 1e290; a *= 7) {
    const SmoothRow erf = erf_row(a);
    EXPECT_LE(relative(erf.gain, 2 / kPi * std::atan(2 * a / std::sqrt(1 + 4 * a)) / a), 8 * kEps) << a;
    EXPECT_LE(relative(erf.derivative, 4 / kPi / std::sqrt(1 + 4 * a)), 8 * kEps) << a;
    EXPECT_LE(relative(erf.reach, std::sqrt(2 * a / (1 + 2 * a))), 4 * kEps) << a;
    EXPECT_LE(relative(erf.complement, 1 / (1 + 2 * a)), 4 * kEps) << a;
    // ρ′ = ρ · inverse² · asin(x)/x must be 1 on the diagonal.
    const double y2 = erf.reach * erf.reach;
    const double angle = std::atan2(y2, std::sqrt(erf.complement * (2 - erf.complement)));
    EXPECT_LE(relative(erf.inverse * erf.inverse * angle / y2, 1), 8 * kEps) << a;

    const SmoothRow gelu = gelu_row(a);
    const double d = 1 + 2 * a, f = 0.25 + std::atan(a / std::sqrt(d)) / (2 * kPi);
    EXPECT_LE(relative(gelu.gain, f + 2 * (a / (1 + a)) / (2 * kPi * std::sqrt(d))), 8 * kEps) << a;
    EXPECT_LE(relative(gelu.derivative, f + (2 * (a / (1 + a)) + a / d) / (2 * kPi * std::sqrt(d))), 8 * kEps) << a;
    EXPECT_LE(relative(gelu.inverse * gelu.inverse * gelu.gain, 1), 8 * kEps) << a;
  }
}

TEST(Rows, AVarianceBeyondDoublesIsRefusedByItsRow) {
  const Rows rows = mlp_rows(2, {"erf", {1}});
  Cloud x = normal_cloud(400, 3, 5);
  x.row(300)[1] = 1e200;
  // On the diagonal alone rows come in chunks, and long programs keep no factors: the number is that of the data.
  for (const std::size_t depth : {2U, 3000U}) {
    const Error error = refusal([&] { diagonal_of(mlp_rows(depth, {"erf", {1}}), x); });
    EXPECT_EQ(error.code(), Code::range);
    EXPECT_NE(std::string(error.what()).find("row 300 "), std::string::npos) << error.what();
    ASSERT_EQ(error.details().size(), 1U);
    EXPECT_EQ(error.details()[0].second, 300);
  }
  EXPECT_EQ(refusal([&] { gram_of(rows, x); }).code(), Code::range);
  EXPECT_EQ(refusal([&] { cross_of(rows, normal_cloud(2, 3, 6), x); }).code(), Code::range);
}

}  // namespace
}  // namespace resgram::core
