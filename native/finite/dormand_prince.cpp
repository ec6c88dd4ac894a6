#include "dormand_prince.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "core/pool.hpp"

namespace resgram::finite {
namespace {

constexpr std::size_t kStages = 7;

// Stage s stands at y + h Σ_j kStep[s][j] slope_j. The last one is the end of the step (its weights are those of order
// five), and its slope the first one of the next step.
constexpr double kStep[kStages][kStages - 1] = {
    {},
    {1.0 / 5},
    {3.0 / 40, 9.0 / 40},
    {44.0 / 45, -56.0 / 15, 32.0 / 9},
    {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
    {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
    {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84},
};
// Order five less order four.
constexpr std::array<double, kStages> kError{71.0 / 57600,      0,          -71.0 / 16695, 71.0 / 1920,
                                             -17253.0 / 339200, 22.0 / 525, -1.0 / 40};

// The controller: a step grows by safety·ratio^(−1/5), damped by the ratio before (proportional and integral share).
constexpr double kSafety = 0.9, kIntegral = 0.04, kProportional = 0.2 - 0.75 * kIntegral;
constexpr double kLeastGrowth = 0.2, kMostGrowth = 8;

// Numbers of a state below which threads cost more than they bring, and those that one task takes: its sums stay in cache.
constexpr std::size_t kWorthThreads = 65536, kPiece = 4096;

std::size_t pieces_of(std::size_t size) { return (size + kPiece - 1) / kPiece; }

// Summed in one order; what is summed are squares relative to the largest number, so that none overflows.
double norm(std::span<const double> numbers) {
  double largest = 0;
  for (const double x : numbers) {
    if (!std::isfinite(x)) return std::numeric_limits<double>::quiet_NaN();
    largest = std::max(largest, std::fabs(x));
  }
  if (largest == 0) return 0;
  double sum = 0;
  for (const double x : numbers) sum += (x / largest) * (x / largest);
  return largest * std::sqrt(sum);
}

}  // namespace

DormandPrince::DormandPrince(std::vector<Part> parts, std::span<const double> start, Slope slope, int threads)
    : parts_(std::move(parts)),
      slope_(std::move(slope)),
      threads_(start.size() < kWorthThreads ? 1 : threads),
      size_(start.size()),
      now_(size_),
      next_(size_) {
  std::size_t total = 0;
  for (const Part& part : parts_) total += part.size;
  if (total != size_) throw Error(Code::internal, "the parts of a state do not add up to it");
  for (auto& one : stage_) one = core::Buffer<double>(size_);
  std::copy(start.begin(), start.end(), now_.data());
}

double DormandPrince::ratio(const std::array<double, kStages>& weights, double h) const {
  struct Norms {
    double error = 0, before = 0, after = 0;
  };
  double largest = 0;
  std::size_t from = 0;
  for (const Part& part : parts_) {
    // The error of a large state is never stored.
    std::vector<Norms> pieces(pieces_of(part.size));
    core::parallel_for(pieces.size(), threads_, [&](std::size_t piece, int) {
      const std::size_t at = from + piece * kPiece, count = std::min(kPiece, from + part.size - at);
      std::array<double, kPiece> error;
      std::fill_n(error.begin(), count, 0.0);
      for (std::size_t s = 0; s < kStages; ++s) {
        if (weights[s] == 0) continue;
        const double* const slope = stage_[s].data() + at;
        for (std::size_t i = 0; i < count; ++i) error[i] += weights[s] * slope[i];
      }
      pieces[piece] = {h * norm({error.data(), count}), norm({now_.data() + at, count}),
                       norm({next_.data() + at, count})};
    });
    Norms all;
    for (const Norms& one : pieces)
      all = {std::hypot(all.error, one.error), std::hypot(all.before, one.before), std::hypot(all.after, one.after)};
    const double passes = part.absolute + part.relative * std::max(all.before, all.after);
    const double mine = all.error == 0 ? 0 : all.error / passes;
    if (std::isnan(mine) || std::isnan(all.after)) return std::numeric_limits<double>::quiet_NaN();
    largest = std::max(largest, mine);
    from += part.size;
  }
  return largest;
}

// A step that changes the state by a hundredth of what its size allows would need the size of F′; the first step errs on
// the short side instead, and steps grow eightfold from there.
double DormandPrince::first_step(double most) {
  std::size_t from = 0;
  double step = most;
  for (const Part& part : parts_) {
    const double slope = norm({stage_[0].data() + from, part.size});
    const double passes = part.absolute + part.relative * norm({now_.data() + from, part.size});
    if (slope > 0) step = std::min(step, std::pow(passes, 0.2) * 0.1 / slope);
    from += part.size;
  }
  return step;
}

double DormandPrince::attempt(double h) {
  for (std::size_t s = 1; s < kStages; ++s) {
    core::parallel_for(pieces_of(size_), threads_, [&](std::size_t piece, int) {
      const std::size_t at = piece * kPiece, count = std::min(kPiece, size_ - at);
      double* const to = next_.data() + at;
      std::copy_n(now_.data() + at, count, to);
      for (std::size_t j = 0; j < s; ++j) {
        const double weight = h * kStep[s][j];
        if (weight == 0) continue;
        const double* const slope = stage_[j].data() + at;
        for (std::size_t i = 0; i < count; ++i) to[i] += weight * slope[i];
      }
    });
    slope_({next_.data(), size_}, {stage_[s].data(), size_});
  }
  return ratio(kError, h);
}

void DormandPrince::advance(double to, std::size_t most_steps, const std::function<void()>& between) {
  if (to <= time_) return;
  if (!begun_) {
    slope_(state(), {stage_[0].data(), size_});
    step_ = first_step(to - time_);
    begun_ = true;
  }
  std::size_t steps = 0;
  bool refused = false;
  while (time_ < to) {
    const double left = to - time_;
    // A remainder shorter than rounding is no step, and the last two are of about the same length.
    const bool last = step_ >= left * (1 - 1e-12);
    const double h = last ? left : (step_ > 0.5 * left ? 0.5 * left : step_);
    const auto stuck = [&](const std::string& why) {
      return Error(Code::no_convergence, why, {{"time", time_}, {"step", h}, {"until", to}});
    };
    // How far away `to` is says nothing; the last step may be as short as the times that were asked for are close.
    if (!last && !(h > 1e-15 * time_)) {
      throw stuck("the solution leaves every bound near time " + shown(time_) + ": steps as short as " + shown(h) +
                  " do not follow it");
    }
    if (steps++ == most_steps) {
      throw stuck("more than " + std::to_string(most_steps) + " steps up to time " + shown(to) + ": at time " +
                  shown(time_) + " they are " + shown(h) + " long; ask for an earlier time or a larger tolerance");
    }
    const double error = attempt(h);
    const bool passed = error <= 1;  // not for NaN
    if (!passed) {
      ++rejected_;
      refused = true;
      step_ = h * (std::isfinite(error) ? std::max(kLeastGrowth, kSafety * std::pow(error, -0.2)) : kLeastGrowth);
      continue;
    }
    ++accepted_;
    time_ = last ? to : time_ + h;
    std::swap(now_, next_);
    std::swap(stage_.front(), stage_.back());
    const double least = std::max(error, 1e-10);
    double growth = kSafety * std::pow(least, -kProportional) * std::pow(last_ratio_, kIntegral);
    growth = std::clamp(growth, kLeastGrowth, refused ? 1.0 : kMostGrowth);
    // A step that was cut to meet `to` says nothing against the length that was planned.
    step_ = h < step_ ? std::max(step_, h * growth) : h * growth;
    last_ratio_ = std::max(error, 1e-4);
    refused = false;
    between();
  }
}

}  // namespace resgram::finite
