// A batch on its way through a network and back. With h the input of a linear node and δ the cotangent of its output, the
// gradient by its weights is factor · Σ_p δ_p h_pᵀ over the rows p: rank one for a vector, never stored by anything here.
// All arrays are those of Signals; weights, directions and gradients are vectors of network.parameters() numbers. Every
// function throws Cancelled, and none looks whether numbers are finite.                                  [finite-network; rank-one]
#pragma once

#include <span>

#include "architecture.hpp"
#include "crew.hpp"
#include "signals.hpp"

namespace resgram::finite {

// Writes the signals of all nodes; `x` holds values.samples() rows of network.inputs() numbers.
void forward(const Architecture& network, std::span<const double> weights, std::span<const double> x, Signals& values,
             const Crew& crew);

// Writes φ⁽ᵒʳᵈᵉʳ⁾ at the input of every activation node into `out`, which wants those (is_activation_node).
void differentiate(const Architecture& network, const Signals& values, int order, Signals& out, const Crew& crew);

// From the cotangent of the output, which the caller has written into cotangents.at(network.output()), those of all nodes
// that weights lie before (`moves`). `slopes`: φ′. For linear nodes that is δ.
void backward(const Architecture& network, std::span<const double> weights, const Signals& slopes, Signals& cotangents,
              const Crew& crew);

// out += Σ over the batch of the gradients: Jᵀu for the cotangents that came of u. Nothing where a block is not trained.
void gradient(const Architecture& network, const Signals& values, const Signals& cotangents, std::span<double> out,
              const Crew& crew);

// The derivative of all nodes (`moves`) along a direction of the weights, at network.output() that of the outputs: Jv.
// What it says of blocks that are not trained does not count.
void tangent(const Architecture& network, std::span<const double> weights, const Signals& values, const Signals& slopes,
             std::span<const double> direction, Signals& tangents, const Crew& crew);

}  // namespace resgram::finite
