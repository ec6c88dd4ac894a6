// A second derivative along (γ, β) is the sum over all nodes of their cotangent with the source that the first tangents
// make there: u φ″ ż_γ ż_β at activations, δ·(Ẇ_γ ḣ_β + Ẇ_β ḣ_γ) at weights.                             [hierarchy-sweeps]
#include <algorithm>

#include "core/pool.hpp"
#include "curvature.hpp"

namespace resgram::finite {
namespace {

std::size_t largest_node(const Architecture& network) {
  std::size_t size = 0;
  for (const Node& node : network.nodes())
    if (node.moves) size = std::max(size, node.shape.size());
  return size;
}

// task(α) for the points of a tile: side by side, or one after another, each with the whole crew.
template <class Task>
void for_points(const Tile& tile, const Crew& crew, const Task& task) {
  if (tile.samples == 1) return task(0);
  core::parallel_for(tile.samples, crew.threads, [&](std::size_t i, int) { task(i); });
}

// out_α += left_α right_αᵀ, rows of `size` numbers for each direction.
void add_products(const Tile& tile, std::size_t size, const double* left, const double* right, double* out,
                  const Crew& crew) {
  const std::size_t d = tile.directions;
  for_points(tile, crew, [&](std::size_t i) {
    product(1, {left + i * d * size, size}, {right + i * d * size, size, true}, true, out + i * d * d, d, d, size, d,
            crew);
  });
}

// bent_αγ = u_α φ″_α ż_αγ.
void bend(const Expansion& at, const Tangents& tangents, std::size_t node, const Tile& tile, double* bent,
          const Crew& crew) {
  const Node& activation = at.network.nodes()[node];
  const std::size_t size = activation.shape.size();
  const double* const in = tangents.value(activation.from);
  core::parallel_for(tile.samples, crew.threads, [&](std::size_t i, int) {
    const double* const cotangent = at.cotangents.at(node) + (tile.first + i) * size;
    const double* const curvature = at.bends.at(node) + (tile.first + i) * size;
    for (std::size_t row = i * tile.directions; row < (i + 1) * tile.directions; ++row)
      for (std::size_t k = 0; k < size; ++k) bent[row * size + k] = cotangent[k] * curvature[k] * in[row * size + k];
  });
}

}  // namespace

double second_derivative_numbers(const Architecture& network, const Tile& tile) {
  const auto columns = static_cast<double>(tile.samples * tile.directions);
  return columns * static_cast<double>(largest_node(network) + tile.directions);
}

void second_derivatives(const Expansion& at, Tangents& tangents, const Tile& tile, std::span<double> out,
                        const Crew& crew) {
  const Architecture& network = at.network;
  const std::size_t d = tile.directions, columns = tile.samples * d;
  const core::Buffer<double> scratch(columns * largest_node(network)), half(columns * d);
  std::fill_n(out.data(), columns * d, 0.0);
  std::fill_n(half.data(), columns * d, 0.0);
  for (std::size_t node = 1; node < network.nodes().size(); ++node) {
    const Node& here = network.nodes()[node];
    if (!network.nodes()[here.from].moves) continue;
    crew.ticket.checkpoint(0);
    if (here.kind == Kind::activation) {
      bend(at, tangents, node, tile, scratch.data(), crew);
      add_products(tile, here.shape.size(), scratch.data(), tangents.value(here.from), out.data(), crew);
    } else if (here.kind == Kind::linear && network.blocks()[here.weights].trained) {
      tangents.mix_inputs(node, tile, false, scratch.data(), crew);
      add_products(tile, network.nodes()[here.from].shape.size(), scratch.data(), tangents.value(here.from),
                   half.data(), crew);
    }
  }
  for_points(tile, crew, [&](std::size_t i) {
    for (std::size_t c = 0; c < d; ++c)
      for (std::size_t b = 0; b < d; ++b)
        out[(i * d + c) * d + b] += half.data()[(i * d + c) * d + b] + half.data()[(i * d + b) * d + c];
  });
}

}  // namespace resgram::finite
