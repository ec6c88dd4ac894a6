// Values of whole kernels against closed forms, and the ranges that doubles do not reach. Digits at generic pairs are
// judged by the oracles on the TypeScript side.
#include <algorithm>

#include "kernels.hpp"

namespace resgram::core {
namespace {

using namespace trial;

constexpr double kLogTwo = 0.693147180559945309417;
constexpr std::size_t kDeepest = 10'000;

double kappa0(double angle) { return 1 - angle / kPi; }
double kappa1(double angle) { return (std::sin(angle) + (kPi - angle) * std::cos(angle)) / kPi; }

std::vector<double> angles(std::size_t count) {
  std::vector<double> out;
  for (std::size_t k = 0; k <= count; ++k) out.push_back(kPi * static_cast<double>(k) / static_cast<double>(count));
  return out;
}

// Unit vectors at the given angles from the first axis.
Cloud fan(const std::vector<double>& at) {
  Cloud x(at.size(), 2);
  for (std::size_t i = 0; i < at.size(); ++i) {
    x.row(i)[0] = std::cos(at[i]);
    x.row(i)[1] = std::sin(at[i]);
  }
  return x;
}

// One hidden layer of c = 2: NNGP κ₁, NTK κ₁ + ρ κ₀ with all layers trained.                                  [dense]
TEST(Values, OneHiddenLayer) {
  const std::vector<double> at = angles(64);
  const auto kernels = profile_of(mlp_rows(1, relu()), at);
  for (std::size_t k = 0; k < at.size(); ++k) {
    EXPECT_LE(std::fabs(kernels.nngp[k] - kappa1(at[k])), 4 * kEps);
    EXPECT_LE(std::fabs(kernels.ntk[k] - (kappa1(at[k]) + std::cos(at[k]) * kappa0(at[k]))), 8 * kEps);
  }
}

// A bias that trains from zero is in T alone: 2 β² over two layers, the first of them passed on by κ₀.
TEST(Values, ATrainedBias) {
  const std::vector<double> at = angles(16);
  const double beta2 = 0.3;
  const auto with = profile_of(mlp_rows(1, relu(), biased(beta2, false), biased(beta2, false)), at);
  const auto without = profile_of(mlp_rows(1, relu()), at);
  for (std::size_t k = 0; k < at.size(); ++k) {
    EXPECT_LE(std::fabs(with.nngp[k] - without.nngp[k]), 4 * kEps);
    EXPECT_LE(std::fabs(with.ntk[k] - (without.ntk[k] + beta2 * (1 + kappa0(at[k])))), 16 * kEps);
  }
}

// A bias in the covariance is one more input whose value is β for everyone.                        [independent-sum]
TEST(Values, ABiasInTheCovarianceIsAnInputOfItsOwn) {
  const Cloud x = troubled_cloud(80, 4, 1);
  Cloud wider(x.rows, 5);
  const double beta = 0.75;
  for (std::size_t i = 0; i < x.rows; ++i) {
    std::copy_n(x.row(i).data(), 4, wider.row(i).data());
    wider.row(i)[4] = beta;
  }
  // The bias of the first layer only; its own gradient is that of a weight on that input.
  for (const Row& phi : {relu(), Row{"erf", {1}}, Row{"gelu", {1}}}) {
    const auto biased_kernels =
        gram_of({{"input", {0}}, biased(beta * beta, true), phi, affine(), phi, affine(), {"emit", {}}}, x);
    const auto widened = gram_of({{"input", {0}}, affine(), phi, affine(), phi, affine(), {"emit", {}}}, wider);
    EXPECT_LE(worst_deviation(biased_kernels.nngp, widened.nngp, x.rows), 64 * kEps) << phi.op;
    EXPECT_LE(worst_deviation(biased_kernels.ntk, widened.ntk, x.rows), 64 * kEps) << phi.op;
  }
}

// A shortcut with α = 0 or a scale of 0 adds nothing; a branch of its own adds K and T.
TEST(Values, BranchesAdd) {
  const std::vector<double> at = angles(16);
  const auto zero = profile_of(resnet_rows(3, 0, relu(), true), at);
  const auto linear = profile_of({{"input", {0}}, affine(), affine(), {"emit", {}}}, at);
  for (std::size_t k = 0; k < at.size(); ++k) {
    EXPECT_EQ(zero.nngp[k], linear.nngp[k]);
    EXPECT_LE(std::fabs(zero.ntk[k] - linear.ntk[k]), 4 * kEps);
  }
  const auto sum =
      profile_of({{"input", {0}}, affine(), {"push", {}}, relu(), affine(), {"add", {}}, {"emit", {}}}, at);
  for (std::size_t k = 0; k < at.size(); ++k) {
    const double rho = std::cos(at[k]);
    EXPECT_LE(std::fabs(sum.nngp[k] - (rho + kappa1(at[k]))), 8 * kEps);
    EXPECT_LE(std::fabs(sum.ntk[k] - (rho + kappa1(at[k]) + rho * kappa0(at[k]))), 8 * kEps);
  }
}

TEST(Values, ASwapExchangesTheBranches) {
  const Cloud x = troubled_cloud(60, 4, 2);
  const Rows left{relu(), affine()}, right{{"erf", {1}}, affine(0.5)};
  const Rows first{{"input", {0}}, affine(), {"push", {}}}, swap{{"swap", {}}}, last{{"add", {}}, {"emit", {}}};
  const auto one = gram_of(first + left + swap + right + last, x),
             other = gram_of(first + right + swap + left + last, x);
  EXPECT_LE(worst_deviation(one.nngp, other.nngp, x.rows), 8 * kEps);
  EXPECT_LE(worst_deviation(one.ntk, other.ntk, x.rows), 8 * kEps);
}

TEST(Values, AProfileIsTheKernelOfPointsOnACircle) {
  const std::vector<double> at = angles(37);
  const Cloud x = fan({0}), z = fan(at);
  for (const Named& network : networks()) {
    const auto curve = profile_of(network.rows, at, 2), points = cross_of(network.rows, x, z);
    const auto ends = diagonal_of(network.rows, x);
    for (std::size_t k = 0; k < at.size(); ++k) {
      EXPECT_LE(std::fabs(curve.nngp[k] - points.nngp[k]), 64 * kEps * ends.nngp[0]) << network.name << " " << at[k];
      EXPECT_LE(std::fabs(curve.ntk[k] - points.ntk[k]), 64 * kEps * ends.ntk[0]) << network.name << " " << at[k];
    }
    EXPECT_EQ(curve.nngp[0], ends.nngp[0]) << network.name;
    EXPECT_EQ(curve.ntk[0], ends.ntk[0]) << network.name;
  }
  // More angles than a strip has columns.
  const auto many = profile_of(mlp_rows(2, relu()), angles(1000));
  const auto few = profile_of(mlp_rows(2, relu()), angles(10));
  for (std::size_t k = 0; k <= 10; ++k) EXPECT_LE(std::fabs(many.ntk[100 * k] - few.ntk[k]), 8 * kEps);
}

// exp(log_scale) is a power of four, so a value can be compared without its rounding.
void expect_power(double value, double log_scale, double mantissa, std::int64_t exponent) {
  const double halvings = -log_scale / kLogTwo / 2;
  const auto shift = static_cast<std::int64_t>(std::llround(halvings));
  EXPECT_NEAR(halvings, static_cast<double>(shift), 1e-9);
  EXPECT_LE(relative(value, std::ldexp(mantissa, static_cast<int>(exponent + 2 * shift))), 4 * kEps);
}

// α = 1, c = 2: K = 2^L and Ω = 2L 2^{L−1} at equal inputs: no double holds 2^10000.                       [presets]
TEST(Values, TenThousandBlocksOfAlphaOne) {
  const Cloud x(3, 2, {1, 0, 0.6, 0.8, -1, 0});
  const auto kernels = gram_of(resnet_rows(kDeepest, 1, relu(), false), x);
  const auto depth = static_cast<std::int64_t>(kDeepest);
  EXPECT_NEAR(kernels.nngp_log_scale, static_cast<double>(depth) * kLogTwo, 2);
  for (const std::size_t at : {0U, 4U, 8U}) {
    expect_power(kernels.nngp[at], kernels.nngp_log_scale, 1, depth);
    expect_power(kernels.ntk[at], kernels.ntk_log_scale, static_cast<double>(depth), depth);
  }
  // α does not shrink with the depth: all inputs look alike to the GPK, and the NTK sees a quarter of its diagonal.
  for (const std::size_t at : {1U, 2U, 5U}) {
    EXPECT_GT(kernels.nngp[at] / kernels.nngp[0], 0.999);
    EXPECT_NEAR(kernels.ntk[at] / kernels.ntk[0], 0.25, 0.01);
  }
}

// c = 1: K = 2^−L, T = (L + 1) 2^−L, below the smallest double.
TEST(Values, TenThousandHalvingLayers) {
  const Cloud x(2, 2, {1, 0, 0.6, 0.8});
  const auto kernels = gram_of(mlp_rows(kDeepest, relu(1)), x);
  const auto depth = static_cast<std::int64_t>(kDeepest);
  expect_power(kernels.nngp[0], kernels.nngp_log_scale, 1, -depth);
  expect_power(kernels.ntk[0], kernels.ntk_log_scale, static_cast<double>(depth + 1), -depth);
  EXPECT_NEAR(kernels.ntk[1] / kernels.ntk[0], 0.25, 0.01);
  const auto floats = gram_of<float>(mlp_rows(kDeepest, relu(1)), x);
  EXPECT_EQ(static_cast<double>(floats.nngp[0]), kernels.nngp[0]);
  EXPECT_EQ(floats.nngp_log_scale, kernels.nngp_log_scale);
}

// Inputs 1e-8 apart have ρ = 1 − 5e-17 and keep it: ten thousand sums of shares that add up to 1 only within an ulp must
// not show.                                                                                            [half-defect]
TEST(Values, CorrelationAndComplementDoNotDriftApart) {
  const Cloud x(2, 2, {1, 0, 1, 1e-8});
  for (const double alpha : {0.037, 0.1, 0.3, 0.7}) {
    const auto kernels = gram_of(resnet_rows(kDeepest, alpha, relu(), true), x);
    EXPECT_LE(relative(kernels.nngp[1] / kernels.nngp[0], 1), 4 * kEps) << alpha;
  }
  const auto kernels = gram_of(mlp_rows(kDeepest, relu(1.2, 0.2), biased(0.1, true), biased(0.1, true)), x);
  EXPECT_LE(relative(kernels.nngp[1] / kernels.nngp[0], 1), 4 * kEps);
}

TEST(Values, RawNumbersStayRawWhereTheyFit) {
  const Cloud x(2, 2, {1, 0, 0.6, 0.8});
  EXPECT_EQ(gram_of(resnet_rows(900, 1, relu(), false), x).nngp_log_scale, 0);
  EXPECT_EQ(gram_of(resnet_rows(900, 1, relu(), false), x).nngp[0], 0x1p+900);
  EXPECT_NE(gram_of<float>(resnet_rows(900, 1, relu(), false), x).nngp_log_scale, 0);
  const Cloud huge(2, 2, {1e300, 0, 3e299, 4e299});
  const auto kernels = gram_of(mlp_rows(2, relu()), huge);
  EXPECT_LE(std::fabs(std::log(kernels.nngp[0]) + kernels.nngp_log_scale - 2 * std::log(1e300)), 1e-12);
  EXPECT_LE(relative(kernels.nngp[3] / kernels.nngp[0], 0.25), 4 * kEps);
}

// Rows of very unlike lengths share one scale: what is too small beside the largest becomes 0, and nothing else does.
TEST(Values, LengthsFarApart) {
  const Cloud x(3, 2, {1e150, 0, 1, 1, 1e-150, 0});
  const auto kernels = gram_of(mlp_rows(1, relu()), x);
  EXPECT_LE(relative(kernels.nngp[0], 1e300), 8 * kEps);
  EXPECT_LE(relative(kernels.nngp[4], 2), 8 * kEps);
  EXPECT_LE(relative(kernels.nngp[8], 1e-300), 8 * kEps);
  EXPECT_LE(relative(kernels.nngp[2], 1), 8 * kEps);
}

// A zero vector and z: with a bias that trains from zero, ρ := 0 gives κ₀ = ½ at every layer.              [zero-input]
TEST(Values, AZeroVectorCountsAsOrthogonal) {
  const Cloud x(2, 2, {0, 0, 0.6, 0.8});
  const auto kernels = gram_of(mlp_rows(3, relu(), biased(1, false), biased(1, false)), x);
  EXPECT_EQ(kernels.nngp[0], 0);
  EXPECT_EQ(kernels.nngp[1], 0);
  EXPECT_LE(relative(kernels.ntk[1], 1.875), 4 * kEps);
  EXPECT_LE(relative(kernels.ntk[0], 1.875), 4 * kEps);
  const auto bare = gram_of(mlp_rows(3, relu()), x);
  EXPECT_EQ(bare.nngp[1], 0);
  EXPECT_EQ(bare.ntk[1], 0);
}

// With slope 1 every layer is linear: K = x·z whatever the depth, T = (L + 1) x·z.
TEST(Values, TheIdentityActivationLeavesTheInnerProduct) {
  const Cloud x = normal_cloud(20, 5, 3);
  const auto kernels = gram_of(mlp_rows(50, relu(1, 1)), x);
  for (std::size_t i = 0; i < x.rows; ++i)
    for (std::size_t j = 0; j < x.rows; ++j) {
      double inner = 0, xx = 0, zz = 0;
      for (std::size_t k = 0; k < x.dimension; ++k) {
        inner += x.row(i)[k] * x.row(j)[k];
        xx += x.row(i)[k] * x.row(i)[k];
        zz += x.row(j)[k] * x.row(j)[k];
      }
      const double size = std::sqrt(xx * zz);
      EXPECT_LE(std::fabs(kernels.nngp[i * x.rows + j] - inner), 16 * kEps * size);
      EXPECT_LE(std::fabs(kernels.ntk[i * x.rows + j] - 51 * inner), 51 * 16 * kEps * size);
    }
}

}  // namespace
}  // namespace resgram::core
