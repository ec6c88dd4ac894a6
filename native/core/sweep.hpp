// All pairs of two sides run through a program, tile by tile: rows are packed once, a tile's inner products are made and
// used while they lie in the second cache, and finished values go straight to the result and its mirror image.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "evaluate.hpp"
#include "points.hpp"
#include "sides.hpp"
#include "strip.hpp"
#include "tiles.hpp"

namespace resgram::core {

// One set of points, with all that belongs to its rows alone.
template <class Real>
struct Side {
  Directions<Real> directions;
  FactorCache cache;
  std::vector<EmitDiagonals> diagonals;

  Side(const Program& program, const Points& points, bool uniform, int threads, const Ticket& ticket);

  [[nodiscard]] RowRange range(const Range& rows) const {
    return {directions.units(), &cache, &diagonals, rows.first, rows.count};
  }
};

// Fills the sinks and says how. `same`: z is x, and only half of the pairs are computed. `threads` as the pool takes them.
template <class Real>
Path sweep(const Program& program, const Side<Real>& x, const Side<Real>& z, bool same, bool uniform,
           std::span<Sink<Real>> sinks, int threads, const Tuning& tuning, Ticket& ticket);

// Bytes it needs beside inputs and outputs: scratch of all threads, packed rows.
double sweep_bytes(const Program& program, std::size_t rows, std::size_t columns, std::size_t dimension,
                   std::size_t bytes_per_value, int threads, const Tuning& tuning);

}  // namespace resgram::core
