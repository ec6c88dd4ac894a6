// The step of a φ without a closed form on jets: the polynomials of its table, differentiated.              [dual-table]
#pragma once

#include <array>
#include <vector>

#include "arcsine_jet.hpp"
#include "dual_table.hpp"
#include "function.hpp"
#include "pair_jet.hpp"

namespace resgram::core {

// A table as two inputs of one and the same variance see it: series in √m, and near m = 0 in m where φ is smooth.
class DualCurve {
 public:
  DualCurve(const Function& phi, const DualTable& table, double log_variance);

  // `factor`: the step's factor of t.
  void step(double factor, const HalfAngle<1>& half, PairJet<1>& pair) const;

 private:
  // Σ c_k T_k(2m/to − 1) for m < to.
  struct Near {
    double to = 0;
    std::vector<double> of;
  };
  struct Curve {
    std::vector<double> series;  // coefficients of T_k(2y − 1)
    Near near;
  };
  static Derivatives sum(const std::vector<double>& series, double x);
  [[nodiscard]] Near by_defect(const std::vector<double>& series) const;
  [[nodiscard]] Jet<1> at(const std::vector<double>& series, const Jet<1>& root) const;
  [[nodiscard]] Jet<1> at(const Curve& curve, const Jet<1>& m, const Jet<1>& root) const;

  Parity parity_;
  double bend_;
  double opposite_ = 0;                // (1 + ρ′)/2 of opposite inputs
  std::array<Curve, 2> mean_, slope_;  // acute pairs, obtuse pairs
};

}  // namespace resgram::core
