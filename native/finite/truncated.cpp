#include "truncated.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/pool.hpp"
#include "dormand_prince.hpp"

namespace resgram::finite {
namespace {

constexpr std::size_t kRowsAtOnce = 64;
constexpr double kWorthThreads = 1e5;

// rates_i = −(1/n) Σ_β tensor_{iβ} r_β for `rows` rows of n numbers.
void along(std::span<const double> tensor, std::span<const double> residuals, std::span<double> rates, int threads) {
  const std::size_t n = residuals.size(), rows = rates.size();
  const int crew = static_cast<double>(rows * n) < kWorthThreads ? 1 : threads;
  core::parallel_for((rows + kRowsAtOnce - 1) / kRowsAtOnce, crew, [&](std::size_t block, int) {
    const std::size_t end = std::min(rows, (block + 1) * kRowsAtOnce);
    for (std::size_t i = block * kRowsAtOnce; i < end; ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < n; ++k) sum += tensor[i * n + k] * residuals[k];
      rates[i] = -sum / static_cast<double>(n);
    }
  });
}

double norm(std::span<const double> numbers) {
  double sum = 0;
  for (const double x : numbers) sum = std::hypot(sum, x);
  return sum;
}

void require_sizes(const Tensors& start, int order, std::span<const double> targets) {
  const auto [points, trained, outputs, second, third, fourth] = start;
  const std::size_t square = points * trained;
  const bool fits = trained > 0 && trained <= points && targets.size() == trained && outputs.size() == points &&
                    second.size() == square && third.size() == (order > 2 ? square * trained : 0) &&
                    fourth.size() == (order > 3 ? square * trained * trained : 0);
  if (order < 2 || order > 4 || !fits) throw Error(Code::internal, "tensors of a hierarchy do not fit its order");
}

}  // namespace

std::size_t truncated_numbers(std::size_t points, std::size_t trained, int order) {
  std::size_t state = points;
  std::size_t tensor = points;
  for (int r = 2; r < order; ++r) state += tensor *= trained;
  return DormandPrince::numbers(state) + state;
}

void integrate(const Tensors& start, const Truncation& how, std::span<const double> targets,
               std::span<const double> times, std::span<double> outputs, std::span<double> kernels, int threads,
               Ticket& ticket) {
  require_sizes(start, how.order, targets);
  const std::size_t points = start.points, n = start.trained;
  const std::span<const double> tensors[] = {start.outputs, start.second, start.third, start.fourth};
  const std::size_t moving = static_cast<std::size_t>(how.order) - 1;
  ticket.expect(times.size());

  // Errors are measured against the size of each tensor at the start; one that vanishes there against that below it.
  std::vector<double> state;
  std::vector<Part> parts;
  double size = 1;
  for (std::size_t r = 0; r < moving; ++r) {
    const double own = r == 0 ? norm(tensors[0]) + norm(targets) : norm(tensors[r]);
    if (own > 0) size = own;
    parts.push_back({tensors[r].size(), how.tolerance * size, 0});
    state.insert(state.end(), tensors[r].begin(), tensors[r].end());
  }

  std::vector<double> residuals(n);
  DormandPrince flow(
      parts, state,
      [&](std::span<const double> y, std::span<double> slope) {
        if (ticket.cancelled()) throw Cancelled{};
        for (std::size_t i = 0; i < n; ++i) residuals[i] = y[i] - targets[i];
        std::size_t from = 0;
        for (std::size_t r = 0; r < moving; ++r) {
          const std::size_t count = tensors[r].size();
          const auto next = r + 1 < moving ? y.subspan(from + count, tensors[r + 1].size()) : tensors[moving];
          along(next, residuals, slope.subspan(from, count), threads);
          from += count;
        }
      },
      threads);
  for (std::size_t t = 0; t < times.size(); ++t) {
    try {
      flow.advance(times[t], how.most_steps);
    } catch (const Error& error) {
      throw Error(error.code(),
                  "the hierarchy cut off at order " + std::to_string(how.order) + " does not reach time " +
                      shown(times[t]) + ": " + error.what() +
                      "; cut-off equations may blow up: use earlier times, a lower order, or a wider network",
                  error.details());
    }
    const auto now = flow.state();
    std::copy_n(now.data(), points, outputs.data() + t * points);
    if (!kernels.empty()) {
      const double* const second = moving > 1 ? now.data() + points : start.second.data();
      std::copy_n(second, points * n, kernels.data() + t * points * n);
    }
    ticket.checkpoint();
  }
}

}  // namespace resgram::finite
