// The closed forms of the activations' duals, on every instruction set, against quadrature of what they stand for:
// E φ(u)φ(v) and E φ′(u)φ′(v) over normal (u, v).
#include <algorithm>
#include <array>

#include "../../native/core/rows.hpp"
#include "../../native/core/run.hpp"
#include "kernels.hpp"
#include "tables.hpp"

namespace resgram::core {
namespace {

using namespace trial;

struct Dual {
  double value, slope;
};

// What the core makes of one pair: variances a and b, correlation ρ given by the complement it is carried with.
Dual of_core(const Table& table, const Row& phi, double a, double b, double rho, double m) {
  const Program program = Program::load(Rows{{"input", {0}}, affine(), phi, {"emit", {}}});
  const std::vector<Unit> units{{Scaled{a, 0}, false}, {Scaled{b, 0}, false}};
  RowRecursion rows(units, false);
  rows.step(program.steps()[0]);
  rows.step(program.steps()[1]);
  const RowState before = rows.state();
  const Step& step = program.steps()[2];
  rows.step(step);
  const RowState& after = rows.state();

  constexpr std::size_t kCols = kColumnPadding;
  std::vector<double> rhos(kCols, rho), ms(kCols, m), ts(kCols, 1.0);
  std::array<std::vector<double>, kMostFactors> col;
  std::array<Factor<double>, kMostFactors> f;
  std::array<double, kMostFactors> row{};
  for (std::size_t k = 0; k < kMostFactors; ++k) {
    row[k] = rows.factor(k)[0];
    col[k].assign(kCols, rows.factor(k)[1]);
    f[k] = {&row[k], col[k].data(), 0};
  }
  const Strip strip{1, kCols};
  const Planes<double> in{rhos.data(), ms.data(), ts.data()};
  const MutablePlanes<double> out{rhos.data(), ms.data(), ts.data()};
  const LaneTable<double>& lanes = table.of_double;
  if (step.op == Op::relu) lanes.relu(strip, in, out, step.args[1], f[0]);
  const SmoothFactors<double> smooth{f[0], f[1], f[2], f[3], f[4]};
  unsigned char found = 0;
  std::vector<double> near_rho(kCols), near_m(kCols);
  const NearBlocks<double> near{&found, near_rho.data(), near_m.data(), 0};
  if (step.op == Op::erf) lanes.erf(strip, {}, in, out, smooth, near);
  if (step.op == Op::gelu) lanes.gelu(strip, {}, in, out, smooth, near);
  if (step.op == Op::sine) lanes.sine(strip, {}, in, out, smooth, near);
  const double size = std::sqrt((after.q[0] * units[0].square).value() * (after.q[1] * units[1].square).value());
  const double slopes = std::sqrt(ratio(after.theta[0], before.theta[0]) * ratio(after.theta[1], before.theta[1]));
  for (std::size_t j = 1; j < kCols; ++j) {
    EXPECT_EQ(rhos[j], rhos[0]);
    EXPECT_EQ(ts[j], ts[0]);
  }
  return {size * rhos[0], slopes * ts[0]};
}

Dual of_core(const Table& table, const Row& phi, double a, double b, double rho) {
  return of_core(table, phi, a, b, rho, (1 - std::fabs(rho)) / 2);
}

// For φ homogeneous on both sides of 0, in polar coordinates: E r² = 2, and between the kinks the integrand of the
// angle is analytic, so Gauss with ten nodes on each half of a panel is exact.
Dual homogeneous_quadrature(double slope, double a, double b, double rho) {
  constexpr double kAt[] = {0.1488743389816312, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845,
                            0.9739065285171717};
  constexpr double kWeight[] = {0.2955242247147529, 0.2692667193099963, 0.2190863625159820, 0.1494513491505806,
                                0.0666713443086881};
  const double theta = std::acos(rho);
  const auto phi = [&](double u) { return u > 0 ? u : slope * u; };
  const auto derivative = [&](double u) { return u > 0 ? 1.0 : slope; };
  // u ∝ cos(ψ − θ/2), v ∝ cos(ψ + θ/2) change sign at ±π/2 ± θ/2.
  std::array<double, 5> ends{-kPi / 2 - theta / 2, -kPi / 2 + theta / 2, kPi / 2 - theta / 2, kPi / 2 + theta / 2,
                             1.5 * kPi - theta / 2};
  Dual sum{0, 0};
  for (std::size_t piece = 0; piece < 8; ++piece) {
    const std::size_t panel = piece / 2;
    const double half = (ends[panel + 1] - ends[panel]) / 4;
    const double middle = (piece % 2 == 0 ? ends[panel] : ends[panel + 1] - 2 * half) + half;
    for (std::size_t k = 0; k < 10; ++k) {
      const double psi = middle + (k < 5 ? 1 : -1) * half * kAt[k % 5], weight = half * kWeight[k % 5];
      const double u = std::cos(psi - theta / 2), v = std::cos(psi + theta / 2);
      sum.value += weight * phi(u) * phi(v);
      sum.slope += weight * derivative(u) * derivative(v);
    }
  }
  return {sum.value / kPi * std::sqrt(a * b), sum.slope / (2 * kPi)};
}

struct Smooth {
  Row row;
  double (*phi)(double);
  double (*slope)(double);
};

const std::vector<Smooth> kSmooth = {
    {{"erf", {1}},
     [](double u) { return std::erf(u); },
     [](double u) { return 2 / std::sqrt(kPi) * std::exp(-u * u); }},
    {{"gelu", {1}},
     [](double u) { return 0.5 * u * std::erfc(-u / kRootTwo); },
     [](double u) { return 0.5 * std::erfc(-u / kRootTwo) + u * std::exp(-u * u / 2) / std::sqrt(2 * kPi); }},
    {{"sine", {1}}, [](double u) { return std::sin(u); }, [](double u) { return std::cos(u); }},
};

// The trapezoidal rule in two independent normals, spectrally accurate for entire integrands.
Dual smooth_quadrature(const Smooth& smooth, double a, double b, double rho) {
  const double across = std::sqrt(b * (1 - rho * rho));
  const auto step = [](double deviation) { return std::min(0.3, 0.22 / std::max(deviation, 1e-300)); };
  const double hs = step(std::sqrt(std::max(a, b))), ht = step(across);
  const auto reach_of = [](double h) { return static_cast<int>(8.7 / h) + 1; };
  Dual sum{0, 0};
  double weights = 0;
  for (int i = -reach_of(hs); i <= reach_of(hs); ++i) {
    const double s = i * hs, u = std::sqrt(a) * s, outer = std::exp(-s * s / 2);
    Dual inner{0, 0};
    double inner_weights = 0;
    for (int j = -reach_of(ht); j <= reach_of(ht); ++j) {
      const double t = j * ht, v = std::sqrt(b) * rho * s + across * t, weight = std::exp(-t * t / 2);
      inner_weights += weight;
      inner.value += weight * smooth.phi(v);
      inner.slope += weight * smooth.slope(v);
    }
    weights += outer * inner_weights;
    sum.value += outer * smooth.phi(u) * inner.value;
    sum.slope += outer * smooth.slope(u) * inner.slope;
  }
  return {sum.value / weights, sum.slope / weights};
}

constexpr double kRhos[] = {-1, -0.95, -0.3, 0, 0.5, 0.99, 1};

TEST(Duals, PiecewiseLinear) {
  for (const Table& table : tables())
    for (const double slope : {0.0, 0.2, -1.0, 1.0, -0.3, 2.0, 30.0})
      for (const auto& [a, b] : {std::pair{1.0, 1.0}, {0.01, 100.0}, {1e6, 3.0}})
        for (const double rho : kRhos) {
          const Dual got = of_core(table, relu(1, slope), a, b, rho), want = homogeneous_quadrature(slope, a, b, rho);
          const double size = (1 + slope * slope) / 2;
          EXPECT_LE(std::fabs(got.value - want.value), 16 * kEps * size * std::sqrt(a * b))
              << table.name << " " << slope << " " << rho;
          EXPECT_LE(std::fabs(got.slope - want.slope), 16 * kEps * size) << table.name << " " << slope << " " << rho;
        }
}

// The scale multiplies φ, and √2 means c = 2.
TEST(Duals, Scale) {
  for (const Table& table : tables()) {
    const Dual one = of_core(table, relu(1), 1, 1, 0.4), two = of_core(table, relu(), 1, 1, 0.4);
    EXPECT_LE(relative(two.value, 2 * one.value), 2 * kEps);
    EXPECT_LE(relative(two.slope, 2 * one.slope), 2 * kEps);
    const Dual erf = of_core(table, {"erf", {1}}, 2, 3, 0.4), negative = of_core(table, {"erf", {-3}}, 2, 3, 0.4);
    EXPECT_LE(relative(negative.value, 9 * erf.value), 4 * kEps);
    EXPECT_LE(relative(negative.slope, 9 * erf.slope), 4 * kEps);
  }
}

TEST(Duals, SmoothAtUnequalAndExtremeVariances) {
  for (const Smooth& smooth : kSmooth)
    for (const auto& [a, b] : {std::pair{1.0, 1.0}, {0.01, 100.0}, {100.0, 100.0}, {1e-8, 1.0}, {0.01, 0.01}, {30, 2}})
      for (const double rho : kRhos) {
        const Dual want = smooth_quadrature(smooth, a, b, rho);
        for (const Table& table : tables()) {
          const Dual got = of_core(table, smooth.row, a, b, rho);
          const Dual x = of_core(table, smooth.row, a, a, 1), z = of_core(table, smooth.row, b, b, 1);
          EXPECT_LE(std::fabs(got.value - want.value), 1e-14 * std::sqrt(x.value * z.value))
              << table.name << " " << smooth.row.op << " " << a << " " << b << " " << rho;
          EXPECT_LE(std::fabs(got.slope - want.slope), 1e-14 * std::sqrt(x.slope * z.slope))
              << table.name << " " << smooth.row.op << " " << a << " " << b << " " << rho;
        }
      }
}

// ∂S/∂k = Ṡ, by central differences of fourth order.                                                         [price]
TEST(Duals, TheSlopeIsTheDerivativeByTheCovariance) {
  std::vector<Row> rows = {{"erf", {1}}, {"gelu", {1}}, relu(1), relu(1, 0.2), relu(1, -1)};
  for (const Table& table : tables())
    for (const Row& row : rows)
      for (const auto& [a, b] : {std::pair{1.0, 1.0}, {0.1, 4.0}, {50.0, 3.0}})
        for (const double rho : {-0.9, -0.4, 0.1, 0.5, 0.93}) {
          const double h = 2e-4, k = std::sqrt(a * b);
          const auto value = [&](double shift) { return of_core(table, row, a, b, rho + shift * h).value; };
          const double difference = (8 * (value(1) - value(-1)) - (value(2) - value(-2))) / (12 * h * k);
          const double slope = of_core(table, row, a, b, rho).slope;
          EXPECT_LE(std::fabs(difference - slope), 1e-10) << table.name << " " << row.op << " " << a << " " << rho;
        }
}

// Equal inputs stay equal, and opposite ones end where the closed form says, without a rounding error.
TEST(Duals, FixedPointsAreExact) {
  for (const Table& table : tables()) {
    for (const double slope : {0.0, 0.2, -1.0}) {
      const double norm = (1 + slope * slope) / 2;
      EXPECT_EQ(of_core(table, relu(1, slope), 1, 1, 1, 0).value, norm);
      EXPECT_LE(std::fabs(of_core(table, relu(1, slope), 1, 1, -1, 0).value + slope), kEps) << slope;
      EXPECT_LE(std::fabs(of_core(table, relu(1, slope), 1, 1, -1, 0).slope - slope), kEps) << slope;
    }
    EXPECT_EQ(of_core(table, relu(1), 1, 1, -1, 0).value, 0);
    EXPECT_EQ(of_core(table, relu(1), 1, 1, -1, 0).slope, 0);
    EXPECT_LE(relative(of_core(table, relu(1), 1, 1, 0).slope, 0.25), 2 * kEps);
  }
}

// κ₁ and κ₀ at opposite inputs vanish like ϕ³/3π and ϕ/π, and 1 − κ₁ near equal ones like θ²/2: all digits must be there.
TEST(Duals, ReluKeepsItsDigitsAtBothEnds) {
  for (const Table& table : tables())
    for (double angle = 1e-3; angle > 1e-100; angle /= 10) {
      const double s = std::sin(angle / 2), m = s * s;
      const Dual opposite = of_core(table, relu(), 1, 1, 2 * m - 1, m);
      // (sin ϕ − ϕ cos ϕ)/π = ϕ³/3π (1 − ϕ²/10 + …)
      const double series = angle * angle * angle / (3 * kPi) * (1 - angle * angle / 10);
      EXPECT_LE(relative(opposite.value, series), 1e-13) << table.name << " " << angle;
      EXPECT_LE(relative(opposite.slope, angle / kPi), 8 * kEps) << table.name << " " << angle;
    }
}

}  // namespace
}  // namespace resgram::core
