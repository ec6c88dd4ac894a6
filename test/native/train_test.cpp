#include "../../native/finite/train.hpp"

#include "../../native/core/error.hpp"
#include "hierarchy.hpp"

namespace resgram::finite::trial {
namespace {

constexpr double kRoom = 1e9;

struct Outcome {
  std::vector<double> loss, train, test, kernel, moved, weights;
  Trained trained;
};

Outcome run(Swept& net, std::size_t n, std::span<const double> y, const Schedule& schedule, double budget = kRoom) {
  const std::size_t times = schedule.times.size(), all = net.values.samples(), outputs = net.network.outputs();
  const std::size_t inputs = net.network.inputs();
  const std::span<const double> x = net.x;
  Outcome out{std::vector<double>(times),
              std::vector<double>(times * n * outputs),
              std::vector<double>(times * (all - n) * outputs),
              std::vector<double>(times * n * n),
              std::vector<double>(times * net.network.blocks().size()),
              net.weights,
              {}};
  out.trained =
      train(net.network, out.weights, {x.first(n * inputs), n}, y, {x.subspan(n * inputs), all - n}, schedule, budget,
            {out.loss.data(), out.train.data(), out.test.data(), out.kernel.data(), out.moved.data()}, net.crew);
  return out;
}

// With a head that trains alone f is linear in the weights: the kernel stands still, and both methods are known.
TEST(Training, OfTheHeadIsLinear) {
  core::Row frozen = affine();
  frozen.args[1] = 0;
  const Trial trial{"", {{"input", {0}}, frozen, of("tanh", {1}), frozen, of("tanh", {1}), affine(), {"emit", {}}}};
  constexpr std::size_t all = 4, n = 2;
  const std::vector<double> y{1, -0.5}, times{0, 0.7, 3};
  Swept net(trial, 20, all);
  const Kernels start = kernels_of(net, all, n, 2);
  const std::span<const double> k = start.second;
  // The eigenvalues of 2 × 2 and the residual along their vectors.
  const double middle = (k[0] + k[3]) / 2, half = std::hypot((k[0] - k[3]) / 2, k[1]);
  const double angle = 0.5 * std::atan2(2 * k[1], k[0] - k[3]);
  const double r0 = start.outputs[0] - y[0], r1 = start.outputs[1] - y[1];
  const double first = std::cos(angle) * r0 + std::sin(angle) * r1,
               second = -std::sin(angle) * r0 + std::cos(angle) * r1;
  const auto left = [&](double of_first, double of_second, std::size_t sample) {
    const double c = std::cos(angle), s = std::sin(angle);
    return sample == 0 ? c * first * of_first - s * second * of_second : s * first * of_first + c * second * of_second;
  };
  const Outcome flow = run(net, n, y, {Method::flow, times, 1, 1e-9, 10000});
  for (std::size_t t = 0; t < times.size(); ++t)
    for (std::size_t i = 0; i < n; ++i)
      EXPECT_NEAR(flow.train[t * n + i] - y[i],
                  left(std::exp(-(middle + half) * times[t] / n), std::exp(-(middle - half) * times[t] / n), i), 1e-7);
  const std::vector<double> steps{0, 1, 30};
  const Outcome descent = run(net, n, y, {Method::descent, steps, 0.3, 0, 0});
  for (std::size_t t = 0; t < steps.size(); ++t)
    for (std::size_t i = 0; i < n; ++i)
      EXPECT_NEAR(
          descent.train[t * n + i] - y[i],
          left(std::pow(1 - 0.3 * (middle + half) / n, steps[t]), std::pow(1 - 0.3 * (middle - half) / n, steps[t]), i),
          1e-13);
  EXPECT_NEAR(descent.trained.stability_limit, 2 * n / (middle + half), 1e-3 * 2 * n / (middle + half));
  EXPECT_EQ(descent.trained.steps, 30U);
  for (std::size_t i = 0; i < n * n; ++i) EXPECT_NEAR(flow.kernel[2 * n * n + i], k[i / n * n + i % n], 1e-12);
  EXPECT_EQ(flow.moved[2 * 3], 0);
  EXPECT_GT(flow.moved[2 * 3 + 2], 0);
}

// Everything trains: what is written down is what the network of the weights that are left says.
TEST(Training, WritesDownWhatTheNetworkSays) {
  for (const Trial& trial : trials()) {
    constexpr std::size_t all = 5, n = 3, outputs = 2;
    const std::vector<double> y = normals(n * outputs, 3), times{0, 0.2, 0.5};
    Swept net(trial, 9, all, outputs);
    const std::vector<double> start = net.weights;
    // Where φ′ jumps so does the right side, and steps are as short as their tolerance.
    const double tolerance = net.network.orders() > 1 ? 1e-8 : 1e-4;
    const Outcome got = run(net, n, y, {Method::flow, times, 1, tolerance, 10000});
    net.weights = got.weights;
    net.run();
    const std::vector<double> out = net.outputs();
    double loss = 0;
    for (std::size_t k = 0; k < n * outputs; ++k) {
      EXPECT_NEAR(got.train[2 * n * outputs + k], out[k], 1e-12 * (1 + std::fabs(out[k])));
      loss += (out[k] - y[k]) * (out[k] - y[k]) / (2 * n);
    }
    EXPECT_NEAR(got.loss[2], loss, 1e-12 * loss);
    EXPECT_LT(got.loss[2], got.loss[0]) << trial.name;
    for (std::size_t k = 0; k < (all - n) * outputs; ++k)
      EXPECT_NEAR(got.test[2 * (all - n) * outputs + k], out[n * outputs + k], 1e-12 * (1 + std::fabs(out[k])));
    for (std::size_t b = 0; b < net.network.blocks().size(); ++b) {
      const Block& block = net.network.blocks()[b];
      double sum = 0;
      for (std::size_t i = block.offset; i < block.offset + block.size(); ++i)
        sum += (got.weights[i] - start[i]) * (got.weights[i] - start[i]);
      EXPECT_DOUBLE_EQ(got.moved[2 * net.network.blocks().size() + b], std::sqrt(sum));
      EXPECT_EQ(sum > 0, block.trained) << trial.name << ", " << b;
    }
  }
}

// Steps of length η are flow up to O(η).
TEST(Training, ShortStepsAreFlow) {
  constexpr std::size_t n = 4;
  const std::vector<double> y = normals(n, 3), time{1.5};
  Swept net(trials()[0], 16, n);
  const Outcome flow = run(net, n, y, {Method::flow, time, 1, 1e-10, 10000});
  std::vector<double> errors;
  for (const double rate : {0.01, 0.005}) {
    const std::vector<double> steps{1.5 / rate};
    const Outcome descent = run(net, n, y, {Method::descent, steps, rate, 0, 0});
    double error = 0;
    for (std::size_t i = 0; i < n; ++i) error = std::max(error, std::fabs(descent.train[i] - flow.train[i]));
    errors.push_back(error);
  }
  EXPECT_NEAR(errors[0] / errors[1], 2, 0.1);
  EXPECT_LT(errors[1], 0.05);
}

TEST(Training, DependsNeitherOnThreadsNorMuchOnBatches) {
  constexpr std::size_t n = 7;
  const std::vector<double> y = normals(n, 3), steps{20};
  const Schedule schedule{Method::descent, steps, 0.1, 0, 0};
  Swept one(trials()[8], 30, n), two(trials()[8], 30, n, 1, 7, 2);
  const Outcome a = run(one, n, y, schedule), b = run(two, n, y, schedule);
  EXPECT_EQ(a.weights, b.weights);
  // A state that is large enough for threads.
  Swept wide(trials()[0], 200, n), shared(trials()[0], 200, n, 1, 7, 2);
  const std::vector<double> times{0.5};
  const Schedule flow{Method::flow, times, 1, 1e-6, 1000};
  EXPECT_GT(wide.network.parameters(), 65536U);
  EXPECT_EQ(run(wide, n, y, flow).weights, run(shared, n, y, flow).weights);
  const Outcome small = run(one, n, y, schedule, 3 * sweep_bytes(one.network));
  for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(a.train[i], small.train[i], 1e-12 * (1 + std::fabs(a.train[i])));
}

TEST(Training, SaysWhereItDiverged) {
  constexpr std::size_t n = 3;
  const std::vector<double> y = normals(n, 3), steps{10000};
  Swept net(trials()[1], 16, n);
  try {
    run(net, n, y, {Method::descent, steps, 100, 0, 0});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::no_convergence);
    EXPECT_NE(std::string(error.what()).find("training diverged: at step"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("smaller learning rate"), std::string::npos);
    ASSERT_EQ(error.details().size(), 4U);
    EXPECT_EQ(error.details()[3].first, "stabilityLimit");
    EXPECT_GT(100, error.details()[3].second);
  }
  const std::vector<double> late{1e9};
  try {
    run(net, n, y, {Method::flow, late, 1, 1e-8, 20});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("gradient flow: more than 20 steps"), std::string::npos);
  }
  Swept sign({"", core::trial::mlp_rows(1, of("sign", {1}))}, 4, n);
  EXPECT_THROW(run(sign, n, y, {Method::descent, steps, 1, 0, 0}), Error);
}

}  // namespace
}  // namespace resgram::finite::trial
