#include "architecture.hpp"

#include <string>
#include <utility>

#include "compiler.hpp"
#include "core/error.hpp"

namespace resgram::finite {

Architecture Architecture::compile(std::shared_ptr<const core::Program> program, const core::Grid& grid,
                                   std::size_t dimension, std::size_t width, std::size_t outputs) {
  Architecture made;
  made.program_ = std::move(program);
  made.width_ = width;
  Compiler(made, grid, dimension, width).compile(outputs);
  return made;
}

std::size_t Architecture::trained_parameters() const {
  std::size_t count = 0;
  for (const Block& block : blocks_)
    if (block.trained) count += block.size();
  return count;
}

std::size_t Architecture::memory_of(std::size_t node) const {
  while (nodes_[node].kind == Kind::flatten) node = nodes_[node].from;
  return node;
}

double Architecture::signal_size() const {
  double size = 0;
  for (const Node& node : nodes_)
    if (node.kind != Kind::flatten) size += static_cast<double>(node.shape.size());
  return size;
}

double Architecture::work() const {
  double work = signal_size();
  for (const Block& block : blocks_)
    work += static_cast<double>(block.size()) * static_cast<double>(nodes_[block.node].shape.pixels());
  return work;
}

void require_orders(const Architecture& network, int order, const std::string& what) {
  if (network.orders() >= order) return;
  const Node& node = network.nodes()[network.least_smooth()];
  static constexpr const char* kDerivatives[] = {"", "first", "second", "third", "fourth"};
  throw Error(Code::argument, core::where(*node.step),
              what + " takes the " + kDerivatives[order] + " derivative of its activation, and that of " +
                  node.phi->name() +
                  " is no bounded function; take a smooth activation (gelu, tanh, erf, softplus, silu, sine)",
              {{"order", static_cast<double>(order)}, {"orders", static_cast<double>(network.orders())}});
}

}  // namespace resgram::finite
