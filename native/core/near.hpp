// Corrections for pairs that a smooth activation sees as almost parallel. The vector step forms m′ = (1 − |ρ′|)/2 by
// subtraction, which is exact enough for the kernel but not for m itself; deep networks in the chaotic phase magnify m.
#pragma once

#include "program.hpp"

namespace resgram::core {

struct NearPair {
  double w;                   // (1 − ρ)/2 before the activation
  double reach_i, reach_j;    // y or g of the two rows
  double complement_i, complement_j;
  double inverse_i, inverse_j;
};

// Below this w the correction is applied.
inline constexpr double kNearDefect = 1.0 / 1024;

// w′ after erf or GELU, to full relative accuracy for rows of equal norm. Negative if no correction applies (variances so
// large that the pair is not near on the activation's own scale).                                       [near-smooth]
double near_defect(Op op, const NearPair& pair);

}  // namespace resgram::core
