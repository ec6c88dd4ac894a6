#include "sweep.hpp"

#include <algorithm>
#include <vector>

#include "maps.hpp"

namespace resgram::finite {
namespace {

// Multiplications that one φ is worth.
constexpr double kPhiWork = 20;
// Columns of a gradient's sum over the batch that are one task.
constexpr std::size_t kBiasColumns = 512;

// factor · bias in every row.
void put_bias(const Block& block, std::span<const double> numbers, bool add, std::size_t rows, double* out,
              const Crew& crew) {
  const double* bias = numbers.data() + block.offset;
  const std::size_t chunk = std::max<std::size_t>(1, kChunk / block.rows);
  for_chunks(
      rows, static_cast<double>(block.rows), crew,
      [&](std::size_t from, std::size_t to) {
        for (std::size_t r = from; r < to; ++r) {
          double* row = out + r * block.rows;
          for (std::size_t k = 0; k < block.rows; ++k) row[k] = (add ? row[k] : 0) + block.factor * bias[k];
        }
      },
      chunk);
}

}  // namespace

void forward(const Architecture& network, std::span<const double> weights, std::span<const double> x, Signals& values,
             const Crew& crew) {
  const std::size_t samples = values.samples();
  copy(x, 1, false, values.at(0), crew);
  for (std::size_t at = 1; at < network.nodes().size(); ++at) {
    crew.ticket.checkpoint(0);
    const Node& node = network.nodes()[at];
    const double* in = values.at(node.from);
    double* out = values.at(at);
    switch (node.kind) {
      case Kind::activation: {
        const std::span<const double> u = values.span(node.from);
        for_chunks(u.size(), kPhiWork, crew, [&](std::size_t from, std::size_t to) {
          node.phi->derivative(0, u.subspan(from, to - from), out + from);
        });
        break;
      }
      case Kind::linear:
        if (node.bias != kNone)
          put_bias(network.blocks()[node.bias], weights, false, samples * node.shape.pixels(), out, crew);
        apply(network, at, weights, samples, in, node.bias != kNone, out, crew);
        break;
      case Kind::add:
        apply(network, at, weights, samples, in, false, out, crew);
        copy(values.span(node.other), 1, true, out, crew);
        break;
      default:
        apply(network, at, weights, samples, in, false, out, crew);
    }
  }
}

void differentiate(const Architecture& network, const Signals& values, int order, Signals& out, const Crew& crew) {
  for (std::size_t at = 1; at < network.nodes().size(); ++at) {
    const Node& node = network.nodes()[at];
    if (node.kind != Kind::activation) continue;
    crew.ticket.checkpoint(0);
    const std::span<const double> u = values.span(node.from);
    for_chunks(u.size(), kPhiWork, crew, [&](std::size_t from, std::size_t to) {
      node.phi->derivative(order, u.subspan(from, to - from), out.at(at) + from);
    });
  }
}

void backward(const Architecture& network, std::span<const double> weights, const Signals& slopes, Signals& cotangents,
              const Crew& crew) {
  const std::size_t samples = cotangents.samples();
  // Of arrays, not of nodes: the first reader of a signal writes, the others add.
  std::vector<bool> written(network.nodes().size(), false);
  for (std::size_t at = network.output(); at > 0; --at) {
    const Node& node = network.nodes()[at];
    const auto into = [&](std::size_t target) {
      const std::size_t root = network.memory_of(target);
      const bool add = written[root];
      written[root] = true;
      return add;
    };
    if (!network.nodes()[node.from].moves) continue;
    crew.ticket.checkpoint(0);
    const double* out = cotangents.at(at);
    double* in = cotangents.at(node.from);
    switch (node.kind) {
      case Kind::flatten:
        break;
      case Kind::activation:
        multiply(cotangents.span(at), slopes.at(at), into(node.from), in, crew);
        break;
      case Kind::add:
        copy(cotangents.span(at), 1, into(node.other), cotangents.at(node.other), crew);
        copy(cotangents.span(at), 1, into(node.from), in, crew);
        break;
      default:
        apply_transposed(network, at, weights, samples, out, into(node.from), in, crew);
    }
  }
}

void gradient(const Architecture& network, const Signals& values, const Signals& cotangents, std::span<double> out,
              const Crew& crew) {
  for (const Block& block : network.blocks()) {
    if (!block.trained) continue;
    crew.ticket.checkpoint(0);
    const Node& node = network.nodes()[block.node];
    const std::size_t rows = values.samples() * node.shape.pixels();
    const double* delta = cotangents.at(block.node);
    double* to = out.data() + block.offset;
    if (!block.bias) {
      product(block.factor, {delta, block.rows, true}, {values.at(node.from), block.columns}, true, to, block.columns,
              block.rows, rows, block.columns, crew);
      continue;
    }
    for_chunks(
        block.rows, static_cast<double>(rows), crew,
        [&](std::size_t from, std::size_t end) {
          std::vector<double> sum(end - from, 0.0);
          for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t k = from; k < end; ++k) sum[k - from] += delta[r * block.rows + k];
          for (std::size_t k = from; k < end; ++k) to[k] += block.factor * sum[k - from];
        },
        kBiasColumns);
  }
}

void tangent(const Architecture& network, std::span<const double> weights, const Signals& values, const Signals& slopes,
             std::span<const double> direction, Signals& tangents, const Crew& crew) {
  const std::size_t samples = values.samples();
  for (std::size_t at = 1; at < network.nodes().size(); ++at) {
    const Node& node = network.nodes()[at];
    if (!node.moves) continue;
    crew.ticket.checkpoint(0);
    const double* in = tangents.at(node.from);
    double* out = tangents.at(at);
    switch (node.kind) {
      case Kind::flatten:
        break;
      case Kind::activation:
        multiply(tangents.span(node.from), slopes.at(at), false, out, crew);
        break;
      case Kind::add:
        apply(network, at, weights, samples, in, false, out, crew);
        copy(tangents.span(node.other), 1, true, out, crew);
        break;
      case Kind::linear: {
        bool add = network.nodes()[node.from].moves;
        if (add) apply(network, at, weights, samples, in, false, out, crew);
        if (network.blocks()[node.weights].trained) {
          apply(network, at, direction, samples, values.at(node.from), add, out, crew);
          add = true;
        }
        if (node.bias != kNone && network.blocks()[node.bias].trained) {
          put_bias(network.blocks()[node.bias], direction, add, samples * node.shape.pixels(), out, crew);
          add = true;
        }
        if (!add) std::fill_n(out, tangents.size(at), 0.0);
        break;
      }
      default:
        apply(network, at, weights, samples, in, false, out, crew);
    }
  }
}

}  // namespace resgram::finite
