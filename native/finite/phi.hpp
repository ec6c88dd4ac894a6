// An activation of a finite network: φ and its derivatives at numbers, the scale of its step included.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "core/program.hpp"

namespace resgram::finite {

// The highest derivative that smooth activations come with.
inline constexpr int kMostOrder = 4;

class Phi {
 public:
  virtual ~Phi() = default;

  // scale · φ⁽ᵒʳᵈᵉʳ⁾ at every u, 0 ≤ order ≤ orders(); `out` may be `u` itself. At a kink in 0 the
  // mean of both sides [zero-input], at others the value from the left.                                        [phi-jet]
  virtual void derivative(int order, std::span<const double> u, double* out) const = 0;

  // The highest derivative that is a bounded function: 0 for sign, whose φ′ is a point mass; 1 where φ′ jumps (relu); 2
  // where φ″ does (elu) and for φ in pieces, which are fitted to φ and not to its third derivative; else kMostOrder.
  [[nodiscard]] virtual int orders() const { return kMostOrder; }

  // As the catalogue calls it.
  [[nodiscard]] virtual std::string name() const = 0;
};

// The φ of a step that is_activation().
std::unique_ptr<const Phi> phi_of(const core::Step& step);

}  // namespace resgram::finite
