// Ridge regression from one eigendecomposition: every ridge afterwards costs O(n²).
#pragma once

#include <cstddef>
#include <span>

namespace resgram::linalg {

// Given K = Qᵀ diag(values) Q (vectors as rows), targets y (n × columns) and `ridges`:
// `loo` (ridges.size() × n × columns) receives the leave-one-out predictions  y − [(K+λI)⁻¹y] / diag (K+λI)⁻¹ ,
// `coefficients` (same shape, may be empty) receives (K+λI)⁻¹ y.
// Directions with values + λ ≤ n·eps·values[0] are dropped (a pseudo-inverse); their number per ridge goes to `dropped`.
void ridge_path(std::span<const double> values, std::span<const double> vectors, std::size_t n,
                std::span<const double> y, std::size_t columns, std::span<const double> ridges, std::span<double> loo,
                std::span<double> coefficients, std::span<double> dropped);

}  // namespace resgram::linalg
