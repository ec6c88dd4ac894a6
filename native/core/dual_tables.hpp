// The tables of one run: for every executed step with a φ that has no closed form, one for the variances that the rows
// of both sides have there. Ranges that recur share a table, within a run and from one to the next. [dual-table]
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "dual_table.hpp"
#include "program.hpp"
#include "rows.hpp"
#include "scaled.hpp"
#include "ticket.hpp"

namespace resgram::core {

// Logarithms of the variances that rows have before a step; zero vectors do not count.
struct LogRange {
  double lo = std::numeric_limits<double>::infinity();
  double hi = -std::numeric_limits<double>::infinity();
  void include(Scaled variance);
  void include(const LogRange& other);
};

// Per executed Op::function step, by its number among all executed steps.
using LogRanges = std::unordered_map<std::size_t, LogRange>;

bool has_functions(const Program& program);

// Adds the ranges of these rows; does nothing for a program without such steps. Throws Error, Cancelled.
void add_ranges(const Program& program, std::span<const Unit> units, int threads, const Ticket& ticket,
                LogRanges& ranges);

class DualTables {
 public:
  DualTables() = default;
  // `pairs`: how many there will be; so few that quadrature of each costs less than a table get none. `direct`: no tables
  // at all; for checks. The tables do not depend on the number of threads. `progress` learns of tables and of pairs that
  // are integrated; it and the ticket must outlive them. Throws Cancelled, Error{Code::no_convergence} naming the step, and
  // Error{Code::argument} if integrating pairs one by one would take more than max_hours.
  DualTables(const Program& program, const LogRanges& ranges, double pairs, int threads, const Ticket& ticket,
             bool direct = false, double max_hours = std::numeric_limits<double>::infinity(),
             Ticket* progress = nullptr);

  // Null where pairs are to be integrated one by one: they are few, or φ has kinks away from 0 and the variances differ.
  [[nodiscard]] const DualTable* at(std::size_t executed) const;
  [[nodiscard]] std::size_t bytes() const;
  // May be asked by whoever integrates pair by pair, which is slow.
  [[nodiscard]] bool cancelled() const { return ticket_ != nullptr && ticket_->cancelled(); }
  // So many pairs more have been integrated. Of tiles on the diagonal that is more than the pairs there are: what goes
  // beyond the announced number is no progress.
  void integrated(std::size_t pairs) const;
  // The largest error stated by a table.
  [[nodiscard]] double error() const;

  // What the tables of a run may take at most, for plans made before the variances are known. Those kept from earlier runs
  // are in memory by then, and no longer part of what is available.
  static double most_bytes(const Program& program);

 private:
  struct Wanted {
    std::size_t number;  // of the step among all executed ones
    const Step* step;
    const Function* phi;
    LogRange range;
  };
  static void require_hours(std::span<const Wanted> steps, double pairs, int threads, double max_hours);

  const Ticket* ticket_ = nullptr;
  Ticket* progress_ = nullptr;
  std::shared_ptr<std::atomic<std::uint64_t>> announced_;  // pairs to be integrated that have not been yet
  std::unordered_map<std::size_t, std::shared_ptr<const DualTable>> tables_;
};

}  // namespace resgram::core
