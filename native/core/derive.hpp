// Kernels differentiated: along the angle of unit vectors, and by an input.
#pragma once

#include <cstddef>
#include <span>

#include "evaluate.hpp"
#include "program.hpp"

namespace resgram::core {

// κ′ and κ″ of one emitted kernel by the angle, per radian; a null pointer means: not wanted. At 0 and π the limits from
// within. Scaled like the values that `profile` gives.
struct CurveSink {
  double* nngp_slope = nullptr;
  double* nngp_curvature = nullptr;
  double* ntk_slope = nullptr;
  double* ntk_curvature = nullptr;
};

void profile_derivatives(const Program& program, std::span<const double> angles, std::size_t dimension,
                         std::span<CurveSink> sinks);

}  // namespace resgram::core
