// Kernels of homogeneous networks from tables in the angle: what a pair costs no longer depends on the depth.     [zonal]
//
// Without biases and with (leaky) ReLUs alone, K(x,z) = ‖x‖ ‖z‖ κ(θ). κ is made once, by the steps themselves at a few hundred
// angles (zonal_panels.hpp), and spread onto the pieces that the vector loop reads (ZonalMesh in lanes.hpp).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "lanes.hpp"
#include "zonal_panels.hpp"

namespace resgram::core {

// Are there so many pairs that a table is made sooner than they are all taken through the steps? Depends on nothing but
// its arguments, so that a matrix has the same bytes on every machine. False for programs that have no table.
bool worth_a_table(const Program& program, std::span<const ZonalWanted> wanted, double pairs);

template <class Real>
class Zonal {
 public:
  // `wanted`: per emit. Null if the kernels are not smooth enough in the angle to be tabulated to the last digits: then
  // only the steps are left. Throws Cancelled.
  static std::shared_ptr<const Zonal> build(const Program& program, std::span<const ZonalWanted> wanted,
                                            const Ticket& ticket);

  // For pairs at m ≥ ZonalMesh<Real>::kLeast.
  [[nodiscard]] ZonalLane<Real> covariance(std::size_t emit) const { return lane(outputs_[emit].covariance); }
  [[nodiscard]] ZonalLane<Real> tangent(std::size_t emit) const { return lane(outputs_[emit].tangent); }
  // Single pairs at any m, in double: κ(1) − κ keeps its digits down to m = 0.
  [[nodiscard]] double covariance_at(std::size_t emit, double m, bool acute) const {
    return value(outputs_[emit].covariance, m, acute);
  }
  [[nodiscard]] double tangent_at(std::size_t emit, double m, bool acute) const {
    return value(outputs_[emit].tangent, m, acute);
  }
  [[nodiscard]] bool has_covariance(std::size_t emit) const { return outputs_[emit].covariance != kNone; }
  [[nodiscard]] bool has_tangent(std::size_t emit) const { return outputs_[emit].tangent != kNone; }
  // What the steps and the pieces leave uncertain, relative to κ(1).
  [[nodiscard]] double error() const { return panels_->noise(); }
  [[nodiscard]] std::size_t bytes() const;

  // Of any table with so many outputs, while it is being made.
  static std::size_t most_bytes(std::size_t outputs);

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Outputs {
    std::size_t covariance = kNone, tangent = kNone;
  };

  explicit Zonal(std::unique_ptr<const ZonalPanels> panels);
  bool spread(std::size_t output);
  [[nodiscard]] ZonalLane<Real> lane(std::size_t output) const;
  [[nodiscard]] double value(std::size_t output, double m, bool acute) const;

  std::unique_ptr<const ZonalPanels> panels_;
  std::vector<Outputs> outputs_;
  std::vector<Real> terms_;
  std::size_t first_ = 0;  // of terms_: aligned to a vector
};

}  // namespace resgram::core
