// How the pairs of two sides are cut: bands whose packed rows fit the memory allowed, and in them tiles for the threads.
// No number depends on the cut.
#pragma once

#include <cstddef>
#include <vector>

namespace resgram::core {

struct Range {
  std::size_t first = 0, count = 0;
  [[nodiscard]] std::size_t end() const { return first + count; }
};

// Pairs of rows of x and rows of z.
struct Tile {
  Range rows, cols;
};

// The largest tile: its products and those of its packed rows that are in use share a second cache of 1 MiB.
inline constexpr std::size_t kTileEdge = 192;

// Cuts of at most `most` rows, at multiples of kTileUnit.
std::vector<Range> bands(std::size_t rows, std::size_t most);

// Tiles of at most `height` × kTileEdge, columns by columns, so that threads share the packed columns. `triangle`: only those
// with pairs on or above the diagonal, and of those the columns from the first such pair on, as far as tiles may begin.
std::vector<Tile> tiles(const Range& rows, const Range& cols, std::size_t height, bool triangle);

}  // namespace resgram::core
