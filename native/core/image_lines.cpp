#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "error.hpp"
#include "image_planner.hpp"
#include "rows.hpp"

namespace resgram::core {
namespace {

constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

int along(const Extent& grid, AxisFilter Axes<AxisFilter>::* axis) {
  return axis == &Axes<AxisFilter>::y ? grid.height : grid.width;
}

bool is_head(Op op) { return op == Op::pixel || op == Op::trace || op == Op::mean; }

// Does the step touch the pairs of a line?
bool touches_pairs(const ImageStep& step) {
  switch (step.op) {
    case Op::affine:
      return step.moves_t || step.moves_rho;
    case Op::scale:
    case Op::push:
    case Op::swap:
    case Op::pop:
    case Op::emit:
      return false;
    default:
      return true;
  }
}

}  // namespace

void ImageLines::lay() {
  do split();
  while (mended());
  for (Level& level : plan_.levels_) run_level(level);
  for (ImageStep& step : plan_.trunk_) place(step);
  for (Head& head : plan_.heads_)
    for (ImageStep& step : head.tail) place(step);
}

// A level ends before each pooling and another begins behind it.
void ImageLines::split() {
  plan_.levels_.assign(1, Level{});
  for (std::size_t i = 0; i < plan_.trunk_.size(); ++i) {
    ImageStep& step = plan_.trunk_[i];
    if (is_head(step.op)) {
      plan_.heads_[step.which].at = i;
      plan_.heads_[step.which].level = plan_.levels_.size() - 1;
    }
    if (step.op != Op::average) continue;
    plan_.levels_.back().last = i;
    step.which = plan_.levels_.size();
    plan_.levels_.push_back({});
    plan_.levels_.back().first = i + 1;
  }
  plan_.levels_.back().last = plan_.trunk_.size();
  for (Level& level : plan_.levels_) {
    level.start = level.first == 0 ? plan_.trunk_.front().in : plan_.trunk_[level.first - 1].out;
    level.end = level.last == plan_.trunk_.size() ? plan_.trunk_.back().out : plan_.trunk_[level.last].in;
  }
}

// A circular filter reads across the edge and so needs lines that wrap. Where an earlier valid padding or a stride that
// does not divide the grid has cut them, they are joined again by a pooling of window 1: it gathers the parts.
bool ImageLines::mended() {
  for (AxisFilter Axes<AxisFilter>::* axis : {&Axes<AxisFilter>::y, &Axes<AxisFilter>::x})
    for (const Level& level : plan_.levels_) {
      std::vector<bool> saved;
      bool cut = false;
      std::size_t joint = kNowhere;
      for (std::size_t i = level.first; i < level.last; ++i) {
        const ImageStep& step = plan_.trunk_[i];
        if (saved.empty() && cut) joint = i;
        const AxisFilter& filter = step.filter.*axis;
        if (step.op == Op::push) {
          saved.push_back(cut);
        } else if (step.op == Op::pop || step.op == Op::add) {
          cut = saved.back() || (cut && step.op == Op::add);
          saved.pop_back();
        } else if (step.op == Op::swap) {
          const bool other = saved.back();
          saved.back() = cut;
          cut = other;
        } else if (step.op == Op::patch && !filter.trivial()) {
          if (filter.padding == Padding::circular && filter.size > 1 && cut) {
            join(joint, step);
            return true;
          }
          cut = cut || !filter.keeps_wrapping(along(step.in, axis));
        }
      }
    }
  return false;
}

void ImageLines::join(std::size_t joint, const ImageStep& circular) {
  if (joint == kNowhere) {
    throw Error(Code::shape, where(*circular.step),
                "a circular filter follows, inside of a branch, a stride that does not divide the grid or a filter "
                "without padding; a grid that the strides divide or zero padding would help",
                {{"step", static_cast<double>(circular.step->row)}});
  }
  ImageStep join = plan_.trunk_[joint];
  join.op = Op::average;
  join.out = join.in;
  join.filter = {};
  join.window = {1, 1};
  join.moves_t = join.moves_rho = false;
  plan_.trunk_.insert(plan_.trunk_.begin() + static_cast<std::ptrdiff_t>(joint), join);
}

void ImageLines::run_level(Level& level) {
  Flow flow;
  const auto starts_wrapped = [&](AxisFilter Axes<AxisFilter>::* axis) {
    bool circular = false, cut = false;
    for (std::size_t i = level.first; i < level.last; ++i) {
      const ImageStep& step = plan_.trunk_[i];
      const AxisFilter& filter = step.filter.*axis;
      if (step.op != Op::patch || filter.trivial()) continue;
      circular = circular || (filter.padding == Padding::circular && filter.size > 1);
      cut = cut || !filter.keeps_wrapping(along(step.in, axis));
    }
    return circular || !cut;
  };
  flow.wraps = {starts_wrapped(&Axes<AxisFilter>::y), starts_wrapped(&Axes<AxisFilter>::x)};
  level.start_wraps = flow.wraps;
  std::vector<Flow> saved;
  for (std::size_t i = level.first; i < level.last; ++i) {
    ImageStep& step = plan_.trunk_[i];
    if (step.op == Op::push) saved.push_back(flow);
    if (step.op == Op::swap) std::swap(flow, saved.back());
    if (step.op == Op::add && !(saved.back() == flow)) {
      throw Error(Code::shape, where(*step.step),
                  "the branches reach the same size by different strides or paddings, so that their pixels do not lie "
                  "over each other; the same strides and paddings in both would help",
                  {{"step", static_cast<double>(step.step->row)}});
    }
    if (step.op == Op::pop || step.op == Op::add) {
      flow = saved.back();
      saved.pop_back();
    }
    if (step.op == Op::patch) {
      const auto pass = [&](bool& wraps, int& stride, const AxisFilter& filter, int size) {
        if (filter.trivial()) return;
        wraps = wraps && filter.keeps_wrapping(size);
        stride *= filter.stride;
      };
      pass(flow.wraps.y, flow.stride.y, step.filter.y, step.in.height);
      pass(flow.wraps.x, flow.stride.x, step.filter.x, step.in.width);
    }
    step.wraps = flow.wraps;
    step.stride = flow.stride;
    if (!touches_pairs(step)) continue;
    const Extent grid = is_head(step.op) ? step.in : step.out;
    const auto alike = [&](const LineCost& cost) {
      return cost.grid == grid && cost.wraps == step.wraps && cost.stride == step.stride;
    };
    auto found = std::find_if(level.costs.begin(), level.costs.end(), alike);
    if (found == level.costs.end()) found = level.costs.insert(found, {grid, step.wraps, step.stride, 0});
    ++found->steps;
  }
  level.end_wraps = flow.wraps;
  level.stride = flow.stride;
}

void ImageLines::place(ImageStep& step) {
  const std::size_t in = step.in.pixels(), out = step.out.pixels();
  step.factors = plan_.factors_;
  std::size_t& next = plan_.factors_;
  switch (step.op) {
    case Op::affine:
      next += 2 + (step.moves_t ? in : 0) + (step.moves_rho ? 2 * in : 0);
      break;
    case Op::patch: {
      const std::size_t middle = static_cast<std::size_t>(step.in.height) * static_cast<std::size_t>(step.out.width);
      if (!step.filter.x.trivial()) next += in + middle;
      if (!step.filter.y.trivial()) next += middle + out;
      break;
    }
    case Op::add:
      next += 2 + 2 * in;
      break;
    case Op::average:
      next += in + out;
      break;
    case Op::trace:
      next += in;
      break;
    case Op::mean:
      next += in + 1;
      break;
    default:
      if (is_activation(step.op)) next += activation_factors(step.op, in);
      break;
  }
}

}  // namespace resgram::core
