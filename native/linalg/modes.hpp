// Functions of a symmetric matrix, through its eigenvectors: what is linear in time for every time at once.
#pragma once

#include <cstddef>
#include <span>

#include "core/ticket.hpp"

namespace resgram::linalg {

// Eigenvectors as the left side of a product: `rows` × n in general; as rows of an n × n matrix where `transposed`, so
// that the product is Qᵀ· and rows = n.
struct ModeBasis {
  std::span<const double> numbers;
  std::size_t rows;
  std::size_t n;
  bool transposed;
};

// out_f = base + B diag(w_f) P for each of the filters w_f, the rows of `weights` (filters × n): B the basis, P the
// n × columns coordinates of a right side. `base` (rows × columns) may be empty, for 0; `out` is filters × rows × columns.
// Errors: shape; range; not_finite. The workspace is of about 256 columns, however many filters there are; a checkpoint
// after each such batch.                                                                                 [mode-filters]
void filter_modes(const ModeBasis& basis, std::span<const double> coordinates, std::size_t columns,
                  std::span<const double> weights, std::size_t filters, std::span<const double> base,
                  std::span<double> out, Ticket& ticket);

// C (m × n) = A (m × inner) · Bᵀ for B (n × inner), in blocks of rows with a checkpoint after each.
void multiply_transposed(std::span<const double> a, std::span<const double> b, std::span<double> c, std::size_t m,
                         std::size_t inner, std::size_t n, Ticket& ticket);

// Bytes of workspace that filter_modes takes.
std::size_t filter_modes_bytes(std::size_t rows, std::size_t n, std::size_t columns);

}  // namespace resgram::linalg
