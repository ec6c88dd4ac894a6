// What one image brings to the passes of a homogeneous network: amplitudes √Q of its pixels at every field.   [image-rows]
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "image_own.hpp"
#include "image_passes.hpp"

namespace resgram::core {

// Powers of two between the units of an image's amplitudes and those in which a head gets its pairs.
struct HeadUnits {
  int covariance = 0, tangent = 0;
};

template <class Real>
class ImageAmplitudes {
 public:
  // Amplitude number k of this image goes to out[k · stride]; units to one entry per reading of the passes.
  ImageAmplitudes(const ImagePlan& plan, const ImagePasses& passes, Real* out, std::size_t stride,
                  std::span<HeadUnits> units);

  // To be called as OwnRecursion::watch says.
  void take(std::size_t step, const OwnState& state);

  // Are all amplitudes in a range whose products and their reciprocals Real can hold? If not, all are 0.
  bool finish();
  [[nodiscard]] std::int64_t exponent() const { return unit_; }

 private:
  const ImagePlan& plan_;
  const ImagePasses& passes_;
  Real* out_;
  std::size_t stride_;
  std::span<HeadUnits> units_;
  std::int64_t unit_ = 0;  // of the image's pixels
  bool fits_ = true;
};

}  // namespace resgram::core
