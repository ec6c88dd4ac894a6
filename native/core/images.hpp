// Gram and cross matrices of image programs; evaluate.hpp hands over to these.
#pragma once

#include <cstddef>
#include <span>

#include "evaluate.hpp"

namespace resgram::core {

// Does the program read images? Throws Error{Code::shape} if the grid says otherwise or does not make up the rows.
bool check_grid(const Program& program, const Grid& grid, std::size_t dimension);

template <class Real>
void image_gram(const Program& program, const Points& x, std::span<Sink<Real>> sinks, const Tuning& tuning,
                Ticket& ticket);

template <class Real>
void image_cross(const Program& program, const Points& x, const Points& z, std::span<Sink<Real>> sinks,
                 const Tuning& tuning, Ticket& ticket);

void image_diagonal(const Program& program, const Points& x, std::span<Sink<double>> sinks, const Ticket& ticket);

std::size_t image_workspace_bytes(const Program& program, std::size_t rows, std::size_t columns, const Grid& grid,
                                  std::size_t bytes_per_value, const Tuning& tuning);

}  // namespace resgram::core
