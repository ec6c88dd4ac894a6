// What is known of each input before pairs are formed: its direction, its variances at every emitted kernel, and, where
// they fit, its factors at every step.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "points.hpp"
#include "program.hpp"
#include "rows.hpp"
#include "ticket.hpp"

namespace resgram::core {

// The diagonal values of one emitted kernel and their roots, both scaled by a common power of two so that they are
// ordinary doubles: value = K(x,x) · 2^(2 shift), root = √K(x,x) · 2^shift.
struct Diagonal {
  std::vector<double> root;
  std::vector<double> value;
  std::int64_t shift = 0;
};

struct EmitDiagonals {
  Diagonal covariance;
  Diagonal tangent;
};

// Raw kernel values stay as they are while their largest lies in this binary range.
template <class Real>
constexpr double kSmallestExponent = sizeof(Real) == 8 ? -900 : -90;
template <class Real>
constexpr double kLargestExponent = sizeof(Real) == 8 ? 1000 : 120;

// Squares as such doubles: raw while their largest lies in the binary range, else shifted to about 1.
Diagonal scaled_diagonal(const std::vector<Scaled>& squares, double smallest_exponent, double largest_exponent);

// Runs the row recursion over all rows. `largest_exponent`, `smallest_exponent`: the binary range in which raw values
// may stay; a kernel whose largest diagonal value leaves it is shifted to about 1. Throws Error, Cancelled.
std::vector<EmitDiagonals> diagonals(const Program& program, std::span<const Unit> units, int threads,
                                     double smallest_exponent, double largest_exponent, const Ticket& ticket);

// Bytes a filled cache would take, its containers included: with few rows these are most of it.
double factor_cache_bytes(const Program& program, std::size_t rows);

// Factors of every executed step for all rows of a side, kept when they fit into the budget.
class FactorCache {
 public:
  static constexpr std::size_t kBudgetBytes = std::size_t{24} << 20;

  FactorCache() = default;
  FactorCache(const Program& program, std::span<const Unit> units);

  [[nodiscard]] bool filled() const { return !steps_.empty(); }
  [[nodiscard]] std::span<const double> factor(std::size_t at, std::size_t k) const { return steps_[at].factors[k]; }
  // One flag per row if any row's covariance is zero after the step, else empty.
  [[nodiscard]] std::span<const char> zeros(std::size_t at) const { return steps_[at].zeros; }

 private:
  friend double factor_cache_bytes(const Program& program, std::size_t rows);

  struct Kept {
    std::array<std::vector<double>, kMostFactors> factors;
    std::vector<char> zeros;
  };
  std::vector<Kept> steps_;
};

// A run of consecutive rows of one side, followed through the program step by step.
class RowCursor {
 public:
  // `cache` may be unfilled; then the recursion runs here. `uniform` rows share one representative.
  RowCursor(std::span<const Unit> units, const FactorCache& cache, std::size_t first, std::size_t count, bool uniform);

  void step(const Step& step);
  // Factor k of row i, i counted from `first`.
  [[nodiscard]] double factor(std::size_t k, std::size_t i) const {
    return cached_ ? cache_->factor(at_, k)[first_ + i] : recursion_->factor(k)[i];
  }
  [[nodiscard]] bool any_zero() const;
  [[nodiscard]] bool zero(std::size_t i) const;

 private:
  const FactorCache* cache_;
  std::size_t first_;
  bool cached_;
  std::size_t at_ = static_cast<std::size_t>(-1);
  std::unique_ptr<RowRecursion> recursion_;
};

}  // namespace resgram::core
