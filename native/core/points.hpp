// Inputs as the pair loops want them: directions of length one, lengths apart, and a way to measure small angles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "evaluate.hpp"
#include "rows.hpp"

namespace resgram::core {

template <class Real>
class Directions {
 public:
  // `per_dimension`: squares are divided by the number of inputs. Without `keep` there is no `unit`: directions are made
  // where they are wanted (write_unit), and memory is that of a few numbers per row.
  Directions(const Points& points, bool per_dimension, bool keep = true, int threads = 1);

  [[nodiscard]] std::size_t rows() const { return points_.rows; }
  [[nodiscard]] std::size_t dimension() const { return points_.dimension; }
  // x/‖x‖, row-major; a zero vector stays zero.
  [[nodiscard]] const Real* unit(std::size_t row) const { return unit_.data() + row * points_.dimension; }
  // Coordinates [from, from + count) of x/‖x‖.
  void write_unit(std::size_t row, std::size_t from, std::size_t count, Real* out) const;
  [[nodiscard]] const std::vector<Unit>& units() const { return units_; }
  // As it was given.
  [[nodiscard]] const double* point(std::size_t row) const { return points_.data.data() + row * points_.dimension; }

 private:
  void measure(std::size_t row, bool per_dimension);

  template <class Other>
  friend double half_defect(const Directions<Other>&, std::size_t, const Directions<Other>&, std::size_t, bool);

  Points points_;
  std::vector<Real> unit_;
  std::vector<Unit> units_;
  std::vector<double> length_;          // ‖x‖ · 2^-exponent, in [½, 1) · √d
  std::vector<std::int64_t> exponent_;  // power of two that was taken out of the row, exactly
};

// w = (1 − ρ)/2 of x_i and z_j (`opposite`: v = (1 + ρ)/2) from their difference, for angles at which 1 − ρ has lost its
// digits; relative error of a few units where the lengths are near, never worse than the rounding of the directions.
// Bitwise symmetric. 0 exactly if the two are equal (opposite).                                       [small-angle]
template <class Real>
double half_defect(const Directions<Real>& x, std::size_t i, const Directions<Real>& z, std::size_t j, bool opposite);

// Below this w (or v) the inner product is not trusted: its error of some 1e-15 would be 1e-14 in the angle.
inline constexpr double kSmallDefect = 1.0 / 1024;
inline constexpr double kSmallDefectSingle = 1.0 / 64;

}  // namespace resgram::core
