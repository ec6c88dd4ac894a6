// The vector steps: loops over the planes of one strip of pairs, compiled once per instruction set.
//
// A pair (x, z) is carried as numbers that neither cancel nor leave [−1, 1]:                              [half-defect]
//   rho  the correlation of the two pre-activations, with full relative accuracy where it is small
//   m    (1 − |rho|)/2, with full relative accuracy where that is small: neither equal nor opposite inputs lose digits
//   t    T(x,z) / √(T(x,x) T(z,z)), the tangent kernel likewise normalised
// Everything that depends on one input alone (variances, hence all factors below) is an amplitude per row of x and per
// row of z; rows.hpp makes them. A factor of a pair is the product of the two. Where all rows share it (homogeneous
// networks), the product itself is passed, exactly rounded: 10⁴ layers of √-rounding would show.
//
// Column counts are padded to a multiple of kColumnPadding, so that no remainder loop exists whose rounding could
// differ: a pair's bytes do not depend on where in which strip it lies.
#pragma once

#include <cstddef>
#include <cstdint>

namespace resgram::core {

inline constexpr std::size_t kColumnPadding = 32;

struct Strip {
  std::size_t rows = 0;
  std::size_t cols = 0;  // padded
};

template <class Real>
struct Factor {
  const Real* row = nullptr;  // null: every pair has the same `product`
  const Real* col = nullptr;
  Real product = 0;
};

// Read-only and writable planes of a strip, rows × cols each. Output may be the input.
template <class Real>
struct Planes {
  const Real* rho = nullptr;
  const Real* m = nullptr;
  const Real* t = nullptr;
};
template <class Real>
struct MutablePlanes {
  Real* rho = nullptr;
  Real* m = nullptr;
  Real* t = nullptr;
};

// A table of a kernel seen from one row: coefficients along the columns' variances for every degree, per side (acute,
// obtuse), as dual_table.hpp lays them out, and the factors of this row.                                     [dual-table]
template <class Real>
struct DualLane {
  const Real* mean[2];
  const Real* slope[2];
  const Real* end;
  const Real* far;
  const unsigned* counts;
  std::size_t degrees, logs;
  Real bend;
  bool both, even;
  Real log_variance, factor;
  const Real* log_columns;
  const Real* column_factors;
};

// The pieces that a kernel of a homogeneous network is tabulated on: octaves of m = (1 − |ρ|)/2 from kLeast to ½, each cut in
// 2^kCuts, for acute and then for obtuse pairs; polynomials in the distance of m from the middle of its piece. Below
// kLeast pairs are measured by their difference and evaluated one by one.                                        [zonal]
template <class Real>
struct ZonalMesh;

template <>
struct ZonalMesh<double> {
  using Bits = std::uint64_t;
  static constexpr std::size_t kTerms = 8;
  static constexpr unsigned kCuts = 4, kOctaves = 9, kShift = 52 - kCuts;
  static constexpr double kLeast = 0x1p-10;
  static constexpr Bits kFirst = Bits(1023 - 10) << kCuts;         // the exponent of kLeast, and no mantissa
  static constexpr std::size_t kPieces = (kOctaves << kCuts) + 1;  // the last begins at m = ½
};

template <>
struct ZonalMesh<float> {
  using Bits = std::uint32_t;
  static constexpr std::size_t kTerms = 4;
  static constexpr unsigned kCuts = 4, kOctaves = 5, kShift = 23 - kCuts;
  static constexpr float kLeast = 0x1p-6F;
  static constexpr Bits kFirst = Bits(127 - 6) << kCuts;
  static constexpr std::size_t kPieces = (kOctaves << kCuts) + 1;
};

// terms[(side · kPieces + piece) · kTerms + k], aligned to the terms of one piece.
template <class Real>
struct ZonalLane {
  const Real* terms = nullptr;
};

// The dense layer before an activation, run in the same pass: t′ = f t + g ρ + h, then the bias in the covariance (c, s).
enum class DenseKind : unsigned char { none, weights, biased };  // biased: with h, c, s
template <class Real>
struct Dense {
  DenseKind kind = DenseKind::none;
  Factor<Real> f{}, g{}, h{}, c{}, s{};
};

// Of a smooth step, per row:  erf  y, e, m, f, m/y    GELU  g, e, m, f    sine  high and low part of √a, m, f
template <class Real>
struct SmoothFactors {
  Factor<Real> reach, e, inverse, f, over{};
};

// Where a smooth step saw pairs nearer than `limit`: per block of kColumnPadding columns a flag, and for flagged ones the
// pairs before the step. Room for all pairs of the strip.                                                [near-smooth]
template <class Real>
struct NearBlocks {
  unsigned char* found;
  Real* rho;
  Real* m;
  Real limit;
};

template <class Real>
struct LaneTable {
  // t′ = f t + g ρ + h: fresh weights read their own gradient (g) and the trained bias its own (h).           [dense]
  void (*train)(Strip, Planes<Real> in, Real* t, Factor<Real> f, Factor<Real> g, Factor<Real> h);
  // ρ′ = c ρ + s, per-row unit vectors (c, s): an independent bias enters the covariance.                [independent-sum]
  void (*add_bias)(Strip, Planes<Real> in, MutablePlanes<Real> out, Factor<Real> c, Factor<Real> s);
  // ρ′ = c ρ₁ + s ρ₂, t′ = ct t₁ + st t₂: the sum of two independent branches.                           [independent-sum]
  void (*add)(Strip, Planes<Real> saved, Planes<Real> branch, MutablePlanes<Real> out, Factor<Real> c, Factor<Real> s,
              Factor<Real> ct, Factor<Real> st);
  // The same for branches whose functions have means: β = b₁/√Q′ and ν = b₂/√Q′ per row. Uniform: `beta` is 2βν. [means]
  void (*mix)(Strip, Planes<Real> saved, Planes<Real> branch, MutablePlanes<Real> out, Factor<Real> c, Factor<Real> s,
              Factor<Real> ct, Factor<Real> st, Factor<Real> beta, Factor<Real> nu);
  // Leaky ReLU of the given slope (0: ReLU, −1: |u|); f is 1 but for zero vectors.                 [arc-cosine; leaky-relu]
  void (*relu)(Strip, Planes<Real> in, MutablePlanes<Real> out, double slope, Factor<Real> f);
  // The same behind a dense layer. Here and below `in.t` may be null: there is no tangent kernel to carry.
  void (*dense_relu)(Strip, const Dense<Real>& before, Planes<Real> in, MutablePlanes<Real> out, double slope,
                     Factor<Real> f);
  // y² = 2a/(1+2a), e = 1/(1+2a), inverse = √(y²/asin y²) per row.                                               [erf]
  void (*erf)(Strip, const Dense<Real>& before, Planes<Real> in, MutablePlanes<Real> out,
              const SmoothFactors<Real>& factors, const NearBlocks<Real>& near);
  // g² = a/(1+a), e = 1/(1+a), inverse = √(a/S) per row.                                                        [gelu]
  void (*gelu)(Strip, const Dense<Real>& before, Planes<Real> in, MutablePlanes<Real> out,
               const SmoothFactors<Real>& factors, const NearBlocks<Real>& near);
  // √a = high + low, inverse = √(a/S), f = 1/√Ṡ per row.                                                           [sine]
  void (*sine)(Strip, const Dense<Real>& before, Planes<Real> in, MutablePlanes<Real> out,
               const SmoothFactors<Real>& factors, const NearBlocks<Real>& near);
  // t becomes 0: there is no tangent kernel.                                                                      [sign]
  void (*sign)(Strip, Planes<Real> in, MutablePlanes<Real> out);
  // out = Σ_p weight_p block_p over blocks of `length`, and one row of pairs from it; `basis`: the polynomials in the
  // columns' variances, `stride` apart.                                                                       [dual-table]
  void (*combine)(std::size_t count, std::size_t length, const double* blocks, const double* weights, double* out);
  void (*dual)(std::size_t cols, const DualLane<Real>& row, const Real* basis, std::size_t stride, Planes<Real> in,
               MutablePlanes<Real> out);

  // out = amplitude · ρ and amplitude · t.
  void (*emit_covariance)(Strip, Planes<Real> in, Factor<Real> amplitude, Real* out);
  void (*emit_tangent)(Strip, Planes<Real> in, Factor<Real> amplitude, Real* out);
  // out = amplitude · κ(ρ)/κ(1) from a table; pairs nearer than kLeast get what kLeast has. `out` may be `rho`.    [zonal]
  void (*zonal)(Strip, const Real* rho, ZonalLane<Real> table, Factor<Real> amplitude, Real* out);

  // before ← a x p − b before and sums += Σ f p, numbers of twice the digits as arrays of high and of low parts. Eight sums
  // side by side: high parts, then low ones; the dot product takes a multiple of eight nodes.                      [wide]
  void (*wide_recurrence)(std::size_t count, const double* a, const double* b, const double* x_high,
                          const double* x_low, const double* p_high, const double* p_low, double* before_high,
                          double* before_low);
  void (*wide_dot)(std::size_t count, const double* f_high, const double* f_low, const double* p_high,
                   const double* p_low, double* sums);
};

template <class Real>
const LaneTable<Real>& lanes();

}  // namespace resgram::core
