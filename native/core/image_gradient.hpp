// Derivatives of kernels of images by the pixels of one of them.                                          [image-gradient]
#pragma once

#include <span>

#include "evaluate.hpp"
#include "program.hpp"
#include "ticket.hpp"

namespace resgram::core {

// ∂k(x_i, z_j)/∂x_i, rows × rows of z × numbers of an image. Throws Error, Cancelled.
void image_gradient(const Program& program, const Points& x, const Points& z, std::span<Sink<double>> sinks,
                    const Tuning& tuning, Ticket& ticket);

// Bytes that it takes beside inputs and outputs.
double image_gradient_bytes(const Program& program, const Grid& grid, int threads);

}  // namespace resgram::core
