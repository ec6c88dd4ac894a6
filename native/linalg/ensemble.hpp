// Covariances of an ensemble of linear models that start from a Gaussian process and are trained to the same targets.
#pragma once

#include <cstddef>
#include <span>

#include "core/ticket.hpp"

namespace resgram::linalg {

// Training moves the values at m test points by S(y − f(0)), S = A diag(w) Q: A (m × n) the cross matrix of the kernel
// that trains, in the basis Q (n × n, vectors as rows) of its training matrix, w one of `filters` rows of `weights`.
// Where the values at the start have covariances K among the training points (n × n) and K_* from test to training points
// (m × n), those at the test points have in the end
//   prior + k S K Sᵀ − c (S K_*ᵀ + K_* Sᵀ) ,
// with the factors k = `train_scale` and c = `cross_scale`. K and K_* may be given in the basis Q, as QKQᵀ and
// K_*Qᵀ; then `vectors` is empty, and a filter costs half.                                              [ntk-ensemble]
struct Ensemble {
  std::span<const double> rotated;  // A
  std::span<const double> vectors;  // Q, or empty
  std::span<const double> train;    // K
  std::span<const double> cross;    // K_*
  std::size_t points;               // m
  std::size_t samples;              // n
  double train_scale;
  double cross_scale;
};

// Its diagonal, for each filter: `prior` (m), `variances` (filters × m), never below 0, where rounding may push it. Works
// through the test points in blocks; a checkpoint for each block and filter.
void ensemble_variances(const Ensemble& ensemble, std::span<const double> weights, std::size_t filters,
                        std::span<const double> prior, std::span<double> variances, Ticket& ticket);

// All of it, symmetric to the bit: `prior` (m × m), `covariances` (filters × m × m). Allocates 2 m × n doubles.
void ensemble_covariances(const Ensemble& ensemble, std::span<const double> weights, std::size_t filters,
                          std::span<const double> prior, std::span<double> covariances, Ticket& ticket);

// prior − A diag(w) Aᵀ, for each filter w ≥ 0: the same where K is the matrix that trains, plus noise.      [nngp-training]
void reduced_variances(std::span<const double> rotated, std::size_t points, std::size_t samples,
                       std::span<const double> weights, std::size_t filters, std::span<const double> prior,
                       std::span<double> variances, Ticket& ticket);
void reduced_covariances(std::span<const double> rotated, std::size_t points, std::size_t samples,
                         std::span<const double> weights, std::size_t filters, std::span<const double> prior,
                         std::span<double> covariances, Ticket& ticket);

}  // namespace resgram::linalg
