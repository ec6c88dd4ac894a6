#include "empirical.hpp"

#include <algorithm>
#include <vector>

#include "layer_pairs.hpp"

namespace resgram::finite {
namespace {

// One pair of blocks into its part of the results.
class Pairing {
 public:
  Pairing(const Architecture& network, const Empirical& out, std::size_t columns, std::size_t all_rows, bool symmetric,
          const Crew& crew)
      : network_(network), out_(out), columns_(columns), all_rows_(all_rows), symmetric_(symmetric), crew_(crew) {
    for (const Layer& layer : trained_layers(network)) layers_.push_back(layer);
  }

  void run(const Swept& left, std::size_t first, const Swept& right, std::size_t second) const {
    const bool same = &left == &right;
    if (out_.nngp != nullptr)
      pair_features(network_, left, right, {out_.nngp + first * columns_ + second, columns_}, crew_);
    if (out_.ntk == nullptr) return;
    const std::size_t kernels = out_.each ? network_.outputs() : 1;
    std::vector<Target> targets;
    for (std::size_t k = 0; k < kernels; ++k)
      targets.push_back({out_.ntk + (k * all_rows_ + first) * columns_ + second, columns_});
    for (const Layer& layer : layers_) {
      crew_.ticket.checkpoint(0);
      pair_layer(network_, layer, left, right, same && symmetric_, std::max(all_rows_, columns_), targets, crew_);
    }
  }

 private:
  const Architecture& network_;
  const Empirical& out_;
  std::size_t columns_, all_rows_;
  bool symmetric_;
  const Crew& crew_;
  std::vector<Layer> layers_;
};

// ½(C + Cᵀ) would hide an asymmetry; the upper triangle is as good as the lower one.
void mirror(double* values, std::size_t n, const Crew& crew) {
  for_chunks(
      n, static_cast<double>(n), crew,
      [&](std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i)
          for (std::size_t j = 0; j < i; ++j) values[i * n + j] = values[j * n + i];
      },
      64);
}

void scale_by(double factor, double* values, std::size_t count, const Crew& crew) {
  for_chunks(count, 1, crew, [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) values[i] *= factor;
  });
}

}  // namespace

EmpiricalBytes empirical_bytes(const Architecture& network, bool ntk, std::size_t samples, int threads) {
  if (!ntk) return {forward_bytes(network), 0};
  double gradient = 0;
  for (const Layer& layer : trained_layers(network))
    gradient = std::max(gradient, gradient_numbers(network, layer, samples));
  return {sweep_bytes(network, network.outputs()) + sizeof(double) * gradient,
          sizeof(double) * tile_numbers() * static_cast<double>(threads)};
}

void empirical(const Architecture& network, std::span<const double> weights, const Samples& x, const Samples* z,
               double budget, const Empirical& out, const Crew& crew) {
  const bool ntk = out.ntk != nullptr;
  if (ntk) require_orders(network, 1, "the NTK of a sampled network");
  const Samples& right = z == nullptr ? x : *z;
  const std::size_t n = x.rows, m = right.rows, kernels = ntk ? (out.each ? network.outputs() : 1) : 0;
  if (ntk) std::fill_n(out.ntk, kernels * n * m, 0.0);
  const EmpiricalBytes bytes = empirical_bytes(network, ntk, std::max(n, m), crew.threads);
  const double room = budget - bytes.once;
  const double all = bytes.sample * static_cast<double>(z == nullptr ? n : n + m);
  const double half = all <= room ? all : room / 2;
  const Pairing pairing(network, out, m, n, z == nullptr, crew);
  crew.ticket.expect(n * m);
  for_batches(n, bytes.sample, all <= room ? all : half, [&](std::size_t first, std::size_t rows) {
    const Swept left(network, weights, x, first, rows, ntk, crew);
    for_batches(m, bytes.sample, all <= room ? all : half, [&](std::size_t second, std::size_t columns) {
      if (z == nullptr && second == first) {
        pairing.run(left, first, left, second);
      } else if (z != nullptr || second > first) {
        pairing.run(left, first, Swept(network, weights, right, second, columns, ntk, crew), second);
      }
      crew.ticket.checkpoint(rows * columns);
    });
  });
  if (ntk && !out.each && network.outputs() > 1)
    scale_by(1 / static_cast<double>(network.outputs()), out.ntk, n * m, crew);
  if (z != nullptr) return;
  if (out.nngp != nullptr) mirror(out.nngp, n, crew);
  for (std::size_t k = 0; k < kernels; ++k) mirror(out.ntk + k * n * n, n, crew);
}

}  // namespace resgram::finite
