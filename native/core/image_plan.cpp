#include "image_plan.hpp"

#include <algorithm>
#include <set>

#include "image_planner.hpp"
#include "rows.hpp"

namespace resgram::core {
namespace {

// Displacements along one axis, at the head, that make up all pairs of pixels.
std::vector<int> all_shifts(int size, bool wraps) {
  std::vector<int> shifts;
  for (int t = wraps ? 0 : 1 - size; t < size; ++t) shifts.push_back(t);
  return shifts;
}

bool divides(int stride, int shift) { return shift % stride == 0; }

}  // namespace

std::size_t activation_factors(Op op, std::size_t pixels) {
  return 1 + pixels * (op == Op::relu ? 1 : 1 + factor_count(op));
}

ImagePlan::ImagePlan(const Program& program, const Grid& grid) : grid_(grid) { ImagePlanner(program, *this).make(); }

std::vector<Line> ImagePlan::lines(std::size_t level) const {
  std::set<Line> wanted;
  for (const Head& head : heads_) {
    if (head.level != level) continue;
    const ImageStep& at = trunk_[head.at];
    if (at.op != Op::mean) {
      wanted.insert({0, 0});
      continue;
    }
    for (const int y : all_shifts(at.in.height, at.wraps.y))
      for (const int x : all_shifts(at.in.width, at.wraps.x)) wanted.insert({y * at.stride.y, x * at.stride.x});
  }
  return {wanted.begin(), wanted.end()};
}

std::size_t ImagePlan::line_count() const {
  std::size_t count = 0;
  for (std::size_t level = 0; level < levels_.size(); ++level) count += lines(level).size();
  return count;
}

// Lines that wrap are met once for each class of displacements; its member from 0 on counts.
bool ImagePlan::reads(const Head& head, Line start) const {
  const ImageStep& at = trunk_[head.at];
  if (at.op != Op::mean) return start == Line{0, 0};
  const auto along = [](int shift, int stride, int size, bool wraps) {
    if (!divides(stride, shift)) return false;
    const int t = shift / stride;
    return t < size && t >= (wraps ? 0 : 1 - size);
  };
  return along(start.y, at.stride.y, at.in.height, at.wraps.y) && along(start.x, at.stride.x, at.in.width, at.wraps.x);
}

std::vector<std::pair<int, std::vector<GatherPair>>> ImagePlan::gather(const AxisLine& out, int window, int size,
                                                                       bool wraps) {
  std::map<int, std::vector<GatherPair>> found;
  for (int o = 0; o < out.count(); ++o)
    for (int i = 0; i < window; ++i)
      for (int j = 0; j < window; ++j) {
        const int x = out.x(o) * window + i, z = out.z(o) * window + j;
        const int shift = wraps ? (z - x + size) % size : z - x;
        const AxisLine line{size, shift, wraps};
        found[shift].push_back({o, x - line.first(), x, z, i == j});
      }
  return {found.begin(), found.end()};
}

std::size_t ImagePlan::own_averages() const {
  const auto count = std::count_if(trunk_.begin(), trunk_.end(), [](const ImageStep& step) {
    return step.op == Op::mean || (step.op == Op::average && (step.window.y > 1 || step.window.x > 1));
  });
  return static_cast<std::size_t>(count);
}

double ImagePlan::line_work(std::size_t level, Line start, Works& known) const {
  const auto [entry, fresh] = known.try_emplace({level, start}, 0);
  if (!fresh) return entry->second;
  const Level& here = levels_[level];
  double work = 0;
  for (const LineCost& cost : here.costs) {
    if (!divides(cost.stride.y, start.y) || !divides(cost.stride.x, start.x)) continue;
    const AxisLine y{cost.grid.height, start.y / cost.stride.y, cost.wraps.y};
    const AxisLine x{cost.grid.width, start.x / cost.stride.x, cost.wraps.x};
    if (y.count() > 0 && x.count() > 0) work += cost.steps * y.count() * x.count();
  }
  if (level > 0) {
    // The line is gathered from lines of the level before.
    const Axes<int> window = trunk_[here.first - 1].window;
    const Level& before = levels_[level - 1];
    const AxisLine y{here.start.height, start.y, here.start_wraps.y};
    const AxisLine x{here.start.width, start.x, here.start_wraps.x};
    for (const auto& [t_y, pairs_y] : gather(y, window.y, before.end.height, before.end_wraps.y))
      for (const auto& [t_x, pairs_x] : gather(x, window.x, before.end.width, before.end_wraps.x))
        work += line_work(level - 1, {t_y * before.stride.y, t_x * before.stride.x}, known);
  }
  return entry->second = work;
}

double ImagePlan::pair_work() const {
  double work = 0;
  Works known;
  for (std::size_t level = 0; level < levels_.size(); ++level)
    for (const Line line : lines(level)) work += line_work(level, line, known);
  return work;
}

}  // namespace resgram::core
