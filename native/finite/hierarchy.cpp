#include "hierarchy.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/pool.hpp"
#include "curvature.hpp"
#include "empirical.hpp"
#include "gradient_products.hpp"

namespace resgram::finite {
namespace {

// Tangents that one product with the weights takes: enough rows that it runs at the rate of large ones, few enough that
// room does not count.
constexpr std::size_t kRows = 1024;
// Bytes of signals for K^(2) alone.
constexpr double kSignals = 0x1p30;

std::size_t most_pixels(const Architecture& network) {
  std::size_t most = 1;
  for (const Node& node : network.nodes())
    if (node.kind == Kind::linear) most = std::max(most, node.shape.pixels());
  return most;
}

// Points of one tile. K^(4) wants the tangents of all points at once.
std::size_t samples_of(const Architecture& network, std::size_t count, std::size_t directions, int order) {
  if (order > 3) return count;
  return std::clamp<std::size_t>(kRows / (directions * most_pixels(network)), 1, count);
}

// Points that train have tangents along all gradients, the others along those of the trained points.
std::vector<Tile> groups_of(std::size_t points, std::size_t trained) {
  std::vector<Tile> groups{{0, trained, points}};
  if (points > trained) groups.push_back({trained, points - trained, trained});
  return groups;
}

void require_finite(std::span<const double> tensor, int order) {
  for (const double x : tensor) {
    if (std::isfinite(x)) continue;
    throw Error(Code::range, "the kernel of order " + std::to_string(order) +
                                 " leaves the range of doubles; rescale the data or the weights");
  }
}

// What the tensors are put together from. Rows of one point after another; where they begin depends on its directions.
struct Parts {
  Parts(std::size_t points, std::size_t trained, int order)
      : points_(points),
        trained_(trained),
        second(offset(points, points, trained)),
        third(order > 3 ? offset(points, trained * trained, trained * trained) : 0),
        products(order > 3 ? offset(points, trained * trained, trained * trained) : 0) {}

  // Of a point with `all` numbers for each of `points` directions if it trains, or `few` for each of `trained` ones.
  [[nodiscard]] std::size_t offset(std::size_t point, std::size_t all, std::size_t few) const {
    const std::size_t before = std::min(point, trained_);
    return before * points_ * all + (point - before) * trained_ * few;
  }
  [[nodiscard]] double* second_of(std::size_t point) const { return second.data() + offset(point, points_, trained_); }
  [[nodiscard]] double* third_of(std::size_t point) const {
    return third.data() + offset(point, trained_ * trained_, trained_ * trained_);
  }
  [[nodiscard]] double* products_of(std::size_t point) const {
    return products.data() + offset(point, trained_ * trained_, trained_ * trained_);
  }

 private:
  std::size_t points_, trained_;

 public:
  core::Buffer<double> second;    // ∂²f_α[g_c, g_b]: [α][c][b]
  core::Buffer<double> third;     // ∂³f_α[g_x, g_c, g_d]: [α][x][c][d]
  core::Buffer<double> products;  // ⟨D_b ∇f_α, D_d ∇f_c⟩: [α][b][c][d]
};

// K^(3)_αβγ = ∂²f_α[g_γ, g_β] + ∂²f_β[g_γ, g_α].
void put_third(const Expansion& at, const Parts& parts, std::span<double> out) {
  const std::size_t n = at.trained;
  for (std::size_t a = 0; a < at.points; ++a) {
    const std::size_t d = directions_of(at, a);
    for (std::size_t b = 0; b < n; ++b)
      for (std::size_t c = 0; c < n; ++c)
        out[(a * n + b) * n + c] = parts.second_of(a)[c * d + b] + parts.second_of(b)[c * at.points + a];
  }
}

// K^(4)_αβγδ: the third derivatives of f_α and f_β, and the four ways in which one gradient and the direction along which it
// is differentiated turn with δ.
void put_fourth(const Expansion& at, const Parts& parts, std::span<double> out, const Crew& crew) {
  const std::size_t n = at.trained;
  const auto product = [&](std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
    return parts.products_of(a)[(b * n + c) * n + d];
  };
  const auto third = [&](std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
    return parts.third_of(a)[(b * n + c) * n + d];
  };
  core::parallel_for(at.points, crew.threads, [&](std::size_t a, int) {
    crew.ticket.checkpoint(0);
    for (std::size_t b = 0; b < n; ++b)
      for (std::size_t c = 0; c < n; ++c)
        for (std::size_t d = 0; d < n; ++d)
          out[((a * n + b) * n + c) * n + d] = (third(a, b, c, d) + third(b, a, c, d)) +
                                               (product(a, b, c, d) + product(b, a, c, d)) +
                                               (product(a, c, b, d) + product(a, d, b, c));
  });
}

// f and K^(2), which take no tangents.
void first_two(const Architecture& network, std::span<const double> weights, const Samples& x, std::size_t trained,
               const TensorOutputs& out, const Crew& crew) {
  const Samples directions{x.data.first(trained * network.inputs()), trained};
  outputs(network, weights, x, kSignals, out.outputs, crew);
  empirical(network, weights, x, &directions, kSignals, {nullptr, out.second.data(), false}, crew);
  require_finite(out.outputs, 1);
  require_finite(out.second, 2);
}

}  // namespace

double hierarchy_bytes(const Architecture& network, std::size_t points, std::size_t trained, int order, int threads) {
  if (order == 2) {
    const EmpiricalBytes least = empirical_bytes(network, true, points, threads);
    const double whole = least.once + least.sample * static_cast<double>(points + trained);
    return std::max(least.least(), std::min(kSignals, whole));
  }
  const auto n = static_cast<double>(trained), all = static_cast<double>(points);
  double numbers = Expansion::numbers(network, points, order);
  double tangents = 0, scratch = 0;
  for (const Tile& group : groups_of(points, trained)) {
    const std::size_t samples = samples_of(network, group.samples, group.directions, order);
    const Tile tile{0, samples, group.directions};
    const double room = Tangents::numbers(network, samples * group.directions, order > 3);
    tangents = order > 3 ? tangents + room : std::max(tangents, room);
    scratch = std::max(scratch, second_derivative_numbers(network, tile));
    if (order > 3) scratch = std::max(scratch, third_derivative_numbers(network, tile, threads));
  }
  numbers += tangents + scratch;
  numbers += n * all * all + (all - n) * n * n;
  if (order > 3) {
    numbers += 2 * n * n * (n * all + (all - n) * n);
    numbers += static_cast<double>(threads) * static_cast<double>(gradient_product_numbers(network, points, trained));
  }
  return 8 * numbers;
}

void tangent_hierarchy(const Architecture& network, std::span<const double> weights, std::span<const double> x,
                       std::size_t points, std::size_t trained, int order, const TensorOutputs& out, const Crew& crew) {
  require_expandable(network, order);
  if (order == 2) return first_two(network, weights, {x.first(points * network.inputs()), points}, trained, out, crew);
  const double sweep = network.work() / 1e6 * (order > 3 ? 2 : 1);
  const std::vector<Tile> groups = groups_of(points, trained);
  const auto work_of = [&](const Tile& tile) {
    return static_cast<std::uint64_t>(1 + sweep * static_cast<double>(tile.samples * tile.directions));
  };
  std::vector<Tile> tiles;
  for (const Tile& group : groups) {
    const std::size_t most = samples_of(network, group.samples, group.directions, order);
    for (std::size_t from = 0; from < group.samples; from += most)
      tiles.push_back({group.first + from, std::min(most, group.samples - from), group.directions});
  }
  for (const Tile& tile : tiles) crew.ticket.expect(work_of(tile));

  const Expansion at(network, weights, x, points, trained, order, crew);
  std::copy_n(at.values.at(network.output()), points, out.outputs.data());
  const Parts parts(points, trained, order);
  // For order four a tile is a group, whose tangents stay.
  std::vector<std::unique_ptr<Tangents>> kept;
  const bool keep = order > 3;
  std::size_t room = 0;
  for (const Tile& tile : tiles) {
    const std::size_t columns = tile.samples * tile.directions;
    if (kept.empty() || keep || columns > room) {
      if (!keep) kept.clear();
      kept.push_back(std::make_unique<Tangents>(at, columns, keep));
      room = columns;
    }
    Tangents& tangents = *kept.back();
    tangents.forward(tile, crew);
    const double* const moved = tangents.value(network.output());
    for (std::size_t i = 0; i < tile.samples; ++i)
      std::copy_n(moved + i * tile.directions, trained, out.second.data() + (tile.first + i) * trained);
    second_derivatives(at, tangents, tile, {parts.second_of(tile.first), columns * tile.directions}, crew);
    if (order > 3) {
      tangents.backward(tile, crew);
      third_derivatives(at, tangents, tile, {parts.third_of(tile.first), columns * trained * trained}, crew);
    }
    crew.ticket.checkpoint(work_of(tile));
  }
  require_finite(out.outputs, 1);
  require_finite(out.second, 2);
  put_third(at, parts, out.third);
  require_finite(out.third, 3);
  if (order < 4) return;
  const std::size_t each = gradient_product_numbers(network, points, trained);
  const core::Buffer<double> desk(each * static_cast<std::size_t>(crew.threads));
  core::parallel_for(points, crew.threads, [&](std::size_t alpha, int slot) {
    crew.ticket.checkpoint(0);
    const std::size_t group = alpha < trained ? 0 : 1;
    gradient_products(at, *kept[group], tiles[group], alpha, *kept[0],
                      {desk.data() + static_cast<std::size_t>(slot) * each, each},
                      {parts.products_of(alpha), tiles[group].directions * trained * trained});
  });
  put_fourth(at, parts, out.fourth, crew);
  require_finite(out.fourth, 4);
}

}  // namespace resgram::finite
