#include "tiles.hpp"

#include <algorithm>

#include "tile_lanes.hpp"

namespace resgram::core {

std::vector<Range> bands(std::size_t rows, std::size_t most) {
  most = std::max(kTileUnit, most / kTileUnit * kTileUnit);
  std::vector<Range> list;
  for (std::size_t first = 0; first < rows; first += most) list.push_back({first, std::min(most, rows - first)});
  return list;
}

std::vector<Tile> tiles(const Range& rows, const Range& cols, std::size_t height, bool triangle) {
  std::vector<Tile> list;
  for (std::size_t col = cols.first; col < cols.end(); col += kTileEdge) {
    const std::size_t end = std::min(col + kTileEdge, cols.end());
    for (std::size_t row = rows.first; row < rows.end(); row += height) {
      if (triangle && row >= end) break;
      const std::size_t skipped = triangle && row > col ? (row - col) / kTileUnit * kTileUnit : 0;
      list.push_back({{row, std::min(height, rows.end() - row)}, {col + skipped, end - col - skipped}});
    }
  }
  return list;
}

}  // namespace resgram::core
