// Decompositions that check themselves.
#pragma once

#include <cstddef>
#include <span>

namespace resgram::linalg {

struct Survey;

// How far n computed eigenvalues are from being those of a matrix of moderate size: the larger of |tr A − Σλ| and
// |‖A‖_F − √Σλ²|, relative to the largest |λ|. The check of values without their vectors.                [invariants]
double invariant_gap(const Survey& seen, std::span<const double> values);

// The `top` ≥ 1 largest eigenvalues of a, descending, and, unless `vectors` (top × n) is empty, their eigenvectors as
// rows, signs as in eigenpairs. Returns how well they fit: eigen_residual of the pairs where vectors were computed, else
// invariant_gap of all eigenvalues. Errors: those of eigenpairs and survey. Destroys a. What it allocates is at most 2 n²
// doubles with vectors (all of them are their own workspace: n²) and n² without; lib/spectrum.ts plans with that.
double checked_spectrum(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                        std::span<double> vectors);

// The same of a matrix that is afterwards what it was: written anew from the triangle that a decomposition leaves alone,
// or, where the two differ or the size is extreme, decomposed in a copy.
double kept_spectrum(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                     std::span<double> vectors);

}  // namespace resgram::linalg
