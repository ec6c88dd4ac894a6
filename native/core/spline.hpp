// Kernels of piecewise polynomials of low degree, such as a hard tanh: what makes them hard to tabulate, kinks that two
// inputs of different length see at different places, makes them easy to integrate.                      [spline-dual]
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "dual_quadrature.hpp"

namespace resgram::core {

// φ as one input sees it: f(t) = φ(√a t)/√E φ².
class SplineRow {
 public:
  SplineRow() = default;
  SplineRow(const Spline& spline, double a, const DualRow& row);

  // f(−t).
  [[nodiscard]] SplineRow mirrored() const;

 private:
  friend bool spline_pair(const SplineRow& x, const SplineRow& z, double m, bool acute, Parity parity, DualPair& pair);
  friend class SplineSum;
  std::vector<double> breaks_;
  std::vector<SplinePiece> pieces_;
  std::vector<std::array<double, kSplineDegree + 1>> jumps_;  // of the derivatives at the breaks
  double root_slope_ = 0;                                     // √E f′²
  std::size_t degree_ = 1;
};

// What dual_pair returns; false if rounding may have taken more than 1e-13: powers of √a beyond the length of the pieces
// cancel. The same bytes in either order of rows are the caller's care.
bool spline_pair(const SplineRow& x, const SplineRow& z, double m, bool acute, Parity parity, DualPair& pair);

}  // namespace resgram::core
