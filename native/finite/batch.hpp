// Samples in batches that fit a budget of memory, and what is asked of one network on them.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "sweep.hpp"

namespace resgram::finite {

// Rows of network.inputs() numbers.
struct Samples {
  std::span<const double> data;
  std::size_t rows = 0;
};

// Bytes of one sample while it is swept: its signals; with φ′ and tangents or cotangents beside them, those of `sweeps` sweeps.
double forward_bytes(const Architecture& network);
double sweep_bytes(const Architecture& network, std::size_t sweeps = 1);

// Calls task(first, rows) for consecutive batches of samples, as many as `budget` bytes hold and at least one.
void for_batches(std::size_t samples, double bytes_each, double budget,
                 const std::function<void(std::size_t first, std::size_t rows)>& task);

// A batch that went forward, and φ′ along its way.
struct Batch {
  Signals values, slopes;
  Batch(const Architecture& network, std::span<const double> weights, const Samples& x, std::size_t first,
        std::size_t rows, const Crew& crew);
};

// f(x) of every sample: rows × outputs. A task's unit of progress here and below: a sample that went one way.
void outputs(const Architecture& network, std::span<const double> weights, const Samples& x, double budget,
             std::span<double> out, const Crew& crew);

// J v: rows × outputs.
void push(const Architecture& network, std::span<const double> weights, const Samples& x,
          std::span<const double> direction, double budget, std::span<double> out, const Crew& crew);

// Jᵀ u for u of rows × outputs: network.parameters() numbers.
void pull(const Architecture& network, std::span<const double> weights, const Samples& x, std::span<const double> u,
          double budget, std::span<double> out, const Crew& crew);

// The matrix of ⟨∂f_k(x_i), ∂f_l(x_j)⟩ over pairs (sample, output), times each of `columns` vectors: `vectors` and `out` are
// columns × rows × outputs. It takes memory for the parameters twice, none for the matrix.                  [rank-one]
void kernel_product(const Architecture& network, std::span<const double> weights, const Samples& x,
                    std::span<const double> vectors, std::size_t columns, double budget, std::span<double> out,
                    const Crew& crew);

}  // namespace resgram::finite
