// Integration of y′ = F(y) by the Runge–Kutta pair of Dormand and Prince, 5(4), with control of the error per step.
//                                                                                                        [runge-kutta]
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "core/ticket.hpp"

namespace resgram::finite {

// A stretch of the state whose error is measured by itself: ‖e‖ ≤ absolute + relative·‖y‖ passes.
struct Part {
  std::size_t size = 0;
  double absolute = 0;
  double relative = 0;
};

class DormandPrince {
 public:
  using Slope = std::function<void(std::span<const double> y, std::span<double> slope)>;

  // `parts` follow one another and make up the state. Nothing is evaluated before the first advance(). `threads` share sums
  // of large states, whose pieces are cut by size alone.
  DormandPrince(std::vector<Part> parts, std::span<const double> start, Slope slope, int threads = 1);

  // Integrates to the time `to`, which the last step meets exactly. `between` runs after every accepted step. Throws
  // Error{no_convergence} with details time and step where slopes are not finite however short the step, or where the
  // steps of one call exceed `most_steps`. After an exception the state is that of the last accepted step.
  void advance(double to, std::size_t most_steps, const std::function<void()>& between = [] {});

  [[nodiscard]] std::span<const double> state() const { return {now_.data(), size_}; }
  [[nodiscard]] double time() const { return time_; }
  [[nodiscard]] std::size_t accepted() const { return accepted_; }
  [[nodiscard]] std::size_t rejected() const { return rejected_; }

  // Numbers that an integrator of so many variables holds.
  static std::size_t numbers(std::size_t size) { return 9 * size; }

 private:
  static constexpr std::size_t kStages = 7;

  [[nodiscard]] double first_step(double most);
  // Slopes of all stages for a step of length h from now_; the end of the step is in next_. How large the error is,
  // relative to what passes; NaN where it is not finite.
  [[nodiscard]] double attempt(double h);
  // ‖Σ_s weights[s]·slope_s‖·h of each part, relative to what passes; the largest.
  [[nodiscard]] double ratio(const std::array<double, kStages>& weights, double h) const;

  std::vector<Part> parts_;
  Slope slope_;
  int threads_;
  std::size_t size_;
  core::Buffer<double> now_, next_;
  std::array<core::Buffer<double>, kStages> stage_;
  bool begun_ = false;
  double time_ = 0;
  double step_ = 0;
  double last_ratio_ = 1e-4;
  std::size_t accepted_ = 0;
  std::size_t rejected_ = 0;
};

}  // namespace resgram::finite
