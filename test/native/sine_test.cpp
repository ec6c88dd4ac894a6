// Sine and sign: closed forms at every variance, an exponential that every instruction set compiles, odd symmetry, zero
// vectors, and the tangent kernel that sign has not.
#include <algorithm>
#include <array>

#include "../../native/core/activation_row.hpp"
#include "../../native/core/rows.hpp"
#include "kernels.hpp"
#include "tables.hpp"

namespace resgram::core {
namespace {

using namespace trial;

constexpr Step kSine{Op::sine, {1}, 0};

template <class Real>
struct Pair {
  Real rho, m, t;
};

// The sine step without a dense layer before it and without corrections of near pairs.
template <class Real>
void sine_step(const LaneTable<Real>& lanes, Planes<Real> in, MutablePlanes<Real> out, Factor<Real> high,
               Factor<Real> low, Factor<Real> inverse, Factor<Real> f) {
  unsigned char found = 0;
  std::array<Real, kColumnPadding> rho, m;
  lanes.sine({1, kColumnPadding}, {}, in, out, {high, low, inverse, f}, {&found, rho.data(), m.data(), Real(0)});
}

// One step on one pair whose t is 1.
template <class Real>
Pair<Real> sine_of(const LaneTable<Real>& lanes, double a, double b, Real rho, Real m) {
  const std::array<ActivationRow, 2> rows{activation_row(kSine, Scaled{a, 0}.settled(), false),
                                          activation_row(kSine, Scaled{b, 0}.settled(), false)};
  std::array<Real, 4> row{};
  std::array<std::vector<Real>, 4> col;
  std::array<Factor<Real>, 4> f;
  for (std::size_t k = 0; k < 4; ++k) {
    row[k] = static_cast<Real>(rows[0].factors[k]);
    col[k].assign(kColumnPadding, static_cast<Real>(rows[1].factors[k]));
    f[k] = {&row[k], col[k].data(), 0};
  }
  std::vector<Real> rhos(kColumnPadding, rho), ms(kColumnPadding, m), ts(kColumnPadding, Real(1));
  sine_step<Real>(lanes, {rhos.data(), ms.data(), ts.data()}, {rhos.data(), ms.data(), ts.data()}, f[0], f[1], f[2],
                  f[3]);
  return {rhos[3], ms[3], ts[3]};
}

// r_i = 0 and f = inverse = 1 leave e^{−r²/2}; r_i = r_j = r with ρ = 1 leaves (1 − e^{−2r²})/2r². Arguments are exact.
template <class Real>
void expect_exponentials() {
  const std::size_t n = kColumnPadding;
  const Real zero = 0, one = 1;
  const std::vector<Real> ones(n, 1), zeros(n, 0);
  constexpr double kUlp = std::numeric_limits<Real>::epsilon();
  for (const Table& table : tables()) {
    const LaneTable<Real>& lanes = table.lanes<Real>();
    double worst = 0, worst_slope = 0;
    for (int k = 1; k <= 8 * 36; ++k) {
      const Real r = static_cast<Real>(k) / 8;  // r² has few bits
      if (static_cast<double>(r) * static_cast<double>(r) / 2 > (sizeof(Real) == 8 ? 648 : 85)) break;
      const std::vector<Real> lengths(n, r);
      std::vector<Real> rho(n, 1), m(n, 0), t(n, 1);
      const auto run = [&](const Real* row) {
        sine_step<Real>(lanes, {rho.data(), m.data(), t.data()}, {rho.data(), m.data(), t.data()},
                        {row, lengths.data(), 0}, {&zero, zeros.data(), 0}, {&one, ones.data(), 0},
                        {&one, ones.data(), 0});
      };
      run(&zero);
      const long double square = static_cast<long double>(r) * static_cast<long double>(r);
      worst = std::max(worst, relative(static_cast<double>(t[0]), static_cast<double>(std::exp(-square / 2))));
      rho.assign(n, 1);
      t.assign(n, 1);
      m.assign(n, 0);
      run(&r);
      const double slope = static_cast<double>(-std::expm1(-2 * square) / (2 * square));
      worst_slope = std::max(worst_slope, relative(static_cast<double>(rho[0]), slope));
    }
    EXPECT_LE(worst, 1.5 * kUlp) << table.name;
    EXPECT_LE(worst_slope, 2 * kUlp) << table.name;
    // Over fine steps near 0, where 1 − e^{−y} is all cancellation.
    for (double y = 1e-30; y < 1; y *= 1.07) {
      const Real r = static_cast<Real>(std::sqrt(y / 2));
      const std::vector<Real> lengths(n, r);
      std::vector<Real> rho(n, 1), m(n, 0), t(n, 1);
      sine_step<Real>(lanes, {rho.data(), m.data(), t.data()}, {rho.data(), m.data(), t.data()},
                      {&r, lengths.data(), 0}, {&zero, zeros.data(), 0}, {&one, ones.data(), 0},
                      {&one, ones.data(), 0});
      const long double exact = 2 * static_cast<long double>(r) * static_cast<long double>(r);
      EXPECT_LE(relative(static_cast<double>(rho[0]), static_cast<double>(-std::expm1(-exact) / exact)), 2 * kUlp)
          << table.name << " " << y;
    }
  }
}

TEST(Sine, ExponentialsToAnUlp) {
  expect_exponentials<double>();
  expect_exponentials<float>();
}

struct Exact {
  double a, b, rho, value, slope;
};

// ρ′ and Ṡ/√(Ṡ_x Ṡ_z) in 60 digits or more of mpmath.
constexpr Exact kExact[] = {
    {1e-300, 1e-300, 0.5, 0.5, 1.0},
    {1e-300, 2.0, -0.3, -0.22277724672623318, 0.51556011175621383},
    {1e-12, 3e-12, 1e-200, 9.9999999999999998e-201, 1.0},
    {1e-05, 2e-05, 0.875, 0.8749999999858724, 0.9999999999515625},
    {0.01, 0.5, -0.25, -0.24489810842001207, 0.9418342161899695},
    {0.7, 0.7, 0.75, 0.72431261134893991, 0.90904659153800299},
    {1.0, 2.0, 0.0, 0.0, 0.41503526397802798},
    {1.0, 4.0, -0.9375, -0.56218504969740353, 0.51407493082558215},
    {3.0, 2.5, 0.5, 0.23623753477844928, 0.26643268917179237},
    {30.0, 31.0, 0.96875, 0.38400659438289335, 0.38400659438289335},
    {300.0, 300.0, 0.99609375, 0.30978554847668163, 0.30978554847668163},
    {400.0, 420.0, -0.9921875, -0.036003415285705369, 0.036003415285705369},
    {10000.0, 10000.0, 0.9375, 3.6808558548018006e-272, 3.6808558548018006e-272},
    {100000000.0, 100000000.0, 0.9999999850988388, 0.22534648692470562, 0.22534648692470562},
    {100000000.0, 100002000.0, 0.9999999962747097, 0.68555078019815186, 0.68555078019815186},
};

TEST(Sine, EveryVariance) {
  for (const Table& table : tables())
    for (const Exact& e : kExact) {
      const auto got = sine_of<double>(table.of_double, e.a, e.b, e.rho, (1 - std::fabs(e.rho)) / 2);
      // √a is rounded, and D = ½(√a − √b)² + 2m√(ab) magnifies that and its own rounding.
      const double gap = std::sqrt(e.a) - std::sqrt(e.b);
      const double exponent = 0.5 * gap * gap + (1 - std::fabs(e.rho)) * std::sqrt(e.a * e.b);
      const double slack = kEps * (6 + 3 * exponent + std::fabs(gap) * (std::sqrt(e.a) + std::sqrt(e.b)));
      EXPECT_LE(std::fabs(got.rho - e.value), slack * std::fabs(e.value)) << table.name << " " << e.a << " " << e.b;
      EXPECT_LE(std::fabs(got.t - e.slope), slack * e.slope) << table.name << " " << e.a << " " << e.b;
      const auto swapped = sine_of<double>(table.of_double, e.b, e.a, e.rho, (1 - std::fabs(e.rho)) / 2);
      EXPECT_EQ(swapped.rho, got.rho);
      EXPECT_EQ(swapped.t, got.t);
      const auto mirrored = sine_of<double>(table.of_double, e.a, e.b, -e.rho, (1 - std::fabs(e.rho)) / 2);
      EXPECT_EQ(mirrored.rho, -got.rho);
      EXPECT_EQ(mirrored.t, got.t);
    }
  // Lengths or directions that far apart have nothing in common, and that is no NaN.
  const auto apart = sine_of<double>(tables().back().of_double, 1e8, 1e-3, 0.75, 0.125);
  EXPECT_LE(std::fabs(apart.rho), 1e-300);
  EXPECT_LE(std::fabs(apart.t), 1e-300);
}

// √a in two floats: the difference of two lengths of 10⁴ is known as well as that of two of 1.
TEST(Sine, FloatsAtLargeVariances) {
  for (const Table& table : tables())
    for (const double spread : {0.0, 1e-6, 3e-5, 2e-4}) {
      const double a = 1e8, b = a * (1 + spread);
      const auto full = sine_of<double>(table.of_double, a, b, 1.0, 0.0);
      const auto single = sine_of<float>(table.of_float, a, b, 1.0F, 0.0F);
      EXPECT_LE(std::fabs(static_cast<double>(single.rho) - full.rho), 2e-6) << table.name << " " << spread;
      EXPECT_LE(std::fabs(static_cast<double>(single.t) - full.t), 2e-6) << table.name << " " << spread;
    }
}

// Whole networks at angles that cosines cannot tell, where both ends are alike: the function is odd.
TEST(Sine, NetworksAreOdd) {
  const Row sine{"sine", {1}};
  for (const Rows& rows : {mlp_rows(6, sine, affine(2)), resnet_rows(5, 0.5, sine, true)}) {
    std::vector<double> at, opposite;
    for (double angle = 1.5; angle > 1e-12; angle /= 3) {
      at.push_back(angle);
      opposite.push_back(kPi - angle);
    }
    const auto near = profile_of(rows, at), far = profile_of(rows, opposite);
    for (std::size_t k = 0; k < at.size(); ++k) {
      // π − angle is rounded to an ulp of π, which is what the kernel then turns by.
      const double turn = 4e-16 * 64 * near.ntk[k];
      EXPECT_LE(std::fabs(near.nngp[k] + far.nngp[k]), turn) << at[k];
      EXPECT_LE(std::fabs(near.ntk[k] + far.ntk[k]), turn) << at[k];
    }
  }
}

double length_of(std::span<const double> x) { return std::sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]); }

struct Deep {
  std::size_t depth;
  double weight;
  std::vector<double> x, z;
  double nngp, ntk;  // divided by the roots of the diagonals
};

// 200 digits of mpmath: ordered and chaotic networks, in which inputs of almost one direction, or of almost one length, part.
const std::vector<Deep> kDeep = {
    {10, 3.0, {1.0, 0, 0}, {0.6, 0.8, 0}, 0.01808530445387644, 0.00059048698678456268},
    {10, 3.0, {1.5, -0.5, 2.0}, {-0.3, 0.7, 0.2}, -4.0852853046762622e-6, -6.9019674852933464e-8},
    {10, 3.0, {1.0, 0, 0}, {1.0, 1e-06, 0}, 0.99999999989768378, 0.9999999997863066},
    {10, 3.0, {1.0, 0, 0}, {1.0, 1e-10, 0}, 1.0, 1.0},
    {10, 3.0, {1.0, 0, 0}, {-1.0, 1e-06, 0}, -0.99999999989768378, -0.9999999997863066},
    {10, 3.0, {1.25, -0.5, 2.0}, {1.25, -0.5, 2.0000000009313226}, 0.99999999999999991, 0.99999999999999981},
    {10, 3.0, {1.25, -0.5, 2.0}, {1.250125, -0.50005, 2.0002000001164153}, 0.99999407014580056, 0.99998753712152899},
    {10, 3.0, {1.25, -0.5, 2.0}, {1.375, -0.55, 2.2}, 0.18388339711239864, 0.021694030660111164},
    {30, 3.0, {1.0, 0, 0}, {0.6, 0.8, 0}, 3.5196291005223228e-5, 2.8237794952562798e-10},
    {30, 3.0, {1.5, -0.5, 2.0}, {-0.3, 0.7, 0.2}, -7.948624484944177e-9, -3.4805903622681773e-14},
    {30, 3.0, {1.0, 0, 0}, {1.0, 1e-06, 0}, 0.99999891868040974, 0.99999770220634431},
    {30, 3.0, {1.0, 0, 0}, {1.0, 1e-10, 0}, 0.99999999999998919, 0.99999999999997702},
    {30, 3.0, {1.0, 0, 0}, {-1.0, 1e-06, 0}, -0.99999891868040974, -0.99999770220634431},
    {30, 3.0, {1.25, -0.5, 2.0}, {1.25, -0.5, 2.0000000009313226}, 0.99999999999906482, 0.99999999999801275},
    {30, 3.0, {1.25, -0.5, 2.0}, {1.250125, -0.50005, 2.0002000001164153}, 0.94125083774784578, 0.87868043387137984},
    {30, 3.0, {1.25, -0.5, 2.0}, {1.375, -0.55, 2.2}, 0.00036666348760064467, 4.7613521065809209e-9},
    {100, 1.0, {1.0, 0, 0}, {0.6, 0.8, 0}, 0.51041049135962743, 0.50466725646695571},
    {100, 1.0, {1.5, -0.5, 2.0}, {-0.3, 0.7, 0.2}, -0.025528845267259843, -0.024435612745000611},
    {100, 1.0, {1.0, 0, 0}, {1.0, 1e-06, 0}, 0.99999999999922752, 0.99999999999920499},
    {100, 1.0, {1.0, 0, 0}, {1.0, 1e-10, 0}, 1.0, 1.0},
    {100, 1.0, {1.0, 0, 0}, {-1.0, 1e-06, 0}, -0.99999999999922752, -0.99999999999920499},
    {100, 1.0, {1.25, -0.5, 2.0}, {1.25, -0.5, 2.0000000009313226}, 1.0, 1.0},
    {100, 1.0, {1.25, -0.5, 2.0}, {1.250125, -0.50005, 2.0002000001164153}, 0.99999996477522486, 0.99999996297723112},
    {100, 1.0, {1.25, -0.5, 2.0}, {1.375, -0.55, 2.2}, 0.96557960073165737, 0.9638411848350418},
    {100, 2.25, {1.0, 0, 0}, {0.6, 0.8, 0}, 1.5214722958810105e-7, 2.4894813425769008e-17},
    {100, 2.25, {1.5, -0.5, 2.0}, {-0.3, 0.7, 0.2}, -2.5606733081703279e-10, -2.586577542724876e-20},
    {100, 2.25, {1.0, 0, 0}, {1.0, 1e-06, 0}, 0.90176144485663548, 0.7736335417700956},
    {100, 2.25, {1.0, 0, 0}, {1.0, 1e-10, 0}, 0.99999999888282619, 0.9999999972460881},
    {100, 2.25, {1.0, 0, 0}, {-1.0, 1e-06, 0}, -0.90176144485663548, -0.7736335417700956},
    {100, 2.25, {1.25, -0.5, 2.0}, {1.25, -0.5, 2.0000000009313226}, 0.99999990449580214, 0.99999976457545935},
    {100,
     2.25,
     {1.25, -0.5, 2.0},
     {1.250125, -0.50005, 2.0002000001164153},
     0.0039531771868500743,
     3.6193996111139242e-7},
    {100, 2.25, {1.25, -0.5, 2.0}, {1.375, -0.55, 2.2}, 1.169759550789189e-6, 1.7346153008367018e-16},
};

TEST(Sine, DeepNetworks) {
  for (const Deep& deep : kDeep) {
    const Row layer = affine(deep.weight);
    Cloud x(2, 3);
    std::copy_n(deep.x.data(), 3, x.row(0).data());
    std::copy_n(deep.z.data(), 3, x.row(1).data());
    const auto got = gram_of(mlp_rows(deep.depth, {"sine", {1}}, layer, layer), x);
    // Lengths whose ratio is 1 + δ contribute an angle that is known to ε/δ.
    const double delta = std::fabs(std::log(length_of(x.row(1)) / length_of(x.row(0))));
    const double slack = 1e-13 + (delta > 0 && delta < 1e-3 ? 4 * kEps / delta * (1 - deep.nngp) : 0);
    const double k = got.nngp[1] / std::sqrt(got.nngp[0] * got.nngp[3]);
    const double t = got.ntk[1] / std::sqrt(got.ntk[0] * got.ntk[3]);
    EXPECT_LE(std::fabs(k - deep.nngp), slack) << deep.depth << " " << deep.weight << " " << delta;
    EXPECT_LE(std::fabs(t - deep.ntk), slack) << deep.depth << " " << deep.weight << " " << delta;
  }
}

TEST(Sine, VarianceBeyondMeaningIsRefused) {
  const Cloud x(1, 1, {1e16});
  const Error error = refusal([&] { gram_of(mlp_rows(1, Row{"sine", {1}}), x); });
  EXPECT_EQ(error.code(), Code::range);
  EXPECT_NE(std::string(error.what()).find("sine"), std::string::npos) << error.what();
}

std::vector<double> nngp_of(const Rows& rows, const Cloud& x) {
  const Program program = Program::load(rows);
  std::vector<double> values(x.rows * x.rows);
  std::vector<Sink<double>> sinks{{values.data(), nullptr, 0, 0}};
  Ticket ticket;
  gram(program, x.points(), std::span<Sink<double>>(sinks), {}, ticket);
  return values;
}

// Arcsines of arcsines, whatever the lengths.                                                                    [sign]
TEST(Sign, IsTheArcsineKernel) {
  Cloud x = normal_cloud(30, 3, 7);
  for (double& v : x.row(11)) v = 0;
  for (double& v : x.row(12)) v *= 1e150;
  for (const std::size_t depth : {1U, 3U}) {
    const std::vector<double> values = nngp_of(mlp_rows(depth, Row{"sign", {1.5}}), x);
    for (std::size_t i = 0; i < x.rows; ++i)
      for (std::size_t j = 0; j < x.rows; ++j) {
        const double value = values[i * x.rows + j];
        EXPECT_EQ(value, values[j * x.rows + i]);
        if (i == 11 || j == 11) {
          EXPECT_EQ(value, 0);  // sign(0) = 0
        } else if (i == j) {
          EXPECT_LE(relative(value, 2.25), 2 * kEps);
        } else {
          double inner = 0, xx = 0, zz = 0;
          for (std::size_t k = 0; k < 3; ++k) {
            inner += x.row(i)[k] * x.row(j)[k];
            xx += x.row(i)[k] * x.row(i)[k];
            zz += x.row(j)[k] * x.row(j)[k];
          }
          double rho = inner / std::sqrt(xx) / std::sqrt(zz), magnified = 4 * kEps;
          for (std::size_t layer = 0; layer < depth; ++layer) {
            magnified = magnified / std::sqrt(1 - rho * rho) + kEps;
            rho = 2 / kPi * std::asin(rho);
          }
          EXPECT_LE(std::fabs(value - 2.25 * rho), 4 * magnified) << depth << " " << i << " " << j;
        }
      }
  }
}

// w′ = (2/π) asin √w to an ulp at both ends, on every instruction set.
TEST(Sign, KeepsSmallComplements) {
  const std::size_t n = kColumnPadding;
  for (const Table& table : tables())
    for (double w = 0.5; w > 1e-300; w *= 0.01)
      for (const double side : {1.0, -1.0}) {
        std::vector<double> rho(n, side * (1 - 2 * w)), m(n, w), t(n, 1);
        table.of_double.sign({1, n}, {rho.data(), m.data(), t.data()}, {rho.data(), m.data(), t.data()});
        EXPECT_LE(relative(m[0], 2 / kPi * std::asin(std::sqrt(w))), 4 * kEps) << table.name << " " << w;
        EXPECT_LE(std::fabs(rho[0] - side * (1 - 2 * m[0])), 2 * kEps);
        std::vector<double> tiny(n, side * w), half(n, 0.5);
        table.of_double.sign({1, n}, {tiny.data(), half.data(), t.data()}, {tiny.data(), half.data(), t.data()});
        EXPECT_LE(relative(tiny[0], side * 2 / kPi * std::asin(w)), 4 * kEps) << table.name << " " << w;
      }
}

TEST(Sign, HasNoTangentKernel) {
  const Rows rows = mlp_rows(2, Row{"sign", {1}});
  const Program program = Program::load(rows);
  EXPECT_FALSE(program.tangent());
  EXPECT_FALSE(is_uniform(program));  // homogeneous, but of degree 0
  EXPECT_TRUE(Program::load(mlp_rows(2, Row{"sine", {1}})).tangent());
  const Cloud x = normal_cloud(3, 2, 1);
  for (const auto& call : std::vector<std::function<void()>>{
           [&] { gram_of(rows, x); }, [&] { gram_of<float>(rows, x); }, [&] { cross_of(rows, x, x); },
           [&] { diagonal_of(rows, x); }, [&] { profile_of(rows, {0.5}); }}) {
    const Error error = refusal(call);
    EXPECT_EQ(error.code(), Code::program);
    EXPECT_NE(std::string(error.what()).find("sign"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace resgram::core
