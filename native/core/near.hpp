// Corrections for pairs that a smooth activation sees as almost parallel. The vector step forms m′ = (1 − |ρ′|)/2 by
// subtraction, which is exact enough for the kernel but not for m itself; deep networks in the chaotic phase magnify m.
#pragma once

#include "program.hpp"

namespace resgram::core {

struct NearPair {
  double w;                           // (1 − ρ)/2 before the activation
  double reach_i, reach_j;            // y, g or √a of the two rows
  double complement_i, complement_j;  // e, and m or its like; not read for sine
  double inverse_i, inverse_j;
};

// Below this m the correction is applied; above it the subtraction has twelve good digits left.
inline constexpr double kNearDefect = 0x1p-10;

// w′ after erf, GELU or sine, from 0 to ½: for rows of equal norm to full relative accuracy; unequal norms add what
// `length_defect` says, as accurately as the ratio of two rounded variances is known.       [near-smooth; turning; sine]
double near_defect(Op op, const NearPair& pair);

}  // namespace resgram::core
