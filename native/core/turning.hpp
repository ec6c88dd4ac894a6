// What unequal lengths alone contribute to the angle between the features of two inputs.
#pragma once

#include "program.hpp"

namespace resgram::core {

// One input as a smooth activation sees it, where the next weights are read.
struct Reach {
  double variance;    // a
  double reach;       // y (erf), g (GELU), √a (sine)
  double complement;  // e = 1 − reach² (erf, GELU)
};

// The row of the given variance.                                                                   [erf; gelu; sine]
Reach reach_of(Op op, double variance);

// How fast features turn with the logarithm of the length, ∂²/∂s∂t log S for parallel inputs of lengths eˢ, eᵗ; what is
// homogeneous does not turn. On the diagonal it is the square of the speed of the unit feature vector.    [turning]
double turning(Op op, const Reach& x, const Reach& z);

// (1 − ρ′)/2 of parallel inputs. Relative error: a few ε for lengths in a ratio of up to e, and beyond it an ulp of 1;
// to this comes ε over the logarithm of the ratio, from the rounding of the variances themselves.        [turning]
double length_defect(Op op, const Reach& x, const Reach& z);

}  // namespace resgram::core
