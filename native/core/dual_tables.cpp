#include "dual_tables.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>

#include "dual_pairs.hpp"
#include "error.hpp"
#include "pool.hpp"
#include "run.hpp"

namespace resgram::core {
namespace {

constexpr double kSame = 4e-15;     // logarithms of variances that differ by less are one: rounding of the inputs
constexpr double kGrain = 0x1p-48;  // such variances are rounded to multiples of this, so that they recur
constexpr double kFewPairs = 24;
constexpr std::uint64_t kTableUnits = 64;  // of progress
constexpr double kNarrowest = 0x1p-6;      // of a lattice of ranges
constexpr std::size_t kUsualBytes = std::size_t{1} << 20;
constexpr std::size_t kMostCounted = 64;
constexpr std::size_t kKeptBytes = std::size_t{32} << 20;  // from one run to the next

// The range itself, if it is one variance; else outwards to a lattice about a quarter as fine as it is wide.
LogRange snapped(const LogRange& range) {
  if (range.hi - range.lo <= kSame * std::max(1.0, std::fabs(range.hi))) {
    const double at = std::round(0.5 * (range.lo + range.hi) / kGrain) * kGrain;
    return {at, at};
  }
  const double cell = std::exp2(std::ceil(std::log2(std::max(range.hi - range.lo, kNarrowest))) - 2);
  return {std::floor(range.lo / cell) * cell, std::ceil(range.hi / cell) * cell};
}

// Tables of earlier runs, the latest first: a prediction for one row after another, or the same network on other rows,
// would otherwise wait for the same table each time. What a table holds depends on its key alone.
class Kept {
 public:
  static Kept& process() {
    static Kept kept;
    return kept;
  }

  std::shared_ptr<const DualTable> find(const Function& phi, const LogRange& range) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.function == phi.id() && entry.table->lo() == range.lo && entry.table->hi() == range.hi;
    });
    if (found == entries_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found);
    return entries_.front().table;
  }

  void keep(const Function& phi, const std::shared_ptr<const DualTable>& table) {
    const std::lock_guard lock(mutex_);
    entries_.push_front({phi.id(), table});
    std::size_t bytes = 0;
    auto entry = entries_.begin();
    while (entry != entries_.end() && (bytes += entry->table->bytes()) <= kKeptBytes) ++entry;
    entries_.erase(entry, entries_.end());
  }

 private:
  struct Entry {
    std::uint64_t function;
    std::shared_ptr<const DualTable> table;
  };
  std::mutex mutex_;
  std::list<Entry> entries_;
};

}  // namespace

void LogRange::include(Scaled variance) {
  const double value = variance.value();
  if (!(value > 0)) return;
  lo = std::min(lo, std::log(value));
  hi = std::max(hi, std::log(value));
}

void LogRange::include(const LogRange& other) {
  lo = std::min(lo, other.lo);
  hi = std::max(hi, other.hi);
}

bool has_functions(const Program& program) {
  for (const Step& step : program.steps())
    if (step.op == Op::function) return true;
  return false;
}

void add_ranges(const Program& program, std::span<const Unit> units, int threads, const Ticket& ticket,
                LogRanges& ranges) {
  if (!has_functions(program) || units.empty()) return;
  constexpr std::size_t kChunk = 128;
  const std::size_t chunks = (units.size() + kChunk - 1) / kChunk;
  std::vector<LogRanges> parts(chunks);
  parallel_for(chunks, threads, [&](std::size_t chunk, int) {
    const std::size_t first = chunk * kChunk, count = std::min(kChunk, units.size() - first);
    RowRecursion recursion(units.subspan(first, count), false, first);
    std::size_t executed = 0;
    run(program, [&](const Step& step) {
      if ((executed & 15U) == 0 && ticket.cancelled()) throw Cancelled{};
      if (step.op == Op::function) {
        LogRange& range = parts[chunk][executed];
        for (std::size_t i = 0; i < count; ++i) range.include(recursion.state().q[i] * units[first + i].square);
      }
      recursion.step(step);
      ++executed;
    });
  });
  for (const LogRanges& part : parts)
    for (const auto& [executed, range] : part) ranges[executed].include(range);
}

DualTables::DualTables(const Program& program, const LogRanges& ranges, double pairs, int threads, const Ticket& ticket,
                       bool direct, double max_hours, Ticket* progress)
    : ticket_(&ticket) {
  if (direct || pairs <= kFewPairs || ranges.empty()) return;
  std::vector<Wanted> wanted, slow;
  std::size_t executed = 0;
  run(program, [&](const Step& step) {
    const std::size_t number = executed++;
    if (step.op != Op::function) return;
    const auto found = ranges.find(number);
    if (found == ranges.end() || found->second.lo > found->second.hi) return;
    const LogRange range = snapped(found->second);
    const Function& phi = *step.function;
    (DualTable::possible(phi, range.lo, range.hi) ? wanted : slow).push_back({number, &step, &phi, range});
  });
  require_hours(slow, pairs, threads, max_hours);
  if (progress != nullptr) {
    const std::uint64_t slowly = static_cast<std::uint64_t>(pairs) * slow.size();
    progress->expect(kTableUnits * wanted.size() + slowly);
    progress_ = slow.empty() ? nullptr : progress;
    announced_ = std::make_shared<std::atomic<std::uint64_t>>(slowly);
  }
  for (const Wanted& one : wanted) {
    std::uint64_t left = kTableUnits;
    std::shared_ptr<const DualTable> table = Kept::process().find(*one.phi, one.range);
    if (!table) {
      table =
          DualTable::build(*one.phi, one.range.lo, one.range.hi, threads, ticket, where(*one.step), [&](double share) {
            const auto due = static_cast<std::uint64_t>((1 - share) * kTableUnits);
            if (progress == nullptr || due >= left) return;
            progress->checkpoint(left - due);
            left = due;
          });
      Kept::process().keep(*one.phi, table);
    }
    if (progress != nullptr) progress->checkpoint(left);
    tables_[one.number] = std::move(table);
  }
}

void DualTables::require_hours(std::span<const Wanted> steps, double pairs, int threads, double max_hours) {
  if (std::isinf(max_hours)) return;
  double seconds = 0, each = 0;
  const Function* measured = nullptr;  // the first layer of a φ stands for the others
  for (const Wanted& one : steps) {
    if (one.phi != measured) each = seconds_per_pair(*one.phi, std::exp(one.range.hi), std::exp(one.range.lo));
    measured = one.phi;
    seconds += each * pairs / threads;
  }
  const double hours = seconds / 3600;
  if (hours <= max_hours) return;
  throw Error(Code::argument,
              shown(pairs) + " pairs at " + std::to_string(steps.size()) + " layers of " + steps[0].phi->name() +
                  ", whose kinks inputs of different length see at different places, take about " + shown(hours) +
                  " hours on " + std::to_string(threads) + " threads, more than the " + shown(max_hours) +
                  " allowed; use inputs of one length, pieces of degree 3 or less, fewer rows, or allow more "
                  "(maxHours)",
              {{"hours", hours}, {"maxHours", max_hours}, {"pairs", pairs}});
}

void DualTables::integrated(std::size_t pairs) const {
  if (progress_ == nullptr) return;
  std::uint64_t left = announced_->load(std::memory_order_relaxed), less = 0;
  do less = left - std::min<std::uint64_t>(left, pairs);
  while (!announced_->compare_exchange_weak(left, less, std::memory_order_relaxed));
  progress_->checkpoint(left - less);
}

const DualTable* DualTables::at(std::size_t executed) const {
  const auto found = tables_.find(executed);
  return found == tables_.end() ? nullptr : found->second.get();
}

std::size_t DualTables::bytes() const {
  std::vector<const DualTable*> seen;
  std::size_t sum = 0;
  for (const auto& [executed, table] : tables_) {
    if (std::find(seen.begin(), seen.end(), table.get()) != seen.end()) continue;
    seen.push_back(table.get());
    sum += table->bytes();
  }
  return sum;
}

double DualTables::error() const {
  double most = 0;
  for (const auto& [executed, table] : tables_) most = std::max(most, table->error());
  return most;
}

double DualTables::most_bytes(const Program& program) {
  double executed = 0;
  if (!has_functions(program)) return 0;
  run(program, [&](const Step& step) { executed += step.op == Op::function ? 1 : 0; });
  return std::min(executed, static_cast<double>(kMostCounted)) * static_cast<double>(kUsualBytes) + executed * 64;
}

}  // namespace resgram::core
