// What every routine of this folder asks of its arguments before LAPACK sees them. Internal to native/linalg.
#pragma once

#include <cstddef>
#include <span>

namespace resgram::linalg {

// `size` as LAPACK's 32-bit integer, or Error{range}. `what` names it in the message.
int lapack_int(std::size_t size, const char* what);

// Error{shape} unless `data` holds rows × columns numbers; Error{range} if that product leaves size_t.
void require_shape(std::span<const double> data, std::size_t rows, std::size_t columns, const char* what);

// Error{not_finite} with details row and column (0-based) of the first NaN or infinity. LAPACK itself returns
// plausible numbers for such input.
void require_finite(std::span<const double> data, std::size_t columns, const char* what);

[[nodiscard]] bool all_finite(std::span<const double> data);

[[nodiscard]] double largest_magnitude(std::span<const double> data);

// Exponent e with largest_magnitude(data) in [2^(e−1), 2^e); 0 for a zero matrix.
[[nodiscard]] int binary_exponent(std::span<const double> data);

// data ← data · 2^exponent, exact but for underflow.
void scale_by_power(std::span<double> data, int exponent);

// Beyond 2^±kModerate intermediate products of a decomposition might leave the range of doubles; such a matrix is brought
// to unit size by an exact power of two, whose exponent comes back (else 0), and its eigenvalues back.
inline constexpr int kModerate = 300;
int bring_to_unit_size(std::span<double> a);
int bring_to_unit_size(std::span<double> a, double largest);  // whose largest magnitude is known

// Multiplies eigenvalues by 2^exponent; Error{range} if that leaves the range of doubles.
void restore_size(std::span<double> values, int exponent);

// Error{internal} for info < 0: LAPACK refused an argument, which is a mistake in this folder.
void require_accepted(int info, const char* routine);

}  // namespace resgram::linalg
