// One pair of inputs of a φ without a closed form, by integration: one-dimensional if φ is a spline, else over the plane.
#pragma once

#include <string>

#include "dual_quadrature.hpp"
#include "error.hpp"
#include "function.hpp"
#include "spline.hpp"

namespace resgram::core {

// What an input of variance a brings to all of its pairs.
struct DualInput {
  double variance = 0;
  DualRow row{};
  SplineRow seen;

  DualInput() = default;
  DualInput(const Function& phi, double a);
};

// The pair of two inputs of positive variance: the same bytes in either order. Throws what dual_pair throws, naming `where`.
DualPair integrated_pair(const Function& phi, const DualInput& x, const DualInput& z, double m, bool acute,
                         const Where& where);

// What one such pair takes on this machine, by doing one.
double seconds_per_pair(const Function& phi, double a, double b);

}  // namespace resgram::core
