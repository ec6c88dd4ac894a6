// The direct ways to eigenvectors, behind eigenpairs and top_eigenpairs. Internal to native/linalg; tests compare them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace resgram::linalg {

// Both give the `top` largest eigenpairs of the symmetric n × n `a` (finite, of moderate size, destroyed): values
// descending, vectors as rows (top × n). `vectors` may be `a` itself.

// Tridiagonalisation, divide and conquer, own back-transformation. Two n × n workspaces, whose size passes 32 bits at
// n = 46,340.
void divide_and_conquer(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                        std::span<double> vectors);
[[nodiscard]] bool divide_and_conquer_fits(std::size_t n);

// Relatively robust representations (bisection and inverse iteration for a part of the spectrum): O(n) workspace
// beside the vectors.
void robust_representations(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                            std::span<double> vectors);

// Whichever of the two fits, for a matrix of any size; signs fixed as in eigenpairs. Checks its arguments.
void direct_eigenpairs(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                       std::span<double> vectors);

// The same by block Krylov iteration, of a matrix that stays as it is (copied where its size is not moderate), and their
// eigen_residual. Nothing, and no results, if that does not converge; ask krylov_pays before.
[[nodiscard]] std::optional<double> leading_eigenpairs(std::span<const double> a, std::size_t n, std::size_t top,
                                                       std::span<double> values, std::span<double> vectors);

}  // namespace resgram::linalg
