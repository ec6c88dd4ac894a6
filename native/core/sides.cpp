#include "sides.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lanes.hpp"
#include "pool.hpp"
#include "run.hpp"

namespace resgram::core {
namespace {

constexpr Unit kRepresentative{};

// Far enough above the least normal number.
constexpr double kLeastExact = 0x1p-1000;

}  // namespace

double mean_size(const Diagonal& x, std::size_t row, const Diagonal& z, std::size_t col) {
  const double a = x.value[row], b = z.value[col];
  const double large = std::max(a, b), small = std::min(a, b);
  return small >= kLeastExact ? large * std::sqrt(small / large) : x.root[row] * z.root[col];
}

double equal_value(const Diagonal& x, std::size_t row, const Diagonal& z, std::size_t col) {
  const double value = x.value[row];
  return value >= kLeastExact ? std::ldexp(value, static_cast<int>(z.shift - x.shift)) : x.root[row] * z.root[col];
}

Diagonal scaled_diagonal(const std::vector<Scaled>& squares, double smallest_exponent, double largest_exponent) {
  Diagonal out;
  double largest = -std::numeric_limits<double>::infinity();
  for (const Scaled& s : squares)
    if (!s.zero()) largest = std::max(largest, log2_of(s));
  if (std::isfinite(largest) && (largest > largest_exponent || largest < smallest_exponent))
    out.shift = -static_cast<std::int64_t>(std::llround(largest / 2));
  out.root.resize(squares.size());
  out.value.resize(squares.size());
  for (std::size_t i = 0; i < squares.size(); ++i) {
    out.root[i] = root_of(squares[i], out.shift);
    out.value[i] = Scaled{squares[i].m, squares[i].e + 2 * out.shift}.value();
  }
  return out;
}

std::vector<EmitDiagonals> diagonals(const Program& program, std::span<const Unit> units, int threads,
                                     double smallest_exponent, double largest_exponent, const Ticket& ticket,
                                     FactorCache* cache) {
  const std::size_t emits = program.emits(), n = units.size();
  std::vector<std::vector<Scaled>> covariance(emits, std::vector<Scaled>(n)), tangent = covariance;
  if (is_uniform(program)) {
    RowRecursion recursion({&kRepresentative, 1}, true);
    std::size_t which = 0, executed = 0;
    run(program, [&](const Step& step) {
      if ((++executed & 1023U) == 0 && ticket.cancelled()) throw Cancelled{};
      recursion.step(step);
      if (step.op != Op::emit) return;
      for (std::size_t i = 0; i < n; ++i) {
        if (units[i].zero) continue;
        covariance[which][i] = recursion.state().q[0] * units[i].square;
        tangent[which][i] = recursion.state().theta[0] * units[i].square;
      }
      ++which;
    });
  } else {
    constexpr std::size_t kChunk = 128;
    parallel_for((n + kChunk - 1) / kChunk, threads, [&](std::size_t chunk, int) {
      const std::size_t first = chunk * kChunk, count = std::min(kChunk, n - first);
      RowRecursion recursion(units.subspan(first, count), false, first);
      std::size_t which = 0, executed = 0;
      run(program, [&](const Step& step) {
        const std::size_t at = executed++;
        if ((executed & 15U) == 0 && ticket.cancelled()) throw Cancelled{};
        recursion.step(step);
        if (cache != nullptr && cache->exists()) cache->keep(at, first, recursion);
        if (step.op != Op::emit) return;
        for (std::size_t i = 0; i < count; ++i) {
          covariance[which][first + i] = recursion.state().q[i] * units[first + i].square;
          tangent[which][first + i] = recursion.state().theta[i] * units[first + i].square;
        }
        ++which;
      });
    });
  }
  std::vector<EmitDiagonals> out(emits);
  for (std::size_t e = 0; e < emits; ++e) {
    out[e].covariance = scaled_diagonal(covariance[e], smallest_exponent, largest_exponent);
    out[e].tangent = scaled_diagonal(tangent[e], smallest_exponent, largest_exponent);
  }
  return out;
}

namespace {

// From one factor's array to the next: whole cache lines, with what may be read beyond the last row.
std::size_t stride_of(std::size_t rows, std::size_t bytes_per_value) {
  const std::size_t line = kCacheLine / bytes_per_value;
  return (rows + kColumnPadding + line - 1) / line * line;
}

// Factor arrays of one run, where every branch has a mean.
double most_factors(const Program& program) {
  double sum = 0, times = 1;
  std::vector<double> outer;
  for (const Step& step : program.steps()) {
    if (step.op == Op::repeat) {
      outer.push_back(times);
      times *= step.args[0];
    } else if (step.op == Op::end) {
      times = outer.back();
      outer.pop_back();
    } else {
      sum += times * static_cast<double>(step.op == Op::add ? kMixFactors : factor_count(step.op));
    }
  }
  return sum;
}

}  // namespace

double factor_cache_bytes(const Program& program, std::size_t rows, std::size_t bytes_per_value) {
  // A list is a block of the heap's, rounded up to 16 bytes behind a word of bookkeeping.
  constexpr double kBlock = 24;
  const double zeros = static_cast<double>(rows) + kBlock;
  return most_factors(program) * static_cast<double>(stride_of(rows, bytes_per_value) * bytes_per_value) +
         program.work() * (static_cast<double>(sizeof(FactorCache::Kept)) + zeros);
}

FactorCache::FactorCache(const Program& program, std::size_t rows, std::size_t bytes_per_value)
    : rows_(rows), stride_(stride_of(rows, bytes_per_value)) {
  if (rows == 0 || factor_cache_bytes(program, rows, bytes_per_value) > static_cast<double>(kBudgetBytes)) return;
  // Which step makes how many is the same for every input.
  RowRecursion one({&kRepresentative, 1}, false);
  std::size_t total = 0;
  run(program, [&](const Step& step) {
    one.step(step);
    steps_.push_back({total, one.factor_count(), {}});
    total += one.factor_count() * stride_;
  });
  bytes_per_value == sizeof(float) ? floats_.resize(total) : doubles_.resize(total);
}

void FactorCache::keep(std::size_t at, std::size_t first, const RowRecursion& recursion) {
  Kept& kept = steps_[at];
  const std::size_t rows = recursion.rows();
  const auto copy = [&](auto& values, std::size_t k) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(kept.first + k * stride_ + first);
    std::transform(recursion.factor(k).begin(), recursion.factor(k).end(), begin,
                   [&](double f) { return static_cast<typename std::decay_t<decltype(values)>::value_type>(f); });
    const auto end = begin + static_cast<std::ptrdiff_t>(rows);
    if (first + rows == rows_) std::fill_n(end, stride_ - rows_, end[-1]);
  };
  for (std::size_t k = 0; k < kept.count; ++k) floats_.empty() ? copy(doubles_, k) : copy(floats_, k);
  if (!recursion.any_zero()) return;
  const std::scoped_lock lock(*zeros_);
  kept.zeros.resize(rows_);
  for (std::size_t i = 0; i < rows; ++i) kept.zeros[first + i] = recursion.state().q[i].zero();
}

double FactorCache::factor(std::size_t at, std::size_t k, std::size_t row) const {
  if (const double* wide = floats_.empty() ? values<double>(at, k) : nullptr) return wide[row];
  if (const float* narrow = floats_.empty() ? nullptr : values<float>(at, k)) return double{narrow[row]};
  return 0;
}

RowCursor::RowCursor(std::span<const Unit> units, const FactorCache& cache, std::size_t first, std::size_t count,
                     bool uniform)
    : cache_(&cache), first_(first), cached_(cache.exists() && !uniform) {
  if (uniform) {
    recursion_ = std::make_unique<RowRecursion>(std::span<const Unit>(&kRepresentative, 1), true);
  } else if (!cached_) {
    recursion_ = std::make_unique<RowRecursion>(units.subspan(first, count), false, first);
  }
}

void RowCursor::step(const Step& step) {
  ++at_;
  if (!cached_) recursion_->step(step);
}

bool RowCursor::any_zero() const { return cached_ ? !cache_->zeros(at_).empty() : recursion_->any_zero(); }

bool RowCursor::zero(std::size_t i) const {
  if (cached_) return cache_->zeros(at_)[first_ + i] != 0;
  return recursion_->state().q[i].zero();
}

}  // namespace resgram::core
