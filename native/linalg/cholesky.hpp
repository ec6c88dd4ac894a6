// Cholesky factorisation behind factor(). Internal to native/linalg.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace resgram::linalg {

// Lower factor of the symmetric n × n `a` in the row-major lower triangle; reads and writes nothing above the diagonal.
// Otherwise the 0-based index of the first pivot that carries no evidence of being positive; the triangle is then
// undefined.
std::optional<std::size_t> factor_lower(std::span<double> a, std::size_t n);

struct Remedy {
  double ridge;   // one decimal digit; factor_lower succeeds on a + ridge·I with room to spare
  bool rounding;  // whether rounding in float64 explains that the matrix needs more than it had
};

// `a` holds a matrix but for its lower triangle, spoilt by a factorisation with too small a ridge, and its `diagonal`,
// kept aside: restores it. Nothing if the remedy would leave the range of doubles.
std::optional<Remedy> find_remedy(std::span<double> a, std::size_t n, std::span<const double> diagonal, double ridge);

// Writes the lower triangle anew: the mirror image of the upper one, and `diagonal` + ridge between them.
void restore_lower(std::span<double> a, std::size_t n, std::span<const double> diagonal, double ridge);

// factor_lower of `a` with `diagonal` + ridge in place of its diagonal, or Error{not_positive_definite} as factor()
// throws it, with `a` as it was (its diagonal: `diagonal`).                                      [chol-pivot; ridge-hint]
void factor_or_explain(std::span<double> a, std::size_t n, std::span<const double> diagonal, double ridge);

// Error{argument} unless ridge is finite and ≥ 0.
void require_ridge(double ridge);

}  // namespace resgram::linalg
