#include "zonal_nodes.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "dual_tables.hpp"
#include "strip.hpp"

namespace resgram::core {
namespace {

// Angles that go through the program together: the planes of a strip stay in the second-level cache, and what belongs to
// the rows alone is done once for all of them.
constexpr std::size_t kTogether = 2048;

std::size_t padded(std::size_t n) { return (n + kColumnPadding - 1) / kColumnPadding * kColumnPadding; }

}  // namespace

ZonalNodes::ZonalNodes(const Program& program, std::span<const ZonalWanted> wanted, const Ticket& ticket)
    : program_(program), wanted_(wanted.begin(), wanted.end()), ticket_(ticket) {
  for (const ZonalWanted& one : wanted_) outputs_ += (one.covariance ? 1 : 0) + (one.tangent ? 1 : 0);
}

void ZonalNodes::run(std::span<const ZonalAngle> angles, std::vector<double>& values) const {
  values.resize(outputs_ * angles.size());
  const std::array<Unit, 1> unit{};
  const FactorCache none;
  const DualTables duals;
  const Diagonal one{{1}, {1}, 0};  // kernels leave as they are carried: divided by their diagonals
  const std::vector<EmitDiagonals> diagonals(program_.emits(), {one, one});
  const RowRange range{unit, &none, &diagonals, 0, 1};
  bool covariance = false, tangent = false;
  for (const ZonalWanted& wanted : wanted_) {
    covariance = covariance || wanted.covariance;
    tangent = tangent || wanted.tangent;
  }
  StripEvaluator<double> evaluator(program_, duals, true, 1, padded(std::min(kTogether, angles.size())));
  for (std::size_t first = 0; first < angles.size(); first += kTogether) {
    const std::size_t count = std::min(kTogether, angles.size() - first);
    const Strip strip{1, padded(count)};
    const MutablePlanes<double> planes = evaluator.input(strip);
    for (std::size_t j = 0; j < strip.cols; ++j) {
      const ZonalAngle angle = angles[first + std::min(j, count - 1)];
      const double rho = 1 - 2 * angle.m;
      planes.m[j] = angle.m <= 0.5 ? angle.m : 1 - angle.m;
      planes.rho[j] = angle.acute ? rho : -rho;
    }
    std::size_t output = 0;
    evaluator.run(range, range, covariance, tangent, ticket_, [&](std::size_t e, const double* k, const double* t) {
      const auto keep = [&](bool wanted, const double* from) {
        if (wanted) std::copy_n(from, count, values.data() + output++ * angles.size() + first);
      };
      keep(wanted_[e].covariance, k);
      keep(wanted_[e].tangent, t);
    });
  }
}

}  // namespace resgram::core
