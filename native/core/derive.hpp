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

enum class Order { gradient = 1, hessian = 2 };

// ∂k(x_i, z_j)/∂x_i, rows × rows of z × dimension, or the Hessian with one more dimension, row-major. Where k has a corner
// (x_i parallel to z_j), the gradient is the mean of the one-sided ones in opposite directions and the Hessian is
// refused. Throws Error, Cancelled.                                                                  [input-gradient]
void derive(const Program& program, const Points& x, const Points& z, Order order, std::span<Sink<double>> sinks,
            const Tuning& tuning, Ticket& ticket);

}  // namespace resgram::core
