// Kernels of pairs of unit vectors at given angles.
#include <algorithm>
#include <cmath>

#include "dual_tables.hpp"
#include "error.hpp"
#include "evaluate.hpp"
#include "sides.hpp"
#include "sinks.hpp"
#include "strip.hpp"

namespace resgram::core {
namespace {

constexpr std::size_t kStretch = 256;

std::size_t padded(std::size_t n) { return (n + kColumnPadding - 1) / kColumnPadding * kColumnPadding; }

}  // namespace

void profile(const Program& program, std::span<const double> angles, std::size_t dimension,
             std::span<Sink<double>> sinks) {
  check_sinks<double>(program, sinks);
  if (program.image())
    throw Error(
        Code::shape,
        "a profile over the angle takes a network on vectors, but this one reads images; compare images by their "
        "Gram matrix");
  const Unit unit{Scaled{program.per_dimension() ? 1.0 / static_cast<double>(dimension) : 1.0, 0}, false};
  const std::size_t most = padded(std::min(angles.size(), kStretch));
  const std::vector<Unit> units(most, unit);
  const bool uniform = is_uniform(program);
  const std::vector<EmitDiagonals> values =
      diagonals(program, units, 1, kSmallestExponent<double>, kLargestExponent<double>, Ticket{});
  set_scales(sinks, values, values);
  const FactorCache none;
  LogRanges ranges;
  const Ticket ticket;
  add_ranges(program, {&unit, 1}, 1, ticket, ranges);
  const DualTables duals(program, ranges, static_cast<double>(angles.size()), 1, ticket);
  StripEvaluator<double> evaluator(program, duals, uniform, 1, most);
  for (std::size_t first = 0; first < angles.size(); first += kStretch) {
    const std::size_t count = std::min(kStretch, angles.size() - first);
    const Strip strip{1, padded(count)};
    const MutablePlanes<double> planes = evaluator.input(strip);
    for (std::size_t j = 0; j < strip.cols; ++j) {
      const double half = angles[first + std::min(j, count - 1)] / 2;
      const double s = std::sin(half), c = std::cos(half);
      const bool acute = s * s <= 0.5;
      planes.m[j] = acute ? s * s : c * c;
      planes.rho[j] = acute ? 1 - 2 * planes.m[j] : 2 * planes.m[j] - 1;
      if (s == 0 && j < count) evaluator.equal().push_back({0, static_cast<std::uint32_t>(j)});
    }
    evaluator.run({units, &none, &values, 0, 1}, {units, &none, &values, 0, count}, true, true, ticket,
                  [&](std::size_t e, const double* k, const double* t) {
                    if (sinks[e].nngp != nullptr) std::copy_n(k, count, sinks[e].nngp + first);
                    if (sinks[e].ntk != nullptr) std::copy_n(t, count, sinks[e].ntk + first);
                  });
  }
}

}  // namespace resgram::core
