// The step of a φ without a closed form on jets by the length of an input and the angle: each pair by quadrature.
//                                                                                                   [dual-derivatives]
#pragma once

#include <array>
#include <string>

#include "dual_taylor.hpp"
#include "error.hpp"
#include "function.hpp"
#include "pair_jet.hpp"

namespace resgram::core {

// One input's side of the step.
class FunctionPairs {
 public:
  // `x`: the factors of the step, jets in the logarithm of the length; `where`: for messages.
  FunctionPairs(const Function& phi, const std::array<Jet<2>, kMostFactors>& x, Where where);

  // `z`: the factors of the other input.
  void step(const std::array<double, kMostFactors>& z, const HalfAngle<2>& half, PairJet<2>& pair) const;

 private:
  const Function& phi_;
  std::array<Jet<2>, kMostFactors> x_;
  double variance_;
  RowTaylor row_{};
  Where where_;
};

}  // namespace resgram::core
