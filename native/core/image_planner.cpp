#include "image_planner.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "activation_row.hpp"
#include "error.hpp"
#include "rows.hpp"
#include "run.hpp"

namespace resgram::core {
namespace {

// Between these t is left in units other than 1; beyond them a pass over the pairs brings it back.
constexpr double kSmallestGain = 0x1p-30, kLargestGain = 0x1p+30;
// And after so many activations, each of which may multiply t.
constexpr int kMostActivations = 32;

std::string shown(Extent grid) { return std::to_string(grid.height) + " × " + std::to_string(grid.width); }

}  // namespace

void ImagePlanner::refuse(const Step& step, const std::string& why) const {
  const Extent grid = flow_.grid;
  throw Error(Code::shape, where(step), why,
              {{"step", static_cast<double>(step.row)},
               {"height", static_cast<double>(grid.height)},
               {"width", static_cast<double>(grid.width)}});
}

void ImagePlanner::make() {
  unroll();
  ImageLines(program_, plan_).lay();
}

void ImagePlanner::unroll() {
  flow_.grid = {static_cast<int>(plan_.grid_.height), static_cast<int>(plan_.grid_.width)};
  plan_.stack_depth_ = program_.stack_depth();
  plan_.emits_ = program_.emits();
  plan_.pure_ = is_uniform(program_);
  std::size_t executed = 0;
  run(program_, [&](const Step& step) {
    ImageStep next;
    next.op = step.op;
    next.step = &step;
    next.executed = executed++;
    next.in = next.out = flow_.grid;
    next.gain = flow_.gain;
    if (in_tail_ && step.op == Op::pop && saved_.size() == tail_depth_) in_tail_ = false;
    take(next);
    plan_.largest_ = std::max(plan_.largest_, next.out.pixels());
    (in_tail_ ? plan_.heads_.back().tail : plan_.trunk_).push_back(next);
    if (step.op == Op::pixel || step.op == Op::trace || step.op == Op::mean) {
      plan_.heads_.push_back({plan_.trunk_.size() - 1, 0, {}});
      in_tail_ = true;
      tail_depth_ = saved_.size();
    }
  });
}

void ImagePlanner::take(ImageStep& step) {
  switch (step.op) {
    case Op::input:
    case Op::repeat:
    case Op::end:
      break;
    case Op::affine:
      affine(step);
      break;
    case Op::scale:
      // Kernels see the square; beyond this range neither it nor its reciprocal is a number to count on.
      if (const double size = std::fabs(step.step->args[0]); size != 0 && (size > 1e75 || size < 1e-75))
        refuse(*step.step, "expected a factor from 1e-75 to 1e75 in size for networks on images");
      flow_.gain *= step.step->args[0] * step.step->args[0];
      break;
    case Op::push:
      saved_.push_back(flow_);
      break;
    case Op::swap:
      std::swap(saved_.back(), flow_);
      break;
    case Op::pop:
      flow_ = saved_.back();
      saved_.pop_back();
      break;
    case Op::add:
      add(step);
      break;
    case Op::emit:
      step.which = emits_++;
      break;
    case Op::patch:
      patch(step);
      break;
    case Op::average:
      average(step);
      break;
    case Op::pixel:
    case Op::trace:
    case Op::mean:
      head(step);
      break;
    default:  // activations
      if (step.op == Op::relu) step.slope_gain = activation_row(*step.step, Scaled{1, 0}, false).gain.value();
      flow_.mean_free = !leaves_mean(*step.step);
      ++flow_.activations;
      break;
  }
  step.out = flow_.grid;
}

void ImagePlanner::affine(ImageStep& step) {
  const double* args = step.step->args;
  const double weight = args[0], bias = args[2];
  const double gain = step.gain * weight;
  const bool reads_weights = weight > 0 && args[1] != 0, reads_bias = bias > 0 && args[4] != 0;
  step.moves_rho = bias > 0 && args[3] != 0;
  step.moves_t = reads_weights || reads_bias || flow_.activations >= kMostActivations ||
                 !(gain == 0 || (gain >= kSmallestGain && gain <= kLargestGain));
  if (step.moves_t) flow_.activations = 0;
  flow_.gain = step.moves_t ? 1 : gain;
  flow_.mean_free = true;
}

void ImagePlanner::add(ImageStep& step) {
  const Flow saved = saved_.back();
  saved_.pop_back();
  if (!(saved.grid == flow_.grid))
    refuse(*step.step, "expected branches of one size, got " + shown(saved.grid) + " and " + shown(flow_.grid) +
                           " pixels; the same strides and paddings in both would help");
  if (!saved.mean_free && !flow_.mean_free)
    refuse(*step.step, "expected a branch that ends in fresh weights, but both end in an activation");
  step.saved_gain = saved.gain;
  flow_.gain = 1;
  flow_.activations = 0;
  flow_.mean_free = saved.mean_free && flow_.mean_free;
}

void ImagePlanner::patch(ImageStep& step) {
  const double* args = step.step->args;
  const AxisFilter filter{static_cast<int>(args[0]), static_cast<int>(args[1]),
                          static_cast<Padding>(static_cast<int>(args[2]))};
  step.filter.x = filter;
  if (!flat()) step.filter.y = filter;
  const int longest = flat() ? flow_.grid.width : std::min(flow_.grid.height, flow_.grid.width);
  if (filter.padding == Padding::valid && filter.size > longest)
    refuse(*step.step, "a filter of size " + std::to_string(filter.size) +
                           " without padding leaves no pixel of a grid of " + shown(flow_.grid) +
                           "; smaller filters, less pooling or padding would help");
  if (filter.stride > longest)
    refuse(*step.step,
           "a stride of " + std::to_string(filter.stride) + " goes beyond a grid of " + shown(flow_.grid) + " pixels");
  flow_.grid = {step.filter.y.output(step.in.height), step.filter.x.output(step.in.width)};
  flow_.gain /= flat() ? filter.size : static_cast<double>(filter.size) * filter.size;
}

void ImagePlanner::average(ImageStep& step) {
  const int size = static_cast<int>(step.step->args[0]);
  step.window = {flat() ? 1 : size, size};
  if (step.window.y > flow_.grid.height || step.window.x > flow_.grid.width)
    refuse(*step.step,
           "a window of " + std::to_string(size) + " is larger than a grid of " + shown(flow_.grid) + " pixels");
  flow_.grid = {step.in.height / step.window.y, step.in.width / step.window.x};
  const double count = static_cast<double>(step.window.y) * step.window.x;
  flow_.gain /= count * count;
}

void ImagePlanner::head(ImageStep& step) {
  const auto pixels = static_cast<double>(step.in.pixels());
  step.which = plan_.heads_.size();
  if (step.op == Op::pixel) {
    const double y = step.step->args[0], x = step.step->args[1];
    if (y >= step.in.height || x >= step.in.width)
      refuse(*step.step, "there is no pixel (" + std::to_string(static_cast<int>(y)) + ", " +
                             std::to_string(static_cast<int>(x)) + ") in a grid of " + shown(step.in) +
                             ", counted from 0");
  }
  if (step.op == Op::trace) flow_.gain /= pixels;
  if (step.op == Op::mean) flow_.gain /= pixels * pixels;
  flow_.grid = {1, 1};
}

}  // namespace resgram::core
