#include "checks.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "core/error.hpp"

namespace resgram::linalg {

int lapack_int(std::size_t size, const char* what) {
  constexpr auto kLargest = static_cast<std::size_t>(std::numeric_limits<int>::max());
  if (size <= kLargest) return static_cast<int>(size);
  throw Error(Code::range,
              std::string(what) + ": expected at most " + std::to_string(kLargest) +
                  " (the linear algebra library counts in 32 bits), got " + std::to_string(size),
              {{"size", static_cast<double>(size)}});
}

void require_shape(std::span<const double> data, std::size_t rows, std::size_t columns, const char* what) {
  const std::string shape = std::to_string(rows) + " × " + std::to_string(columns);
  std::size_t count = 0;
  if (__builtin_mul_overflow(rows, columns, &count)) {
    throw Error(Code::range, std::string(what) + ": " + shape + " numbers are more than this machine can address");
  }
  if (data.size() == count) return;
  throw Error(Code::shape,
              std::string(what) + ": expected " + shape + " = " + std::to_string(count) + " numbers, got " +
                  std::to_string(data.size()),
              {{"expected", static_cast<double>(count)}, {"got", static_cast<double>(data.size())}});
}

// A double is NaN or infinite exactly when its eleven exponent bits are all ones, that is when adding one to them
// carries into the sign bit. An integer or-reduction, unlike a sum, vectorises without licence to reorder.
bool all_finite(std::span<const double> data) {
  constexpr std::uint64_t kMagnitude = 0x7fff'ffff'ffff'ffff;
  constexpr std::uint64_t kExponentUnit = 0x0010'0000'0000'0000;
  constexpr std::size_t kBlock = 1024;
  std::size_t i = 0;
  for (; i + kBlock <= data.size(); i += kBlock) {
    const double* block = data.data() + i;
    std::uint64_t carry = 0;
    for (std::size_t k = 0; k < kBlock; ++k) {
      carry |= (std::bit_cast<std::uint64_t>(block[k]) & kMagnitude) + kExponentUnit;
    }
    if (carry >> 63) return false;
  }
  return std::all_of(data.begin() + static_cast<std::ptrdiff_t>(i), data.end(),
                     [](double x) { return std::isfinite(x); });
}

void require_finite(std::span<const double> data, std::size_t columns, const char* what) {
  if (all_finite(data)) return;
  const auto bad = std::find_if(data.begin(), data.end(), [](double x) { return !std::isfinite(x); });
  const std::size_t index = static_cast<std::size_t>(bad - data.begin());
  const std::size_t row = index / columns;
  const std::size_t column = index % columns;
  const char* name = std::isnan(*bad) ? "NaN" : (*bad > 0 ? "Infinity" : "-Infinity");
  throw Error(Code::not_finite,
              std::string(what) + ": expected finite numbers, row " + std::to_string(row) + ", column " +
                  std::to_string(column) + " is " + name,
              {{"row", static_cast<double>(row)}, {"column", static_cast<double>(column)}});
}

double largest_magnitude(std::span<const double> data) {
  // Eight running maxima, so that the compiler can keep them in vector registers.
  double lanes[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= data.size(); i += 8) {
    for (std::size_t k = 0; k < 8; ++k) {
      const double magnitude = std::fabs(data[i + k]);
      lanes[k] = lanes[k] < magnitude ? magnitude : lanes[k];
    }
  }
  for (; i < data.size(); ++i) lanes[0] = std::max(lanes[0], std::fabs(data[i]));
  return *std::max_element(lanes, lanes + 8);
}

int binary_exponent(std::span<const double> data) {
  int exponent = 0;
  std::frexp(largest_magnitude(data), &exponent);
  return exponent;
}

void scale_by_power(std::span<double> data, int exponent) {
  for (double& x : data) x = std::ldexp(x, exponent);
}

int bring_to_unit_size(std::span<double> a) { return bring_to_unit_size(a, largest_magnitude(a)); }

int bring_to_unit_size(std::span<double> a, double largest) {
  int exponent = 0;
  std::frexp(largest, &exponent);
  if (std::abs(exponent) <= kModerate) return 0;
  scale_by_power(a, -exponent);
  return exponent;
}

void restore_size(std::span<double> values, int exponent) {
  if (exponent != 0) scale_by_power(values, exponent);
  if (all_finite(values)) return;
  throw Error(Code::range,
              "matrix: its largest eigenvalue exceeds the range of doubles; divide the matrix by its largest entry");
}

void require_accepted(int info, const char* routine) {
  if (info >= 0) return;
  throw Error(Code::internal,
              std::string(routine) + " refused its argument " + std::to_string(-info) +
                  "; this is a mistake in resgram, please report it",
              {{"argument", -info}});
}

}  // namespace resgram::linalg
