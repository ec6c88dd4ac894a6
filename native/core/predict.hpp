// What a fitted model says about new points, from their kernel with its samples to means and variances.
#pragma once

#include <cstddef>
#include <span>

#include "evaluate.hpp"
#include "prepared.hpp"

namespace resgram::core {

struct Fit {
  const Program& program;
  const Prepared& samples;
  bool tangent = false;             // its kernel is the NTK, else the NNGP's
  std::span<const double> weights;  // n × columns
  std::size_t columns = 0;
  std::span<const double> factor;  // n × n, lower; empty where no variances are wanted
};

// Where they go, for m points.
struct Predictions {
  std::span<double> mean;        // m × columns: k_zᵀ·weights
  std::span<double> variance;    // m, or empty: k(z, z) − ‖L⁻¹k_z‖², at least 0
  std::span<double> covariance;  // m × n, or empty: k_z itself. There are no variances then
};

// Logarithms of what means, and variances, are in the unit of.
struct PredictionScales {
  double mean = 0;
  double variance = 0;
};

// Pairs go the way that the Gram matrix of the samples went, by steps or by a table, however few the points are. Throws
// Error, Cancelled.                                                                                      [gp-posterior]
PredictionScales predict(const Fit& fit, const Points& points, const Predictions& to, Tuning tuning, Ticket& ticket);

}  // namespace resgram::core
