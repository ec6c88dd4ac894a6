// Decompositions that check themselves, of matrices that stay as they are.
#pragma once

#include <cstddef>
#include <span>

namespace resgram::linalg {

// Throws Error{argument} (details row, column) unless a is symmetric to single precision: LAPACK reads one triangle and
// believes it. Tells whether it is symmetric to the bit.                                                 [symmetric]
bool require_symmetric(std::span<const double> a, std::size_t n);

// How far n computed eigenvalues are from being those of a: the larger of |tr A − Σλ| and |‖A‖_F − √Σλ²|, relative to
// the largest |λ|. The check of values without their vectors, at the cost of one pass.                   [invariants]
double invariant_gap(std::span<const double> a, std::size_t n, std::span<const double> values);

// The `top` ≥ 1 largest eigenvalues of a, descending, and, unless `vectors` (top × n) is empty, their eigenvectors as
// rows, signs as in eigenpairs. Returns how well they fit: eigen_residual of the pairs where vectors were computed, else
// invariant_gap of all eigenvalues. Errors: those of eigenpairs and require_symmetric. What it allocates is at most 3 n²
// doubles with vectors (all of them are their own workspace: 2 n²) and 2 n² without; lib/spectrum.ts plans with that.
double checked_spectrum(std::span<const double> a, std::size_t n, std::size_t top, std::span<double> values,
                        std::span<double> vectors);

}  // namespace resgram::linalg
