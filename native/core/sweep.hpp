// All pairs of two sides run through a program, tile by tile: rows are packed once, a tile's inner products are made and
// used while they lie in the second cache, and finished values go straight to the result and its mirror image.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "dual_tables.hpp"
#include "evaluate.hpp"
#include "panels.hpp"
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
  LogRanges ranges;
  std::optional<Panels<Real>> packed;  // all rows, after pack()

  Side(const Program& program, const Points& points, bool uniform, int threads, const Ticket& ticket);

  // For a side that meets others again and again: packs its rows once, where they take no more room than a sweep allows.
  void pack(int threads);

  [[nodiscard]] RowRange range(const Range& rows) const {
    return {directions.units(), &cache, &diagonals, rows.first, rows.count};
  }
};

// Bytes of a side, beside its points and without packed rows.
double side_bytes(const Program& program, std::size_t rows, std::size_t bytes_per_value);
// Of its packed rows: 0 where they are too many to be kept.
double packed_bytes(std::size_t rows, std::size_t dimension, std::size_t bytes_per_value);

// Fills the sinks and says how. `same`: z is x, and only half of the pairs are computed. `threads` as the pool takes them.
template <class Real>
Path sweep(const Program& program, const Side<Real>& x, const Side<Real>& z, bool same, bool uniform,
           std::span<Sink<Real>> sinks, int threads, const Tuning& tuning, Ticket& ticket);

// Bytes it needs beside inputs and outputs: scratch of all threads, packed rows.
double sweep_bytes(const Program& program, std::size_t rows, std::size_t columns, std::size_t dimension,
                   std::size_t bytes_per_value, int threads, const Tuning& tuning);

}  // namespace resgram::core
