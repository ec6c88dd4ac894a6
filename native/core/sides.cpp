#include "sides.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pool.hpp"
#include "run.hpp"

namespace resgram::core {
namespace {

constexpr Unit kRepresentative{};

}  // namespace

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
                                     double smallest_exponent, double largest_exponent, const Ticket& ticket) {
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
        if ((++executed & 15U) == 0 && ticket.cancelled()) throw Cancelled{};
        recursion.step(step);
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

double factor_cache_bytes(const Program& program, std::size_t rows) {
  // Each list is a block of the heap's, rounded up to 16 bytes behind a word of bookkeeping.
  constexpr double kBlock = 24;
  const double factors = static_cast<double>(kMostFactors) * (static_cast<double>(rows * sizeof(double)) + kBlock);
  const double zeros = static_cast<double>(rows) + kBlock;
  return program.work() * (static_cast<double>(sizeof(FactorCache::Kept)) + factors + zeros);
}

FactorCache::FactorCache(const Program& program, std::span<const Unit> units) {
  if (units.empty() || factor_cache_bytes(program, units.size()) > static_cast<double>(kBudgetBytes)) return;
  RowRecursion recursion(units, false);
  steps_.reserve(static_cast<std::size_t>(program.work()));
  run(program, [&](const Step& step) {
    recursion.step(step);
    Kept& kept = steps_.emplace_back();
    for (std::size_t k = 0; k < recursion.factor_count(); ++k)
      kept.factors[k].assign(recursion.factor(k).begin(), recursion.factor(k).end());
    if (!recursion.any_zero()) return;
    kept.zeros.resize(units.size());
    for (std::size_t i = 0; i < units.size(); ++i) kept.zeros[i] = recursion.state().q[i].zero();
  });
}

RowCursor::RowCursor(std::span<const Unit> units, const FactorCache& cache, std::size_t first, std::size_t count,
                     bool uniform)
    : cache_(&cache), first_(first), cached_(cache.filled() && !uniform) {
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
