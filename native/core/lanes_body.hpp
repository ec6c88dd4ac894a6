// The loops of lanes.hpp. Included by lanes_<isa>.cpp after it has chosen an instruction set and defined
//   RESGRAM_ISA        namespace of this build
//   RESGRAM_FMA        1 if the set has fused multiply-add
//   RESGRAM_VECTOR     bytes of a vector
//   RESGRAM_ROWS       rows and columns of the micro-kernel of `dots` for double;
//   RESGRAM_COLUMNS    float takes twice the columns
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

#include "lanes_base.hpp"
#include "lanes_dual.hpp"
#include "lanes_emit.hpp"
#include "lanes_relu.hpp"
#include "lanes_sine.hpp"
#include "lanes_smooth.hpp"
#include "lanes_sums.hpp"
#include "lanes_wide.hpp"
#include "lanes_zonal.hpp"

template <class Real>
inline constexpr std::size_t kPanel = RESGRAM_COLUMNS * (sizeof(double) / sizeof(Real));

template <class Real>
void pack(const Real* z, std::size_t cols, std::size_t padded, std::size_t dimension, Real* panel) {
  constexpr std::size_t kWidth = kPanel<Real>;
  for (std::size_t first = 0; first < padded; first += kWidth, panel += kWidth * dimension)
    for (std::size_t k = 0; k < dimension; ++k)
      for (std::size_t j = 0; j < kWidth; ++j)
        panel[k * kWidth + j] = first + j < cols ? z[(first + j) * dimension + k] : Real(0);
}

// Rows × panel block of x·zᵀ. The sums stay in registers for one chunk of coordinates; chunks follow each other through
// `out`, so each entry is one sequential sum.
template <class Real, std::size_t kRows>
[[gnu::always_inline]] inline void dot_block(const Real* __restrict x, std::size_t dimension, std::size_t from,
                                             std::size_t to, const Real* __restrict panel, Real* __restrict out,
                                             std::size_t stride) {
  constexpr std::size_t kWidth = kPanel<Real>;
  Real sum[kRows][kWidth];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kRows; ++i)
    for (std::size_t j = 0; j < kWidth; ++j) sum[i][j] = from == 0 ? Real(0) : out[i * stride + j];
  for (std::size_t k = from; k < to; ++k) {
    const Real* __restrict z = panel + k * kWidth;
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kRows; ++i) {
      const Real a = x[i * dimension + k];
#pragma GCC unroll 16
      for (std::size_t j = 0; j < kWidth; ++j) sum[i][j] = fma(a, z[j], sum[i][j]);
    }
  }
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kRows; ++i)
    for (std::size_t j = 0; j < kWidth; ++j) out[i * stride + j] = sum[i][j];
}

template <class Real>
void dots(const Real* x, std::size_t rows, std::size_t padded, std::size_t dimension, const Real* panel, Real* out) {
  constexpr std::size_t kWidth = kPanel<Real>;
  constexpr std::size_t kRows = RESGRAM_ROWS;
  constexpr std::size_t kChunk = 256;
  for (std::size_t from = 0; from < dimension || from == 0; from += kChunk) {
    const std::size_t to = from + kChunk < dimension ? from + kChunk : dimension;
    for (std::size_t first = 0; first < padded; first += kWidth) {
      const Real* z = panel + first * dimension;
      std::size_t i = 0;
      for (; i + kRows <= rows; i += kRows)
        dot_block<Real, kRows>(x + i * dimension, dimension, from, to, z, out + i * padded + first, padded);
      for (; i < rows; ++i)
        dot_block<Real, 1>(x + i * dimension, dimension, from, to, z, out + i * padded + first, padded);
    }
  }
}

template <class Real>
constexpr LaneTable<Real> table() {
  return {train<Real>,        add_bias<Real>, add<Real>,       mix<Real>,     relu<Real>,
          erf<Real>,          gelu<Real>,     sine<Real>,      sign<Real>,    combine,
          dual<Real>,         pack<Real>,     dots<Real>,      defects<Real>, emit_covariance<Real>,
          emit_tangent<Real>, zonal<Real>,    wide_recurrence, wide_dot};
}

extern const LaneTable<double> kLanesDouble;
extern const LaneTable<float> kLanesFloat;
const LaneTable<double> kLanesDouble = table<double>();
const LaneTable<float> kLanesFloat = table<float>();

}  // namespace resgram::core::RESGRAM_ISA
