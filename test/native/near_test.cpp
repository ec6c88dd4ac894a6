// The complement after a smooth activation, against quadrature of its definition
//   (1 − ρ′)/2 = ¼ E(φ(u)/√S_u − φ(v)/√S_v)²,
// a mean of squares in which nothing cancels but, for unequal lengths, what the lengths have in common.   [near-smooth]
#include "../../native/core/near.hpp"

#include "../../native/core/rows.hpp"
#include "kernels.hpp"

namespace resgram::core {
namespace {

using namespace trial;

double phi(Op op, double u) { return op == Op::erf ? std::erf(u) : 0.5 * u * std::erfc(-u / kRootTwo); }

double slope(Op op, double u) {
  if (op == Op::erf) return 2 / std::sqrt(kPi) * std::exp(-u * u);
  return 0.5 * std::erfc(-u / kRootTwo) + u * std::exp(-u * u / 2) / std::sqrt(2 * kPi);
}

// φ(m + h) − φ(m − h) as an integral of φ′: Gauss with five nodes on pieces no longer than 0.2.
double difference(Op op, double m, double h) {
  constexpr double kAt[] = {0, 0.5384693101056831, 0.9061798459386640};
  constexpr double kWeight[] = {0.5688888888888889, 0.4786286704993665, 0.2369268850561891};
  const int pieces = 1 + static_cast<int>(std::fabs(h) / 0.1);
  const double half = h / pieces;
  double sum = 0;
  for (int piece = 0; piece < pieces; ++piece) {
    const double middle = m - h + (2 * piece + 1) * half;
    sum += kWeight[0] * slope(op, middle);
    for (int k = 1; k < 3; ++k)
      sum += kWeight[k] * (slope(op, middle + kAt[k] * half) + slope(op, middle - kAt[k] * half));
  }
  return half * sum;
}

// E over two independent normals, by the trapezoidal rule: spectrally accurate for entire integrands.
template <class Integrand>
double mean(double step_s, double step_t, Integrand&& integrand) {
  double sum = 0, weights = 0;
  for (double s = -9.5; s <= 9.5; s += step_s)
    for (double t = -9.5; t <= 9.5; t += step_t) {
      const double weight = std::exp(-(s * s + t * t) / 2);
      weights += weight;
      sum += weight * integrand(s, t);
    }
  return sum / weights;
}

double step_for(double variance) { return std::min(0.2, 0.2 / std::sqrt(variance)); }

SmoothRow row_of(Op op, double variance) { return op == Op::erf ? erf_row(variance) : gelu_row(variance); }

NearPair pair_of(Op op, double a, double b, double w) {
  const SmoothRow x = row_of(op, a), z = row_of(op, b);
  return {w,
          x.reach,
          z.reach,
          x.complement,
          z.complement,
          x.inverse,
          z.inverse,
          turning(op, x.reach, x.complement, x.inverse),
          turning(op, z.reach, z.complement, z.inverse)};
}

constexpr double kWs[] = {kNearDefect * 0.99, 1e-5, 1e-8, 1e-13, 1e-20, 1e-30, 1e-200};

// u, v = √a (√(1−w) s ± √w t) have variance a and correlation 1 − 2w.
TEST(NearDefect, EqualLengthsToTheLastDigits) {
  for (const Op op : {Op::erf, Op::gelu})
    for (const double a : {1e-6, 0.01, 1.0, 10.0, 100.0}) {
      const double second = a * row_of(op, a).gain;
      for (const double w : kWs) {
        const double got = near_defect(op, pair_of(op, a, a, w));
        const double square = mean(step_for(a), 0.5, [&](double s, double t) {
          const double f = difference(op, std::sqrt(a * (1 - w)) * s, std::sqrt(a * w) * t) / std::sqrt(w);
          return f * f;
        });
        EXPECT_LE(relative(got, w * (square / (4 * second))), 5e-14) << static_cast<int>(op) << " " << a << " " << w;
      }
    }
}

// δ = half the difference of logarithms. Below 1e-4 the part of the lengths is known up to δ⁴, above it to the rounding
// of 1 − ρ′: kernels need no more, and what depth magnifies is the angle.
TEST(NearDefect, UnequalLengths) {
  for (const Op op : {Op::erf, Op::gelu})
    for (const double a : {0.01, 1.0, 25.0})
      for (const double spread : {1e-6, 9e-5, 3e-4, 0.01, 0.3})
        for (const double w : {kNearDefect / 2, 1e-6, 1e-9, 1e-14, 0.0}) {
          const double b = a * (1 + spread);
          const double sa = std::sqrt(a * row_of(op, a).gain), sb = std::sqrt(b * row_of(op, b).gain);
          const double expected = mean(step_for(b), 0.5, [&](double s, double t) {
            const double u = std::sqrt(a) * (std::sqrt(1 - w) * s + std::sqrt(w) * t);
            const double v = std::sqrt(b) * (std::sqrt(1 - w) * s - std::sqrt(w) * t);
            const double f = phi(op, u) / sa - phi(op, v) / sb;
            return f * f / 4;
          });
          const double got = near_defect(op, pair_of(op, a, b, w));
          // The quadrature subtracts numbers of order 1 whose difference is of the size of √expected.
          const double exact = expected * (1e-12 + spread * spread) + 8 * kEps * std::sqrt(expected);
          EXPECT_LE(std::fabs(got - expected), spread < 1e-4 ? exact : exact + 2 * kEps)
              << static_cast<int>(op) << " " << a << " " << spread << " " << w << " " << got << " " << expected;
        }
}

struct Exact {
  Op op;
  double a, b, w, defect;
};

// (1 − ρ′)/2 in 900 digits of mpmath: variances so large or so unlike that quadrature has no hold.
constexpr Exact kExact[] = {
    {Op::erf, 10000.0, 10000.0, 1e-07, 6.400510958407462e-6},
    {Op::erf, 10000.0, 20000.0, 1e-07, 4.7077164370200424e-5},
    {Op::erf, 1000000.0, 3000000.0, 1e-12, 8.8565388723842863e-6},
    {Op::erf, 1000000000000.0, 1000000000000.0, 1e-09, 1.9815903877504905e-5},
    {Op::erf, 1000000000000.0, 5000000000000.0, 1e-14, 2.4316714974959547e-8},
    {Op::erf, 100000000000000.0, 100000000000000.0, 1e-07, 0.00020128503611527431},
    {Op::erf, 1e18, 1e18, 2.5e-19, 1.3184827197869959e-10},
    {Op::erf, 1e18, 4e18, 2.5e-19, 1.6703466569073936e-10},
    {Op::erf, 1e18, 4e18, 0.0, 1.2913645884425409e-11},
    {Op::erf, 1e200, 1e250, 1e-30, 6.3661977236758137e-16},
    {Op::erf, 3000.0, 3030.0, 1e-10, 2.1468085154140802e-8},
    {Op::erf, 1e30, 1e-10, 1e-12, 0.101057719586067},
    {Op::erf, 1e-300, 1.0, 1e-12, 0.022092361740995763},
    {Op::gelu, 10000.0, 10000.0, 1e-07, 1.0011191276453652e-7},
    {Op::gelu, 10000.0, 20000.0, 1e-07, 1.030948960443393e-7},
    {Op::gelu, 1000000.0, 3000000.0, 1e-12, 6.5812130123951123e-12},
    {Op::gelu, 1000000000000.0, 1000000000000.0, 1e-09, 9.9998658875630571e-10},
    {Op::gelu, 1000000000000.0, 5000000000000.0, 1e-14, 1.0000008662699423e-14},
    {Op::gelu, 100000000000000.0, 100000000000000.0, 1e-07, 9.9986578877644318e-8},
    {Op::gelu, 1e18, 1e18, 2.5e-19, 2.4999999999621042e-19},
    {Op::gelu, 1e18, 4e18, 2.5e-19, 2.4999999998733458e-19},
    {Op::gelu, 1e18, 4e18, 0.0, 7.1899177413921667e-30},
    {Op::gelu, 1e200, 1e250, 1e-30, 9.9999999999999966e-31},
    {Op::gelu, 3000.0, 3030.0, 1e-10, 1.0651221538900125e-10},
    {Op::gelu, 1e30, 1e-10, 1e-12, 0.14644210785961516},
    {Op::gelu, 1e-300, 1.0, 1e-12, 0.11661738970188296},
};

TEST(NearDefect, HugeAndUnlikeVariances) {
  for (const Exact& e : kExact) {
    // Lengths that differ by little more than 1e-4 cancel to second order.
    const double delta = (e.a - e.b) / (e.a + e.b);
    const double slack = delta == 0 ? 0 : kEps / (delta * delta);
    EXPECT_LE(relative(near_defect(e.op, pair_of(e.op, e.a, e.b, e.w)), e.defect), 1e-13 + slack)
        << static_cast<int>(e.op) << " " << e.a << " " << e.b << " " << e.w;
  }
}

TEST(NearDefect, ExchangeChangesNothingAndParallelInputsOfOneLengthStayParallel) {
  for (const Op op : {Op::erf, Op::gelu}) {
    const double one = near_defect(op, pair_of(op, 0.7, 1.9, 1e-9)),
                 other = near_defect(op, pair_of(op, 1.9, 0.7, 1e-9));
    EXPECT_EQ(one, other);
    EXPECT_EQ(near_defect(op, pair_of(op, 1.3, 1.3, 0)), 0);
    double before = 0;
    for (double w = 1e-30; w < kNearDefect; w *= 10) {
      const double now = near_defect(op, pair_of(op, 2, 2, w));
      EXPECT_GT(now, before);
      before = now;
    }
  }
}

// Both are linear for tiny variances, and GELU is a ReLU for huge ones: an angle is kept, lengths do not matter.
TEST(NearDefect, Limits) {
  for (const Op op : {Op::erf, Op::gelu}) {
    EXPECT_LE(relative(near_defect(op, pair_of(op, 1e-20, 1e-20, 1e-7)), 1e-7), 1e-14);
    EXPECT_LE(relative(near_defect(op, pair_of(op, 1e-20, 9e-20, 1e-7)), 1e-7), 1e-8);
    EXPECT_EQ(near_defect(op, pair_of(op, 0, 0, 1e-7)), 1e-7);
    // Features turn least where φ is all but homogeneous.
    const SmoothRow tiny = row_of(op, 1e-12), middle = row_of(op, 1);
    EXPECT_LT(turning(op, tiny.reach, tiny.complement, tiny.inverse), 1e-9);
    EXPECT_GT(turning(op, middle.reach, middle.complement, middle.inverse), 1e-3);
  }
  // erf as a step: the pair is near in angle, far on the scale on which erf turns.
  const NearPair step = pair_of(Op::erf, 1e28, 1e28, 1e-7);
  EXPECT_LE(relative(near_defect(Op::erf, step), std::acos(1 - 2e-7) / kPi), 1e-6);
  // GELU there is a ReLU, whose (1 − κ₁(ρ))/2 is w − (4/3π) w^{3/2} + …
  const double relu_like = 1e-7 * (1 - 4 * std::sqrt(1e-7) / (3 * kPi));
  EXPECT_LE(relative(near_defect(Op::gelu, pair_of(Op::gelu, 1e28, 1e28, 1e-7)), relu_like), 1e-9);
}

}  // namespace
}  // namespace resgram::core
