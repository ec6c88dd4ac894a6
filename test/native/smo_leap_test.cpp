#include "../../native/core/smo_leap.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

namespace resgram::core {
namespace {

// Numbers in [−½, ½) of the minimal standard generator.
class Numbers {
 public:
  double next() {
    state_ = state_ * 48271 % 2147483647;
    return static_cast<double>(state_) / 2147483647 - 0.5;
  }

 private:
  std::uint64_t state_ = 7;
};

// ½ dᵀKd + fᵀd of n points in d dimensions, with one bound for all.
struct Valley {
  Valley(std::size_t n, std::size_t d, double bound) : size(n), matrix(n * n), f(n), low(n, -bound), high(n, bound) {
    Numbers random;
    std::vector<double> x(n * d);
    for (double& each : x) each = random.next();
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t k = 0; k < d; ++k) matrix[i * n + j] += x[i * d + k] * x[j * d + k];
      }
    }
    for (double& each : f) each = random.next();
  }
  [[nodiscard]] bool run(std::vector<double>& beta) const {
    Leap leap;
    leap.resize(size);
    for (std::size_t i = 0; i < size; ++i) std::copy_n(matrix.data() + i * size, size, leap.row(i));
    return leap.run(f, low, high, beta);
  }
  [[nodiscard]] std::vector<double> gradient(const std::vector<double>& d) const {
    std::vector<double> g = f;
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) g[i] += matrix[i * size + j] * d[j];
    }
    return g;
  }
  [[nodiscard]] double value(const std::vector<double>& d) const {
    const std::vector<double> g = gradient(d);
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += d[i] * (f[i] + g[i]) / 2;
    return sum;
  }

  std::size_t size;
  std::vector<double> matrix, f, low, high;
};

double sum(const std::vector<double>& all) {
  double total = 0;
  for (const double each : all) total += each;
  return total;
}

// 2, 8 and 33 samples lie on both sides of the vectors' and the padding's ends.
TEST(SmoLeap, ReachesTheMinimumWhereNoBoundIsInTheWay) {
  for (const std::size_t n : {2u, 8u, 33u, 100u}) {
    const Valley valley(n, 2 * n, 1e9);
    std::vector<double> beta(n, 0.0);
    ASSERT_TRUE(valley.run(beta));
    EXPECT_NEAR(sum(beta), 0, 1e-9);
    const std::vector<double> g = valley.gradient(beta);
    for (const double each : g) EXPECT_NEAR(each, g[0], 1e-9) << n;
  }
}

TEST(SmoLeap, StopsAtBoundsAndGoesOnWithTheOthers) {
  const Valley valley(40, 60, 0.05);
  std::vector<double> beta(40, 0.0);
  ASSERT_TRUE(valley.run(beta));
  EXPECT_NEAR(sum(beta), 0, 1e-15 * 40);
  EXPECT_LT(valley.value(beta), 0);
  const std::vector<double> g = valley.gradient(beta);
  std::vector<double> inner;
  std::size_t stopped = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_LE(std::abs(beta[i]), 0.05);
    if (std::abs(beta[i]) == 0.05)
      ++stopped;
    else
      inner.push_back(g[i]);
  }
  EXPECT_GT(stopped, 3u);
  ASSERT_GT(inner.size(), 3u);
  for (const double each : inner) EXPECT_NEAR(each, inner[0], 1e-10);
}

TEST(SmoLeap, LowersTheValueOfASingularMatrix) {
  const Valley valley(60, 5, 100);
  std::vector<double> beta(60, 0.0);
  ASSERT_TRUE(valley.run(beta));
  EXPECT_LT(valley.value(beta), 0);
  EXPECT_NEAR(sum(beta), 0, 1e-10);
}

TEST(SmoLeap, RefusesWhatHasNoFactor) {
  Valley valley(5, 9, 1);
  valley.matrix[2 * 5 + 2] = -1;
  std::vector<double> beta(5, 0.0);
  EXPECT_FALSE(valley.run(beta));
  valley.matrix[2 * 5 + 2] = HUGE_VAL;
  EXPECT_FALSE(valley.run(beta));
}

}  // namespace
}  // namespace resgram::core
