// The kernels of one network on data: what its last features and its gradients are to each other.      [finite-network]
#pragma once

#include <cstddef>
#include <span>

#include "batch.hpp"

namespace resgram::finite {

// Where they go; null: not wanted. `nngp` and a mean `ntk` are rows × columns, an `ntk` of each output outputs × rows ×
// columns.
struct Empirical {
  double* nngp = nullptr;
  double* ntk = nullptr;
  bool each = false;
};

// Bytes that a sample takes beside inputs and results, and bytes that are taken once, at most. Two blocks of one sample
// are the least that any work goes on with.
struct EmpiricalBytes {
  double sample = 0, once = 0;
  [[nodiscard]] double least() const { return 2 * sample + once; }
};
EmpiricalBytes empirical_bytes(const Architecture& network, bool ntk, std::size_t samples, int threads);

// Pairs of x with z, or where `z` is null of x with itself: then bitwise symmetric. Signals are held for blocks of samples
// that fit `budget` bytes; where not all of them do, those of the second block are swept again for every first one. The
// gradients themselves are held of one layer at a time, and only where that is less work than pairs of pixels. [rank-one]
// Bytes do not depend on the threads; different budgets agree to rounding.
void empirical(const Architecture& network, std::span<const double> weights, const Samples& x, const Samples* z,
               double budget, const Empirical& out, const Crew& crew);

}  // namespace resgram::finite
