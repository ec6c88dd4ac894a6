// What one pass over a symmetric matrix tells. Internal to native/linalg.
#pragma once

#include <cstddef>
#include <span>

namespace resgram::linalg {

struct Survey {
  bool mirrored;   // symmetric to the bit
  double largest;  // max |a_ij|
  double trace;    // these two may leave the range of doubles unless the matrix is of moderate size (kModerate)
  double square;   // Σ a_ij²
};

// Throws Error{not_finite} (details row, column) for NaN and infinity, and Error{argument} (the same details) unless a is
// symmetric to single precision: LAPACK reads one triangle and believes it.                              [symmetric]
Survey survey(std::span<const double> a, std::size_t n);

// survey of a matrix that becomes symmetric to the bit (its upper triangle, row-major, is what it says) and, where its size
// is not moderate, is brought to unit size; `exponent` is then that of the power of two, for restore_size, and else 0.
Survey prepare(std::span<double> a, std::size_t n, int& exponent);

// One triangle (row-major) from its mirror image; the diagonal stays.
void write_lower(std::span<double> a, std::size_t n);
void write_upper(std::span<double> a, std::size_t n);

}  // namespace resgram::linalg
