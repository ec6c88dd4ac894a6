// Derivatives along gradients: for points α of a tile and directions γ the tangents of all signals along ∇f_γ, and those of
// all cotangents. Weight tangents are sums of δ_γ h_γᵀ, so that what they contribute is made of inner products of features
// that are there already; only the weights themselves multiply the n columns of every point.        [hierarchy-sweeps]
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "core/buffer.hpp"
#include "expansion.hpp"

namespace resgram::finite {

// Points [first, first + samples), each with tangents along the gradients of the points 0 … directions − 1.
struct Tile {
  std::size_t first = 0, samples = 0, directions = 0;
};

class Tangents {
 public:
  // Room for tiles of up to samples · directions = `columns` tangents. `back`: also cotangents.
  Tangents(const Expansion& at, std::size_t columns, bool back);

  void forward(const Tile& tile, const Crew& crew);
  void backward(const Tile& tile, const Crew& crew);

  // Rows (α, γ) of pixels × channels numbers.
  [[nodiscard]] const double* value(std::size_t node) const { return values_.at(node); }
  [[nodiscard]] const double* cotangent(std::size_t node) const { return cotangents_->at(node); }

  // (h_α·h_γ) of the inputs, or (δ_α·δ_γ) of the outputs, of a linear node: samples · pixels rows of directions · pixels.
  std::span<const double> input_products(std::size_t node, const Tile& tile, const Crew& crew);
  std::span<const double> output_products(std::size_t node, const Tile& tile, const Crew& crew);
  // factor² Σ_p′ (δ_αp·δ_γp′) h_γp′ for all α, γ, p of a linear node with trained weights, set or added.
  void mix_inputs(std::size_t node, const Tile& tile, bool add, double* out, const Crew& crew);

  static double numbers(const Architecture& network, std::size_t columns, bool back);

 private:
  std::span<const double> products(const double* rows, std::size_t pixels, std::size_t width, const Tile& tile,
                                   const Crew& crew);
  void mix(std::span<const double> gram, double factor, const double* from, std::size_t pixels, std::size_t width,
           const Tile& tile, bool add, double* out, const Crew& crew) const;
  void linear_forward(std::size_t node, const Tile& tile, const Crew& crew);

  const Expansion& at_;
  Signals values_;
  std::optional<Signals> cotangents_;
  std::size_t room_;
  core::Buffer<double> gram_;
};

}  // namespace resgram::finite
