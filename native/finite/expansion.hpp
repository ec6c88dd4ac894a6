// A network near given weights on given points: values, cotangents of its one output, and the derivatives of φ that the
// tangents of first order multiply.                                                                  [hierarchy-sweeps]
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "architecture.hpp"
#include "crew.hpp"
#include "signals.hpp"

namespace resgram::finite {

// Throws Error{argument} unless every φ has derivatives up to order − 1, and where there is more than one output.
void require_expandable(const Architecture& network, int order);

struct Expansion {
  // `x` holds `points` rows; the first `trained` of them train. `order` is that of the highest tensor: 3 or 4. What
  // require_expandable() refuses has no meaning here.
  Expansion(const Architecture& network, std::span<const double> weights, std::span<const double> x, std::size_t points,
            std::size_t trained, int order, const Crew& crew);

  // Numbers that this holds.
  static double numbers(const Architecture& network, std::size_t points, int order);

  const Architecture& network;
  std::span<const double> weights;
  std::size_t points, trained;
  int order;
  Signals values, cotangents;
  Signals slopes, bends;         // φ′ and φ″
  std::optional<Signals> jerks;  // φ‴ for order 4
};

// Along which gradients a point has tangents: all of them if it trains, else those of the trained points.
inline std::size_t directions_of(const Expansion& at, std::size_t point) {
  return point < at.trained ? at.points : at.trained;
}

}  // namespace resgram::finite
