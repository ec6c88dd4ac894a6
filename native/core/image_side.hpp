// Images as the pair loops want them: what each is worth with itself, and blocks of them with their factors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dual_tables.hpp"
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

  explicit ImageSide(const Points& images) : points(images), averages(images.rows) {}

  // Keeps what each image's recursion emitted.
  void take(std::span<const std::vector<OwnEmit>> own, std::size_t emits, double smallest_exponent,
            double largest_exponent);

  // Images [first, first + count).
  [[nodiscard]] Points part(std::size_t first, std::size_t count) const;
};

// Fills what is known of the images of all sides, one thing after the other where they need pairs of their own pixels,
// and makes the tables of activations for `pairs` pairs of pixels. `progress`, if any, gets one checkpoint for each line
// of an image that is paired with itself.
DualTables prepare(const Program& program, const ImagePlan& plan, const ImagePasses* passes,
                   std::span<ImageSide* const> sides, double pairs, const Tuning& tuning, double smallest_exponent,
                   double largest_exponent, const Ticket& ticket, Ticket* progress);

// Activations that work with tables take that many doubles at a time (floats: twice as many).
inline constexpr std::size_t kTableLanes = 16;

// Pixels of some images of a side.
template <class Real>
struct ImageChunk {
  std::size_t first, count;
  Directions<Real> pixels;

  ImageChunk(const ImagePlan& plan, const ImageSide& side, bool per_dimension, std::size_t first_image,
             std::size_t images);

  // Images [from, from + used) of the chunk, repeated to fill the lanes.
  [[nodiscard]] ImageBlock<Real> block(const ImagePlan& plan, const ImagePasses* passes, const ImageSide& side,
                                       std::size_t from, std::size_t used, std::size_t lanes) const;
};

template <class Real>
std::size_t block_bytes(const ImagePlan& plan, const ImagePasses* passes, std::size_t lanes) {
  return (plan.factors() + (passes == nullptr ? 0 : passes->amplitudes()) +
          plan.grid().height * plan.grid().width * plan.grid().channels) *
         lanes * sizeof(Real);
}

}  // namespace resgram::core
