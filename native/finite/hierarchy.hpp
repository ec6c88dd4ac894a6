// The kernels of the neural tangent hierarchy of one network: K^(1) = f and K^(r+1) = D_γ K^(r), D_γ the derivative along
// ∇f_γ.                                                                                               [hierarchy]
#pragma once

#include <cstddef>
#include <span>

#include "architecture.hpp"
#include "crew.hpp"

namespace resgram::finite {

// Where the tensors go; the layout is that of Tensors in truncated.hpp. Those beyond the order are empty.
struct TensorOutputs {
  std::span<double> outputs;  // f of [points] inputs
  std::span<double> second;   // [points][trained]
  std::span<double> third;    // [points][trained][trained]
  std::span<double> fourth;   // [points][trained][trained][trained]
};

// `x` holds `points` rows, the first `trained` of which train; order 2, 3 or 4. The same bytes whatever the threads.
// Throws Error{argument} where φ is not smooth enough or the network has more outputs than one, Error{range} where a
// tensor leaves the range of doubles. Progress: multiplications, in millions.
void tangent_hierarchy(const Architecture& network, std::span<const double> weights, std::span<const double> x,
                       std::size_t points, std::size_t trained, int order, const TensorOutputs& out, const Crew& crew);

// Bytes that takes beside its arguments.
double hierarchy_bytes(const Architecture& network, std::size_t points, std::size_t trained, int order, int threads);

}  // namespace resgram::finite
