// The loops of lanes.hpp. Included by lanes_<isa>.cpp after it has chosen an instruction set and defined
//   RESGRAM_ISA        namespace of this build
//   RESGRAM_FMA        1 if the set has fused multiply-add
//   RESGRAM_ROWS       rows and columns of the micro-kernel of `dots` for double;
//   RESGRAM_COLUMNS    float takes twice the columns
// Plain loops that compilers vectorise; the same text serves every set. No include guard: one inclusion per translation
// unit, and parts of it lie in lanes_sums.hpp (branches, biases), lanes_sine.hpp (sine, sign) and lanes_dual.hpp
// (tables).

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

template <class Real>
[[gnu::always_inline]] inline Real fma(Real a, Real b, Real c) {
#if RESGRAM_FMA
  if constexpr (sizeof(Real) == 8) return __builtin_fma(a, b, c);
  return __builtin_fmaf(a, b, c);
#else
  return a * b + c;
#endif
}

template <class Real>
[[gnu::always_inline]] inline Real root(Real a) {
  if constexpr (sizeof(Real) == 8) return __builtin_sqrt(a);
  return __builtin_sqrtf(a);
}

// c[From] + c[From + 1] w + …
template <std::size_t kFrom = 0, class Real, std::size_t N>
[[gnu::always_inline]] inline Real horner(const Real (&c)[N], Real w) {
  if constexpr (kFrom + 1 == N)
    return c[kFrom];
  else
    return fma(horner<kFrom + 1>(c, w), w, c[kFrom]);
}

// One row's view of a factor: `at(j)` is the factor of the pair (row, j).
template <bool kUniform, class Real>
struct RowFactor {
  Real head;
  const Real* __restrict col;
  [[gnu::always_inline]] RowFactor(const Factor<Real>& f, std::size_t row)
      : head(kUniform ? f.product : f.row[row]), col(f.col) {}
  [[gnu::always_inline]] Real at(std::size_t j) const {
    if constexpr (kUniform) return head;
    return head * col[j];
  }
};

// Runs body(row, offset) for each row of a strip with the factors' kind known at compile time. Bodies are forced inline:
// a lambda compiled on its own would not inherit the instruction set.
template <class Real, class Body>
[[gnu::always_inline]] inline void for_rows(Strip strip, bool uniform, Body&& body) {
  if (uniform) {
    for (std::size_t i = 0; i < strip.rows; ++i) body.template operator()<true>(i, i * strip.cols);
  } else {
    for (std::size_t i = 0; i < strip.rows; ++i) body.template operator()<false>(i, i * strip.cols);
  }
}

// (1 − ρ)/2 of a pair carried as (rho, m).
template <class Real>
[[gnu::always_inline]] inline Real lower(Real rho, Real m) {
  return rho >= Real(0) ? m : Real(1) - m;
}

// ρ and m must not drift apart over thousands of layers: beyond |ρ| = ½ the complement m is the accurate one.
template <class Real>
[[gnu::always_inline]] inline Real agreed(Real rho, Real m) {
  const Real outer = Real(1) - Real(2) * m;
  const Real signed_outer = rho < Real(0) ? -outer : outer;
  return m < Real(0.25) ? signed_outer : rho;
}

template <class Real>
void train(Strip strip, Planes<Real> in, Real* t_out, Factor<Real> f, Factor<Real> g, Factor<Real> h) {
  for_rows<Real>(strip, f.row == nullptr,
                 [&]<bool kUniform>(std::size_t i, std::size_t at) __attribute__((always_inline)) {
                   const RowFactor<kUniform, Real> fi(f, i), gi(g, i), hi(h, i);
                   const Real* rho = in.rho + at;
                   const Real* t = in.t + at;
                   Real* out = t_out + at;
                   RESGRAM_INDEPENDENT
                   for (std::size_t j = 0; j < strip.cols; ++j)
                     out[j] = fma(fi.at(j), t[j], fma(gi.at(j), rho[j], hi.at(j)));
                 });
}

#include "lanes_sums.hpp"

// κ0, κ1 of the degree 0 and 1 arc-cosine kernels from the smaller complement m, s = √m:         [arc-cosine; half-defect]
//   κ1 = max(ρ, 0) + s m P1(m),     κ0 = 1 − s P0(m) for ρ ≥ 0, s P0(m) for ρ < 0
// Leaky: ρ′ = h ρ + g κ1 with g = (1−a)²/(1+a²), h = 2a/(1+a²) = 1 − g, and Ṡ/gain = h + g κ0 alike.             [leaky-relu]
template <class Real>
void relu(Strip strip, Planes<Real> in, MutablePlanes<Real> out, double slope, Factor<Real> f) {
  const double norm = 1 + slope * slope;
  const Real g = static_cast<Real>((1 - slope) * (1 - slope) / norm);
  const Real h = static_cast<Real>(2 * slope / norm);
  const Real opposite_w = static_cast<Real>((1 + slope) * (1 + slope) / (2 * norm));  // (1 − ρ′)/2 at ρ = −1
  for_rows<Real>(strip, f.row == nullptr,
                 [&]<bool kUniform>(std::size_t i, std::size_t at) __attribute__((always_inline)) {
                   const RowFactor<kUniform, Real> fi(f, i);
                   const Real *in_rho = in.rho + at, *in_m = in.m + at, *in_t = in.t + at;
                   Real *rho = out.rho + at, *m = out.m + at, *t = out.t + at;
                   RESGRAM_INDEPENDENT
                   for (std::size_t j = 0; j < strip.cols; ++j) {
                     const Real r = in_rho[j], small = in_m[j];
                     const bool acute = r >= Real(0);
                     const Real s = root(small);
                     const Real sp0 = s * horner(Arcsine<Real>::kP0, small);
                     const Real bend = Real(0.5) * g * (s * small * horner(Arcsine<Real>::kP1, small));
                     const Real next = (acute ? r : h * r) + Real(2) * bend;
                     const Real w = acute ? small - bend : (opposite_w - h * small) - bend;
                     const Real v = (Real(0.5) * g + h * small) + bend;  // only reached from ρ < 0
                     const Real derivative = acute ? Real(1) - g * sp0 : h + g * sp0;
                     const Real small_next = next >= Real(0) ? w : v;
                     rho[j] = agreed(next, small_next);
                     m[j] = small_next;
                     t[j] = in_t[j] * (derivative * fi.at(j));
                   }
                 });
}

inline constexpr double kHalfPi = 1.57079632679489661923;

// asin(√z) for 0 ≤ z ≤ ½.
template <class Real>
[[gnu::always_inline]] inline Real asin_root(Real z) {
  return root(z) * (Real(kHalfPi) * horner(Arcsine<Real>::kP0, z));
}

template <class Real>
[[gnu::always_inline]] inline Real magnitude(Real x) {
  return x < Real(0) ? -x : x;
}

// 1 − ρ² without cancellation.
template <class Real>
[[gnu::always_inline]] inline Real spread(Real m) {
  return Real(4) * m * (Real(1) - m);
}

// E φφ = (2/π) asin x for unit scale, x = ρ y_i y_j, and 1 − x² = E + (1 − ρ²) Y² with E = 1 − y_i² y_j² from the e's:
// no cancellation at any variance. asin x / x is finite at 0, so vanishing variances need no case.                 [erf]
template <class Real>
void erf(Strip strip, Planes<Real> in, MutablePlanes<Real> out, Factor<Real> y, Factor<Real> e, Factor<Real> inverse,
         Factor<Real> f) {
  for_rows<Real>(strip, false, [&]<bool kUniform>(std::size_t i, std::size_t at) __attribute__((always_inline)) {
    const RowFactor<false, Real> yi(y, i), inverse_i(inverse, i), fi(f, i);
    const Real ei = e.row[i];
    const Real* ej = e.col;
    const Real *in_rho = in.rho + at, *in_m = in.m + at, *in_t = in.t + at;
    Real *rho = out.rho + at, *m = out.m + at, *t = out.t + at;
    RESGRAM_INDEPENDENT
    for (std::size_t j = 0; j < strip.cols; ++j) {
      const Real r = in_rho[j];
      const Real Y = yi.at(j), Y2 = Y * Y;
      const Real x = r * Y, x2 = x * x;
      const Real ee = ei * ej[j];
      const Real q = ((ei + ej[j]) - ee) + spread(in_m[j]) * Y2;
      const bool small = x2 <= q;
      const Real z = small ? x2 : q;
      const Real a = asin_root(z);
      const Real ratio = small ? Real(kHalfPi) * horner(Arcsine<Real>::kP0, z)
                               : (Real(kHalfPi) - a) / (small ? Real(1) : magnitude(x));
      const Real next = r * (inverse_i.at(j) * ratio);
      rho[j] = next;
      m[j] = Real(0.5) * (Real(1) - magnitude(next));
      t[j] = in_t[j] * (fi.at(j) / root(q));
    }
  });
}

// With A = 1 + a, x = ρ g_i g_j = k/√(AB), q = 1 − x² = E + (1 − ρ²) G²:                                           [gelu]
//   S/√(ab) = ρ F + G (1 − ρ² + ρ²(e_i + e_j)) / (2π √q),      F = acos(−x)/(2π)
//   Ṡ       = F + x (e_i + e_j + e_i e_j / q) / (2π √q)
template <class Real>
void gelu(Strip strip, Planes<Real> in, MutablePlanes<Real> out, Factor<Real> g, Factor<Real> e, Factor<Real> inverse,
          Factor<Real> f) {
  constexpr Real kTau = Real(4 * kHalfPi);
  for_rows<Real>(strip, false, [&]<bool kUniform>(std::size_t i, std::size_t at) __attribute__((always_inline)) {
    const RowFactor<false, Real> gi(g, i), inverse_i(inverse, i), fi(f, i);
    const Real ei = e.row[i];
    const Real* ej = e.col;
    const Real *in_rho = in.rho + at, *in_m = in.m + at, *in_t = in.t + at;
    Real *rho = out.rho + at, *m = out.m + at, *t = out.t + at;
    RESGRAM_INDEPENDENT
    for (std::size_t j = 0; j < strip.cols; ++j) {
      const Real r = in_rho[j];
      const Real G = gi.at(j);
      const Real x = r * G, x2 = x * x;
      const Real sum = ei + ej[j], ee = ei * ej[j];
      const Real apart = spread(in_m[j]);
      const Real q = (sum - ee) + apart * (G * G);
      const bool small = x2 <= q;
      const Real z = small ? x2 : q;
      const Real part = asin_root(z) / kTau;
      const Real signed_part = x < Real(0) ? -part : part;
      const Real far = x < Real(0) ? part : Real(0.5) - part;
      const Real F = small ? Real(0.25) + signed_part : far;
      const Real over = Real(1) / (kTau * root(q));
      const Real value = r * F + G * (apart + r * r * sum) * over;
      const Real derivative = F + x * (sum + ee / q) * over;
      const Real next = value * inverse_i.at(j);
      rho[j] = next;
      m[j] = Real(0.5) * (Real(1) - magnitude(next));
      t[j] = in_t[j] * (derivative * fi.at(j));
    }
  });
}

#include "lanes_sine.hpp"

#include "lanes_dual.hpp"

template <class Real>
void defects(Strip strip, MutablePlanes<Real> planes) {
  const std::size_t count = strip.rows * strip.cols;
  RESGRAM_INDEPENDENT
  for (std::size_t k = 0; k < count; ++k) {
    const Real r = planes.rho[k];
    const Real low = r < Real(-1) ? Real(-1) : r;
    const Real clamped = low > Real(1) ? Real(1) : low;
    planes.rho[k] = clamped;
    planes.m[k] = Real(0.5) * (Real(1) - magnitude(clamped));
  }
}

// out = amplitude_i amplitude_j value.
template <class Real>
[[gnu::always_inline]] inline void emit(Strip strip, const Real* values, Factor<Real> amplitude, Real* out) {
  for (std::size_t i = 0; i < strip.rows; ++i) {
    const RowFactor<false, Real> ai(amplitude, i);
    const Real* __restrict value = values + i * strip.cols;
    Real* __restrict row = out + i * strip.cols;
    for (std::size_t j = 0; j < strip.cols; ++j) row[j] = ai.at(j) * value[j];
  }
}

template <class Real>
void emit_covariance(Strip strip, Planes<Real> in, Factor<Real> amplitude, Real* out) {
  emit(strip, in.rho, amplitude, out);
}

template <class Real>
void emit_tangent(Strip strip, Planes<Real> in, Factor<Real> amplitude, Real* out) {
  emit(strip, in.t, amplitude, out);
}

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
  return {train<Real>,       add_bias<Real>, add<Real>,  mix<Real>,     relu<Real>,
          erf<Real>,         gelu<Real>,     sine<Real>, sign<Real>,    combine,
          dual<Real>,        pack<Real>,     dots<Real>, defects<Real>, emit_covariance<Real>,
          emit_tangent<Real>};
}

extern const LaneTable<double> kLanesDouble;
extern const LaneTable<float> kLanesFloat;
const LaneTable<double> kLanesDouble = table<double>();
const LaneTable<float> kLanesFloat = table<float>();

}  // namespace resgram::core::RESGRAM_ISA
