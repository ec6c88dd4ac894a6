#include "derive.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "dual_tables.hpp"
#include "error.hpp"
#include "jet_strip.hpp"
#include "run.hpp"

namespace resgram::core {
namespace {

constexpr std::size_t kBlock = 256;
constexpr double kPi = 3.14159265358979323846;

// u = sin(θ/2), or cos(θ/2) beyond a right angle, with its derivatives by θ.
Start<1> start_at(double angle) {
  // The double nearest to π stands for π.
  const double s = std::sin(angle / 2), c = angle == kPi ? 0 : std::cos(angle / 2);
  const bool acute = s * s <= 0.5;
  Start<1> start{Jet<1>(acute ? s : c), acute};
  start.u.d[0] = acute ? c / 2 : -s / 2;
  start.u.h[0] = -start.u.v / 4;
  return start;
}

void put(const Jet<1>& value, double amplitude, std::size_t at, double* slope, double* curvature) {
  if (slope != nullptr) slope[at] = value.d[0] * amplitude;
  if (curvature != nullptr) curvature[at] = value.h[0] * amplitude;
}

}  // namespace

void profile_derivatives(const Program& program, std::span<const double> angles, std::size_t dimension,
                         std::span<CurveSink> sinks) {
  if (sinks.size() != program.emits()) throw Error(Code::internal, "expected one sink per emit");
  const Unit unit{Scaled{program.per_dimension() ? 1.0 / static_cast<double>(dimension) : 1.0, 0}, false};
  const std::span<const Unit> units(&unit, 1);
  const bool uniform = is_uniform(program);
  const std::vector<EmitDiagonals> values =
      diagonals(program, units, 1, kSmallestExponent<double>, kLargestExponent<double>, Ticket{});
  const FactorCache none;
  const Ticket ticket;
  LogRanges ranges;
  add_ranges(program, units, 1, ticket, ranges);
  // Derivatives come from tables, however few the angles are.
  const DualTables duals(program, ranges, std::numeric_limits<double>::infinity(), 1, ticket);
  for (std::size_t first = 0; first < angles.size(); first += kBlock) {
    std::vector<Start<1>> starts;
    for (std::size_t j = first; j < std::min(angles.size(), first + kBlock); ++j) starts.push_back(start_at(angles[j]));
    JetStrip<1> strip(uniform, starts);
    RowCursor row(units, none, 0, 1, uniform);
    std::array<Jet<1>, kMostFactors> factors{};
    std::size_t which = 0, executed = 0;
    run(program, [&](const Step& step) {
      const DualTable* table = duals.at(executed++);
      row.step(step);
      for (std::size_t k = 0; k < kMostFactors; ++k) factors[k] = Jet<1>(row.factor(k, 0));
      strip.step(step, factors, !uniform && row.zero(0), row, [](std::size_t) { return std::size_t{0}; }, table);
      if (step.op != Op::emit) return;
      const CurveSink& sink = sinks[which];
      const EmitDiagonals& value = values[which++];
      for (std::size_t j = 0; j < strip.size(); ++j) {
        put(strip.rho(j), value.covariance.value[0], first + j, sink.nngp_slope, sink.nngp_curvature);
        put(strip.t(j), value.tangent.value[0], first + j, sink.ntk_slope, sink.ntk_curvature);
      }
    });
  }
}

}  // namespace resgram::core
