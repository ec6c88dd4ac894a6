// The step of a φ without a closed form on a strip of pairs: from a table, or pair by pair.                 [dual-table]
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "dual_tables.hpp"
#include "lanes.hpp"
#include "program.hpp"

namespace resgram::core {

template <class Real>
class DualStrip {
 public:
  DualStrip() : lanes_(lanes<Real>()) {}

  // Where `tables` has none for this step, every pair is integrated: microseconds each if φ is a spline, else milliseconds. `factors` are
  // those of function_row; rows and columns of variance zero leave with what φ makes of a constant input. Throws Cancelled,
  // Error{Code::no_convergence}.
  void run(const Step& step, const DualTables& tables, Strip strip, std::size_t cols_in_use, Planes<Real> in,
           MutablePlanes<Real> out, const std::array<Factor<Real>, kMostFactors>& factors, std::size_t executed);

 private:
  using Factors = std::array<Factor<Real>, kMostFactors>;
  void from_table(const Function& phi, const DualTable& table, Strip strip, Planes<Real> in, MutablePlanes<Real> out,
                  const Factors& factors);
  void pair_by_pair(const Step& step, Strip strip, std::size_t cols_in_use, Planes<Real> in, MutablePlanes<Real> out,
                    const Factors& factors, const DualTables& tables);
  void zero_pairs(Strip strip, std::size_t cols_in_use, MutablePlanes<Real> out, const Factors& factors);

  const LaneTable<Real>& lanes_;
  std::vector<double> weights_, block_;
  std::vector<Real> basis_, row_, before_t_;
};

}  // namespace resgram::core
