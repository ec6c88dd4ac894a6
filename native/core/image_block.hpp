// Several images side by side, as the pair loops read them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "aligned.hpp"
#include "image_amplitudes.hpp"
#include "points.hpp"

namespace resgram::core {

// Number k of image i lies at k · count + i. One image is a block of count 1.
template <class Real>
struct ImageBlock {
  AlignedVector<Real> units;            // pixel by pixel, channel by channel: directions of length one
  std::vector<Real> factors;            // of image_own.hpp
  AlignedVector<Real> amplitudes;       // of image_amplitudes.hpp, where the network has passes
  std::vector<HeadUnits> head_units;    // of reading r and image i at r · count + i
  std::vector<std::int64_t> exponents;  // of each image: its amplitudes are in units of 2^exponent
  std::vector<char> fits;               // of each image: can the passes take it?
  std::size_t lanes = 1;                // the last image is repeated to fill them
  std::size_t used = 1;
  const Directions<Real>* pixels = nullptr;  // of the images that the block is taken from
  std::size_t first = 0;                     // number of its first image there
  std::vector<std::size_t> images;           // of each lane: its number there

  // What passes read of the block, lane j taken from lane (j + by) mod `used`.
  [[nodiscard]] ImageBlock turned(std::size_t by) const {
    ImageBlock other;
    other.lanes = lanes;
    other.used = used;
    other.pixels = pixels;
    other.first = first;
    const auto turn = [&](const auto& from, auto& to) {
      to.resize(from.size());
      for (std::size_t k = 0; k < from.size(); k += lanes)
        for (std::size_t j = 0; j < lanes; ++j) to[k + j] = from[k + (std::min(j, used - 1) + by) % used];
    };
    turn(units, other.units);
    turn(amplitudes, other.amplitudes);
    turn(head_units, other.head_units);
    turn(exponents, other.exponents);
    turn(fits, other.fits);
    turn(images, other.images);
    return other;
  }
};

}  // namespace resgram::core
