// The loops of image_rows.hpp, included by lanes_<isa>.cpp behind lanes_body.hpp, whose helpers they use. No include
// guard: one inclusion per translation unit.

// Loops over lanes have a constant number of turns; unrolled before they are vectorised, they never would be.
#if defined(__clang__)
#define RESGRAM_LANES _Pragma("clang loop vectorize(assume_safety)")
#else
#define RESGRAM_LANES _Pragma("GCC ivdep") _Pragma("GCC unroll 1")
#endif

namespace resgram::core::RESGRAM_ISA {

// Coefficients of a polynomial in m as those of one in y = 4m, times `factor`: all of it powers of two.
template <class Real, std::size_t N>
struct Terms {
  Real c[N];
};
template <class Real, std::size_t N>
constexpr Terms<Real, N> quartered(const Real (&terms)[N], Real factor) {
  Terms<Real, N> out{};
  for (std::size_t k = 0; k < N; ++k, factor *= Real(0.25)) out.c[k] = factor * terms[k];
  return out;
}

// Bends of the chord y = 4m = |u − v|² between unit vectors: the factor of 4 is in the coefficients.        [half-defect]
template <class Real>
struct ChordBends {
  static constexpr auto kStraight = quartered(Arcsine<Real>::kP0, Real(0.5));
  static constexpr auto kCurved = quartered(Arcsine<Real>::kP1, Real(0.25));
  Real straight;  // s P0(m), s = √m
  Real curved;    // 2 s m P1(m)
  [[gnu::always_inline]] explicit ChordBends(Real y) {
    const Real chord = root(y), square = y * y;
    straight = chord * polynomial(kStraight.c, y, square);
    curved = (chord * y) * polynomial(kCurved.c, y, square);
  }
};

// Two unit vectors from X and, where pairs may be opposite, Y.
template <bool kBoth, class Real>
struct Chord {
  bool obtuse;
  Real near;   // the lesser of |u − v|², |u + v|²
  Real whole;  // |u − v|²
  [[gnu::always_inline]] Chord(const Real* pair, std::size_t j, Real inverse) {
    whole = pair[j] * inverse;
    Real other = Real(4) - whole;
    if constexpr (kBoth) other = pair[2 * kImageLanes<Real> + j] * inverse;
    obtuse = other < whole;
    near = obtuse ? other : whole;
  }
  [[gnu::always_inline]] Real rho() const { return fma(Real(-0.5), whole, Real(1)); }
};

template <bool kLanesOfX, class Real>
Real measure_row(const Real* x, const Real* z, Amplitudes<Real> of, std::size_t channels, std::size_t count,
                 Real* out) {
  constexpr std::size_t kLanes = kImageLanes<Real>, kOfX = kLanesOfX ? kLanes : 1;
  Real least[kLanes];
  for (std::size_t j = 0; j < kLanes; ++j) least[j] = Real(4);
  for (std::size_t i = 0; i < count; ++i) {
    Real rho[kLanes], apart[kLanes], together[kLanes];
    for (std::size_t j = 0; j < kLanes; ++j) rho[j] = apart[j] = together[j] = Real(0);
    for (std::size_t c = 0; c < channels; ++c) {
      const Real* __restrict a = x + (i * channels + c) * kOfX;
      const Real* __restrict b = z + (i * channels + c) * kLanes;
      RESGRAM_LANES
      for (std::size_t j = 0; j < kLanes; ++j) {
        const Real p = a[kLanesOfX ? j : 0], minus = p - b[j], plus = p + b[j];
        rho[j] = fma(p, b[j], rho[j]);
        apart[j] = fma(minus, minus, apart[j]);
        together[j] = fma(plus, plus, together[j]);
      }
    }
    const Real* __restrict of_x = of.x + i * kAmplitudeNumbers * kOfX;
    const Real* __restrict of_z = of.z + i * kAmplitudeNumbers * kLanes;
    Real* __restrict pair = out + i * pair_numbers(true) * kLanes;
    RESGRAM_LANES
    for (std::size_t j = 0; j < kLanes; ++j) {
      const Real size = of_x[kLanesOfX ? j : 0] * of_z[j];
      const Real near = apart[j] < Real(0.25) ? apart[j] : fma(Real(-2), rho[j], Real(2));
      const Real far = together[j] < Real(0.25) ? together[j] : fma(Real(2), rho[j], Real(2));
      const Real lesser = far < near ? far : near;
      least[j] = lesser < least[j] ? lesser : least[j];
      pair[j] = size * near;
      pair[kLanes + j] = Real(0);
      pair[2 * kLanes + j] = size * far;
    }
  }
  Real smallest = 4;
  for (std::size_t j = 0; j < kLanes; ++j) smallest = least[j] < smallest ? least[j] : smallest;
  return smallest;
}

template <class Real>
Real measure_row(bool lanes_of_x, const Real* x, const Real* z, Amplitudes<Real> of, std::size_t channels,
                 std::size_t count, Real* pairs) {
  return lanes_of_x ? measure_row<true>(x, z, of, channels, count, pairs)
                    : measure_row<false>(x, z, of, channels, count, pairs);
}

// `unit`: a ReLU with a = b = 1, as between layers that train.
enum class Lift { plain, unit, relu, leaky };

// 2 (1 − ρ′) after a leaky ReLU is that before, less a bend; slope 0 is the ReLU, slope 1 none at all.      [half-defect]
template <bool kBoth, class Real>
[[gnu::always_inline]] inline Real leaky_chord(const LeakyRelu<Real>& leaky, const Chord<kBoth, Real>& chord,
                                               Real half) {
  return (chord.obtuse ? Real(4) * leaky.opposite - leaky.h * chord.near : chord.near) - half;
}
// 2 (1 + ρ′) where that is small.
template <bool kBoth, class Real>
[[gnu::always_inline]] inline Real leaky_far(const LeakyRelu<Real>& leaky, const Chord<kBoth, Real>& chord, Real half,
                                             Real low) {
  return chord.obtuse ? fma(leaky.h, chord.near, Real(2) * leaky.g) + half : Real(4) - low;
}

template <bool kLanesOfX, Lift kLift, bool kFromBoth, bool kBoth, class Real>
[[gnu::always_inline]] inline void lift_row(const LiftRow<Real>& row, const LiftForm<Real>& form) {
  constexpr std::size_t kLanes = kImageLanes<Real>, kOfX = kLanesOfX ? kLanes : 1;
  const LeakyRelu<Real> leaky(form.slope);
  const Real a = form.a, b = form.b, half_b = Real(-0.5) * b;
  for (std::size_t i = 0; i < row.count; ++i) {
    const Real* __restrict pairs = row.pairs + i * pair_numbers(kFromBoth) * kLanes;
    const Real* __restrict x = row.amplitudes.x + i * kAmplitudeNumbers * kOfX;
    const Real* __restrict z = row.amplitudes.z + i * kAmplitudeNumbers * kLanes;
    Real* __restrict sums = row.sums + i * pair_numbers(kBoth) * kLanes;
    const Real x_one = x[0], x_inverse = x[kOfX];
    RESGRAM_LANES
    for (std::size_t j = 0; j < kLanes; ++j) {
      const Real p = kLanesOfX ? x[j] : x_one, q = z[j];
      const Real size = p * q, gap = p - q;
      const Real t = pairs[kLanes + j];
      Real apart, after;
      if constexpr (kLift == Lift::plain) {
        apart = pairs[j];
        after = fma(half_b, apart, fma(b, size, t));
        if constexpr (kBoth) {
          const Real far = kFromBoth ? pairs[2 * kLanes + j] : fma(Real(4), size, -apart);
          sums[2 * kLanes + j] = fma(gap, gap, far);
        }
      } else {
        const Chord<kFromBoth, Real> chord(pairs, j, (kLanesOfX ? x[kLanes + j] : x_inverse) * z[kLanes + j]);
        const ChordBends<Real> bends(chord.near);
        Real low, slope;
        if constexpr (kLift != Lift::leaky) {
          low = (chord.obtuse ? Real(2) : chord.near) - bends.curved;
          slope = chord.obtuse ? bends.straight : Real(1) - bends.straight;
          apart = size * low;
          if constexpr (kBoth) sums[2 * kLanes + j] = fma(gap, gap, fma(Real(4), size, -apart));
        } else {
          const Real half = leaky.g * bends.curved, part = leaky.g * bends.straight;
          low = leaky_chord(leaky, chord, half);
          slope = chord.obtuse ? leaky.h + part : Real(1) - part;
          apart = size * low;
          if constexpr (kBoth) sums[2 * kLanes + j] = fma(gap, gap, size * leaky_far(leaky, chord, half, low));
        }
        const Real before = fma(kLift == Lift::unit ? size : a * size, chord.rho(), t);
        const Real next = kLift == Lift::unit ? fma(Real(-0.5), apart, size) : fma(half_b, apart, b * size);
        after = fma(slope, before, next);
      }
      sums[j] = fma(gap, gap, apart);
      sums[kLanes + j] = after;
    }
  }
}

template <bool kLanesOfX, bool kFromBoth, bool kBoth, class Real>
void lift_row(const LiftRow<Real>& row, const LiftForm<Real>& form) {
  if (!form.relu) return lift_row<kLanesOfX, Lift::plain, kFromBoth, kBoth>(row, form);
  if (form.slope != 0) return lift_row<kLanesOfX, Lift::leaky, kFromBoth, kBoth>(row, form);
  if (form.a == 1 && form.b == 1) return lift_row<kLanesOfX, Lift::unit, kFromBoth, kBoth>(row, form);
  lift_row<kLanesOfX, Lift::relu, kFromBoth, kBoth>(row, form);
}

template <bool kLanesOfX, class Real>
void lift_row(const LiftRow<Real>& row, const LiftForm<Real>& form) {
  if (form.from_both)
    return form.both ? lift_row<kLanesOfX, true, true>(row, form) : lift_row<kLanesOfX, true, false>(row, form);
  form.both ? lift_row<kLanesOfX, false, true>(row, form) : lift_row<kLanesOfX, false, false>(row, form);
}

template <class Real>
void lift_row(bool lanes_of_x, const LiftRow<Real>& row, const LiftForm<Real>& form) {
  lanes_of_x ? lift_row<true>(row, form) : lift_row<false>(row, form);
}

template <bool kLanesOfX, bool kFromBoth, bool kBoth, class Real>
void lift_apart(const LiftRow<Real>& row, const LiftForm<Real>& form) {
  constexpr std::size_t kLanes = kImageLanes<Real>, kOfX = kLanesOfX ? kLanes : 1;
  const LeakyRelu<Real> leaky(form.relu ? form.slope : 1);
  for (std::size_t i = 0; i < row.count; ++i) {
    const Real* __restrict pairs = row.pairs + i * pair_numbers(kFromBoth) * kLanes;
    const Real* __restrict x = row.amplitudes.x + i * kAmplitudeNumbers * kOfX;
    const Real* __restrict z = row.amplitudes.z + i * kAmplitudeNumbers * kLanes;
    Real* __restrict sums = row.sums + i * pair_numbers(kBoth) * kLanes;
    RESGRAM_LANES
    for (std::size_t j = 0; j < kLanes; ++j) {
      const std::size_t of_x = kLanesOfX ? j : 0;
      const Real size = x[of_x] * z[j];
      const Chord<kFromBoth, Real> chord(pairs, j, x[kOfX + of_x] * z[kLanes + j]);
      const Real half = leaky.g * ChordBends<Real>(chord.near).curved, low = leaky_chord(leaky, chord, half);
      sums[j] = size * low;
      sums[kLanes + j] = Real(0);
      if constexpr (kBoth) sums[2 * kLanes + j] = size * leaky_far(leaky, chord, half, low);
    }
  }
}

template <class Real>
void lift_apart(bool lanes_of_x, const LiftRow<Real>& row, const LiftForm<Real>& form) {
  const auto with = [&]<bool kLanesOfX>() {
    if (form.from_both)
      return form.both ? lift_apart<kLanesOfX, true, true>(row, form) : lift_apart<kLanesOfX, true, false>(row, form);
    form.both ? lift_apart<kLanesOfX, false, true>(row, form) : lift_apart<kLanesOfX, false, false>(row, form);
  };
  lanes_of_x ? with.template operator()<true>() : with.template operator()<false>();
}

template <class Real>
void lone_pixel(bool lanes_of_x, Amplitudes<Real> of, bool both, Real* sums) {
  constexpr std::size_t kLanes = kImageLanes<Real>;
  for (std::size_t k = 0; k < pair_numbers(both) * kLanes; ++k) sums[k] = Real(0);
  if (of.x == nullptr && of.z == nullptr) return;
  for (std::size_t j = 0; j < kLanes; ++j) {
    const Real p = of.x != nullptr ? of.x[lanes_of_x ? j : 0] : of.z[j];
    sums[j] = p * p;
    if (both) sums[2 * kLanes + j] = p * p;
  }
}

template <std::size_t kTaps, std::size_t kNumbers, class Real>
[[gnu::always_inline]] inline void box_of(const Real* __restrict in, std::size_t count, std::size_t taps,
                                          std::size_t step, Real* __restrict out) {
  constexpr std::size_t kWidth = kNumbers * kImageLanes<Real>;
  const std::size_t n = kTaps == 0 ? taps : kTaps;
  if (step == 1 && kTaps != 0) {
    RESGRAM_INDEPENDENT
    for (std::size_t k = 0; k < count * kWidth; ++k) {
      Real sum = in[k];
#pragma GCC unroll 8
      for (std::size_t tap = 1; tap < n; ++tap) sum = sum + in[k + tap * kWidth];
      out[k] = sum;
    }
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Real* __restrict from = in + i * step * kWidth;
    Real* __restrict to = out + i * kWidth;
    for (std::size_t k = 0; k < kWidth; ++k) to[k] = from[k];
    for (std::size_t tap = 1; tap < n; ++tap) {
      RESGRAM_LANES
      for (std::size_t k = 0; k < kWidth; ++k) to[k] = to[k] + from[tap * kWidth + k];
    }
  }
}

template <class Real>
void box_row(const Real* in, std::size_t count, std::size_t numbers, std::size_t taps, std::size_t step, Real* out) {
  if (numbers == 3)
    return taps == 3 ? box_of<3, 3>(in, count, taps, step, out) : box_of<0, 3>(in, count, taps, step, out);
  if (taps == 3) return box_of<3, 2>(in, count, taps, step, out);
  box_of<0, 2>(in, count, taps, step, out);
}

#include "image_rows_close.hpp"

// Σ K and Σ T.
template <bool kLanesOfX, class Real>
void read_row(const ReadRow<Real>& row, const SumForm& covariance, const SumForm& tangent) {
  constexpr std::size_t kLanes = kImageLanes<Real>;
  const double k0 = covariance.cut[0], k1 = covariance.cut[1], k2 = covariance.cut[2];
  const double t0 = tangent.cut[0], t1 = tangent.cut[1], t2 = tangent.cut[2];
  const double weight = row.weight;
  const std::size_t numbers = pair_numbers(row.both);
  double sums[2 * kSumParts][kLanes];
  for (std::size_t part = 0; part < kSumParts; ++part)
    for (std::size_t j = 0; j < kLanes; ++j) {
      sums[part][j] = row.covariance[part * kLanes + j];
      sums[kSumParts + part][j] = row.tangent[part * kLanes + j];
    }
  for (std::size_t i = 0; i < row.count; ++i) {
    const Real* __restrict pairs = row.pairs + i * numbers * kLanes;
    const Real* __restrict x = row.amplitudes.x + i * kAmplitudeNumbers * (kLanesOfX ? kLanes : 1);
    const Real* __restrict z = row.amplitudes.z + i * kAmplitudeNumbers * kLanes;
    RESGRAM_LANES
    for (std::size_t j = 0; j < kLanes; ++j) {
      const Real size = x[kLanesOfX ? j : 0] * z[j];
      double k = weight * static_cast<double>(fma(Real(-0.5), pairs[j], size));
      double theta = weight * static_cast<double>(pairs[kLanes + j]);
      const double first = (k + k0) - k0, first_t = (theta + t0) - t0;
      k = k - first;
      theta = theta - first_t;
      const double second = (k + k1) - k1, second_t = (theta + t1) - t1;
      sums[0][j] = sums[0][j] + first;
      sums[1][j] = sums[1][j] + second;
      sums[2][j] = sums[2][j] + (((k - second) + k2) - k2);
      sums[3][j] = sums[3][j] + first_t;
      sums[4][j] = sums[4][j] + second_t;
      sums[5][j] = sums[5][j] + (((theta - second_t) + t2) - t2);
    }
  }
  for (std::size_t part = 0; part < kSumParts; ++part)
    for (std::size_t j = 0; j < kLanes; ++j) {
      row.covariance[part * kLanes + j] = sums[part][j];
      row.tangent[part * kLanes + j] = sums[kSumParts + part][j];
    }
}

template <class Real>
void read_row(bool lanes_of_x, const ReadRow<Real>& row, const SumForm& covariance, const SumForm& tangent) {
  lanes_of_x ? read_row<true>(row, covariance, tangent) : read_row<false>(row, covariance, tangent);
}

template <bool kBoth, class Real>
void open_row(std::size_t count, const Real* pairs, Amplitudes<Real> of, Real* rho, Real* m, Real* t) {
  constexpr std::size_t kLanes = kImageLanes<Real>;
  for (std::size_t i = 0; i < count; ++i) {
    const Real* __restrict pair = pairs + i * pair_numbers(kBoth) * kLanes;
    const Real* __restrict z = of.z + (i * kAmplitudeNumbers + 1) * kLanes;
    const Real x = of.x[i * kAmplitudeNumbers + 1];
    RESGRAM_LANES
    for (std::size_t j = 0; j < kLanes; ++j) {
      const Chord<kBoth, Real> chord(pair, j, x * z[j]);
      rho[i * kLanes + j] = chord.rho();
      m[i * kLanes + j] = Real(0.25) * chord.near;
      t[i * kLanes + j] = pair[kLanes + j];
    }
  }
}

template <class Real>
void open_row(std::size_t count, const Real* pairs, bool both, Amplitudes<Real> of, Real* rho, Real* m, Real* t) {
  both ? open_row<true>(count, pairs, of, rho, m, t) : open_row<false>(count, pairs, of, rho, m, t);
}

template <class Real>
constexpr ImageRowTable<Real> image_row_table() {
  return {measure_row<Real>, lift_row<Real>,    lift_apart<Real>, lone_pixel<Real>, box_row<Real>,
          close_row<Real>,   close_again<Real>, read_row<Real>,   open_row<Real>};
}

extern const ImageRowTable<double> kImageRowsDouble;
extern const ImageRowTable<float> kImageRowsFloat;
const ImageRowTable<double> kImageRowsDouble = image_row_table<double>();
const ImageRowTable<float> kImageRowsFloat = image_row_table<float>();

}  // namespace resgram::core::RESGRAM_ISA
