#include "../../native/finite/sweep.hpp"

#include "finite.hpp"

namespace resgram::finite::trial {
namespace {

// Central differences of outputs at a step h are off by h²/6 of a third derivative and ε/h of the outputs.
TEST(FiniteSweep, TangentsAreDerivatives) {
  for (const Trial& trial : trials()) {
    Swept net(trial, 6, 3, 2);
    std::vector<double> direction = normals(net.network.parameters(), 3);
    for (const Block& block : net.network.blocks())
      if (!block.trained) std::fill_n(direction.begin() + static_cast<std::ptrdiff_t>(block.offset), block.size(), 0.0);
    const std::vector<double> got = net.jvp(direction), start = net.weights;
    const auto moved = [&](double step) {
      for (std::size_t i = 0; i < start.size(); ++i) net.weights[i] = start[i] + step * direction[i];
      forward(net.network, net.weights, net.x, net.values, net.crew);
      return net.outputs();
    };
    // relu has kinks, which a step this small crosses with a chance of 1e-3 in all.
    constexpr double h = 1e-5;
    const std::vector<double> after = moved(h), before = moved(-h);
    for (std::size_t i = 0; i < got.size(); ++i)
      EXPECT_NEAR(got[i], (after[i] - before[i]) / (2 * h), 3e-8 * (1 + std::fabs(got[i]))) << trial.name << ", " << i;
  }
}

// ⟨Jv, u⟩ and ⟨v, Jᵀu⟩ are the same sum in another order.
TEST(FiniteSweep, TangentsAndGradientsAreAdjoint) {
  for (const Trial& trial : trials()) {
    for (const std::size_t samples : {1U, 5U}) {
      Swept net(trial, 17, samples, 3);
      const std::vector<double> v = normals(net.network.parameters(), 4), u = normals(3 * samples, 5);
      const std::vector<double> forward_mode = net.jvp(v), reverse_mode = net.vjp(u);
      double size = 0;
      for (std::size_t i = 0; i < v.size(); ++i) size += std::fabs(v[i] * reverse_mode[i]);
      EXPECT_NEAR(dot(forward_mode, u), dot(v, reverse_mode), 1e-13 * size) << trial.name;
      EXPECT_GT(size, 0);
    }
  }
}

// What the empirical kernels are made of: ⟨∂f(x), ∂f(z)⟩ = Σ factor² Σ_pq ⟨δ_p, δ_q⟩⟨h_p, h_q⟩.                   [rank-one]
TEST(FiniteSweep, GradientsAreProductsOfWhatLayersSee) {
  for (const Trial& trial : trials()) {
    Swept net(trial, 9, 2);
    Signals cotangents(net.network, 2, moves);
    const std::vector<double> first = net.vjp(std::vector<double>{1, 0}), second = net.vjp(std::vector<double>{0, 1});
    static_cast<void>(net.vjp(std::vector<double>{1, 1}, cotangents));
    double product = 0;
    for (const Block& block : net.network.blocks()) {
      if (!block.trained) continue;
      const Node& node = net.network.nodes()[block.node];
      const std::size_t pixels = node.shape.pixels();
      for (std::size_t p = 0; p < pixels; ++p) {
        for (std::size_t q = pixels; q < 2 * pixels; ++q) {
          const auto row = [&](const Signals& of, std::size_t at, std::size_t r, std::size_t n) {
            return std::span(of.at(at) + r * n, n);
          };
          const double deltas =
              dot(row(cotangents, block.node, p, block.rows), row(cotangents, block.node, q, block.rows));
          const double inputs = block.bias ? 1
                                           : dot(row(net.values, node.from, p, block.columns),
                                                 row(net.values, node.from, q, block.columns));
          product += block.factor * block.factor * deltas * inputs;
        }
      }
    }
    const double size = std::sqrt(dot(first, first) * dot(second, second));
    EXPECT_NEAR(product, dot(first, second), 1e-13 * size) << trial.name;
  }
}

TEST(FiniteSweep, BytesDoNotDependOnThreads) {
  for (const Trial& trial : {trials()[2], trials()[4], trials()[8], trials()[11]}) {
    Swept alone(trial, 150, 40, 2);
    const std::vector<double> direction = normals(alone.network.parameters(), 6), u = normals(80, 7);
    const std::vector<double> jvp = alone.jvp(direction), vjp = alone.vjp(u);
    for (const int threads : {2, 5}) {
      Swept crowd(trial, 150, 40, 2, 7, threads);
      EXPECT_EQ(crowd.weights, alone.weights) << trial.name;
      EXPECT_EQ(crowd.outputs(), alone.outputs()) << trial.name;
      EXPECT_EQ(crowd.jvp(direction), jvp) << trial.name;
      EXPECT_EQ(crowd.vjp(u), vjp) << trial.name;
    }
  }
}

TEST(FiniteSweep, FrozenBlocksHaveNoGradient) {
  Swept net(trials()[4], 8, 3);
  const std::vector<double> all = net.vjp(std::vector<double>{1, -2, 0.5});
  std::size_t frozen = 0;
  for (const Block& block : net.network.blocks()) {
    const auto part = std::span(all).subspan(block.offset, block.size());
    EXPECT_EQ(dot(part, part) > 0, block.trained);
    if (!block.trained) frozen += block.size();
  }
  EXPECT_EQ(frozen, 8U * 5 + 8);
  EXPECT_EQ(net.network.trained_parameters(), net.network.parameters() - frozen);
}

TEST(FiniteSweep, Cancels) {
  Swept net(trials()[0], 8, 3);
  net.ticket.cancel();
  EXPECT_THROW(net.run(), Cancelled);
  EXPECT_THROW(static_cast<void>(net.jvp(net.weights)), Cancelled);
  EXPECT_THROW(static_cast<void>(net.vjp(std::vector<double>{1, 1, 1})), Cancelled);
}

}  // namespace
}  // namespace resgram::finite::trial
