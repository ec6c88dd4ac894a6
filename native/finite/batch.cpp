#include "batch.hpp"

#include <algorithm>

#include "core/buffer.hpp"

namespace resgram::finite {
namespace {

std::span<const double> rows_of(const Samples& x, std::size_t inputs, std::size_t first, std::size_t rows) {
  return x.data.subspan(first * inputs, rows * inputs);
}

// out += Jᵀu for one batch.
void pull_batch(const Architecture& network, std::span<const double> weights, const Batch& batch, const double* u,
                std::span<double> out, const Crew& crew) {
  Signals cotangents(network, batch.values.samples(), moves);
  std::copy_n(u, cotangents.size(network.output()), cotangents.at(network.output()));
  backward(network, weights, batch.slopes, cotangents, crew);
  gradient(network, batch.values, cotangents, out, crew);
}

void push_batch(const Architecture& network, std::span<const double> weights, const Batch& batch,
                std::span<const double> direction, double* out, const Crew& crew) {
  Signals tangents(network, batch.values.samples(), moves);
  tangent(network, weights, batch.values, batch.slopes, direction, tangents, crew);
  std::copy_n(tangents.at(network.output()), tangents.size(network.output()), out);
}

}  // namespace

double forward_bytes(const Architecture& network) { return sizeof(double) * network.signal_size(); }

double sweep_bytes(const Architecture& network, std::size_t sweeps) {
  double numbers = network.signal_size();
  for (const Node& node : network.nodes()) {
    const auto size = static_cast<double>(node.shape.size());
    if (node.kind == Kind::activation) numbers += size;
    if (node.moves && node.kind != Kind::flatten) numbers += size * static_cast<double>(sweeps);
  }
  return sizeof(double) * numbers;
}

void for_batches(std::size_t samples, double bytes_each, double budget,
                 const std::function<void(std::size_t first, std::size_t rows)>& task) {
  const double fit = std::max(1.0, budget / bytes_each);
  const std::size_t most = fit >= static_cast<double>(samples) ? samples : static_cast<std::size_t>(fit);
  for (std::size_t first = 0; first < samples; first += most) task(first, std::min(most, samples - first));
}

Batch::Batch(const Architecture& network, std::span<const double> weights, const Samples& x, std::size_t first,
             std::size_t rows, const Crew& crew)
    : values(network, rows), slopes(network, rows, is_activation_node) {
  forward(network, weights, rows_of(x, network.inputs(), first, rows), values, crew);
  differentiate(network, values, 1, slopes, crew);
}

void outputs(const Architecture& network, std::span<const double> weights, const Samples& x, double budget,
             std::span<double> out, const Crew& crew) {
  crew.ticket.expect(x.rows);
  for_batches(x.rows, forward_bytes(network), budget, [&](std::size_t first, std::size_t rows) {
    Signals values(network, rows);
    forward(network, weights, rows_of(x, network.inputs(), first, rows), values, crew);
    const auto part = std::as_const(values).span(network.output());
    std::copy(part.begin(), part.end(), out.data() + first * network.outputs());
    crew.ticket.checkpoint(rows);
  });
}

void push(const Architecture& network, std::span<const double> weights, const Samples& x,
          std::span<const double> direction, double budget, std::span<double> out, const Crew& crew) {
  crew.ticket.expect(2 * x.rows);
  for_batches(x.rows, sweep_bytes(network), budget, [&](std::size_t first, std::size_t rows) {
    const Batch batch(network, weights, x, first, rows, crew);
    crew.ticket.checkpoint(rows);
    push_batch(network, weights, batch, direction, out.data() + first * network.outputs(), crew);
    crew.ticket.checkpoint(rows);
  });
}

void pull(const Architecture& network, std::span<const double> weights, const Samples& x, std::span<const double> u,
          double budget, std::span<double> out, const Crew& crew) {
  crew.ticket.expect(2 * x.rows);
  std::fill(out.begin(), out.end(), 0.0);
  for_batches(x.rows, sweep_bytes(network), budget, [&](std::size_t first, std::size_t rows) {
    const Batch batch(network, weights, x, first, rows, crew);
    crew.ticket.checkpoint(rows);
    pull_batch(network, weights, batch, u.data() + first * network.outputs(), out, crew);
    crew.ticket.checkpoint(rows);
  });
}

void kernel_product(const Architecture& network, std::span<const double> weights, const Samples& x,
                    std::span<const double> vectors, std::size_t columns, double budget, std::span<double> out,
                    const Crew& crew) {
  const std::size_t length = x.rows * network.outputs();
  const core::Buffer<double> memory(network.parameters());
  const std::span<double> pulled(memory.data(), network.parameters());
  // Batches that fit side by side are swept once for all columns.
  if (sweep_bytes(network) * static_cast<double>(x.rows) <= budget) {
    crew.ticket.expect(x.rows * (1 + 2 * columns));
    const Batch batch(network, weights, x, 0, x.rows, crew);
    crew.ticket.checkpoint(x.rows);
    for (std::size_t c = 0; c < columns; ++c) {
      std::fill(pulled.begin(), pulled.end(), 0.0);
      pull_batch(network, weights, batch, vectors.data() + c * length, pulled, crew);
      crew.ticket.checkpoint(x.rows);
      push_batch(network, weights, batch, pulled, out.data() + c * length, crew);
      crew.ticket.checkpoint(x.rows);
    }
    return;
  }
  for (std::size_t c = 0; c < columns; ++c) {
    pull(network, weights, x, vectors.subspan(c * length, length), budget, pulled, crew);
    push(network, weights, x, pulled, budget, out.subspan(c * length, length), crew);
  }
}

}  // namespace resgram::finite
