// One array per node of a network, for a batch of samples.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "architecture.hpp"
#include "core/buffer.hpp"

namespace resgram::finite {

// samples × pixels × channels numbers for every node that is wanted; nodes that share memory (Architecture::memory_of)
// are one array. Numbers have no value before they are written.
class Signals {
 public:
  Signals(const Architecture& network, std::size_t samples);
  Signals(const Architecture& network, std::size_t samples, const std::function<bool(const Node&)>& wanted);

  [[nodiscard]] std::size_t samples() const { return samples_; }
  // Null where the node was not wanted.
  [[nodiscard]] double* at(std::size_t node) { return memory_[roots_[node]].data(); }
  [[nodiscard]] const double* at(std::size_t node) const { return memory_[roots_[node]].data(); }
  // samples · shape.size() of the node.
  [[nodiscard]] std::size_t size(std::size_t node) const { return sizes_[node]; }
  [[nodiscard]] std::span<double> span(std::size_t node) { return {at(node), sizes_[node]}; }
  [[nodiscard]] std::span<const double> span(std::size_t node) const { return {at(node), sizes_[node]}; }

 private:
  std::size_t samples_;
  std::vector<std::size_t> roots_, sizes_;
  std::vector<core::Buffer<double>> memory_;
};

// For the derivatives of φ: only activations.
bool is_activation_node(const Node& node);
// For tangents and cotangents: only what weights lie before.
bool moves(const Node& node);

}  // namespace resgram::finite
