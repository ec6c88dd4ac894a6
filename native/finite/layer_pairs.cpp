#include "layer_pairs.hpp"

#include <algorithm>

#include "core/buffer.hpp"

namespace resgram::finite {
namespace {

// Rows (samples, or pixels of them) of a tile of Gram matrices: two of them stay in a cache of the second level.
constexpr std::size_t kTile = 128;

// The rows of one linear node in a block: its inputs, and for every output its cotangents.
struct Side {
  std::size_t samples, pixels, inputs, units;
  const double* in;
  std::vector<const double*> deltas;
};

Side side_of(const Architecture& network, const Layer& layer, const Swept& block) {
  const Node& node = network.nodes()[layer.node];
  const Block& weights = network.blocks()[node.weights];
  Side side{block.values.samples(), node.shape.pixels(), weights.columns, weights.rows, block.values.at(node.from), {}};
  for (const Signals& of : block.cotangents) side.deltas.push_back(of.at(layer.node));
  return side;
}

struct Factors {
  double weights, bias;  // squared; 0 where it does not train
};

Factors factors_of(const Architecture& network, const Layer& layer) {
  const Node& node = network.nodes()[layer.node];
  const auto squared = [](double x) { return x * x; };
  return {layer.weights ? squared(network.blocks()[node.weights].factor) : 0,
          layer.bias ? squared(network.blocks()[node.bias].factor) : 0};
}

// Rows [i, i + rows) of a times rows [j, j + columns) of b, transposed.
void gram_tile(const double* a, std::size_t i, std::size_t rows, const double* b, std::size_t j, std::size_t columns,
               std::size_t inner, bool add, double* out) {
  linalg::add_product(1, {a + i * inner, inner}, {b + j * inner, inner, true}, add, out, kTile, rows, inner, columns);
}

// Adds (weights · inputs + bias) · deltas of columns [j, j + count) to the samples that they are pixels of.
void add_row(const double* inputs, const double* deltas, const Factors& factors, std::size_t j, std::size_t count,
             std::size_t pixels, double* out) {
  if (factors.weights == 0) {
    for (std::size_t c = 0; c < count; ++c) out[(j + c) / pixels] += factors.bias * deltas[c];
  } else if (pixels == 1) {
    for (std::size_t c = 0; c < count; ++c) out[j + c] += (factors.weights * inputs[c] + factors.bias) * deltas[c];
  } else {
    for (std::size_t c = 0; c < count;) {
      const std::size_t sample = (j + c) / pixels, end = std::min(count, (sample + 1) * pixels - j);
      double sum = 0;
      for (; c < end; ++c) sum += (factors.weights * inputs[c] + factors.bias) * deltas[c];
      out[sample] += sum;
    }
  }
}

// Σ_pq ⟨h_p, h_q⟩⟨δ_p, δ_q⟩ of every pair of samples, by tiles of pairs of rows. Tasks are pairs of groups of whole samples,
// so that no two write to one number.
void pair_rows(const Side& left, const Side& right, const Factors& factors, bool upper, std::span<const Target> targets,
               const Crew& crew) {
  const std::size_t pixels = left.pixels, group = std::max<std::size_t>(1, kTile / pixels);
  const std::size_t down = (left.samples + group - 1) / group, across = (right.samples + group - 1) / group;
  const double work = static_cast<double>(left.samples * right.samples * pixels * pixels) *
                      static_cast<double>(left.inputs + left.units * left.deltas.size());
  const auto slots = static_cast<std::size_t>(std::max(1, crew.threads));
  std::vector<core::Buffer<double>> scratch(slots);
  core::parallel_for(down * across, work < kWorthAThread ? 1 : crew.threads, [&](std::size_t task, int slot) {
    const std::size_t top = task / across * group, start = task % across * group;
    if (upper && start + group <= top) return;
    crew.ticket.checkpoint(0);
    core::Buffer<double>& memory = scratch[static_cast<std::size_t>(slot)];
    if (memory.data() == nullptr) memory = core::Buffer<double>(2 * kTile * kTile);
    double* const inputs = memory.data();
    double* const deltas = memory.data() + kTile * kTile;
    const std::size_t end = std::min(left.samples, top + group) * pixels;
    const std::size_t stop = std::min(right.samples, start + group) * pixels;
    for (std::size_t i = top * pixels; i < end; i += kTile) {
      for (std::size_t j = start * pixels; j < stop; j += kTile) {
        const std::size_t rows = std::min(kTile, end - i), columns = std::min(kTile, stop - j);
        if (factors.weights != 0) gram_tile(left.in, i, rows, right.in, j, columns, left.inputs, false, inputs);
        for (std::size_t k = 0; k < left.deltas.size(); ++k) {
          const bool sum = targets.size() == 1 && k > 0;
          gram_tile(left.deltas[k], i, rows, right.deltas[k], j, columns, left.units, sum, deltas);
          if (targets.size() == 1 && k + 1 < left.deltas.size()) continue;
          const Target& target = targets[targets.size() == 1 ? 0 : k];
          for (std::size_t r = 0; r < rows; ++r) {
            add_row(inputs + r * kTile, deltas + r * kTile, factors, j, columns, pixels,
                    target.data + (i + r) / pixels * target.stride);
          }
        }
      }
    }
  });
}

// The gradients of every sample of a block by the weights, Σ_p δ_p h_pᵀ, as rows.
void write_gradients(const Side& side, std::size_t k, double* out, const Crew& crew) {
  const double work = static_cast<double>(side.samples * side.pixels) * static_cast<double>(side.units * side.inputs);
  core::parallel_for(side.samples, work < kWorthAThread ? 1 : crew.threads, [&](std::size_t s, int) {
    linalg::add_product(1, {side.deltas[k] + s * side.pixels * side.units, side.units, true},
                        {side.in + s * side.pixels * side.inputs, side.inputs}, false,
                        out + s * side.units * side.inputs, side.inputs, side.units, side.pixels, side.inputs);
  });
}

// The same where rows are many: a few products of gradients are less work than those of all pairs of pixels.
void pair_gradients(const Side& left, const Side& right, double factor, std::span<const Target> targets,
                    const Crew& crew) {
  const std::size_t size = left.units * left.inputs;
  const bool same = left.in == right.in;
  const core::Buffer<double> mine(left.samples * size), other(same ? 0 : right.samples * size);
  for (std::size_t k = 0; k < left.deltas.size(); ++k) {
    write_gradients(left, k, mine.data(), crew);
    if (!same) write_gradients(right, k, other.data(), crew);
    const Target& target = targets[targets.size() == 1 ? 0 : k];
    product(factor, {mine.data(), size}, {same ? mine.data() : other.data(), size, true}, true, target.data,
            target.stride, left.samples, size, right.samples, crew);
  }
}

// For a pair of samples: P² products of inputs and of cotangents, or one of gradients and a share of making them.
bool prefers_gradients(const Architecture& network, const Layer& layer, std::size_t samples) {
  const Node& node = network.nodes()[layer.node];
  const Block& block = network.blocks()[node.weights];
  const auto pixels = static_cast<double>(node.shape.pixels()), inputs = static_cast<double>(block.columns);
  const auto units = static_cast<double>(block.rows * network.outputs());
  return pixels > 1 &&
         pixels * pixels * (inputs + units) > units * inputs * (1 + 2 * pixels / static_cast<double>(samples));
}

// A bias sees the sum over the pixels.
std::vector<double> sums_of(const Side& side, std::size_t k) {
  std::vector<double> sums(side.samples * side.units, 0.0);
  for (std::size_t s = 0; s < side.samples; ++s)
    for (std::size_t p = 0; p < side.pixels; ++p)
      for (std::size_t c = 0; c < side.units; ++c)
        sums[s * side.units + c] += side.deltas[k][(s * side.pixels + p) * side.units + c];
  return sums;
}

void pair_bias(const Side& left, const Side& right, double factor, std::span<const Target> targets, const Crew& crew) {
  for (std::size_t k = 0; k < left.deltas.size(); ++k) {
    const std::vector<double> mine = sums_of(left, k), other = sums_of(right, k);
    const Target& target = targets[targets.size() == 1 ? 0 : k];
    product(factor, {mine.data(), left.units}, {other.data(), left.units, true}, true, target.data, target.stride,
            left.samples, left.units, right.samples, crew);
  }
}

}  // namespace

std::vector<Layer> trained_layers(const Architecture& network) {
  std::vector<Layer> layers;
  for (std::size_t at = 0; at < network.nodes().size(); ++at) {
    const Node& node = network.nodes()[at];
    if (node.kind != Kind::linear) continue;
    const Layer layer{at, network.blocks()[node.weights].trained,
                      node.bias != kNone && network.blocks()[node.bias].trained};
    if (layer.weights || layer.bias) layers.push_back(layer);
  }
  return layers;
}

Swept::Swept(const Architecture& network, std::span<const double> weights, const Samples& x, std::size_t first,
             std::size_t rows, bool gradients, const Crew& crew)
    : values(network, rows) {
  forward(network, weights, x.data.subspan(first * network.inputs(), rows * network.inputs()), values, crew);
  if (!gradients) return;
  Signals slopes(network, rows, is_activation_node);
  differentiate(network, values, 1, slopes, crew);
  for (std::size_t k = 0; k < network.outputs(); ++k) {
    Signals& own = cotangents.emplace_back(network, rows, moves);
    const std::span<double> seed = own.span(network.output());
    std::fill(seed.begin(), seed.end(), 0.0);
    for (std::size_t s = 0; s < rows; ++s) seed[s * network.outputs() + k] = 1;
    backward(network, weights, slopes, own, crew);
  }
}

void pair_features(const Architecture& network, const Swept& left, const Swept& right, const Target& target,
                   const Crew& crew) {
  const Node& head = network.nodes()[network.head()];
  const Block& weights = network.blocks()[head.weights];
  const double scale = network.head_scale() * network.head_scale();
  const std::size_t rows = left.values.samples(), columns = right.values.samples();
  product(scale * weights.factor * weights.factor, {left.values.at(head.from), weights.columns},
          {right.values.at(head.from), weights.columns, true}, false, target.data, target.stride, rows, weights.columns,
          columns, crew);
  if (head.bias == kNone || network.blocks()[head.bias].starts_at_zero) return;
  const double beta = network.blocks()[head.bias].factor;
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) target.data[i * target.stride + j] += scale * beta * beta;
}

void pair_layer(const Architecture& network, const Layer& layer, const Swept& left, const Swept& right, bool upper,
                std::size_t samples, std::span<const Target> targets, const Crew& crew) {
  const Side mine = side_of(network, layer, left), other = side_of(network, layer, right);
  Factors factors = factors_of(network, layer);
  if (mine.pixels == 1) return pair_rows(mine, other, factors, upper, targets, crew);
  if (factors.bias != 0) pair_bias(mine, other, factors.bias, targets, crew);
  if (factors.weights == 0) return;
  if (prefers_gradients(network, layer, samples)) return pair_gradients(mine, other, factors.weights, targets, crew);
  factors.bias = 0;
  pair_rows(mine, other, factors, upper, targets, crew);
}

double gradient_numbers(const Architecture& network, const Layer& layer, std::size_t samples) {
  if (!layer.weights || !prefers_gradients(network, layer, samples)) return 0;
  return static_cast<double>(network.blocks()[network.nodes()[layer.node].weights].size());
}

double tile_numbers() { return 2.0 * kTile * kTile; }

}  // namespace resgram::finite
