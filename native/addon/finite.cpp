#include "finite.hpp"

#include <algorithm>

#include "linalg/linalg.hpp"

namespace resgram::addon {

std::shared_ptr<const finite::Architecture> finite_network(Napi::Value value) {
  require(value.IsArray() && value.As<Napi::Array>().Length() == 5,
          "network: expected [program, grid, dimension, width, outputs]");
  const Napi::Array parts = value.As<Napi::Array>();
  const Napi::Value grid = parts.Get(1u);
  return std::make_shared<const finite::Architecture>(finite::Architecture::compile(
      program(parts.Get(0u)), grid.IsNull() ? core::Grid{} : grid_of(grid), count(parts.Get(2u), "dimension", 1),
      count(parts.Get(3u), "width", 1), count(parts.Get(4u), "outputs", 1)));
}

std::shared_ptr<Numbers> finite_weights(Napi::Value value, const finite::Architecture& network) {
  auto weights = matrix(value);
  require(weights->span().size() == network.parameters(), "weights: expected as many numbers as the network has");
  return weights;
}

std::shared_ptr<Numbers> finite_inputs(Napi::Value value, const finite::Architecture& network) {
  auto inputs = matrix(value);
  require(inputs->columns == network.inputs(), "inputs: expected rows of as many numbers as the network takes");
  return inputs;
}

int finite_threads(Napi::Value value) {
  return std::max(1, linalg::side_by_side(std::min(core::usable_threads(threads(value)), threads(value))));
}

}  // namespace resgram::addon
