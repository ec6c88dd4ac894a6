// What a node does to its input if that is linear, and the transpose of it. Forward sweeps, tangents of any order and
// cotangents are made of these.
#pragma once

#include <cstddef>
#include <span>

#include "architecture.hpp"
#include "crew.hpp"

namespace resgram::finite {

// out ← A in, or out + A in if `add`: `in` holds samples signals of node.from, `out` as many of the node. A is factor · W of
// linear (without its bias), the identity of add (of the one branch) and flatten. Not for input and activation.
void apply(const Architecture& network, std::size_t node, std::span<const double> weights, std::size_t samples,
           const double* in, bool add, double* out, const Crew& crew);

// in ← Aᵀ out, or in + Aᵀ out if `add`.
void apply_transposed(const Architecture& network, std::size_t node, std::span<const double> weights,
                      std::size_t samples, const double* out, bool add, double* in, const Crew& crew);

// out ← a ⊙ b, or out + a ⊙ b if `add`; out may be a or b.
void multiply(std::span<const double> a, const double* b, bool add, double* out, const Crew& crew);

// out ← factor · in, or out + factor · in if `add`; out may be in.
void copy(std::span<const double> in, double factor, bool add, double* out, const Crew& crew);

}  // namespace resgram::finite
