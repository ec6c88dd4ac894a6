// The step of many multipliers at once that SMO takes now and then: towards the minimum over all samples between their bounds.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "aligned.hpp"

namespace resgram::core {

// From β strictly between `low` and `high`, with the gradient f and the matrix K of these samples alone, the move d with
// Σd = 0 that lowers fᵀd + ½ dᵀKd: to its minimum, or along the straight lines from one bound to the next.     [smo-leap]
class Leap {
 public:
  // Samples beyond which no leap is tried: the factor would leave the cache, and its room would have to be planned.
  static constexpr std::size_t kMost = 512;

  void resize(std::size_t count);
  [[nodiscard]] std::size_t size() const { return size_; }
  // Row i of K; only columns from i on are read, and all are overwritten by `run`.
  [[nodiscard]] double* row(std::size_t i) { return factor_.data() + i * stride_; }

  // False where K is not positive semidefinite up to rounding. What reaches a bound lies on it exactly.
  bool run(std::span<const double> f, std::span<const double> low, std::span<const double> high,
           std::span<double> beta);

 private:
  bool factorise();
  void forward(double* x) const;   // L⁻¹ x
  void backward(double* x) const;  // L⁻ᵀ x
  bool forbid(AlignedVector<double> w);

  std::size_t size_ = 0, stride_ = 0;
  AlignedVector<double> factor_;                  // Lᵀ, a row each
  AlignedVector<double> slope_;                   // −L⁻¹f within what is allowed
  std::vector<AlignedVector<double>> forbidden_;  // orthonormal
};

}  // namespace resgram::core
