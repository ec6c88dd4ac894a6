// The neural tangent hierarchy cut off: with K^(p) held at its value the equations for f, K^(2) … K^(p−1) are closed and
// need no network.                                                                                        [truncation]
#pragma once

#include <cstddef>
#include <span>

#include "core/ticket.hpp"

namespace resgram::finite {

// Tensors at time 0 over `points` inputs, the first `trained` of which train: the first index is any point, the others are
// trained ones. Those beyond the order are empty.
struct Tensors {
  std::size_t points = 0;
  std::size_t trained = 0;
  std::span<const double> outputs;  // f of [points] inputs
  std::span<const double> second;   // K^(2): [points][trained]
  std::span<const double> third;    // K^(3): [points][trained][trained]
  std::span<const double> fourth;   // K^(4): [points][trained][trained][trained]
};

struct Truncation {
  int order = 2;  // p: 2, 3 or 4
  double tolerance = 1e-9;
  std::size_t most_steps = 100000;
};

// f at each of `times` (ascending, from 0 on) into `outputs`, [times][points]; K^(2) into `kernels`, [times][points][trained],
// unless that is empty. `targets`: y of the trained points. The loss is ½ Σ r²/trained. Throws Error{no_convergence} with
// details time and step where the solution leaves every bound, as cut-off equations may. Progress: one per time.
void integrate(const Tensors& start, const Truncation& how, std::span<const double> targets,
               std::span<const double> times, std::span<double> outputs, std::span<double> kernels, int threads,
               Ticket& ticket);

// Doubles that takes beside its arguments.
std::size_t truncated_numbers(std::size_t points, std::size_t trained, int order);

}  // namespace resgram::finite
