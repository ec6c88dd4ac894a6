// Eigenvalues of a kernel on the sphere.                                                                 [sphere-spectrum]
#pragma once

#include <cstddef>
#include <span>

#include "program.hpp"
#include "ticket.hpp"

namespace resgram::core {

// Where the eigenvalues of one emitted kernel go, degrees + 1 of each; null means: not wanted. `*_error` bounds what the
// quadrature and the rounding within it add, absolute, and is never null where the values are wanted. Both are to be
// multiplied by exp(log_scale).
struct SphereSink {
  double* nngp = nullptr;
  double* nngp_error = nullptr;
  double* ntk = nullptr;
  double* ntk_error = nullptr;
  double nngp_log_scale = 0;
  double ntk_log_scale = 0;
};

// Of the integral operator over S^{dimension − 1} with the uniform probability measure, one eigenvalue per degree 0 …
// `degrees` of spherical harmonics. 2 ≤ dimension, dimension + degrees ≤ kLargestSphere. Throws Error, Cancelled.
void sphere_spectrum(const Program& program, std::size_t dimension, std::size_t degrees, std::span<SphereSink> sinks,
                     int threads, Ticket& ticket);

// Bytes that it takes beside its results for so many curves, of networks with closed forms.
std::size_t sphere_bytes(std::size_t dimension, std::size_t degrees, std::size_t curves, int threads);

inline constexpr std::size_t kLargestSphere = 20000;

}  // namespace resgram::core
