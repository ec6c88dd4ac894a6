// Part of lanes_body.hpp, inside its namespace: what all loops are made of.

template <class Real>
[[gnu::always_inline]] inline Real fma(Real a, Real b, Real c) {
#if RESGRAM_FMA
  if constexpr (sizeof(Real) == 8) return __builtin_fma(a, b, c);
  return __builtin_fmaf(a, b, c);
#else
  return a * b + c;
#endif
}

// As wide as Real.
template <class Real>
using Mask = std::conditional_t<sizeof(Real) == sizeof(double), long long, int>;

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

// c[From] + c[From + 2] w + c[From + 4] w² + …
template <std::size_t kFrom, class Real, std::size_t N>
[[gnu::always_inline]] inline Real every_other(const Real (&c)[N], Real w) {
  if constexpr (kFrom + 2 >= N)
    return c[kFrom];
  else
    return fma(every_other<kFrom + 2>(c, w), w, c[kFrom]);
}

// The polynomial c at w, given w²: two chains of half the length keep two multipliers busy.
template <class Real, std::size_t N>
[[gnu::always_inline]] inline Real polynomial(const Real (&c)[N], Real w, Real square) {
  return fma(every_other<1>(c, square), w, every_other<0>(c, square));
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

// A row of a plane that may be missing.
template <class T>
[[gnu::always_inline]] inline T* from(T* plane, std::size_t at) {
  return plane == nullptr ? nullptr : plane + at;
}

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

inline constexpr double kHalfPi = 1.57079632679489661923;

template <class Real>
[[gnu::always_inline]] inline Real magnitude(Real x) {
  return x < Real(0) ? -x : x;
}

// 1 − ρ² without cancellation.
template <class Real>
[[gnu::always_inline]] inline Real spread(Real m) {
  return Real(4) * m * (Real(1) - m);
}

// A pair behind an activation: derivative is Ṡ, up to a factor of each of its two rows.
template <class Real>
struct Pair {
  Real rho, m, derivative;
};
