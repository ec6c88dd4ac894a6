// The two ends of a spectrum, and with them the condition number, without a decomposition.
#pragma once

#include <cstddef>
#include <span>

#include "core/ticket.hpp"

namespace resgram::linalg {

// An eigenvalue lies within `error` of `value`.
struct Extreme {
  double value;
  double error;
};

struct Extremes {
  Extreme largest;
  Extreme smallest;
  // All eigenvalues were computed: the matrix is small, or an end of its spectrum is too dense for the iteration.
  bool decomposed;
};

// The largest and the smallest eigenvalue (not magnitude) of a + ridge·I for the symmetric n × n `a`, n ≥ 1, which is
// destroyed: the largest by Lanczos iteration, the smallest by Lanczos iteration on the inverse that Cholesky's factor
// stands for; where that stops, a being singular or indefinite, of a matrix shifted by no more than that needs. That no
// eigenvalue is left out has probability one with a random start; the start is fixed. Allocates at most n²/2 doubles and,
// once decomposed, what eigenvalues() does. Errors: those of eigenvalues and survey; argument for a negative
// ridge.                                                                                                   [extremes]
Extremes extreme_eigenvalues(std::span<double> a, std::size_t n, double ridge, Ticket& ticket);

// The same without the way out: false if an iteration does not converge, and `a` as it was. For symmetric matrices of
// moderate size (2^±kModerate); `mirrored`: to the bit.
[[nodiscard]] bool extremes_by_lanczos(std::span<double> a, std::size_t n, bool mirrored, Extremes& found,
                                       Ticket& ticket);

}  // namespace resgram::linalg
