// Displacement lines of pairs of pixels: along a line, pixel j of x meets pixel j + t of z. A line is kept axis by axis;
// along an axis of a grid it either wraps around the edge or ends there.                                        [image-lines]
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace resgram::core {

// One axis of a line. Its positions are 0 … count() − 1.
struct AxisLine {
  int size = 1;   // of the grid along this axis
  int shift = 0;  // t, from −size + 1 to size − 1
  bool wraps =
      true;  // z's coordinate is taken modulo the size; else only coordinates inside the grid belong to the line

  [[nodiscard]] int first() const { return wraps ? 0 : std::max(0, -shift); }
  [[nodiscard]] int count() const { return wraps ? size : size - (shift < 0 ? -shift : shift); }
  [[nodiscard]] int x(int position) const { return first() + position; }
  [[nodiscard]] int z(int position) const {
    const int at = first() + position + shift;
    if (!wraps) return at;
    return at >= size ? at - size : (at < 0 ? at + size : at);
  }
};

enum class Padding : unsigned char { valid, zero, circular };

// A filter along one axis: output o reads inputs stride · o + k − offset, k = 0 … size − 1.
struct AxisFilter {
  int size = 1, stride = 1;
  Padding padding = Padding::zero;

  [[nodiscard]] bool trivial() const { return size == 1 && stride == 1; }
  [[nodiscard]] int offset() const { return padding == Padding::valid ? 0 : (size - 1) / 2; }
  [[nodiscard]] int output(int input) const {
    if (padding != Padding::valid) return (input + stride - 1) / stride;
    return input < size ? 0 : (input - size) / stride + 1;
  }
  // Does a line that wraps around the input become one that wraps around the output?
  [[nodiscard]] bool keeps_wrapping(int input) const {
    return padding != Padding::valid && stride * output(input) == input;
  }
  // Input coordinate of tap k of output o, or −1 outside the grid.
  [[nodiscard]] int tap(int o, int k, int input) const {
    const int at = stride * o + k - offset();
    if (padding == Padding::circular) return ((at % input) + input) % input;
    return at >= 0 && at < input ? at : -1;
  }
};

// The line behind a filter along one axis, of a grid of `size`; false if none of its pairs lies on this one.
inline bool next_line(const AxisLine& in, const AxisFilter& filter, int size, bool wraps, AxisLine& out) {
  out = in;
  if (filter.trivial()) return true;
  if (in.shift % filter.stride != 0) return false;
  out = {size, in.shift / filter.stride, wraps};
  return out.shift < size && out.shift > -size;
}

// One filter tap of a pair of pixels along an axis; −1 where an image ends before the tap.
struct Tap {
  int source;  // position on the input line where both are inside, else −1
  int x, z;    // coordinates in the input grid
};

// Taps of every position of the output line, `first[o] … first[o + 1]` those of position o.
struct TapTable {
  std::vector<Tap> taps;
  std::vector<int> first;

  void build(const AxisFilter& filter, const AxisLine& in, const AxisLine& out) {
    taps.clear();
    first.assign(1, 0);
    for (int o = 0; o < out.count(); ++o) {
      for (int k = 0; k < filter.size; ++k) {
        const int x = filter.tap(out.x(o), k, in.size), z = filter.tap(out.z(o), k, in.size);
        if (x < 0 && z < 0) continue;
        taps.push_back({x < 0 || z < 0 ? -1 : x - in.first(), x, z});
      }
      first.push_back(static_cast<int>(taps.size()));
    }
  }
  [[nodiscard]] std::span<const Tap> at(int position) const {
    const auto from = static_cast<std::size_t>(first[static_cast<std::size_t>(position)]);
    const auto to = static_cast<std::size_t>(first[static_cast<std::size_t>(position) + 1]);
    return std::span(taps).subspan(from, to - from);
  }
};

}  // namespace resgram::core
