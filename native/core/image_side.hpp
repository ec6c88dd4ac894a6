// Images as the pair loops want them: what each is worth with itself, and blocks of them with their factors.
#pragma once

#include <cstddef>
#include <vector>

#include "image_own.hpp"
#include "image_pairs.hpp"
#include "image_plan.hpp"
#include "points.hpp"
#include "sides.hpp"
#include "ticket.hpp"

namespace resgram::core {

// What is known of all images of a side before pairs are formed.
struct ImageSide {
  Points points;
  std::vector<std::vector<OwnState>> averages;       // of each image, as OwnRecursion wants them
  std::vector<EmitDiagonals> diagonals;              // of each emitted kernel
  std::vector<std::vector<std::int64_t>> exponents;  // of each emitted kernel: the power of two of each image's t

  // `progress`, if any, gets one checkpoint for each line of an image that has to be paired with itself.
  ImageSide(const ImagePlan& plan, const Points& images, bool per_dimension, int threads, double smallest_exponent,
            double largest_exponent, const Ticket& ticket, Ticket* progress);

  // Images [first, first + count).
  [[nodiscard]] Points part(std::size_t first, std::size_t count) const;
};

// Pixels of some images of a side.
template <class Real>
struct ImageChunk {
  std::size_t first, count;
  Directions<Real> pixels;

  ImageChunk(const ImagePlan& plan, const ImageSide& side, bool per_dimension, std::size_t first_image,
             std::size_t images);

  // Images [from, from + used) of the chunk, repeated to fill the lanes.
  [[nodiscard]] ImageBlock<Real> block(const ImagePlan& plan, const ImageSide& side, std::size_t from, std::size_t used,
                                       std::size_t lanes) const;
};

template <class Real>
std::size_t block_bytes(const ImagePlan& plan, std::size_t lanes) {
  return (plan.factors() + plan.grid().height * plan.grid().width * plan.grid().channels) * lanes * sizeof(Real);
}

}  // namespace resgram::core
