// Two triangles of a matrix that was computed in single precision differ by what the order of summation did to their
// entries: a few eps₃₂ of √(aᵢᵢaⱼⱼ), which is no more than the largest entry; 16 are allowed. What the other triangle
// would have said is then a perturbation no larger than the errors that the entries have anyway. A matrix that is not
// symmetric by mistake (distances of two sets, a product in the wrong order) is off by far more.        [symmetric]
#include "survey.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>

#include "checks.hpp"
#include "core/error.hpp"

namespace resgram::linalg {
namespace {

constexpr std::size_t kBlock = 32;
// Running figures are kept in so many lanes that the compiler can hold them in vector registers.
constexpr std::size_t kLanes = 4;

double greatest(const double (&lanes)[kLanes]) { return *std::max_element(lanes, lanes + kLanes); }

// max |x| and Σ x², the latter NaN or infinite if an x is.
struct Sizes {
  double largest = 0;
  double square = 0;

  void add(const double* numbers, std::size_t stride, std::size_t rows, std::size_t columns) {
    double most[kLanes] = {};
    double squares[kLanes] = {};
    for (std::size_t r = 0; r < rows; ++r) {
      const double* row = numbers + r * stride;
      std::size_t k = 0;
      for (; k + kLanes <= columns; k += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
          const double magnitude = std::fabs(row[k + lane]);
          most[lane] = most[lane] < magnitude ? magnitude : most[lane];
          squares[lane] += magnitude * magnitude;
        }
      }
      for (; k < columns; ++k) {
        most[0] = std::max(most[0], std::fabs(row[k]));
        squares[0] += row[k] * row[k];
      }
    }
    largest = std::max(largest, greatest(most));
    square += (squares[0] + squares[1]) + (squares[2] + squares[3]);
  }
};

// The largest |x − y| between a block, turned over in a buffer, and its mirror image: read down its columns, a large
// matrix would miss the cache at every number.
double gap_of_block(const double* block, const double* mirror, std::size_t n, std::size_t height, std::size_t width) {
  double turned[kBlock][kBlock];
  for (std::size_t i = 0; i < height; ++i) {
    for (std::size_t j = 0; j < width; ++j) turned[j][i] = block[i * n + j];
  }
  double gaps[kLanes] = {};
  for (std::size_t j = 0; j < width; ++j) {
    const double* row = mirror + j * n;
    std::size_t i = 0;
    for (; i + kLanes <= height; i += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const double gap = std::fabs(turned[j][i + lane] - row[i + lane]);
        gaps[lane] = gaps[lane] < gap ? gap : gaps[lane];
      }
    }
    for (; i < height; ++i) gaps[0] = std::max(gaps[0], std::fabs(turned[j][i] - row[i]));
  }
  return greatest(gaps);
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
  double worst = 0;
  Sizes sizes;
  for (std::size_t i0 = 0; i0 < n; i0 += kBlock) {
    const std::size_t height = std::min(kBlock, n - i0);
    for (std::size_t j0 = 0; j0 <= i0; j0 += kBlock) {
      const std::size_t width = std::min(kBlock, n - j0);
      const double* block = a.data() + i0 * n + j0;
      const double* mirror = a.data() + j0 * n + i0;
      worst = std::max(worst, gap_of_block(block, mirror, n, height, width));
      sizes.add(mirror, n, width, height);
      if (i0 != j0) sizes.add(block, n, height, width);
    }
  }
  if (!std::isfinite(sizes.square)) require_finite(a, n, "matrix");
  Survey seen{worst == 0, sizes.largest, 0, sizes.square};
  if (worst > kAllowed * seen.largest) not_symmetric(a, n, worst);
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
