#include "maps.hpp"

#include <algorithm>

namespace resgram::finite {
namespace {

// Numbers that a task of a loop over samples takes at least.
constexpr std::size_t kNumbers = 8192;

template <class Task>
void for_samples(std::size_t samples, std::size_t size, const Crew& crew, const Task& task) {
  const std::size_t chunk = std::max<std::size_t>(1, kNumbers / std::max<std::size_t>(size, 1));
  for_chunks(
      samples, static_cast<double>(size), crew,
      [&](std::size_t from, std::size_t to) {
        for (std::size_t s = from; s < to; ++s) task(s);
      },
      chunk);
}

// Calls task(output pixel, input pixel or kNone) tap by tap.
template <class Task>
void for_taps(const Node& node, const Task& task) {
  const Window& window = *node.window;
  std::size_t at = 0;
  for (std::size_t row = 0; row < node.shape.height; ++row) {
    for (std::size_t column = 0; column < node.shape.width; ++column, ++at) {
      for (std::size_t j = 0; j < window.y.taps; ++j) {
        const int y = window.y.at(row, j);
        for (std::size_t k = 0; k < window.x.taps; ++k) {
          const int x = window.x.at(column, k);
          task(at, y < 0 || x < 0 ? kNone : static_cast<std::size_t>(y) * window.x.size + static_cast<std::size_t>(x));
        }
      }
    }
  }
}

void unfold(const Node& node, const Shape& grid, const double* in, bool add, double* out) {
  const std::size_t channels = grid.channels;
  for_taps(node, [&](std::size_t, std::size_t pixel) {
    double* const to = out;
    out += channels;
    if (pixel == kNone) {
      if (!add) std::fill_n(to, channels, 0.0);
      return;
    }
    const double* const from = in + pixel * channels;
    if (add) {
      for (std::size_t c = 0; c < channels; ++c) to[c] += from[c];
    } else {
      std::copy_n(from, channels, to);
    }
  });
}

void fold(const Node& node, const Shape& grid, const double* out, bool add, double* in) {
  const std::size_t channels = grid.channels;
  if (!add) std::fill_n(in, grid.size(), 0.0);
  for_taps(node, [&](std::size_t, std::size_t pixel) {
    const double* const from = out;
    out += channels;
    if (pixel == kNone) return;
    double* const to = in + pixel * channels;
    for (std::size_t c = 0; c < channels; ++c) to[c] += from[c];
  });
}

void average(const Node& node, const double* in, bool add, double* out) {
  const std::size_t channels = node.shape.channels;
  const double share = 1 / static_cast<double>(node.window->taps());
  if (!add) std::fill_n(out, node.shape.size(), 0.0);
  for_taps(node, [&](std::size_t at, std::size_t pixel) {
    for (std::size_t c = 0; c < channels; ++c) out[at * channels + c] += share * in[pixel * channels + c];
  });
}

void spread(const Node& node, const Shape& grid, const double* out, bool add, double* in) {
  const std::size_t channels = node.shape.channels;
  const double share = 1 / static_cast<double>(node.window->taps());
  if (!add) std::fill_n(in, grid.size(), 0.0);
  for_taps(node, [&](std::size_t at, std::size_t pixel) {
    for (std::size_t c = 0; c < channels; ++c) in[pixel * channels + c] += share * out[at * channels + c];
  });
}

}  // namespace

void copy(std::span<const double> in, double factor, bool add, double* out, const Crew& crew) {
  if (factor == 1 && !add && in.data() == out) return;
  for_chunks(in.size(), 1, crew, [&](std::size_t from, std::size_t to) {
    if (add) {
      for (std::size_t i = from; i < to; ++i) out[i] += factor * in[i];
    } else {
      for (std::size_t i = from; i < to; ++i) out[i] = factor * in[i];
    }
  });
}

void multiply(std::span<const double> a, const double* b, bool add, double* out, const Crew& crew) {
  for_chunks(a.size(), 1, crew, [&](std::size_t from, std::size_t to) {
    if (add) {
      for (std::size_t i = from; i < to; ++i) out[i] += a[i] * b[i];
    } else {
      for (std::size_t i = from; i < to; ++i) out[i] = a[i] * b[i];
    }
  });
}

void apply(const Architecture& network, std::size_t at, std::span<const double> weights, std::size_t samples,
           const double* in, bool add, double* out, const Crew& crew) {
  const Node& node = network.nodes()[at];
  const Shape& grid = network.nodes()[node.from].shape;
  const std::size_t size = node.shape.size();
  switch (node.kind) {
    case Kind::linear: {
      const Block& block = network.blocks()[node.weights];
      product(node.factor, {in, block.columns}, {weights.data() + block.offset, block.columns, true}, add, out,
              block.rows, samples * grid.pixels(), block.columns, block.rows, crew);
      break;
    }
    case Kind::unfold:
      for_samples(samples, size, crew,
                  [&](std::size_t s) { unfold(node, grid, in + s * grid.size(), add, out + s * size); });
      break;
    case Kind::average:
      for_samples(samples, grid.size(), crew,
                  [&](std::size_t s) { average(node, in + s * grid.size(), add, out + s * size); });
      break;
    default:
      copy({in, samples * size}, node.factor, add, out, crew);
  }
}

void apply_transposed(const Architecture& network, std::size_t at, std::span<const double> weights, std::size_t samples,
                      const double* out, bool add, double* in, const Crew& crew) {
  const Node& node = network.nodes()[at];
  const Shape& grid = network.nodes()[node.from].shape;
  const std::size_t size = node.shape.size();
  switch (node.kind) {
    case Kind::linear: {
      const Block& block = network.blocks()[node.weights];
      product(node.factor, {out, block.rows}, {weights.data() + block.offset, block.columns}, add, in, block.columns,
              samples * grid.pixels(), block.rows, block.columns, crew);
      break;
    }
    case Kind::unfold:
      for_samples(samples, size, crew,
                  [&](std::size_t s) { fold(node, grid, out + s * size, add, in + s * grid.size()); });
      break;
    case Kind::average:
      for_samples(samples, grid.size(), crew,
                  [&](std::size_t s) { spread(node, grid, out + s * size, add, in + s * grid.size()); });
      break;
    default:
      copy({out, samples * size}, node.factor, add, in, crew);
  }
}

}  // namespace resgram::finite
