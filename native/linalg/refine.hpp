// Linear systems with a positive definite matrix, factorised in single precision where that is enough.
#pragma once

#include <cstddef>
#include <span>

#include "core/ticket.hpp"

namespace resgram::linalg {

// How a system came to be solved: by a factor in single precision and refinement in double; by the same factor as
// preconditioner of conjugate gradients in double; by a factor in double.
enum class Way { refined, conjugate_gradients, factorised };

// What the caller asks for.
enum class Arithmetic { mixed, float64 };

struct Solved {
  Way way;
  // Corrections, or steps of conjugate gradients, of the column that took most.
  std::size_t iterations;
  // max over the columns of ‖b − (A + ridge·I) x‖₂ / (‖A + ridge·I‖_F ‖x‖₂ + ‖b‖₂).                       [backward-error]
  double backward_error;
  // max over the columns of ‖b − (A + ridge·I) x‖₂ / ‖b‖₂; 0 for columns of zeros.
  double residual;
};

// Solves (a + ridge·I) X = B for the symmetric n × n `a`, which is destroyed; b and x are n × columns, row-major. With
// Arithmetic::mixed the cheapest way that reaches the backward error of a factorisation in double: refinement, conjugate
// gradients where the matrix is too ill-conditioned for that, the factorisation itself where it is more so, small, or
// has many right-hand sides. Allocates n²/2 doubles for the single precision factor and four vectors per column.
// Errors: those of factor() and survey; Error{range} if X overflows.                              [refinement]
Solved solve_definite(std::span<double> a, std::size_t n, double ridge, std::span<const double> b, std::size_t columns,
                      std::span<double> x, Arithmetic arithmetic, Ticket& ticket);

// Whether mixed arithmetic is faster for that size, as measured.
[[nodiscard]] bool mixed_pays(std::size_t n, std::size_t columns);

class Triangles;

// The part of it in mixed arithmetic, for column-major right-hand sides; false, and no solution, where that does not
// reach the accuracy. `matrix` keeps its matrix.
[[nodiscard]] bool solve_mixed(Triangles& matrix, std::span<const double> a, std::size_t n, std::span<const double> b,
                               std::size_t columns, std::span<double> x, Solved& solved, Ticket& ticket);

}  // namespace resgram::linalg
