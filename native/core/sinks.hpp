// Where kernels go: what may be asked for, and the scales of what came out.
#pragma once

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

}  // namespace resgram::core
