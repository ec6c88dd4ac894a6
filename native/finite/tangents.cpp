#include "tangents.hpp"

#include <algorithm>
#include <vector>

#include "core/pool.hpp"
#include "maps.hpp"

namespace resgram::finite {
namespace {

std::size_t most_pixels(const Architecture& network) {
  std::size_t most = 1;
  for (const Node& node : network.nodes()) {
    if (node.kind == Kind::linear) most = std::max(most, node.shape.pixels());
  }
  return most;
}

// task(α, γ) for all columns of a tile.
template <class Task>
void for_columns(const Tile& tile, double work, const Crew& crew, const Task& task) {
  for_chunks(
      tile.samples * tile.directions, work, crew,
      [&](std::size_t from, std::size_t to) {
        for (std::size_t k = from; k < to; ++k) task(k / tile.directions, k % tile.directions);
      },
      std::max<std::size_t>(1, kChunk / std::max<std::size_t>(1, static_cast<std::size_t>(work))));
}

}  // namespace

Tangents::Tangents(const Expansion& at, std::size_t columns, bool back)
    : at_(at),
      values_(at.network, columns, moves),
      room_(columns * most_pixels(at.network) * most_pixels(at.network)),
      gram_(room_) {
  if (back) cotangents_.emplace(at.network, columns, moves);
}

double Tangents::numbers(const Architecture& network, std::size_t columns, bool back) {
  const auto pixels = static_cast<double>(most_pixels(network));
  return static_cast<double>(columns) * (network.signal_size() * (back ? 2 : 1) + pixels * pixels);
}

std::span<const double> Tangents::products(const double* rows, std::size_t pixels, std::size_t width, const Tile& tile,
                                           const Crew& crew) {
  const std::size_t across = tile.directions * pixels, down = tile.samples * pixels;
  product(1, {rows + tile.first * pixels * width, width}, {rows, width, true}, false, gram_.data(), across, down, width,
          across, crew);
  return {gram_.data(), down * across};
}

std::span<const double> Tangents::input_products(std::size_t node, const Tile& tile, const Crew& crew) {
  const Node& linear = at_.network.nodes()[node];
  const std::size_t width = at_.network.nodes()[linear.from].shape.channels;
  return products(at_.values.at(linear.from), linear.shape.pixels(), width, tile, crew);
}

std::span<const double> Tangents::output_products(std::size_t node, const Tile& tile, const Crew& crew) {
  const Shape& shape = at_.network.nodes()[node].shape;
  return products(at_.cotangents.at(node), shape.pixels(), shape.channels, tile, crew);
}

// out_(αγ) = factor · gram_(αγ) from_γ: pixels × pixels times pixels × width.
void Tangents::mix(std::span<const double> gram, double factor, const double* from, std::size_t pixels,
                   std::size_t width, const Tile& tile, bool add, double* out, const Crew& crew) const {
  const std::size_t across = tile.directions * pixels, size = pixels * width;
  for_columns(tile, static_cast<double>(pixels * size), crew, [&](std::size_t i, std::size_t direction) {
    const double* const block = gram.data() + i * pixels * across + direction * pixels;
    const double* const source = from + direction * size;
    double* const to = out + (i * tile.directions + direction) * size;
    if (pixels > 1) {
      linalg::add_product(factor, {block, across}, {source, width}, add, to, width, pixels, pixels, width);
      return;
    }
    const double weight = factor * *block;
    if (add) {
      for (std::size_t k = 0; k < width; ++k) to[k] += weight * source[k];
    } else {
      for (std::size_t k = 0; k < width; ++k) to[k] = weight * source[k];
    }
  });
}

void Tangents::mix_inputs(std::size_t node, const Tile& tile, bool add, double* out, const Crew& crew) {
  const Node& linear = at_.network.nodes()[node];
  mix(output_products(node, tile, crew), linear.factor * linear.factor, at_.values.at(linear.from),
      linear.shape.pixels(), at_.network.nodes()[linear.from].shape.channels, tile, add, out, crew);
}

// ż_αγ = factor · W ḣ_αγ + factor² Σ_p′ (h_α·h_γp′) δ_γp′ + β² Σ_p′ δ_γp′.
void Tangents::linear_forward(std::size_t at, const Tile& tile, const Crew& crew) {
  const Architecture& network = at_.network;
  const Node& node = network.nodes()[at];
  const std::size_t columns = tile.samples * tile.directions;
  const std::size_t pixels = node.shape.pixels(), width = node.shape.channels;
  double* const out = values_.at(at);
  bool add = network.nodes()[node.from].moves;
  if (add) apply(network, at, at_.weights, columns, values_.at(node.from), false, out, crew);
  if (network.blocks()[node.weights].trained) {
    mix(input_products(at, tile, crew), node.factor * node.factor, at_.cotangents.at(at), pixels, width, tile, add, out,
        crew);
    add = true;
  }
  if (!add) std::fill_n(out, columns * node.shape.size(), 0.0);
  if (node.bias == kNone || !network.blocks()[node.bias].trained) return;
  const double square = network.blocks()[node.bias].factor * network.blocks()[node.bias].factor;
  std::vector<double> sums(tile.directions * width, 0.0);
  for (std::size_t direction = 0; direction < tile.directions; ++direction) {
    const double* delta = at_.cotangents.at(at) + direction * pixels * width;
    for (std::size_t k = 0; k < pixels * width; ++k) sums[direction * width + k % width] += square * delta[k];
  }
  for_columns(tile, static_cast<double>(pixels * width), crew, [&](std::size_t i, std::size_t direction) {
    double* const to = out + (i * tile.directions + direction) * pixels * width;
    for (std::size_t p = 0; p < pixels; ++p)
      for (std::size_t k = 0; k < width; ++k) to[p * width + k] += sums[direction * width + k];
  });
}

void Tangents::forward(const Tile& tile, const Crew& crew) {
  const Architecture& network = at_.network;
  const std::size_t columns = tile.samples * tile.directions;
  for (std::size_t at = 1; at < network.nodes().size(); ++at) {
    const Node& node = network.nodes()[at];
    if (!node.moves || node.kind == Kind::flatten) continue;
    crew.ticket.checkpoint(0);
    const double* const in = values_.at(node.from);
    double* const out = values_.at(at);
    const std::size_t size = node.shape.size();
    switch (node.kind) {
      case Kind::linear:
        linear_forward(at, tile, crew);
        break;
      case Kind::activation:
        for_columns(tile, static_cast<double>(size), crew, [&](std::size_t i, std::size_t direction) {
          const double* const slope = at_.slopes.at(at) + (tile.first + i) * size;
          const std::size_t from = (i * tile.directions + direction) * size;
          for (std::size_t k = 0; k < size; ++k) out[from + k] = slope[k] * in[from + k];
        });
        break;
      case Kind::add:
        copy({in, columns * size}, 1, false, out, crew);
        if (network.nodes()[node.other].moves) copy({values_.at(node.other), columns * size}, 1, true, out, crew);
        break;
      default:
        apply(network, at, at_.weights, columns, in, false, out, crew);
    }
  }
}

// The transpose of forward(), with u̇ = φ′ u̇ + φ″ ż u at activations and factor² Σ_p′ (δ_α·δ_γp′) h_γp′ at weights.
void Tangents::backward(const Tile& tile, const Crew& crew) {
  const Architecture& network = at_.network;
  const std::size_t columns = tile.samples * tile.directions;
  std::fill_n(cotangents_->at(network.output()), columns, 0.0);
  std::vector<bool> written(network.nodes().size(), false);
  for (std::size_t at = network.output(); at > 0; --at) {
    const Node& node = network.nodes()[at];
    if (node.kind == Kind::flatten || !network.nodes()[node.from].moves) continue;
    crew.ticket.checkpoint(0);
    const auto into = [&](std::size_t target) {
      const std::size_t root = network.memory_of(target);
      const bool add = written[root];
      written[root] = true;
      return add;
    };
    const double* const out = cotangents_->at(at);
    double* const in = cotangents_->at(node.from);
    const std::size_t size = node.shape.size();
    switch (node.kind) {
      case Kind::activation: {
        const bool add = into(node.from);
        for_columns(tile, 3 * static_cast<double>(size), crew, [&](std::size_t i, std::size_t direction) {
          const std::size_t own = (tile.first + i) * size, from = (i * tile.directions + direction) * size;
          const double* const slope = at_.slopes.at(at) + own;
          const double* const bend = at_.bends.at(at) + own;
          const double* const cotangent = at_.cotangents.at(at) + own;
          const double* const moved = values_.at(node.from) + from;
          for (std::size_t k = 0; k < size; ++k) {
            const double turned = slope[k] * out[from + k] + bend[k] * moved[k] * cotangent[k];
            in[from + k] = add ? in[from + k] + turned : turned;
          }
        });
        break;
      }
      case Kind::add:
        if (network.nodes()[node.other].moves)
          copy({out, columns * size}, 1, into(node.other), cotangents_->at(node.other), crew);
        copy({out, columns * size}, 1, into(node.from), in, crew);
        break;
      default:
        apply_transposed(network, at, at_.weights, columns, out, into(node.from), in, crew);
        if (node.kind == Kind::linear && network.blocks()[node.weights].trained) mix_inputs(at, tile, true, in, crew);
    }
  }
}

}  // namespace resgram::finite
