// Ridge regression from one eigendecomposition: every ridge afterwards costs O(n²).
#pragma once

#include <cstddef>
#include <span>

namespace resgram::linalg {

// Given K = Qᵀ diag(values) Q (vectors as rows, values descending), targets y (n × columns) and `ridges` (each ≥ 0):
// `loo` (ridges.size() × n × columns) receives the leave-one-out predictions  y − [(K+λI)⁻¹y] / diag (K+λI)⁻¹ ,
// `coefficients` (same shape, may be empty) receives (K+λI)⁻¹ y.                                                  [loo]
// Directions with values + λ ≤ n·eps·values[0] are dropped (a pseudo-inverse), `dropped` counts them per ridge.
// Where directions are dropped `loo` holds the limit of a vanishing ridge, which is the minimum-norm fit to the other
// samples: of two equal samples each is predicted by the other, a sample whose kernel is zero is predicted as 0.
// Errors: shape; range; not_finite; argument for a negative ridge.                                           [loo-null]
void ridge_path(std::span<const double> values, std::span<const double> vectors, std::size_t n,
                std::span<const double> y, std::size_t columns, std::span<const double> ridges, std::span<double> loo,
                std::span<double> coefficients, std::span<double> dropped);

// The whole way from K: its eigenvalues into `values`, the path into the others, and the eigenvectors take the place of
// `matrix`, so that a batch of problems needs no second copy of each. With `check` eigen_residual of the pairs, at the
// price of a copy and a product; else NaN.
double ridge_path_from_matrix(std::span<double> matrix, std::size_t n, std::span<const double> y, std::size_t columns,
                              std::span<const double> ridges, std::span<double> values, std::span<double> loo,
                              std::span<double> coefficients, std::span<double> dropped, bool check);

}  // namespace resgram::linalg
