// The ways to eigenvalues and eigenvectors, behind eigenpairs and its relatives. Internal to native/linalg; tests compare
// them. All of them want a symmetric n × n `a` that is finite and of moderate size, and check nothing. The direct ones read
// and destroy its upper triangle (row-major) and its diagonal, and leave the rest.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace resgram::linalg {

// All eigenvalues, descending.
void direct_values(std::span<double> a, std::size_t n, std::span<double> values);

// Both give the `top` ≥ 1 largest eigenpairs: values descending, vectors as rows (top × n), signs as in eigenpairs. With
// top = n `vectors` may be `a` itself.

// Tridiagonalisation, divide and conquer, own back-transformation. An n × n workspace, whose size passes 32 bits at
// n = 46,340, and another one unless all vectors are wanted and take its place.
void divide_and_conquer(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                        std::span<double> vectors);
[[nodiscard]] bool divide_and_conquer_fits(std::size_t n);

// Relatively robust representations (bisection and inverse iteration for a part of the spectrum): O(n) workspace
// beside the vectors.
void robust_representations(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                            std::span<double> vectors);

// Whichever of the two fits.
void direct_pairs(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                  std::span<double> vectors);

// The same by block Krylov iteration, of a matrix that stays as it is, and their eigen_residual; `vectors` may be empty.
// Nothing, and no results, if that does not converge; ask krylov_pays before.
[[nodiscard]] std::optional<double> leading_pairs(std::span<const double> a, std::size_t n, std::size_t top,
                                                  std::span<double> values, std::span<double> vectors);

}  // namespace resgram::linalg
