// With first tangents and first cotangent tangents a third derivative is
//   Σ u φ‴ ż_γ ż_β ż_δ + Σ over the three choices of δ of u̇_δ·(the source of second order along the other two).
//                                                                                                    [hierarchy-sweeps]
#include <algorithm>
#include <vector>

#include "core/pool.hpp"
#include "curvature.hpp"

namespace resgram::finite {
namespace {

std::size_t largest_activation(const Architecture& network) {
  std::size_t size = 0;
  for (const Node& node : network.nodes())
    if (node.kind == Kind::activation) size = std::max(size, node.shape.size());
  return size;
}

std::size_t most_pixels(const Architecture& network) {
  std::size_t most = 1;
  for (const Node& node : network.nodes())
    if (node.kind == Kind::linear) most = std::max(most, node.shape.pixels());
  return most;
}

std::size_t slots_of(const Tile& tile, int threads) {
  return std::min<std::size_t>(tile.samples, static_cast<std::size_t>(std::max(1, threads)));
}

// Room of one thread: two factors of `directions` rows, or products of all with all and the part of one direction.
std::size_t slot_numbers(const Architecture& network, const Tile& tile) {
  const std::size_t d = tile.directions, pixels = most_pixels(network);
  return std::max(2 * d * largest_activation(network), 2 * d * pixels * (d + 1) * pixels);
}

// sums[γ][β][δ] += ż_γ ż_β (φ″ u̇_δ + ⅓ u φ‴ ż_δ), for γ ≤ β, γ trained; half of it for γ = β, which comes twice.
void add_activation(const Expansion& at, const Tangents& tangents, std::size_t node, const Tile& tile, std::size_t i,
                    double* room, double* sums, const Crew& crew) {
  const Node& here = at.network.nodes()[node];
  const std::size_t d = tile.directions, size = here.shape.size(), own = (tile.first + i) * size;
  const double* const moved = tangents.value(here.from) + i * d * size;
  const double* const turned = tangents.cotangent(node) + i * d * size;
  const double* const cotangent = at.cotangents.at(node) + own;
  const double* const bend = at.bends.at(node) + own;
  const double* const jerk = at.jerks->at(node) + own;
  double* const third = room;
  double* const pairs = room + d * size;
  for (std::size_t delta = 0; delta < d; ++delta)
    for (std::size_t k = 0; k < size; ++k)
      third[delta * size + k] =
          bend[k] * turned[delta * size + k] + cotangent[k] * jerk[k] * moved[delta * size + k] / 3;
  for (std::size_t c = 0; c < std::min(d, at.trained); ++c) {
    crew.ticket.checkpoint(0);
    for (std::size_t b = c; b < d; ++b) {
      const double share = b == c ? 0.5 : 1;
      for (std::size_t k = 0; k < size; ++k)
        pairs[(b - c) * size + k] = share * moved[c * size + k] * moved[b * size + k];
    }
    product(1, {pairs, size}, {third, size, true}, true, sums + (c * d + c) * d, d, d - c, size, d, crew);
  }
}

// sums[γ][β][δ] += factor² Σ_pp′ (δ̇_δp·δ_γp′)(h_γp′·ḣ_βp).
void add_linear(const Expansion& at, const Tangents& tangents, std::size_t node, const Tile& tile, std::size_t i,
                double* room, double* sums, const Crew& crew) {
  const Node& here = at.network.nodes()[node];
  const Shape& before = at.network.nodes()[here.from].shape;
  const std::size_t d = tile.directions, pixels = here.shape.pixels(), rows = d * pixels;
  const std::size_t width = here.shape.channels, fan_in = before.channels;
  const double square = here.factor * here.factor;
  double* const back = room;                 // [δ, p][γ, p′]
  double* const ahead = room + rows * rows;  // [β, p][γ, p′]
  product(1, {tangents.cotangent(node) + i * rows * width, width}, {at.cotangents.at(node), width, true}, false, back,
          rows, rows, width, rows, crew);
  product(1, {tangents.value(here.from) + i * rows * fan_in, fan_in}, {at.values.at(here.from), fan_in, true}, false,
          ahead, rows, rows, fan_in, rows, crew);
  if (pixels == 1) {
    for (std::size_t c = 0; c < d; ++c)
      for (std::size_t b = 0; b < d; ++b) {
        const double weight = square * ahead[b * d + c];
        for (std::size_t delta = 0; delta < d; ++delta) sums[(c * d + b) * d + delta] += weight * back[delta * d + c];
      }
    return;
  }
  const std::size_t inner = pixels * pixels;
  double* const one = room + 2 * rows * rows;  // of one γ: [δ][p, p′], then [β][p, p′]
  double* const other = one + d * inner;
  for (std::size_t c = 0; c < d; ++c) {
    for (std::size_t row = 0; row < rows; ++row) {
      std::copy_n(back + row * rows + c * pixels, pixels, one + row * pixels);
      std::copy_n(ahead + row * rows + c * pixels, pixels, other + row * pixels);
    }
    product(square, {other, inner}, {one, inner, true}, true, sums + c * d * d, d, d, inner, d, crew);
  }
}

}  // namespace

double third_derivative_numbers(const Architecture& network, const Tile& tile, int threads) {
  const auto d = static_cast<double>(tile.directions);
  return static_cast<double>(slots_of(tile, threads)) * (static_cast<double>(slot_numbers(network, tile)) + d * d * d);
}

void third_derivatives(const Expansion& at, Tangents& tangents, const Tile& tile, std::span<double> out,
                       const Crew& crew) {
  const Architecture& network = at.network;
  const std::size_t d = tile.directions, n = at.trained, cube = d * d * d;
  const std::size_t slots = slots_of(tile, crew.threads), each = slot_numbers(network, tile) + cube;
  const core::Buffer<double> room(slots * each);
  const auto point = [&](std::size_t i, std::size_t slot) {
    double* const sums = room.data() + slot * each;
    double* const mine = sums + cube;
    std::fill_n(sums, cube, 0.0);
    for (std::size_t node = 1; node < network.nodes().size(); ++node) {
      const Node& here = network.nodes()[node];
      if (!network.nodes()[here.from].moves) continue;
      if (here.kind == Kind::activation) add_activation(at, tangents, node, tile, i, mine, sums, crew);
      if (here.kind == Kind::linear && network.blocks()[here.weights].trained)
        add_linear(at, tangents, node, tile, i, mine, sums, crew);
    }
    // All orders of the three directions.
    double* const to = out.data() + i * d * n * n;
    const auto sum = [&](std::size_t a, std::size_t b, std::size_t c) { return sums[(a * d + b) * d + c]; };
    for (std::size_t a = 0; a < d; ++a)
      for (std::size_t b = 0; b < n; ++b)
        for (std::size_t c = 0; c < n; ++c)
          to[(a * n + b) * n + c] =
              sum(a, b, c) + sum(a, c, b) + sum(b, a, c) + sum(b, c, a) + sum(c, a, b) + sum(c, b, a);
  };
  if (slots == 1) {
    for (std::size_t i = 0; i < tile.samples; ++i) point(i, 0);
    return;
  }
  core::parallel_for(tile.samples, static_cast<int>(slots),
                     [&](std::size_t i, int slot) { point(i, static_cast<std::size_t>(slot)); });
}

}  // namespace resgram::finite
