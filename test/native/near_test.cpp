// The complement after a smooth activation, against quadrature of its definition
//   (1 − ρ′)/2 = ¼ E(φ(u)/√S_u − φ(v)/√S_v)²,
// a mean of squares in which nothing cancels but, for unequal lengths, what the lengths have in common.   [near-smooth]
#include "../../native/core/near.hpp"

#include "../../native/core/activation_row.hpp"
#include "../../native/core/turning.hpp"
#include "kernels.hpp"

namespace resgram::core {
namespace {

using namespace trial;

double phi(Op op, double u) {
  if (op == Op::sine) return std::sin(u);
  return op == Op::erf ? std::erf(u) : 0.5 * u * std::erfc(-u / kRootTwo);
}

double slope(Op op, double u) {
  if (op == Op::sine) return std::cos(u);
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

SmoothRow row_of(Op op, double variance) {
  if (op == Op::erf) return erf_row(variance);
  if (op == Op::gelu) return gelu_row(variance);
  const Step sine{Op::sine, {1}, 0};
  const ActivationRow row = activation_row(sine, Scaled{variance, 0}.settled(), false);
  return {std::sqrt(variance), 0, row.factors[2], row.gain.value(), row.derivative.value()};
}

NearPair pair_of(Op op, double a, double b, double w) {
  const SmoothRow x = row_of(op, a), z = row_of(op, b);
  return {w, x.reach, z.reach, x.complement, z.complement, x.inverse, z.inverse};
}

constexpr Op kSmooth[] = {Op::erf, Op::gelu, Op::sine};
constexpr double kWs[] = {kNearDefect * 0.99, 1e-5, 1e-8, 1e-13, 1e-20, 1e-30, 1e-200};

// u, v = √a (√(1−w) s ± √w t) have variance a and correlation 1 − 2w.
TEST(NearDefect, EqualLengthsToTheLastDigits) {
  for (const Op op : kSmooth)
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

// Angle and lengths together, as well as quadrature can tell.
TEST(NearDefect, UnequalLengths) {
  for (const Op op : kSmooth)
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
          EXPECT_LE(std::fabs(got - expected), expected * (1e-12 + 8 * kEps / spread) + 8 * kEps * std::sqrt(expected))
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
    {Op::sine, 1e-300, 1e-300, 1e-07, 9.9999999999999995e-8},
    {Op::sine, 1e-300, 1.0, 1e-07, 0.038773974099437802},
    {Op::sine, 1e-08, 1e-08, 1e-09, 1.0000000000000001e-9},
    {Op::sine, 0.01, 0.01, 1e-07, 1.0000333331011132e-7},
    {Op::sine, 0.3, 0.3, 1e-12, 1.0298215290964325e-12},
    {Op::sine, 1.0, 1.0, 1e-30, 1.3130352854993314e-30},
    {Op::sine, 1.0, 1.0, 0.0009, 0.0011809223948659502},
    {Op::sine, 1.0, 1.25, 1e-09, 0.0022280456539382329},
    {Op::sine, 5.0, 5.0, 1e-06, 5.0004290199934373e-6},
    {Op::sine, 20.0, 20.5, 1e-07, 0.0007730609474371152},
    {Op::sine, 100.0, 100.0, 0.0001, 0.0099006633466223494},
    {Op::sine, 10000.0, 10000.0, 1e-07, 0.00099900066633346658},
    {Op::sine, 10000.0, 10050.0, 1e-09, 0.015355355713199161},
    {Op::sine, 100000000.0, 100000000.0, 1e-12, 9.9990000666633333e-5},
    {Op::sine, 100000000.0, 100000000.0, 1e-05, 0.5},
    {Op::sine, 100000000.0, 100003000.0, 1e-14, 0.0055943830918948115},
    {Op::sine, 1000000.0, 4000000.0, 1e-09, 0.5},
};

// The logarithm of the ratio of two variances whose roots have been rounded.
double slack_of(const Exact& e) { return e.a == e.b ? 0 : 8 * kEps / std::fabs(std::log(e.b / e.a)); }

TEST(NearDefect, HugeAndUnlikeVariances) {
  for (const Exact& e : kExact) {
    EXPECT_LE(relative(near_defect(e.op, pair_of(e.op, e.a, e.b, e.w)), e.defect), 1e-13 + slack_of(e))
        << static_cast<int>(e.op) << " " << e.a << " " << e.b << " " << e.w;
  }
}

// (1 − ρ′)/2 of parallel inputs, in 150 digits or more: for every rule of integration, on both sides of where they change.
constexpr Exact kLengths[] = {
    {Op::erf, 1e-08, 1.0009999999999998e-08, 0.0, 1.6666665332660424e-23},
    {Op::erf, 0.01, 0.010000000010000001, 0.0, 1.5406112844731823e-23},
    {Op::erf, 0.01, 0.012, 0.0, 6.1150969559357289e-7},
    {Op::erf, 1.0, 1.000000000001, 0.0, 4.8891991028119313e-27},
    {Op::erf, 1.0, 1.0000015, 0.0, 1.0998726806179287e-14},
    {Op::erf, 1.0, 1.0000025, 0.0, 3.0551990202711161e-14},
    {Op::erf, 1.0, 1.0001, 0.0, 4.8878707229573601e-11},
    {Op::erf, 1.0, 1.0019, 0.0, 1.761541885817693e-8},
    {Op::erf, 1.0, 1.0021, 0.0, 2.1515074906370394e-8},
    {Op::erf, 1.0, 1.19, 0.0, 0.0001490302498755695},
    {Op::erf, 1.0, 1.21, 0.0, 0.00017902796728471704},
    {Op::erf, 1.0, 2.0, 0.0, 0.0023371608540541363},
    {Op::erf, 1.0, 7.0, 0.0, 0.01509895884696782},
    {Op::erf, 25.0, 25.0005, 0.0, 7.709655505152381e-13},
    {Op::erf, 25.0, 25.25, 0.0, 1.9039147571633199e-7},
    {Op::erf, 10000.0, 10009.999999999998, 0.0, 9.9339871816244913e-11},
    {Op::erf, 10000.0, 40000.0, 0.0, 0.0001291142974471227},
    {Op::erf, 100000000.0, 100010000.0, 0.0, 9.9459405966366038e-15},
    {Op::gelu, 1e-08, 1.0009999999999998e-08, 0.0, 1.1930655096330156e-15},
    {Op::gelu, 0.01, 0.010000000010000001, 0.0, 1.0945018625622092e-21},
    {Op::gelu, 0.01, 0.012, 0.0, 3.9549465646428491e-5},
    {Op::gelu, 1.0, 1.000000000001, 0.0, 3.2054069580415029e-27},
    {Op::gelu, 1.0, 1.0000015, 0.0, 7.2108687919027221e-15},
    {Op::gelu, 1.0, 1.0000025, 0.0, 2.0030163859528152e-14},
    {Op::gelu, 1.0, 1.0001, 0.0, 3.2044015072255223e-11},
    {Op::gelu, 1.0, 1.0019, 0.0, 1.1539641486663673e-8},
    {Op::gelu, 1.0, 1.0021, 0.0, 1.4093076738651193e-8},
    {Op::gelu, 1.0, 1.19, 0.0, 9.0920222960927466e-5},
    {Op::gelu, 1.0, 1.21, 0.0, 0.00010848232493739593},
    {Op::gelu, 1.0, 2.0, 0.0, 0.0011628981420951298},
    {Op::gelu, 1.0, 7.0, 0.0, 0.0048132104284144987},
    {Op::gelu, 25.0, 25.0005, 0.0, 3.179161304992243e-14},
    {Op::gelu, 25.0, 25.25, 0.0, 7.8133676120234575e-9},
    {Op::gelu, 10000.0, 10009.999999999998, 0.0, 1.0530811206251616e-14},
    {Op::gelu, 10000.0, 40000.0, 0.0, 7.1893989507166561e-9},
    {Op::gelu, 100000000.0, 100010000.0, 0.0, 1.0548735590779965e-22},
    {Op::sine, 1e-08, 1.0009999999999998e-08, 0.0, 4.1666666666650869e-24},
    {Op::sine, 0.01, 0.010000000010000001, 0.0, 4.1666118013986227e-24},
    {Op::sine, 0.01, 0.012, 0.0, 1.6666395004763441e-7},
    {Op::sine, 1.0, 1.000000000001, 0.0, 3.6817396836512823e-26},
    {Op::sine, 1.0, 1.0000015, 0.0, 8.2824401640697212e-14},
    {Op::sine, 1.0, 1.0000025, 0.0, 2.3006775582552325e-13},
    {Op::sine, 1.0, 1.0001, 0.0, 3.6810427578215835e-10},
    {Op::sine, 1.0, 1.0019, 0.0, 1.3285807297077034e-7},
    {Op::sine, 1.0, 1.0021, 0.0, 1.6229655980104451e-7},
    {Op::sine, 1.0, 1.19, 0.0, 0.0012976152821245174},
    {Op::sine, 1.0, 1.21, 0.0, 0.0015808691833067657},
    {Op::sine, 1.0, 2.0, 0.0, 0.031354513337429388},
    {Op::sine, 1.0, 7.0, 0.0, 0.36189425637628285},
    {Op::sine, 25.0, 25.0005, 0.0, 6.2499374968459354e-10},
    {Op::sine, 25.0, 25.25, 0.0, 0.00015544942935242591},
    {Op::sine, 10000.0, 10009.999999999998, 0.0, 0.00062429762292495469},
    {Op::sine, 10000.0, 40000.0, 0.0, 0.5},
    {Op::sine, 100000000.0, 100010000.0, 0.0, 0.058748791068615259},
};

TEST(LengthDefect, AllLengths) {
  for (const Exact& e : kLengths) {
    const double got = length_defect(e.op, reach_of(e.op, e.a), reach_of(e.op, e.b));
    // Here the variances are exact. Beyond a ratio of e, where 1 − ρ′ is a difference, an ulp of 1.
    const double slack = std::fabs(std::log(e.b / e.a)) > 2 ? 4 * kEps : 0;
    EXPECT_LE(std::fabs(got - e.defect), 1e-13 * e.defect + slack)
        << static_cast<int>(e.op) << " " << e.a << " " << e.b;
    EXPECT_EQ(length_defect(e.op, reach_of(e.op, e.b), reach_of(e.op, e.a)), got);
    EXPECT_EQ(length_defect(e.op, reach_of(e.op, e.a), reach_of(e.op, e.a)), 0);
  }
}

TEST(NearDefect, ExchangeChangesNothingAndParallelInputsOfOneLengthStayParallel) {
  for (const Op op : kSmooth) {
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
  for (const Op op : kSmooth) {
    EXPECT_LE(relative(near_defect(op, pair_of(op, 1e-20, 1e-20, 1e-7)), 1e-7), 1e-14);
    EXPECT_LE(relative(near_defect(op, pair_of(op, 1e-20, 9e-20, 1e-7)), 1e-7), 1e-8);
    EXPECT_EQ(near_defect(op, pair_of(op, 0, 0, 1e-7)), 1e-7);
    // Features turn least where φ is all but homogeneous.
    EXPECT_LT(turning(op, reach_of(op, 1e-12), reach_of(op, 1e-12)), 1e-6);
    EXPECT_GT(turning(op, reach_of(op, 1), reach_of(op, 1)), 1e-3);
    EXPECT_EQ(turning(op, reach_of(op, 0), reach_of(op, 1)), 0);
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
