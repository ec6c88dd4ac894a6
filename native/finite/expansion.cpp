#include "expansion.hpp"

#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "sweep.hpp"

namespace resgram::finite {

void require_expandable(const Architecture& network, int order) {
  if (network.outputs() != 1)
    throw Error(Code::argument, "expected a network of one output, got " + std::to_string(network.outputs()));
  require_orders(network, order - 1, "the kernel of order " + std::to_string(order));
}

double Expansion::numbers(const Architecture& network, std::size_t points, int order) {
  // Derivatives of φ are as many as activations, which are fewer than half of all signals.
  return static_cast<double>(points) * network.signal_size() * (2 + 0.5 * (order - 1));
}

Expansion::Expansion(const Architecture& net, std::span<const double> theta, std::span<const double> x,
                     std::size_t point_count, std::size_t trained_count, int highest, const Crew& crew)
    : network(net),
      weights(theta),
      points(point_count),
      trained(trained_count),
      order(highest),
      values(net, point_count),
      cotangents(net, point_count, moves),
      slopes(net, point_count, is_activation_node),
      bends(net, point_count, is_activation_node) {
  forward(network, weights, x.first(points * network.inputs()), values, crew);
  differentiate(network, values, 1, slopes, crew);
  differentiate(network, values, 2, bends, crew);
  if (order > 3) differentiate(network, values, 3, jerks.emplace(network, points, is_activation_node), crew);
  std::fill_n(cotangents.at(network.output()), points, 1.0);
  backward(network, weights, slopes, cotangents, crew);
}

}  // namespace resgram::finite
