// The loops of lanes.hpp. Included by lanes_<isa>.cpp after it has chosen an instruction set and defined
//   RESGRAM_ISA        namespace of this build
//   RESGRAM_FMA        1 if the set has fused multiply-add
//   RESGRAM_VECTOR     bytes of a vector
// Plain loops that compilers vectorise; the same text serves every set. No include guard: one inclusion per translation
// unit. Steps come in pieces: the arithmetic of one pair as a function (`relu_pair` and its like), and loops around it.

// The turns of the next loop are independent: planes are either the same, element by element, or apart.
#if defined(__clang__)
#define RESGRAM_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define RESGRAM_INDEPENDENT _Pragma("GCC ivdep")
#endif

// Nobody reads the flags of floating-point exceptions. With them in mind GCC leaves every loop that compares numbers
// unvectorised below AVX-512. Values do not depend on it.
#if !defined(__clang__)
#pragma GCC optimize("no-trapping-math")
#endif

namespace resgram::core::RESGRAM_ISA {

// In the order of use.
// clang-format off
#include "lanes_base.hpp"
#include "lanes_sums.hpp"
#include "lanes_dense.hpp"
#include "lanes_relu.hpp"
#include "lanes_smooth.hpp"
#include "lanes_sine.hpp"
#include "lanes_dual.hpp"
#include "lanes_emit.hpp"
#include "lanes_wide.hpp"
#include "lanes_zonal.hpp"
// clang-format on

template <class Real>
constexpr LaneTable<Real> table() {
  return {train<Real>, add_bias<Real>,  add<Real>,  mix<Real>, relu<Real>, dense_relu<Real>,      erf<Real>,
          gelu<Real>,  sine<Real>,      sign<Real>, combine,   dual<Real>, emit_covariance<Real>, emit_tangent<Real>,
          zonal<Real>, wide_recurrence, wide_dot};
}

extern const LaneTable<double> kLanesDouble;
extern const LaneTable<float> kLanesFloat;
const LaneTable<double> kLanesDouble = table<double>();
const LaneTable<float> kLanesFloat = table<float>();

}  // namespace resgram::core::RESGRAM_ISA
