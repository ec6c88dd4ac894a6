#include "derive_hours.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "dual_tables.hpp"
#include "dual_taylor.hpp"
#include "error.hpp"
#include "image_tape_plan.hpp"
#include "run.hpp"

namespace resgram::core {
namespace {

// Units of a step of a pair of vectors, and of a number of a result.
constexpr double kVectorStep = 25, kNumber = 0.2;
// No integral takes longer, at any variance that this package takes: with fewer of them nothing needs to be measured.
constexpr double kSlowest = 1;
// Variances whose logarithms differ by less take the same time.
constexpr double kAlike = 0.5;

// Of the rows that are not zero. The variances of a typical input are those of all that is measured here.
Unit typical(const Points& points, bool per_dimension) {
  const std::size_t inputs = points.grid.height > 0 ? points.grid.channels : points.dimension;
  double sum = 0, count = 0;
  for (std::size_t first = 0; first < points.rows * points.dimension; first += inputs) {
    double square = 0;
    for (std::size_t k = 0; k < inputs; ++k) square += points.data[first + k] * points.data[first + k];
    sum += square;
    count += square > 0 ? 1 : 0;
  }
  if (!(sum > 0) || std::isinf(sum)) return {Scaled{1, 0}, false};
  return {Scaled{sum / count / (per_dimension ? static_cast<double>(inputs) : 1), 0}.settled(), false};
}

double seconds_of(const Function& phi, double a, double b) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  constexpr double kMiddle = 0.2;
  pair_taylor(phi, a, row_taylor(phi, a), b, kMiddle, true, {"a pair for the plan", {}});
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string several(double count, const char* what) { return shown(count) + what + (count == 1 ? "" : "s"); }

}  // namespace

double derivative_work(const Program& program, std::size_t rows, std::size_t columns, std::size_t dimension,
                       const Grid& grid, Order order, std::size_t kernels) {
  const double pairs = static_cast<double>(rows) * static_cast<double>(columns);
  const auto each = static_cast<double>(kernels), numbers = static_cast<double>(dimension);
  const double results =
      kNumber * each * static_cast<double>(program.emits()) * (order == Order::gradient ? numbers : numbers * numbers);
  if (!program.image()) return pairs * (kVectorStep * program.work() + results);
  const TapePlan plan(program, grid);
  double units = plan.forward() + results;
  for (const double integrated : plan.integrated()) units -= TapePlan::kIntegrated * integrated;
  for (std::size_t e = 0; e < program.emits(); ++e) units += each * plan.reverse(e);
  return pairs * units;
}

void require_derivative_hours(const Program& program, const Points& x, const Points& z, int threads, double max_hours,
                              const Ticket& ticket) {
  if (std::isinf(max_hours) || !has_functions(program)) return;
  const double pairs = static_cast<double>(x.rows) * static_cast<double>(z.rows);
  std::vector<double> counts;
  if (program.image()) counts = TapePlan(program, x.grid).integrated();
  double layers = 0, all = 0;
  run(program, [&](const Step& step) {
    if (step.op != Op::function) return;
    if (!program.image()) counts.push_back(1);
    all += pairs * counts[static_cast<std::size_t>(layers++)];
  });
  // Pairs of images are what threads share.
  const double shares = program.image() ? std::min<double>(threads, pairs) : threads;
  if (all * kSlowest / shares / 3600 <= max_hours) return;

  const Unit units[] = {typical(x, program.per_dimension()), typical(z, program.per_dimension())};
  RowRecursion rows(units, false);
  double seconds = 0, each = 0, log_a = 0, log_b = 0;
  const Function* measured = nullptr;
  std::size_t executed = 0, layer = 0;
  const auto visit = [&](const Step& step) {
    if ((executed++ & 15U) == 0 && ticket.cancelled()) throw Cancelled{};
    if (step.op == Op::function) {
      const double a = (rows.state().q[0] * units[0].square).value(), b = (rows.state().q[1] * units[1].square).value();
      const bool alike = measured != nullptr && measured->id() == step.function->id() &&
                         std::fabs(std::log(a) - log_a) <= kAlike && std::fabs(std::log(b) - log_b) <= kAlike;
      if (!alike && a > 0 && b > 0) {
        each = seconds_of(*step.function, a, b);
        measured = step.function;
        log_a = std::log(a);
        log_b = std::log(b);
      }
      seconds += each * pairs * counts[layer++] / shares;
    }
    rows.step(step);
  };
  try {
    run(program, visit);
  } catch (const Error&) {
    return;  // of a typical row; the work itself tells which of them it is
  }
  const double hours = seconds / 3600;
  if (hours <= max_hours) return;
  throw Error(
      Code::argument,
      "derivatives of " + shown(all) + " pairs of " + (program.image() ? "pixels" : "rows") + " at " +
          several(layers, " layer") + " of " + measured->name() + ", each of them an integral, take about " +
          shown(hours) + " hours on " + several(shares, " thread") + ", more than the " + shown(max_hours) +
          " allowed; use " +
          (program.image() ? "fewer or smaller images, a trace head without pooling, which takes pixels of equal "
                             "place alone, or activations with closed forms (relu, erf, gelu)"
                           : "fewer rows, or activations with closed forms (relu, erf, gelu)") +
          ", or allow more (maxHours)",
      {{"hours", hours}, {"maxHours", max_hours}, {"pairs", all}});
}

}  // namespace resgram::core
