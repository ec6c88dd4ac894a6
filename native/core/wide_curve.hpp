// The curve of a kernel over the angle of unit vectors, to 30 digits.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "program.hpp"
#include "wide.hpp"

namespace resgram::core {

// One emitted kernel at one angle, in units of its value at angle 0.
struct WideValues {
  Wide covariance, tangent;
};

class WideCurve {
 public:
  // Whether every step has a closed form.
  static bool exists(const Program& program);

  // Of unit vectors whose ‖x‖² the program reads as `square`: 1, or 1/d where it divides by the number of inputs.
  WideCurve(const Program& program, double square);

  // All emitted kernels at an angle in [0, π].
  void values(Wide angle, std::span<WideValues> out) const;

  // Executed steps; a measure of work.
  [[nodiscard]] std::size_t steps() const { return nodes_.size(); }

  // (1 − ρ)/2 and (1 + ρ)/2 of two vectors of one length, each with full relative accuracy, and the tangent kernel in
  // units of its diagonal.                                                                                [half-defect]
  struct Pair {
    Wide low, high, tangent;
  };

  // A step with what it needs to know of the length of the vectors: shares of sums, or the variance it sees.
  struct Node {
    Op op;
    double slope, variance;
    std::array<Wide, 4> shares;
  };

 private:
  std::vector<Node> nodes_;
};

}  // namespace resgram::core
