#include "image_tape_plan.hpp"

#include <algorithm>

#include "rows.hpp"
#include "run.hpp"

namespace resgram::core {
namespace {

// A step on the tape: its closure, what this shares, and the growth of the list.
constexpr double kStep = 512;
// Nodes of a quadrature over the plane.
constexpr double kQuadrature = 192 * 1024;
// Of a pixel: its direction aside, what Directions keep of it.
constexpr double kDirection = sizeof(Scaled) + 2 * sizeof(double) + sizeof(std::int64_t);

}  // namespace

bool TapePlan::takes_all(const Program& program) {
  return std::any_of(program.steps().begin(), program.steps().end(),
                     [](const Step& step) { return step.op == Op::average || step.op == Op::mean; });
}

double TapePlan::pairs(std::size_t pixels) const {
  const auto n = static_cast<double>(pixels);
  return all_ ? n * n : n;
}

// Variances of both sides; m, t and a sign of every pair.
double TapePlan::state(Extent of) const {
  return 2 * sizeof(double) * static_cast<double>(of.pixels()) +
         planes_ * (2 * sizeof(double) + sizeof(char)) * pairs(of.pixels());
}

double TapePlan::adjoint(Extent of) const {
  return sizeof(double) * (static_cast<double>(of.pixels()) + (all_ ? 3 : 2) * pairs(of.pixels()));
}

TapePlan::Extent TapePlan::windows(const Step& step, Extent in, bool line, double& size) {
  if (step.op == Op::patch) {
    const auto taps = static_cast<std::size_t>(step.args[0]), stride = static_cast<std::size_t>(step.args[1]);
    const auto outputs = [&](std::size_t length) {
      return (length - (step.args[2] == 0 ? taps - 1 : 0) + stride - 1) / stride;
    };
    size = static_cast<double>(line ? taps : taps * taps);
    return {line ? 1 : outputs(in.height), outputs(in.width)};
  }
  if (step.op == Op::average) {
    const auto window = static_cast<std::size_t>(step.args[0]);
    size = static_cast<double>(line ? window : window * window);
    return {line ? 1 : in.height / window, in.width / window};
  }
  size = step.op == Op::pixel ? 1 : static_cast<double>(in.pixels());
  return {1, 1};
}

TapePlan::TapePlan(const Program& program, const Grid& grid) : all_(takes_all(program)), planes_(all_ ? 3 : 1) {
  const bool line = grid.height == 1;
  Extent now{grid.height, grid.width};
  std::vector<Extent> saved;
  double tape = 0, reverse = 0, reverse_bytes = 0, saved_bytes = 0, saved_adjoints = 0;
  const auto peak = [&](double more) { bytes_ = std::max(bytes_, tape + state(now) + saved_bytes + more); };
  peak(2 * static_cast<double>(now.pixels()) * (sizeof(double) * static_cast<double>(grid.channels) + kDirection));
  run(program, [&](const Step& step) {
    const Extent in = now;
    tape += kStep;
    switch (step.op) {
      case Op::push:
        saved.push_back(now);
        saved_bytes += state(now);
        saved_adjoints += adjoint(now);
        peak(0);
        break;
      case Op::swap:
      case Op::pop:
      case Op::add:
        saved_bytes += state(now) - state(saved.back());
        saved_adjoints += adjoint(now) - adjoint(saved.back());
        std::swap(saved.back(), now);
        if (step.op == Op::swap) break;
        if (step.op == Op::add) forward_ += kJoin * planes_ * pairs(now.pixels());
        // Of a sum both branches get what comes back; of a branch that is dropped what it held is held no more.
        reverse_bytes = std::max(reverse_bytes, 2 * adjoint(now) + saved_adjoints);
        saved_bytes -= state(saved.back());
        saved_adjoints -= adjoint(saved.back());
        saved.pop_back();
        break;
      case Op::affine:
        forward_ += kJoin * planes_ * pairs(now.pixels());
        break;
      case Op::patch:
      case Op::average:
      case Op::pixel:
      case Op::trace:
      case Op::mean: {
        double size = 0;
        now = windows(step, in, line, size);
        tape += sizeof(int) * size * static_cast<double>(now.pixels());
        const bool independent = step.op != Op::average && step.op != Op::mean;
        const double work = kPlace * pairs(now.pixels()) * size * (independent ? 1 : size);
        forward_ += planes_ * work;
        reverse += work;
        peak(state(in));
        break;
      }
      case Op::emit:
        reverse_.push_back(reverse);
        break;
      default:
        if (!is_activation(step.op)) break;
        const bool function = step.op == Op::function;
        const double every = pairs(now.pixels()), pixels = static_cast<double>(now.pixels());
        if (function) {
          integrated_.push_back(planes_ * every);
          bytes_ = std::max(bytes_, kQuadrature);
        }
        forward_ += (function ? kIntegrated : kClosed) * planes_ * every;
        reverse += kPlace * every;
        tape += (kRates + (all_ ? kOwnRates : 0)) * every + kSide * pixels;
        peak(2 * pixels * (kPixel + (function ? kFunction : 0)) + (function ? kQuadrature : 0));
        break;
    }
    reverse_bytes = std::max(reverse_bytes, adjoint(in) + adjoint(now) + saved_adjoints);
  });
  peak(reverse_bytes);
}

}  // namespace resgram::core
