// How long derivatives take, before they are begun: those of activations with closed forms from counts, those that are
// integrated pair by pair from a measured one.                                              [input-gradient; image-gradient]
#pragma once

#include <cstddef>
#include <span>

#include "derive.hpp"
#include "evaluate.hpp"
#include "program.hpp"
#include "ticket.hpp"

namespace resgram::core {

// Of rows × columns pairs, `kernels` of every emit: about ten nanoseconds each, without what is integrated.
double derivative_work(const Program& program, std::size_t rows, std::size_t columns, std::size_t dimension,
                       const Grid& grid, Order order, std::size_t kernels);

// Throws Error{Code::argument} with the hours if the integrals over pairs, of pixels where x has a grid, would take more
// than `max_hours`. Runs one of them where there are so many that it could be. Throws Cancelled.
void require_derivative_hours(const Program& program, const Points& x, const Points& z, int threads, double max_hours,
                              const Ticket& ticket);

}  // namespace resgram::core
