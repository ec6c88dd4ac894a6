// Rows against a Cholesky factor, without LAPACK: its vector solve and its matrix solve round differently, so that what is
// said of a row would depend on how many others are asked for with it, and the latter copies the triangle on its way.
#pragma once

#include <cstddef>
#include <span>

#include "ticket.hpp"

namespace resgram::core {

// Rows k of `rows` (m × n) become w = L⁻¹k for the lower triangle L of `factor` (n × n). Every row's bits are the same alone
// and among others, on one thread and on many. May leave numbers that are not finite. Throws Cancelled.   [gp-posterior]
void whiten(std::span<const double> factor, std::size_t n, double* rows, std::size_t m, int threads, Ticket& ticket);

}  // namespace resgram::core
