// What an activation does to one input: the variances on its diagonal and the factors that its pair step multiplies into
// pairs. Shared by the row recursion of vectors and by that of images, where a row is one pixel.
#pragma once

#include <array>
#include <cstddef>

#include "program.hpp"
#include "scaled.hpp"

namespace resgram::core {

struct ActivationRow {
  std::array<double, kMostFactors> factors{};  // in the order of lanes.hpp
  Scaled gain;                                 // S(a,a)/a, the scale included
  Scaled derivative;                           // Ṡ(a,a), the scale included
  Scaled at_zero;                              // S(0,0) = φ(0)²; the gain says nothing when the variance a is 0
  double mean = 0;                             // E φ(√a t)/√S(a,a) for a normal t, in [−1, 1]; 0 where S(a,a) = 0
};

// `variance`: the absolute K(x,x) before the step. `tangent_zero`: T(x,x) = 0, then the factor of t is 0. The factors of
// homogeneous activations (relu) are 1 or 0 but for zero vectors, so that the factor of one row is also the exact product
// of two.
ActivationRow activation_row(const Step& step, Scaled variance, bool tangent_zero);

// May E φ(√a t) be other than 0? Not for an odd φ.                                                              [means]
bool leaves_mean(const Step& step);

// Throws Error{Code::range} naming the row where the step needs the variance as a double and it is none.
void check_variance(const Step& step, Scaled variance, std::size_t row);

// scale² for an activation's scale. √2 and its like are rounded roots: the square that has the shortest significand among
// those whose root is `scale` is taken, so that c = 2 is exactly 2 in every one of 10,000 layers.
double variance_factor(double scale);

// Row factors of the erf and GELU steps; shared with the near-pair corrections.                              [erf; gelu]
struct SmoothRow {
  double reach;       // y or g
  double complement;  // e = 1 − reach²
  double inverse;     // m
  double gain;        // S(x,x)/a, for scale 1
  double derivative;  // Ṡ(x,x), for scale 1
};
SmoothRow erf_row(double variance);
SmoothRow gelu_row(double variance);

}  // namespace resgram::core
