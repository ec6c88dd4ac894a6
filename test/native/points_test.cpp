#include "../../native/core/points.hpp"

#include <algorithm>

#include "kernels.hpp"

namespace resgram::core {
namespace {

using namespace trial;

// a d − b c to an ulp and a half, after Kahan.
double determinant(double a, double b, double c, double d) {
  const double product = b * c;
  return std::fma(a, d, -product) + std::fma(-b, c, product);
}

// (1 − |ρ|)/2 by Lagrange's identity ‖x‖²‖z‖² − (x·z)² = Σ_{i<j} (x_i z_j − x_j z_i)²: a sum of squares.
double exact_defect(std::span<const double> x, std::span<const double> z) {
  double area = 0, xx = 0, zz = 0, xz = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += x[i] * x[i];
    zz += z[i] * z[i];
    xz += x[i] * z[i];
    for (std::size_t j = i + 1; j < x.size(); ++j) {
      const double side = determinant(x[i], x[j], z[i], z[j]);
      area += side * side;
    }
  }
  return area / (xx * zz) / (2 * (1 + std::fabs(xz) / std::sqrt(xx * zz)));
}

double defect(const std::vector<double>& x, const std::vector<double>& z, bool opposite = false) {
  const Cloud a(1, x.size(), x), b(1, z.size(), z);
  return half_defect(Directions<double>(a.points(), false), 0, Directions<double>(b.points(), false), 0, opposite);
}

std::vector<double> times(std::vector<double> x, double factor) {
  for (double& v : x) v *= factor;
  return x;
}

std::vector<double> plus(std::vector<double> x, const std::vector<double>& y, double factor) {
  for (std::size_t k = 0; k < x.size(); ++k) x[k] += factor * y[k];
  return x;
}

// x and what is orthogonal to it, in integers: x + δu is exact for a power of two δ and turned by tan θ = δ‖u‖/‖x‖.
const std::vector<double> kX{3, 4, 0, 12, 1}, kU{-4, 3, 0, -1, 12};

TEST(HalfDefect, ARotationKeepsItsDigitsDownToAnAngleOfTheSizeOfAnUlp) {
  for (int k = 2; k <= 48; ++k) {
    const double delta = std::ldexp(1.0, -k);
    const double tangent2 = delta * delta;  // ‖u‖ = ‖x‖
    const double cosine = 1 / std::sqrt(1 + tangent2);
    const double expected = tangent2 / (1 + tangent2) / (2 * (1 + cosine));
    const std::vector<double> z = plus(kX, kU, delta);
    EXPECT_LE(relative(defect(kX, z), expected), 16 * kEps) << k;
    EXPECT_LE(relative(defect(kX, times(z, -1), true), expected), 16 * kEps) << k;
    EXPECT_LE(relative(exact_defect(kX, z), expected), 16 * kEps) << k;
  }
}

TEST(HalfDefect, AnAngleAlongACoordinateOfItsOwnMayBeAsSmallAsDoublesGo) {
  for (int k = 2; k <= 500; ++k) {
    const double delta = std::ldexp(1.0, -k);
    const std::vector<double> x{1, 0, 0}, z{1, delta, 0};
    const double expected = delta * delta / (1 + delta * delta) / (2 * (1 + 1 / std::sqrt(1 + delta * delta)));
    EXPECT_LE(relative(defect(x, z), expected), 8 * kEps) << k;
    EXPECT_LE(relative(defect(x, times(z, -1), true), expected), 8 * kEps) << k;
  }
}

// The chord ‖x̂ − ẑ‖ = 2√w has the error of a sum of d terms of size ‖x − z‖/‖x‖; where the lengths are not comparable,
// the rounding of the directions.
TEST(HalfDefect, AnyNearPair) {
  Random random(1);
  for (int k = 0; k < 4000; ++k) {
    const std::size_t d = 1 + random.below(12);
    std::vector<double> x(d), noise(d);
    for (double& v : x) v = random.normal();
    for (double& v : noise) v = random.normal();
    const double distance = std::ldexp(1.0, -2 - static_cast<int>(random.below(50)));
    const double stretch = random.below(2) == 0 ? 1 : 1 + random.uniform() * distance;
    const std::vector<double> z = times(plus(x, noise, distance), stretch);
    double xx = 0, xz = 0, apart = 0;
    for (std::size_t i = 0; i < d; ++i) {
      xx += x[i] * x[i];
      xz += x[i] * z[i];
      apart += (x[i] - z[i]) * (x[i] - z[i]);
    }
    if (xz <= 0) continue;  // in one dimension a step may lead past the origin
    const double w = exact_defect(x, z);
    const double error = std::fabs(std::sqrt(defect(x, z)) - std::sqrt(w));
    const double dd = static_cast<double>(d);
    EXPECT_LE(error, (dd + 4) * kEps * (std::sqrt(apart / xx) + std::sqrt(w))) << d << " " << distance;
    const double mirrored = std::fabs(std::sqrt(defect(times(x, -1), z, true)) - std::sqrt(w));
    EXPECT_LE(mirrored, (dd + 4) * kEps * (std::sqrt(apart / xx) + std::sqrt(w)));
  }
}

TEST(HalfDefect, EqualOppositeAndParallel) {
  for (const double scale : {1.0, 1e300, 1e-300, 0x1p-1070}) {
    const std::vector<double> x = times(kX, scale);
    EXPECT_EQ(defect(x, x), 0);
    EXPECT_EQ(defect(x, times(x, -1), true), 0);
  }
  for (const double factor : {1.5, 2.0, 3.0, 4.0, 0.3, 1e150, 1e-200}) {
    // The product itself is rounded, in every coordinate.
    EXPECT_LE(std::sqrt(defect(kX, times(kX, factor))), 5 * kEps) << factor;
    EXPECT_LE(std::sqrt(defect(kX, times(kX, -factor), true)), 5 * kEps) << factor;
  }
  // A zero vector has no direction: ρ := 0.                                                              [zero-input]
  EXPECT_EQ(defect(kX, times(kX, 0)), 0.5);
  EXPECT_EQ(defect(times(kX, 0), times(kX, 0), true), 0.5);
}

TEST(HalfDefect, LengthsDoNotMatterHoweverExtreme) {
  for (int k = 4; k <= 40; k += 4) {
    const std::vector<double> z = plus(kX, kU, std::ldexp(1.0, -k));
    const double expected = defect(kX, z);
    // Powers of two are exact, so the bytes are the same; the integers of kX reach down into denormals.
    for (const int exponent : {990, 300, -300, -960})
      EXPECT_EQ(defect(times(kX, std::ldexp(1.0, exponent)), times(z, std::ldexp(1.0, exponent))), expected)
          << k << " " << exponent;
    // Of unlike lengths: as good as the directions.
    for (const int exponent : {1000, 3, -3, -900}) {
      const double got = defect(times(kX, std::ldexp(1.0, exponent)), z);
      EXPECT_LE(std::fabs(std::sqrt(got) - std::sqrt(expected)), 8 * kEps) << k << " " << exponent;
    }
  }
  const std::vector<double> x = times(kX, 0x1p-1074), z = times(plus(kX, kU, 2), 0x1p-1074);
  EXPECT_LE(relative(defect(x, z), exact_defect(kX, plus(kX, kU, 2))), 16 * kEps);
}

TEST(HalfDefect, ExchangingTheTwoChangesNoBit) {
  const Cloud cloud = troubled_cloud(150, 7, 3);
  Cloud more = troubled_cloud(150, 7, 4);
  Random random(5);
  for (std::size_t i = 0; i < more.rows; ++i) {
    // Near neighbours of the other cloud, some with single signs changed, some far longer.
    const double tiny = std::ldexp(1.0, -static_cast<int>(random.below(55)));
    const double stretch = random.below(3) == 0 ? std::ldexp(1.0, static_cast<int>(random.below(9)) - 4) : 1;
    for (std::size_t k = 0; k < 7; ++k) {
      double& v = more.row(i)[k];
      v = (cloud.row(i)[k] * (random.below(8) == 0 ? -1 : 1) + tiny * v * (random.below(2) == 0 ? 0 : 1)) * stretch;
    }
  }
  const Directions<double> a(cloud.points(), false), b(more.points(), false);
  for (std::size_t i = 0; i < cloud.rows; ++i)
    for (std::size_t j = 0; j < more.rows; ++j)
      for (const bool opposite : {false, true}) {
        const double one = half_defect(a, i, b, j, opposite), other = half_defect(b, j, a, i, opposite);
        ASSERT_EQ(std::bit_cast<std::uint64_t>(one), std::bit_cast<std::uint64_t>(other)) << i << " " << j;
      }
}

TEST(HalfDefect, FloatDirectionsMeasureInDoubles) {
  const Cloud x(1, 5, kX), z(1, 5, plus(kX, kU, 0x1p-30));
  const double single =
      half_defect(Directions<float>(x.points(), false), 0, Directions<float>(z.points(), false), 0, false);
  EXPECT_EQ(single, defect(kX, plus(kX, kU, 0x1p-30)));
}

TEST(Directions, HaveLengthOneAndKeepTheirSquares) {
  const double tiniest = 0x1p-1074;
  const std::vector<std::vector<double>> rows = {
      {3, 4, 0}, {3e300, 4e300, 0}, {-3e-300, 0, 4e-300}, {1.7e308, 1.7e308, 1.7e308}, {3 * tiniest, 4 * tiniest, 0}};
  const std::vector<Scaled> squares = {
      {25, 0},     Scaled{5, 0} * 1e300 * 5e300, Scaled{5, 0} * 1e-300 * 5e-300, Scaled{3, 0} * 1.7e308 * 1.7e308,
      {25, -2148},
  };
  for (const bool per_dimension : {false, true}) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Cloud one(1, 3, rows[i]);
      const Directions<double> directions(one.points(), per_dimension);
      double length2 = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        length2 += directions.unit(0)[k] * directions.unit(0)[k];
        EXPECT_EQ(std::signbit(directions.unit(0)[k]), std::signbit(rows[i][k]));
      }
      EXPECT_LE(relative(length2, 1), 4 * kEps) << i;
      const Scaled square = directions.units()[0].square * (per_dimension ? 3.0 : 1.0);
      EXPECT_LE(std::fabs(ratio(square, squares[i]) - 1), 8 * kEps) << i;
      EXPECT_FALSE(directions.units()[0].zero);
    }
  }
  const Cloud nothing(1, 3);
  const Directions<double> zero(nothing.points(), true);
  EXPECT_TRUE(zero.units()[0].zero);
  EXPECT_EQ(zero.unit(0)[0], 0);
}

}  // namespace
}  // namespace resgram::core
