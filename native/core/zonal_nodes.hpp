// The steps of a homogeneous network run at chosen angles: what its tables are made of and checked against.     [zonal]
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "program.hpp"
#include "ticket.hpp"

namespace resgram::core {

// The angle of a pair as pairs carry it: m = (1 − |ρ|)/2, the square of the half-sine of what lacks to 0 (acute) or to π.
struct ZonalAngle {
  double m;
  bool acute;
};

// Which kernels are tabulated: the covariance and the tangent kernel of each emit, in this order.
struct ZonalWanted {
  bool covariance = false;
  bool tangent = false;
};

class ZonalNodes {
 public:
  // `wanted`: per emit.
  ZonalNodes(const Program& program, std::span<const ZonalWanted> wanted, const Ticket& ticket);

  [[nodiscard]] std::size_t outputs() const { return outputs_; }
  // values[output · angles + k]: the kernel at angle k over its value at angle 0. Angles may lie a little beyond the right one,
  // m > ½. Throws Cancelled.
  void run(std::span<const ZonalAngle> angles, std::vector<double>& values) const;

 private:
  const Program& program_;
  std::vector<ZonalWanted> wanted_;
  const Ticket& ticket_;
  std::size_t outputs_ = 0;
};

}  // namespace resgram::core
