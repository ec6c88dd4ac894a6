// The step of a φ without a closed form on jets: the polynomials of its table, differentiated.              [dual-table]
#pragma once

#include <array>
#include <vector>

#include "dual_table.hpp"
#include "function.hpp"
#include "pair_jet.hpp"

namespace resgram::core {

// A table as two inputs of one and the same variance see it: series in √m.
class DualCurve {
 public:
  DualCurve(const Function& phi, const DualTable& table, double log_variance);

  // `factor`: the step's factor of t.
  void step(double factor, const HalfAngle<1>& half, PairJet<1>& pair) const;

 private:
  using Series = std::vector<double>;
  [[nodiscard]] Jet<1> at(const Series& series, const Jet<1>& root) const;

  Parity parity_;
  bool smooth_;
  double bend_;
  double opposite_ = 0;                 // (1 + ρ′)/2 of opposite inputs
  std::array<Series, 2> mean_, slope_;  // acute pairs, obtuse pairs; coefficients of T_k(2y − 1)
};

}  // namespace resgram::core
