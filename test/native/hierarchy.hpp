// Tensors of the neural tangent hierarchy as plain vectors.
#pragma once

#include "../../native/finite/hierarchy.hpp"
#include "finite.hpp"

namespace resgram::finite::trial {

struct Kernels {
  std::vector<double> outputs, second, third, fourth;
};

inline Kernels kernels_of(Swept& net, std::size_t points, std::size_t trained, int order) {
  const std::size_t n = trained;
  Kernels made{std::vector<double>(points), std::vector<double>(points * n),
               std::vector<double>(order > 2 ? points * n * n : 0),
               std::vector<double>(order > 3 ? points * n * n * n : 0)};
  tangent_hierarchy(net.network, net.weights, net.x, points, n, order,
                    {made.outputs, made.second, made.third, made.fourth}, net.crew);
  return made;
}

// Those of the trials that have the derivatives which the order takes.
inline std::vector<Trial> smooth_trials(int order) {
  std::vector<Trial> chosen;
  for (const Trial& trial : trials())
    if (compiled(trial, 2).orders() >= order - 1) chosen.push_back(trial);
  return chosen;
}

inline double largest(std::span<const double> numbers) {
  double most = 0;
  for (const double x : numbers) most = std::max(most, std::fabs(x));
  return most;
}

// ∇f of one sample at the weights that the network has now, zeros where it does not train.
inline std::vector<double> gradient_of(Swept& net, std::size_t sample, std::size_t samples) {
  net.run();
  std::vector<double> u(samples, 0.0);
  u[sample] = 1;
  return net.vjp(u);
}

// d/ds of numbers(θ + s v) at 0 by differences over five points: off by s⁴/30 of a fifth derivative, and ε/s.
template <class Numbers>
std::vector<double> along(Swept& net, std::span<const double> direction, const Numbers& numbers) {
  constexpr double step = 5e-4;
  const std::vector<double> start = net.weights;
  std::vector<double> sum;
  for (const auto& [shift, weight] :
       {std::pair{-2.0, 1.0 / 12}, std::pair{-1.0, -8.0 / 12}, std::pair{1.0, 8.0 / 12}, std::pair{2.0, -1.0 / 12}}) {
    for (std::size_t i = 0; i < start.size(); ++i) net.weights[i] = start[i] + shift * step * direction[i];
    const std::vector<double> now = numbers();
    sum.resize(now.size(), 0.0);
    for (std::size_t i = 0; i < now.size(); ++i) sum[i] += weight / step * now[i];
  }
  net.weights = start;
  return sum;
}

}  // namespace resgram::finite::trial
