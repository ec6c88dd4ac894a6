// Numbers of twice the digits, and the curves made of them.
#include "../../native/core/wide.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "../../native/core/evaluate.hpp"
#include "../../native/core/lanes.hpp"
#include "../../native/core/wide_curve.hpp"
#include "../../native/core/wide_rule.hpp"
#include "tables.hpp"

namespace resgram::core {
namespace {

double relative(Wide got, Wide want) { return std::fabs(((got - want) / want).high); }

// Digits beyond a double, from series evaluated by hand to 33 digits.
TEST(Wide, ConstantsHaveTheirDigits) {
  const Wide root = sqrt(Wide(2));
  EXPECT_EQ(root.high, 1.4142135623730951);
  EXPECT_LT(relative(root * root, Wide(2)), 4 * kWideEps);
  // √2 − 1.4142135623730951 = −9.667293313452913e-17
  EXPECT_NEAR(root.low, -9.667293313452913e-17, 1e-31);
  const SinCos third = sin_cos(kWidePi / Wide(3));
  EXPECT_LT(relative(third.cos, Wide(0.5)), 8 * kWideEps);
  EXPECT_LT(relative(third.sin * third.sin, Wide(0.75)), 8 * kWideEps);
  EXPECT_LT(relative(Wide(6) * asin(Wide(0.5)), kWidePi), 8 * kWideEps);
  EXPECT_LT(relative(Wide(4) * asin(ldexp(root, -1)), kWidePi), 8 * kWideEps);
}

TEST(Wide, FunctionsInvertEachOther) {
  for (double x = 1e-12; x < 0.7; x = x * 1.7 + 1e-13) {
    const Wide angle = asin(Wide(x));
    const SinCos at = sin_cos(angle);
    EXPECT_LT(relative(at.sin, Wide(x)), 16 * kWideEps) << x;
    EXPECT_LT(relative(at.sin * at.sin + at.cos * at.cos, Wide(1)), 16 * kWideEps) << x;
    // (eˣ − 1)(e⁻ˣ − 1) = −(eˣ − 1) − (e⁻ˣ − 1), written with e⁻ˣ − 1 alone: eˣ − 1 = −p/(1 + p).
    const Wide p = expm1(Wide(-x)), twice = expm1(Wide(-2 * x));
    EXPECT_LT(relative(p * (Wide(2) + p), twice), 16 * kWideEps) << x;
  }
  EXPECT_EQ(expm1(Wide(0)).high, 0);
  EXPECT_EQ(expm1(Wide(-1e9)).high, -1);
  EXPECT_LT(relative(Wide(1) + expm1(Wide(-1)), Wide(0.36787944117144233, -1.2428753672788363e-17)), 8 * kWideEps);
}

// The two ways to sin t − t cos t meet at t = 1.
TEST(Wide, SineExcessKeepsItsDigits) {
  for (const double t : {1e-8, 1e-3, 0.1, 0.5, 0.999, 1.0, 1.001, 1.5}) {
    const SinCos at = sin_cos(Wide(t));
    const Wide got = sine_excess(Wide(t), at);
    // d/dt = t sin t: integrate by the rule.
    static const WideRule rule(40);
    Wide sum = 0;
    for (std::size_t i = 0; i < 40; ++i) {
      const Wide u = ldexp(Wide(t), -1) * (Wide(1) + rule.node[i]);
      sum += rule.weight[i] * u * sin_cos(u).sin;
    }
    EXPECT_LT(relative(got, sum * ldexp(Wide(t), -1)), 64 * kWideEps) << t;
  }
}

TEST(Wide, GaussLegendreIsExactForPolynomials) {
  for (const std::size_t n : {1U, 2U, 5U, 64U, 301U}) {
    const WideRule rule(n);
    for (std::size_t power = 0; power < std::min<std::size_t>(2 * n, 60); power += 2) {
      Wide sum = 0;
      for (std::size_t i = 0; i < n; ++i) {
        Wide term = rule.weight[i];
        for (std::size_t k = 0; k < power; ++k) term *= rule.node[i];
        sum += term;
      }
      EXPECT_LT(relative(sum, Wide(2) / Wide(static_cast<double>(power + 1))), 1e-28) << n << ' ' << power;
    }
  }
}

// The loops of every instruction set give the same bytes as the operators, but for Dekker's product, which is the same number.
TEST(Wide, LoopsAgreeWithOperators) {
  std::vector<double> x_high, x_low, p_high, p_low, q_high, q_low;
  for (int i = 0; i < 64; ++i) {
    const Wide x = sin_cos(Wide(0.02 * i)).cos, p = sqrt(Wide(i + 1)), q = Wide(1) / Wide(i + 3);
    x_high.push_back(x.high), x_low.push_back(x.low);
    p_high.push_back(p.high), p_low.push_back(p.low);
    q_high.push_back(q.high), q_low.push_back(q.low);
  }
  const Wide a = Wide(7) / Wide(3), b = Wide(5) / Wide(3);
  const double of_a[] = {a.high, a.low}, of_b[] = {b.high, b.low};
  for (const auto& table : trial::tables()) {
    std::vector<double> high = q_high, low = q_low, sums(16);
    table.of_double.wide_recurrence(64, of_a, of_b, x_high.data(), x_low.data(), p_high.data(), p_low.data(),
                                    high.data(), low.data());
    table.of_double.wide_dot(64, x_high.data(), x_low.data(), p_high.data(), p_low.data(), sums.data());
    Wide total = 0, want = 0;
    for (std::size_t j = 0; j < 8; ++j) total += Wide(sums[j], sums[8 + j]);
    for (std::size_t i = 0; i < 64; ++i) {
      const Wide x{x_high[i], x_low[i]}, p{p_high[i], p_low[i]}, q{q_high[i], q_low[i]};
      EXPECT_LT(std::fabs((Wide(high[i], low[i]) - (a * (x * p) - b * q)).high), 32 * kWideEps) << table.name;
      want += x * p;
    }
    EXPECT_LT(relative(total, want), 64 * kWideEps) << table.name;
  }
}

Program made(std::vector<Row> rows) { return Program::load(rows); }

// Against the vector steps, which are good to some 1e-16: every activation with a closed form, biases, branches, means.
TEST(WideCurve, AgreesWithTheProfile) {
  const Row input{"input", {0}}, biased{"affine", {1.5, 1, 0.25, 1, 1}}, plain{"affine", {1, 1, 0, 0, 0}},
      emit{"emit", {}};
  for (const Row& phi : {Row{"relu", {1.4142135623730951, 0}}, Row{"relu", {1, -1}}, Row{"relu", {1, 0.25}},
                         Row{"erf", {1.5}}, Row{"gelu", {1.25}}, Row{"sine", {1}}}) {
    for (const Program& program :
         {made({input, plain, phi, plain, emit, phi, plain, emit}),
          made({input, biased, phi, biased, phi, biased, emit}),
          made({input, plain, {"push", {}}, plain, phi, plain, {"scale", {0.5}}, {"add", {}}, plain, emit}),
          made({input, plain, phi, {"push", {}}, plain, phi, {"add", {}}, plain, emit})}) {
      ASSERT_TRUE(WideCurve::exists(program));
      const WideCurve curve(program, 1);
      const std::vector<double> angles = {0, 1e-9, 1e-3, 0.4, 1.3, 1.5707963267948966, 1.8, 3, 3.14159};
      std::vector<std::vector<double>> nngp(program.emits(), std::vector<double>(angles.size())), ntk = nngp;
      std::vector<Sink<double>> sinks;
      for (std::size_t e = 0; e < program.emits(); ++e) sinks.push_back({nngp[e].data(), ntk[e].data()});
      profile(program, angles, 1, sinks);
      std::vector<WideValues> values(program.emits());
      for (std::size_t i = 0; i < angles.size(); ++i) {
        curve.values(Wide(angles[i]), values);
        for (std::size_t e = 0; e < program.emits(); ++e) {
          EXPECT_NEAR(values[e].covariance.high, nngp[e][i] / nngp[e][0], 4e-15) << phi.op << ' ' << angles[i];
          EXPECT_NEAR(values[e].tangent.high, ntk[e][i] / ntk[e][0], 4e-15) << phi.op << ' ' << angles[i];
        }
      }
    }
  }
}

}  // namespace
}  // namespace resgram::core
