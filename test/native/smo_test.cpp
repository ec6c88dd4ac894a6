#include "../../native/core/smo.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "../../native/core/error.hpp"
#include "../../native/core/lanes.hpp"
#include "../../native/core/smo_lanes.hpp"
#include "../../native/core/svm.hpp"

namespace resgram::core {
namespace {

constexpr double kClosed = -std::numeric_limits<double>::infinity();

// Numbers in [−½, ½) of the minimal standard generator.
class Numbers {
 public:
  double next() {
    state_ = state_ * 48271 % 2147483647;
    return static_cast<double>(state_) / 2147483647 - 0.5;
  }

 private:
  std::uint64_t state_ = 1;
};

// The arrays of an iteration, with a third of the samples closed to either side, and padding that is closed to both.
struct Iteration {
  explicit Iteration(std::size_t samples) : count((samples + kColumnPadding - 1) / kColumnPadding * kColumnPadding) {
    Numbers random;
    for (AlignedVector<double>* each : {&f, &ki, &kj, &diagonal}) each->assign(count, 0.0);
    for (AlignedVector<double>* each : {&grow, &drop}) each->assign(count, kClosed);
    for (std::size_t t = 0; t < samples; ++t) {
      f[t] = random.next();
      ki[t] = random.next();
      kj[t] = random.next();
      diagonal[t] = 1 + random.next();
      if (t % 3 != 0) grow[t] = 0;
      if (t % 3 != 1) drop[t] = 0;
    }
  }
  std::size_t count;
  AlignedVector<double> f, ki, kj, diagonal, grow, drop;
};

TEST(SmoLanes, MovesAndFindsTheFirstPeak) {
  for (const std::size_t samples : {1u, 31u, 32u, 33u, 500u}) {
    Iteration a(samples);
    const double delta = 0.375;
    std::vector<double> moved(a.count);
    Peak want{kClosed, 0};
    double lowest = kClosed;
    for (std::size_t t = 0; t < a.count; ++t) {
      moved[t] = a.f[t] + delta * (a.ki[t] - a.kj[t]);
      if (a.grow[t] - moved[t] > want.value) want = {a.grow[t] - moved[t], t};
      lowest = std::max(lowest, a.drop[t] + moved[t]);
    }
    double low = 0;
    const Peak got =
        smo_lanes().move(a.count, delta, a.ki.data(), a.kj.data(), a.f.data(), {a.grow.data(), a.drop.data()}, &low);
    EXPECT_EQ(got.value, want.value);
    EXPECT_EQ(got.index, want.index);
    EXPECT_EQ(low, lowest);
    for (std::size_t t = 0; t < a.count; ++t) EXPECT_EQ(a.f[t], moved[t]);
  }
}

TEST(SmoLanes, FindsThePartnerThatPromisesMost) {
  Iteration a(333);
  // Equal samples have no curvature, and of those that promise the same the first is taken.
  a.ki[200] = a.ki[100] = (1 + a.diagonal[100]) / 2;
  a.diagonal[200] = a.diagonal[100];
  a.f[200] = a.f[100] = 0.4;
  a.drop[200] = a.drop[100] = 0;
  const double top = 0.3;
  Peak want{-1, 0};
  for (std::size_t t = 0; t < a.count; ++t) {
    const double slope = top + a.f[t] + a.drop[t];
    const double gain = slope > 0 ? slope * slope / std::max(1 + a.diagonal[t] - 2 * a.ki[t], kLeastCurvature) : -1;
    if (gain > want.value) want = {gain, t};
  }
  const Peak got = smo_lanes().partner(a.count, top, 1, a.ki.data(), a.diagonal.data(), a.f.data(), a.drop.data());
  EXPECT_EQ(want.index, 100u);
  EXPECT_EQ(got.index, 100u);
  EXPECT_EQ(got.value, want.value);
}

TEST(SmoLanes, NobodyMayMove) {
  Iteration a(64);
  a.grow.assign(a.count, kClosed);
  a.drop.assign(a.count, kClosed);
  double low = 0;
  EXPECT_EQ(
      smo_lanes().move(a.count, 0, a.ki.data(), a.kj.data(), a.f.data(), {a.grow.data(), a.drop.data()}, &low).value,
      kClosed);
  EXPECT_EQ(low, kClosed);
  EXPECT_EQ(smo_lanes().partner(a.count, 1, 1, a.ki.data(), a.diagonal.data(), a.f.data(), a.drop.data()).value, -1);
}

TEST(Svm, CountsPairsInTheirOrder) {
  for (const std::size_t count : {2u, 3u, 7u}) {
    std::size_t next = 0;
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = a + 1; b < count; ++b) EXPECT_EQ(pair_index(a, b, count), next++);
    }
    EXPECT_EQ(next, count * (count - 1) / 2);
  }
}

TEST(Svm, ElectsTheFirstOfThoseThatTie) {
  std::vector<std::uint32_t> votes(3);
  EXPECT_EQ(elect(std::vector<double>{1, -1, 1}, 3, votes), 0u);  // one vote each
  EXPECT_EQ(votes, (std::vector<std::uint32_t>{1, 1, 1}));
  EXPECT_EQ(elect(std::vector<double>{-1, -1, 1}, 3, votes), 1u);
  EXPECT_EQ(elect(std::vector<double>{0, 0, 0}, 3, votes), 2u);  // 0 is for the second of a pair
}

// A linear kernel of random points with labels by chance, large enough for shrinking to pack the matrix again and again.
struct Chance {
  explicit Chance(std::size_t n, std::size_t d) : size(n), matrix(n * n), rows(n) {
    Numbers random;
    std::vector<double> x(n * d);
    for (double& each : x) each = random.next();
    for (std::size_t i = 0; i < n; ++i) {
      rows[i] = static_cast<std::uint32_t>(i);
      for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t k = 0; k < d; ++k) matrix[i * n + j] += x[i * d + k] * x[j * d + k];
      }
    }
  }
  std::size_t size;
  std::vector<double> matrix;
  std::vector<std::uint32_t> rows;
};

TEST(Smo, ShrinkingAndDriftChangeNothingBeyondTheTolerance) {
  const Chance problem(400, 6);
  const SmoSettings tight{.tolerance = 1e-6, .most_iterations = 100000000, .shrinking = true};
  SmoSettings plain = tight;
  plain.shrinking = false;
  Ticket ticket;
  Smo shrunk(problem.matrix.data(), problem.size, problem.rows, 200);
  Smo whole(problem.matrix.data(), problem.size, problem.rows, 200);
  for (const double cost : {1.0, 100.0, 10000.0}) {
    const SmoOutcome a = shrunk.solve(cost, tight, ticket), b = whole.solve(cost, plain, ticket);
    EXPECT_NEAR(a.objective, b.objective, 2e-6 * cost * 400);
    EXPECT_LE(a.violation, 1e-6);
    EXPECT_LE(b.violation, 1e-6);
    // The violation that it tells is that of the β that it gives, with f from nothing but them.
    double top = kClosed, low = kClosed;
    for (std::size_t t = 0; t < 400; ++t) {
      double f = t < 200 ? -1 : 1;
      for (std::size_t s = 0; s < 400; ++s) f += problem.matrix[t * 400 + s] * shrunk.beta()[s];
      const double price = std::abs(shrunk.beta()[t]);
      if (t < 200 ? price < cost : price > 0) top = std::max(top, -f);
      if (t < 200 ? price > 0 : price < cost) low = std::max(low, f);
    }
    EXPECT_LE(top + low, 1e-6 + 1e-13 * cost * 400 * std::sqrt(1 + static_cast<double>(a.iterations)));
  }
}

TEST(Smo, BeginsAnewAfterRestart) {
  const Chance problem(60, 3);
  const SmoSettings settings{.tolerance = 1e-3, .most_iterations = 1000000, .shrinking = true};
  Ticket ticket;
  Smo smo(problem.matrix.data(), problem.size, problem.rows, 25);
  const SmoOutcome first = smo.solve(1, settings, ticket);
  const std::vector<double> beta(smo.beta().begin(), smo.beta().end());
  smo.solve(50, settings, ticket);
  smo.restart();
  const SmoOutcome again = smo.solve(1, settings, ticket);
  EXPECT_EQ(first.iterations, again.iterations);
  EXPECT_EQ(first.objective, again.objective);
  EXPECT_EQ(beta, std::vector<double>(smo.beta().begin(), smo.beta().end()));
}

TEST(Smo, StopsWhenNobodyWantsTheResult) {
  const Chance problem(300, 3);
  const SmoSettings settings{.tolerance = 1e-12, .most_iterations = 1000000000000, .shrinking = true};
  Ticket ticket;
  ticket.cancel();
  Smo smo(problem.matrix.data(), problem.size, problem.rows, 150);
  EXPECT_THROW(smo.solve(1e9, settings, ticket), Cancelled);
}

TEST(Smo, SaysWhatIsLeftWhenItGivesUp) {
  const Chance problem(50, 3);
  Ticket ticket;
  Smo smo(problem.matrix.data(), problem.size, problem.rows, 25);
  try {
    smo.solve(100, {.tolerance = 1e-3, .most_iterations = 5, .shrinking = true}, ticket);
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::no_convergence);
    EXPECT_EQ(error.details()[0], (std::pair<std::string, double>{"iterations", 5}));
    EXPECT_GT(error.details()[1].second, 1e-3);
  }
}

// Each number is finite and their sums are not: 2 · 1e308 along the diagonal, and 10 · 8e307 in Kβ.
TEST(Smo, RefusesWhatLeavesTheRangeOfDoubles) {
  const std::vector<std::uint32_t> rows{0, 1, 2, 3};
  std::vector<double> large(16, 0.0), coupled(16);
  for (std::size_t i = 0; i < 4; ++i) {
    large[i * 5] = 1e308;
    for (std::size_t j = 0; j < 4; ++j) {
      coupled[i * 4 + j] = (i == j ? 0.0 : (i < 2) == (j < 2) ? -1.0 : 1.0) * 8e307;
    }
  }
  for (const std::vector<double>& matrix : {large, coupled}) {
    for (const bool shrinking : {false, true}) {
      Ticket ticket;
      Smo smo(matrix.data(), 4, rows, 2);
      try {
        const SmoOutcome got =
            smo.solve(10, {.tolerance = 1e-3, .most_iterations = 1000, .shrinking = shrinking}, ticket);
        ADD_FAILURE() << "expected an error, got the bias " << got.bias << " after " << got.iterations;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::range) << error.what();
        EXPECT_EQ(error.details()[0], (std::pair<std::string, double>{"c", 10}));
      }
    }
  }
}

TEST(Svm, NamesASubsetOfOneClass) {
  const std::vector<double> matrix(9, 1.0);
  const std::vector<std::uint32_t> classes{0, 1, 1};
  Ticket ticket;
  try {
    train({matrix.data(), 3, classes}, {{0, 1}, {1, 2}}, {.costs = {1}, .smo = {.most_iterations = 10}}, 1, ticket);
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "subset 1: expected samples of two classes or more, got 2 of one");
  }
}

}  // namespace
}  // namespace resgram::core
