// A run of directions packed for the inner products: panels of rows, coordinate by coordinate (tile_lanes.hpp).
#pragma once

#include <cstddef>

#include "buffer.hpp"
#include "points.hpp"
#include "tile_lanes.hpp"

namespace resgram::core {

template <class Real>
class Panels {
 public:
  Panels() = default;
  // Room for so many rows.
  Panels(std::size_t rows, std::size_t dimension)
      : dimension_(dimension), data_(whole_panels(rows) * tile_lanes<Real>().width * dimension) {}

  // Packs rows [first, first + rows); what is missing of the last panel becomes zero.
  void fill(const Directions<Real>& directions, std::size_t first, std::size_t rows, int threads);

  // The panel that begins with packed row `row`, a multiple of kTileUnit.
  [[nodiscard]] const Real* at(std::size_t row) const { return data_.data() + row * dimension_; }

  // Numbers of packed rows, at most.
  static std::size_t numbers(std::size_t rows, std::size_t dimension) { return (rows + kTileUnit) * dimension; }

 private:
  static std::size_t whole_panels(std::size_t rows) {
    const std::size_t width = tile_lanes<Real>().width;
    return (rows + width - 1) / width;
  }

  std::size_t dimension_ = 0;
  Buffer<Real> data_;
};

}  // namespace resgram::core
