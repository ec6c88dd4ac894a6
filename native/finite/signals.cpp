#include "signals.hpp"

namespace resgram::finite {

Signals::Signals(const Architecture& network, std::size_t samples)
    : Signals(network, samples, [](const Node&) { return true; }) {}

Signals::Signals(const Architecture& network, std::size_t samples, const std::function<bool(const Node&)>& wanted)
    : samples_(samples), memory_(network.nodes().size()) {
  for (std::size_t at = 0; at < network.nodes().size(); ++at) {
    const std::size_t root = network.memory_of(at);
    roots_.push_back(root);
    sizes_.push_back(samples * network.nodes()[at].shape.size());
    if (root == at && wanted(network.nodes()[at])) memory_[at] = core::Buffer<double>(sizes_[at]);
  }
}

bool is_activation_node(const Node& node) { return node.kind == Kind::activation; }

bool moves(const Node& node) { return node.moves; }

}  // namespace resgram::finite
