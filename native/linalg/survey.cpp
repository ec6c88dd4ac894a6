// Two triangles of a matrix that was computed in single precision differ by what the order of summation did to their
// entries: a few eps₃₂ of √(aᵢᵢaⱼⱼ), which is no more than the largest entry; 16 are allowed. What the other triangle
// would have said is then a perturbation no larger than the errors that the entries have anyway. A matrix that is not
// symmetric by mistake (distances of two sets, a product in the wrong order) is off by far more.        [symmetric]
#include "survey.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>

#include "checks.hpp"
#include "core/error.hpp"

namespace resgram::linalg {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kLanes = 8;

// Running figures in as many lanes as the compiler likes to keep in vector registers.
struct Sums {
  double largest[kLanes] = {};
  double gap[kLanes] = {};
  double square[kLanes] = {};
  std::uint64_t carry[kLanes] = {};

  void add(std::size_t lane, double x) {
    // Exponent bits all set, and only they, carry into the sign bit: see all_finite.
    constexpr std::uint64_t kMagnitude = 0x7fff'ffff'ffff'ffff;
    constexpr std::uint64_t kExponentUnit = 0x0010'0000'0000'0000;
    const double magnitude = std::fabs(x);
    largest[lane] = largest[lane] < magnitude ? magnitude : largest[lane];
    square[lane] += x * x;
    carry[lane] |= (std::bit_cast<std::uint64_t>(x) & kMagnitude) + kExponentUnit;
  }
  void compare(std::size_t lane, double x, double y) {
    const double apart = std::fabs(x - y);
    gap[lane] = gap[lane] < apart ? apart : gap[lane];
  }
};

// A block of rows [i0, i0 + height) and columns [j0, j0 + width), turned over in a buffer, beside its mirror image: read
// down its columns, a large matrix would miss the cache at every number.
void compare_block(std::span<const double> a, std::size_t n, std::size_t i0, std::size_t height, std::size_t j0,
                   std::size_t width, Sums& sums) {
  double turned[kBlock][kBlock];
  for (std::size_t i = 0; i < height; ++i) {
    const double* row = a.data() + (i0 + i) * n + j0;
    for (std::size_t j = 0; j < width; ++j) turned[j][i] = row[j];
  }
  const bool diagonal = i0 == j0;
  for (std::size_t j = 0; j < width; ++j) {
    const double* mirror = a.data() + (j0 + j) * n + i0;
    const double* block = turned[j];
    std::size_t i = 0;
    for (; i + kLanes <= height; i += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        sums.compare(lane, block[i + lane], mirror[i + lane]);
        sums.add(lane, mirror[i + lane]);
      }
      if (diagonal) continue;
      for (std::size_t lane = 0; lane < kLanes; ++lane) sums.add(lane, block[i + lane]);
    }
    for (; i < height; ++i) {
      sums.compare(0, block[i], mirror[i]);
      sums.add(0, mirror[i]);
      if (!diagonal) sums.add(0, block[i]);
    }
  }
}

[[noreturn]] void not_symmetric(std::span<const double> a, std::size_t n, double worst) {
  for (std::size_t row = 1; row < n; ++row) {
    for (std::size_t column = 0; column < row; ++column) {
      if (std::fabs(a[row * n + column] - a[column * n + row]) < worst) continue;
      char gap[32];
      std::snprintf(gap, sizeof gap, "%.3g", worst);
      throw Error(Code::argument,
                  "expected a symmetric matrix, but row " + std::to_string(row) + ", column " + std::to_string(column) +
                      " differs from its mirror image by " + gap,
                  {{"row", static_cast<double>(row)}, {"column", static_cast<double>(column)}});
    }
  }
  throw Error(Code::internal, "a matrix changed while its symmetry was looked at; this is a mistake in resgram");
}

// visit(i, j) for every j < i, in squares, so that what is strided stays in cache.
template <class Visit>
void in_squares(std::size_t n, const Visit& visit) {
  constexpr std::size_t kSquare = 32;
  for (std::size_t top = 0; top < n; top += kSquare) {
    for (std::size_t left = 0; left <= top; left += kSquare) {
      for (std::size_t i = top; i < std::min(top + kSquare, n); ++i) {
        for (std::size_t j = left; j < std::min(left + kSquare, i); ++j) visit(i, j);
      }
    }
  }
}

}  // namespace

Survey survey(std::span<const double> a, std::size_t n) {
  constexpr double kAllowed = 16 * static_cast<double>(std::numeric_limits<float>::epsilon());
  lapack_int(n, "matrix size");
  require_shape(a, n, n, "matrix");
  Sums sums;
  for (std::size_t i0 = 0; i0 < n; i0 += kBlock) {
    for (std::size_t j0 = 0; j0 <= i0; j0 += kBlock) {
      compare_block(a, n, i0, std::min(kBlock, n - i0), j0, std::min(kBlock, n - j0), sums);
    }
  }
  std::uint64_t carry = 0;
  for (const std::uint64_t lane : sums.carry) carry |= lane;
  if (carry >> 63) require_finite(a, n, "matrix");
  const double worst = *std::max_element(sums.gap, sums.gap + kLanes);
  Survey seen{worst == 0, *std::max_element(sums.largest, sums.largest + kLanes), 0, 0};
  if (worst > kAllowed * seen.largest) not_symmetric(a, n, worst);
  for (const double lane : sums.square) seen.square += lane;
  for (std::size_t i = 0; i < n; ++i) seen.trace += a[i * n + i];
  return seen;
}

void write_lower(std::span<double> a, std::size_t n) {
  in_squares(n, [&](std::size_t i, std::size_t j) { a[i * n + j] = a[j * n + i]; });
}

void write_upper(std::span<double> a, std::size_t n) {
  in_squares(n, [&](std::size_t i, std::size_t j) { a[j * n + i] = a[i * n + j]; });
}

Survey prepare(std::span<double> a, std::size_t n, int& exponent) {
  Survey seen = survey(a, n);
  exponent = bring_to_unit_size(a, seen.largest);
  if (seen.mirrored && exponent == 0) return seen;
  if (!seen.mirrored) write_lower(a, n);
  return survey(a, n);
}

}  // namespace resgram::linalg
