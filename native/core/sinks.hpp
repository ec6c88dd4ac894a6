// Where kernels go: what may be asked for, and the scales of what came out.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "evaluate.hpp"
#include "sides.hpp"

namespace resgram::core {

// Throws Error unless there is one sink per emit, and a tangent kernel where one is wanted.
template <class Real>
void check_sinks(const Program& program, std::span<const Sink<Real>> sinks);

// The scales that the diagonals of both sides were given.
template <class Real>
void set_scales(std::span<Sink<Real>> sinks, const std::vector<EmitDiagonals>& x, const std::vector<EmitDiagonals>& z);

// Finite inputs can still have kernels beyond the range of numbers (rows of 1e200 have squares of 1e400). Whoever gets
// a matrix may rely on its being finite: throws Error{range} with the first place that is not. What was seen to be finite
// as it was written is not read again.
template <class Real>
void require_finite(std::span<const Sink<Real>> sinks, std::size_t rows, std::size_t columns);

}  // namespace resgram::core
