// Corrections for pairs that a smooth activation sees as almost parallel. The vector step forms m′ = (1 − |ρ′|)/2 by
// subtraction, which is exact enough for the kernel but not for m itself; deep networks in the chaotic phase magnify m.
#pragma once

#include "program.hpp"

namespace resgram::core {

struct NearPair {
  double w;                 // (1 − ρ)/2 before the activation
  double reach_i, reach_j;  // y or g of the two rows
  double complement_i, complement_j;
  double inverse_i, inverse_j;
  double turning_i, turning_j;  // see `turning`
};

// Below this m the correction is applied; above it the subtraction has twelve good digits left.
inline constexpr double kNearDefect = 0x1p-10;

// How fast an input's features turn as its length changes: the coefficient of ½ δ² in 1 − ρ′ for parallel inputs whose
// lengths are in the ratio e^δ. Depends on one row only.                                                [near-smooth]
double turning(Op op, double reach, double complement, double inverse);

// w′ after erf or GELU, from 0 to ½: to full relative accuracy for rows of equal norm; of what unequal norms contribute,
// eight digits.                                                                                         [near-smooth]
double near_defect(Op op, const NearPair& pair);

}  // namespace resgram::core
