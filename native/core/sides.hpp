// What is known of each input before pairs are formed: its direction, its variances at every emitted kernel, and, where
// they fit, its factors at every step.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "aligned.hpp"
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

// k(x, z) of a row of either side whose directions are equal, √(k(x,x) k(z,z)): exactly the diagonal's value where the
// values are, since a product of rounded roots would be as far from the diagonal as near pairs are. Beside rows that are
// larger by more than the range of doubles a value underflows long before its root does.
double mean_size(const Diagonal& x, std::size_t row, const Diagonal& z, std::size_t col);
// The same of equal rows.
double equal_value(const Diagonal& x, std::size_t row, const Diagonal& z, std::size_t col);

// Squares as such doubles: raw while their largest lies in the binary range, else shifted to about 1.
Diagonal scaled_diagonal(const std::vector<Scaled>& squares, double smallest_exponent, double largest_exponent);

// Bytes a filled cache would take at most, its containers included.
double factor_cache_bytes(const Program& program, std::size_t rows, std::size_t bytes_per_value = sizeof(double));

// Factors of every executed step for all rows of a side, kept when they fit into the budget, in the precision of the
// pairs. Arrays begin at a cache line and are read beyond the last row by up to kColumnPadding values, which repeat it.
class FactorCache {
 public:
  static constexpr std::size_t kBudgetBytes = std::size_t{24} << 20;

  FactorCache() = default;
  // With room for the factors of `rows` rows where the budget allows it; `diagonals` fills it.
  FactorCache(const Program& program, std::size_t rows, std::size_t bytes_per_value = sizeof(double));
  // The factors of the recursion's last step, the executed step number `at`, of the rows from `first` on. Different rows
  // may be kept by different threads.
  void keep(std::size_t at, std::size_t first, const RowRecursion& recursion);

  [[nodiscard]] bool exists() const { return !steps_.empty(); }
  // Factor k of all rows; null where the step has none such. Real is that of the constructor's bytes_per_value.
  template <class Real>
  [[nodiscard]] const Real* values(std::size_t at, std::size_t k) const {
    if (k >= steps_[at].count) return nullptr;
    const std::size_t from = steps_[at].first + k * stride_;
    if constexpr (sizeof(Real) == sizeof(double))
      return doubles_.data() + from;
    else
      return floats_.data() + from;
  }
  [[nodiscard]] double factor(std::size_t at, std::size_t k, std::size_t row) const;
  // One flag per row if any row's covariance is zero after the step, else empty.
  [[nodiscard]] std::span<const char> zeros(std::size_t at) const { return steps_[at].zeros; }

 private:
  friend double factor_cache_bytes(const Program& program, std::size_t rows, std::size_t bytes_per_value);

  struct Kept {
    std::size_t first = 0, count = 0;
    std::vector<char> zeros;
  };
  std::size_t rows_ = 0, stride_ = 0;
  std::vector<Kept> steps_;
  AlignedVector<double> doubles_;
  AlignedVector<float> floats_;
  std::unique_ptr<std::mutex> zeros_ = std::make_unique<std::mutex>();
};

// Runs the row recursion over all rows. `largest_exponent`, `smallest_exponent`: the binary range in which raw values
// may stay; a kernel whose largest diagonal value leaves it is shifted to about 1. `cache`: to be filled
// in the same run. Throws Error, Cancelled.
std::vector<EmitDiagonals> diagonals(const Program& program, std::span<const Unit> units, int threads,
                                     double smallest_exponent, double largest_exponent, const Ticket& ticket,
                                     FactorCache* cache = nullptr);

// A run of consecutive rows of one side, followed through the program step by step.
class RowCursor {
 public:
  // `cache` may be unfilled; then the recursion runs here. `uniform` rows share one representative.
  RowCursor(std::span<const Unit> units, const FactorCache& cache, std::size_t first, std::size_t count, bool uniform);

  void step(const Step& step);
  // Factor k of row i, i counted from `first`.
  [[nodiscard]] double factor(std::size_t k, std::size_t i) const {
    return cached_ ? cache_->factor(at_, k, first_ + i) : recursion_->factor(k)[i];
  }
  // Factor k from row `first` on, where it is kept: until the cache goes, and readable as the cache says.
  template <class Real>
  [[nodiscard]] const Real* kept(std::size_t k) const {
    if (!cached_) return nullptr;
    const Real* values = cache_->template values<Real>(at_, k);
    return values == nullptr ? nullptr : values + first_;
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
