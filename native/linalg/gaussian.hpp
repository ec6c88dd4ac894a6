// What a Gaussian process asks of a Cholesky factor beside solves: its likelihood, its covariances, further samples, and
// what each sample is told by the others. Matrices are row-major; factors are lower ones, as factor() makes them, of
// K + ridge·I. Checks as in linalg.hpp.
#pragma once

#include <cstddef>
#include <span>

#include "core/ticket.hpp"

namespace resgram::linalg {

// log det (L Lᵀ).
double log_determinant(std::span<const double> factor, std::size_t n);

// diagonal_i = ((L Lᵀ)⁻¹)_ii, which is the reciprocal of the variance of sample i given all others. n³/3 operations. Throws
// Cancelled.                                                                                                 [loo; loo-variance]
void inverse_diagonal(std::span<const double> factor, std::size_t n, std::span<double> diagonal, Ticket& ticket);

// covariance ← covariance − cross (L Lᵀ)⁻¹ crossᵀ for the m rows of `cross` (m × n); `covariance` (m × m, symmetric) comes
// in as the prior one and leaves symmetric to the bit, with a diagonal of at least 0.                        [gp-posterior]
void posterior_covariance(std::span<const double> factor, std::size_t n, std::span<const double> cross, std::size_t m,
                          std::span<double> covariance);

// m further samples: `rows` (m × n) holds their kernel with the n known ones, `corner` (m × m, symmetric) their own.
// `bordered` and `extended`, (n + m)² each, become the whole matrix and the factor of it + ridge·I, at O(n²) per sample.
// Throws what factor() throws where that is not positive definite.                                        [bordered; chol-pivot]
void border(std::span<const double> a, std::span<const double> factor, std::size_t n, std::span<const double> rows,
            std::span<const double> corner, std::size_t m, double ridge, std::span<double> bordered,
            std::span<double> extended);

// Predictions for each part of the samples by the fit to all others, for each ridge, out of the one eigendecomposition of
// K (values descending, vectors as rows). `part` numbers the parts from 0; y and a layer of `predictions` are n × columns.
// A ridge under which directions are lost to rounding has no answer: its layer is NaN and `dropped` counts them. Throws
// Cancelled.                                                                                                  [held-out]
void held_out_path(std::span<const double> values, std::span<const double> vectors, std::size_t n,
                   std::span<const double> y, std::size_t columns, std::span<const double> ridges,
                   std::span<const double> part, std::span<double> predictions, std::span<double> dropped,
                   Ticket& ticket);

}  // namespace resgram::linalg
