// Euclidean norms that do not leave the range of doubles on their way. Internal to native/linalg.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include "checks.hpp"
#include "lapack.hpp"

namespace resgram::linalg {

// √Σ x², scaled so that no square leaves the range of doubles.
class Norm {
 public:
  void add(std::span<const double> data) {
    if (data.empty()) return;
    const int count = lapack_int(data.size(), "row");
    const int stride = 1;
    value_ = std::hypot(value_, RESGRAM_FORTRAN(dnrm2)(&count, data.data(), &stride));
  }
  [[nodiscard]] double value() const { return value_; }

 private:
  double value_ = 0;
};

// Σ x², in eight running sums that the compiler can keep in vector registers. May leave the range of doubles.
inline double plain_square(std::span<const double> data) {
  double lanes[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= data.size(); i += 8) {
    for (std::size_t k = 0; k < 8; ++k) lanes[k] += data[i + k] * data[i + k];
  }
  for (; i < data.size(); ++i) lanes[0] += data[i] * data[i];
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

// Whether such a sum lost nothing to overflow, nor more than rounding to underflow.
inline bool trustworthy(double square) { return square > 0x1p-900 && square < 0x1p900; }

inline double norm_of(std::span<const double> data) {
  const double square = plain_square(data);
  if (trustworthy(square)) return std::sqrt(square);
  Norm norm;
  norm.add(data);
  return norm.value();
}

}  // namespace resgram::linalg
