// The loops of image_rows.hpp, included by lanes_<isa>.cpp behind lanes_body.hpp, whose helpers they use. No include
// guard: one inclusion per translation unit.

// Loops over lanes have a constant number of turns; unrolled before they are vectorised, they never would be.
#if defined(__clang__)
#define RESGRAM_LANES _Pragma("clang loop vectorize(assume_safety)")
#else
#define RESGRAM_LANES _Pragma("GCC ivdep") _Pragma("GCC unroll 1")
#endif

namespace resgram::core::RESGRAM_ISA {

// Where ρ < 0, y = −(v + kLeast): a sign that v = 0 keeps. Its root is far below rounding.
template <class Real>
inline constexpr Real kLeast = sizeof(Real) == 8 ? Real(0x1p-500) : Real(0x1p-100);

// The pair that y stands for: both complements are exact where they are small.
template <class Real>
struct Opened {
  Real y;
  bool obtuse;
  [[gnu::always_inline]] explicit Opened(Real given) : y(given), obtuse(given < Real(0)) {}
  [[gnu::always_inline]] Real m() const { return obtuse ? -y : y; }
  [[gnu::always_inline]] Real w() const { return y + (obtuse ? Real(1) : Real(0)); }
  [[gnu::always_inline]] Real v() const { return (obtuse ? Real(0) : Real(1)) - y; }
  [[gnu::always_inline]] Real rho() const { return fma(Real(-2), y, obtuse ? Real(-1) : Real(1)); }
};

template <class Real>
[[gnu::always_inline]] inline Real signed_complement(Real w, Real v) {
  const Real least = w < v ? w : v, m = least > Real(0) ? least : Real(0);
  return v < w ? -(m + kLeast<Real>) : m;
}

template <bool kLanesOfX, class Real>
Real measure_row(const Real* x, const Real* z, std::size_t channels, std::size_t count, Real* out) {
  constexpr std::size_t kLanes = kImageLanes<Real>;
  Real least[kLanes];
  for (std::size_t j = 0; j < kLanes; ++j) least[j] = Real(1);
  for (std::size_t i = 0; i < count; ++i) {
    Real rho[kLanes], apart[kLanes], together[kLanes];
    for (std::size_t j = 0; j < kLanes; ++j) rho[j] = apart[j] = together[j] = Real(0);
    for (std::size_t c = 0; c < channels; ++c) {
      const Real* __restrict a = x + (i * channels + c) * (kLanesOfX ? kLanes : 1);
      const Real* __restrict b = z + (i * channels + c) * kLanes;
      RESGRAM_LANES
      for (std::size_t j = 0; j < kLanes; ++j) {
        const Real p = a[kLanesOfX ? j : 0], minus = p - b[j], plus = p + b[j];
        rho[j] = fma(p, b[j], rho[j]);
        apart[j] = fma(minus, minus, apart[j]);
        together[j] = fma(plus, plus, together[j]);
      }
    }
    Real* __restrict pair = out + i * kPairNumbers * kLanes;
    RESGRAM_LANES
    for (std::size_t j = 0; j < kLanes; ++j) {
      const bool obtuse = rho[j] < Real(0);
      const Real near = Real(0.25) * (obtuse ? together[j] : apart[j]);
      const Real far = Real(0.5) * (Real(1) - (obtuse ? -rho[j] : rho[j]));
      const Real m = near < Real(0.0625) ? near : far;
      least[j] = m < least[j] ? m : least[j];
      pair[j] = obtuse ? -(m + kLeast<Real>) : m;
      pair[kLanes + j] = Real(0);
    }
  }
  Real smallest = 1;
  for (std::size_t j = 0; j < kLanes; ++j) smallest = least[j] < smallest ? least[j] : smallest;
  return smallest;
}

template <class Real>
Real measure_row(bool lanes_of_x, const Real* x, const Real* z, std::size_t channels, std::size_t count, Real* pairs) {
  return lanes_of_x ? measure_row<true>(x, z, channels, count, pairs)
                    : measure_row<false>(x, z, channels, count, pairs);
}

// `unit`: a ReLU with a = b = 1, as between layers that train.
enum class Lift { plain, unit, relu, leaky };

// With the forms of Relu and LeakyRelu: the complements after a ReLU are those before, less a bend.         [half-defect]
template <bool kLanesOfX, Lift kLift, bool kBoth, class Real>
[[gnu::always_inline]] inline void lift_row(const LiftRow<Real>& row, const LiftForm<Real>& form) {
  constexpr std::size_t kLanes = kImageLanes<Real>, kNumbers = sum_numbers(kBoth);
  const LeakyRelu<Real> leaky(form.slope);
  const Real a = form.a, b = form.b, b_twice = Real(-2) * b;
  for (std::size_t i = 0; i < row.count; ++i) {
    const Real* __restrict pairs = row.pairs + i * kPairNumbers * kLanes;
    const Real* __restrict x = row.amplitudes.x + i * kAmplitudeNumbers * (kLanesOfX ? kLanes : 1);
    const Real* __restrict z = row.amplitudes.z + i * kAmplitudeNumbers * kLanes;
    Real* __restrict sums = row.sums + i * kNumbers * kLanes;
    const Real x_one = x[0];
    RESGRAM_LANES
    for (std::size_t j = 0; j < kLanes; ++j) {
      const Real p = kLanesOfX ? x[j] : x_one, q = z[j];
      const Real size = p * q, gap = p - q;
      const Opened<Real> pair(pairs[j]);
      const Real t = pairs[kLanes + j];
      if constexpr (kLift == Lift::plain) {
        sums[j] = size * pair.w();
        if constexpr (kBoth) sums[3 * kLanes + j] = size * pair.v();
        sums[2 * kLanes + j] = fma(b * size, pair.rho(), t);
      } else {
        const Real m = pair.m();
        const Bends<Real> bends(m);
        const Real sp0 = bends.straight, bend = bends.curved;
        const Real before = fma(kLift == Lift::unit ? size : a * size, pair.rho(), t);
        Real low, slope;
        if constexpr (kLift != Lift::leaky) {
          low = fma(Real(-0.5), bend, pair.obtuse ? Real(0.5) : m);
          slope = pair.obtuse ? sp0 : Real(1) - sp0;
          if constexpr (kBoth) sums[3 * kLanes + j] = size - size * low;
        } else {
          const Real half = (Real(0.5) * leaky.g) * bend, part = leaky.g * sp0;
          low = (pair.obtuse ? leaky.opposite - leaky.h * m : m) - half;
          slope = pair.obtuse ? leaky.h + part : Real(1) - part;
          const Real high = pair.obtuse ? fma(leaky.h, m, Real(0.5) * leaky.g) + half : Real(1) - low;
          if constexpr (kBoth) sums[3 * kLanes + j] = size * high;
        }
        const Real w = size * low;
        sums[j] = w;
        const Real after = kLift == Lift::unit ? fma(Real(-2), w, size) : fma(b_twice, w, b * size);
        sums[2 * kLanes + j] = fma(slope, before, after);
      }
      sums[kLanes + j] = gap * gap;
    }
  }
}

template <bool kLanesOfX, bool kBoth, class Real>
void lift_row(const LiftRow<Real>& row, const LiftForm<Real>& form) {
  if (!form.relu) return lift_row<kLanesOfX, Lift::plain, kBoth>(row, form);
  if (form.slope != 0) return lift_row<kLanesOfX, Lift::leaky, kBoth>(row, form);
  if (form.a == 1 && form.b == 1) return lift_row<kLanesOfX, Lift::unit, kBoth>(row, form);
  lift_row<kLanesOfX, Lift::relu, kBoth>(row, form);
}

template <class Real>
void lift_row(bool lanes_of_x, const LiftRow<Real>& row, const LiftForm<Real>& form) {
  if (form.both) return lanes_of_x ? lift_row<true, true>(row, form) : lift_row<false, true>(row, form);
  lanes_of_x ? lift_row<true, false>(row, form) : lift_row<false, false>(row, form);
}

template <class Real>
void lone_pixel(bool lanes_of_x, Amplitudes<Real> of, bool both, Real* sums) {
  constexpr std::size_t kLanes = kImageLanes<Real>;
  for (std::size_t k = 0; k < sum_numbers(both) * kLanes; ++k) sums[k] = Real(0);
  if (of.x == nullptr && of.z == nullptr) return;
  for (std::size_t j = 0; j < kLanes; ++j) {
    const Real p = of.x != nullptr ? of.x[lanes_of_x ? j : 0] : of.z[j];
    sums[kLanes + j] = p * p;
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
  if (numbers == 4)
    return taps == 3 ? box_of<3, 4>(in, count, taps, step, out) : box_of<0, 4>(in, count, taps, step, out);
  if (taps == 3) return box_of<3, 3>(in, count, taps, step, out);
  box_of<0, 3>(in, count, taps, step, out);
}

#include "image_rows_close.hpp"

// Σ S ρ and Σ t.
template <bool kLanesOfX, class Real>
void read_row(const ReadRow<Real>& row, const SumForm& covariance, const SumForm& tangent) {
  constexpr std::size_t kLanes = kImageLanes<Real>;
  const double k0 = covariance.cut[0], k1 = covariance.cut[1], k2 = covariance.cut[2];
  const double t0 = tangent.cut[0], t1 = tangent.cut[1], t2 = tangent.cut[2];
  const double weight = row.weight;
  double sums[2 * kSumParts][kLanes];
  for (std::size_t part = 0; part < kSumParts; ++part)
    for (std::size_t j = 0; j < kLanes; ++j) {
      sums[part][j] = row.covariance[part * kLanes + j];
      sums[kSumParts + part][j] = row.tangent[part * kLanes + j];
    }
  for (std::size_t i = 0; i < row.count; ++i) {
    const Real* __restrict pairs = row.pairs + i * kPairNumbers * kLanes;
    const Real* __restrict x = row.amplitudes.x + i * kAmplitudeNumbers * (kLanesOfX ? kLanes : 1);
    const Real* __restrict z = row.amplitudes.z + i * kAmplitudeNumbers * kLanes;
    RESGRAM_LANES
    for (std::size_t j = 0; j < kLanes; ++j) {
      const Real size = x[kLanesOfX ? j : 0] * z[j];
      double k = weight * static_cast<double>(size * Opened<Real>(pairs[j]).rho());
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

template <class Real>
void open_row(std::size_t count, const Real* pairs, Real* rho, Real* m, Real* t) {
  constexpr std::size_t kLanes = kImageLanes<Real>;
  for (std::size_t i = 0; i < count; ++i) {
    RESGRAM_LANES
    for (std::size_t j = 0; j < kLanes; ++j) {
      const Opened<Real> pair(pairs[i * kPairNumbers * kLanes + j]);
      rho[i * kLanes + j] = pair.rho();
      m[i * kLanes + j] = pair.m();
      t[i * kLanes + j] = pairs[(i * kPairNumbers + 1) * kLanes + j];
    }
  }
}

template <class Real>
constexpr ImageRowTable<Real> image_row_table() {
  return {measure_row<Real>, lift_row<Real>, lone_pixel<Real>, box_row<Real>,
          close_row<Real>,   read_row<Real>, open_row<Real>};
}

extern const ImageRowTable<double> kImageRowsDouble;
extern const ImageRowTable<float> kImageRowsFloat;
const ImageRowTable<double> kImageRowsDouble = image_row_table<double>();
const ImageRowTable<float> kImageRowsFloat = image_row_table<float>();

}  // namespace resgram::core::RESGRAM_ISA
