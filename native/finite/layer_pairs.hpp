// What one layer adds to the kernels of pairs of samples.                                                         [rank-one]
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "batch.hpp"

namespace resgram::finite {

// A linear node with parameters that train.
struct Layer {
  std::size_t node = 0;
  bool weights = false, bias = false;
};
std::vector<Layer> trained_layers(const Architecture& network);

// A block of samples after its sweeps: signals, and for each output the cotangents of f_k.
struct Swept {
  Signals values;
  std::vector<Signals> cotangents;  // none without `gradients`
  Swept(const Architecture& network, std::span<const double> weights, const Samples& x, std::size_t first,
        std::size_t rows, bool gradients, const Crew& crew);
};

// Part of a matrix.
struct Target {
  double* data;
  std::size_t stride;
};

// target ← the NNGP of the pairs: E f(x) f(z) over the last weights.
void pair_features(const Architecture& network, const Swept& left, const Swept& right, const Target& target,
                   const Crew& crew);

// targets[k] += the products of the gradients of f_k, or into one target those of all outputs. `upper`: the two are the
// same block, and what lies below the diagonal need not be right. `samples`: how many there are in all, by which the way
// is chosen.
void pair_layer(const Architecture& network, const Layer& layer, const Swept& left, const Swept& right, bool upper,
                std::size_t samples, std::span<const Target> targets, const Crew& crew);

// Numbers of a layer's gradient by its weights where those of whole samples are held, else 0; and of a thread's tiles.
double gradient_numbers(const Architecture& network, const Layer& layer, std::size_t samples);
double tile_numbers();

}  // namespace resgram::finite
