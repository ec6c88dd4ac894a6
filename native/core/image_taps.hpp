// The taps of a filter along one axis of a line, for sliding sums: every input that any output reads, in the order of the
// taps, so that output o reads `size` neighbours from base[o] on.
#pragma once

#include <cstddef>
#include <vector>

#include "image_line.hpp"

namespace resgram::core {

struct SlidingTaps {
  // An input: its position on the line, or −1 where one of the images ends before it; coordinates, −1 outside.
  struct Entry {
    int source, x, z;
    int same;  // an earlier entry that is this one again, or −1
  };
  // Entries that are neighbours on the line, to be taken in one go.
  struct Run {
    std::size_t entry, count;
    int source, x, z;
  };
  // Outputs whose inputs follow each other.
  struct Sums {
    std::size_t out, entry, count, step;
  };
  // Outputs whose coordinates follow each other in both images.
  struct Piece {
    std::size_t out, count;
    int x, z;
  };

  std::vector<Entry> entries;
  std::vector<int> base;          // of each output
  std::vector<std::size_t> last;  // of each entry that is not repeated: the last output that reads it
  std::vector<Run> runs;
  std::vector<std::size_t> lone, repeated;  // entries outside of an image, and those with `same`
  std::vector<Sums> sums;
  std::vector<Piece> pieces;
  std::vector<int> x, z;  // coordinates of all entries
  std::size_t size = 1;

  SlidingTaps(const AxisFilter& filter, const AxisLine& in, const AxisLine& out);
};

}  // namespace resgram::core
