// Sums of functions that have means: the one-matrix ResNet against 30-digit values and against its recursion in
// extended precision, and the vector step against what it stands for.                                            [means]
#include <algorithm>
#include <array>

#include "../../native/core/rows.hpp"
#include "../../native/core/run.hpp"
#include "kernels.hpp"
#include "tables.hpp"

namespace resgram::core {
namespace {

using namespace trial;

// --- One-matrix ResNet in extended precision ----------------------------------------------------------------------------

using Long = long double;
const Long kLongPi = std::acos(Long(-1));

struct LongDual {
  Long value, slope;
  Long apart = 0;  // ½ E (φ(u) − φ(v))², for ReLU
};

// For leaky ReLU from `apart` = ½ E (u − v)², which knows the angle of almost equal inputs.
LongDual leaky(Long s, Long a, Long b, Long k, Long apart) {
  const Long size = std::sqrt(a * b), lengths = (std::sqrt(a) - std::sqrt(b)) * (std::sqrt(a) - std::sqrt(b)) / 2;
  const Long w = std::max(Long(0), (apart - lengths) / (2 * size));
  const Long angle = k > 0 ? 2 * std::asin(std::sqrt(std::min(Long(1), w))) : std::acos(std::max(Long(-1), k / size));
  const Long bend = (1 - s) * (1 - s) / 2;
  const Long one = (std::sin(angle) + (kLongPi - angle) * std::cos(angle)) / kLongPi;
  const Long gap = 2 * w - (std::sin(angle) - angle * std::cos(angle)) / kLongPi;
  return {s * k + bend * size * one, s + bend * (kLongPi - angle) / kLongPi, s * apart + bend * (lengths + size * gap)};
}

// E φφ and E φ′φ′ for scale 1.
LongDual dual(const Row& phi, Long a, Long b, Long k, Long apart) {
  if (phi.op == "erf") {
    const Long area = (1 + 2 * a) * (1 + 2 * b);
    return {2 / kLongPi * std::asin(2 * k / std::sqrt(area)), 4 / kLongPi / std::sqrt(area - 4 * k * k)};
  }
  if (phi.op == "gelu") {
    const Long p = 1 + a, q = 1 + b, d = p * q - k * k, h = 1 / p + 1 / q, over = 1 / (2 * kLongPi * std::sqrt(d));
    const Long f = Long(0.25) + std::asin(k / std::sqrt(p * q)) / (2 * kLongPi);
    return {k * f + over * (a * b + k * k * (h - 1)), f + k * over * h + k * over / d};
  }
  if (phi.op == "sine") {
    const Long e = std::exp(-(a + b) / 2);
    return {e * std::sinh(k), e * std::cosh(k)};
  }
  return leaky(phi.args[1], a, b, k, apart);
}

Long mean(const Row& phi, Long a) {
  if (phi.op == "gelu") return a / std::sqrt(2 * kLongPi * (1 + a));
  if (phi.op == "relu") return (1 - Long(phi.args[1])) * std::sqrt(a / (2 * kLongPi));
  return 0;
}

struct Kernel {
  double nngp, ntk;
};

Long inner(std::span<const double> x, std::span<const double> z) {
  Long sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += Long(x[k]) * z[k];
  return sum;
}

// All layers trained; φ is multiplied by its scale, and in the first layer by `first` instead.
Kernel recursion(std::size_t depth, double residual, const Row& phi, double first, std::span<const double> x,
                 std::span<const double> z) {
  Long xx = inner(x, x), zz = inner(z, z), xz = inner(x, z), apart = 0;  // ½‖x − z‖²
  for (std::size_t k = 0; k < x.size(); ++k) apart += (Long(x[k]) - z[k]) * (Long(x[k]) - z[k]) / 2;
  const Long c = Long(first) * first, s = Long(residual / static_cast<double>(depth)) * phi.args[0];
  LongDual pair = dual(phi, xx, zz, xz, apart);
  Long bx = first * mean(phi, xx), bz = first * mean(phi, zz), t = c * pair.slope * xz;
  xx = c * dual(phi, xx, xx, xx, 0).value;
  zz = c * dual(phi, zz, zz, zz, 0).value;
  xz = c * pair.value;
  apart = c * pair.apart;
  for (std::size_t layer = 1; layer < depth; ++layer) {
    pair = dual(phi, xx, zz, xz, apart);
    const Long mx = s * mean(phi, xx), mz = s * mean(phi, zz);
    t += s * s * pair.slope * (t + xz);
    xx += 2 * bx * mx + s * s * dual(phi, xx, xx, xx, 0).value;
    zz += 2 * bz * mz + s * s * dual(phi, zz, zz, zz, 0).value;
    xz += bx * mz + bz * mx + s * s * pair.value;
    apart += s * s * pair.apart + (bx - bz) * (mx - mz);
    bx += mx;
    bz += mz;
  }
  return {static_cast<double>(xz), static_cast<double>(t + xz)};
}

struct Golden {
  const char* phi;
  std::size_t depth;
  const char* pair;
  double nngp, ntk;
};

// The rows of family res1_li of test/golden/reference.json: c_res = 0.9, φ normalised to E φ² = 1 on unit inputs.
constexpr Golden kGolden[] = {
    {"erf", 2, "generic", 0.61361959503242991, 1.3194740937369305},
    {"erf", 2, "equal", 1.0940732085155018, 2.5764087353848488},
    {"erf", 2, "opposite", -1.0940732085155018, -2.5764087353848488},
    {"erf", 2, "near_parallel_1e-12", 1.094073208514559, 2.5764087353818774},
    {"erf", 2, "near_opposite_1e-12", -1.094073208514559, -2.5764087353818774},
    {"erf", 2, "nonunit", -0.21166549372702748, -0.44016135768108633},
    {"gelu", 2, "generic", 0.78163321922495976, 1.3764569472002037},
    {"gelu", 2, "equal", 1.1959383777646595, 2.4592387992554232},
    {"gelu", 2, "opposite", -0.058253486083019369, -0.17444896038127186},
    {"gelu", 2, "near_parallel_1e-12", 1.195938377764922, 2.4592387992550466},
    {"gelu", 2, "near_opposite_1e-12", -0.058253486082740419, -0.17444896038151869},
    {"gelu", 2, "nonunit", 0.51940802223724047, 0.31640991765553289},
    {"erf", 5, "generic", 0.5959315222290742, 1.2642445564720453},
    {"erf", 5, "equal", 1.060754215902604, 2.4554317643566277},
    {"erf", 5, "opposite", -1.0607542159026038, -2.4554317643566277},
    {"erf", 5, "near_parallel_1e-12", 1.0607542159017045, 2.4554317643538792},
    {"erf", 5, "near_opposite_1e-12", -1.0607542159017045, -2.4554317643538792},
    {"erf", 5, "nonunit", -0.20622617196336998, -0.42393726544855453},
    {"gelu", 5, "generic", 0.8807079301207863, 1.4517982878168534},
    {"gelu", 5, "equal", 1.284338699420984, 2.4887508699582419},
    {"gelu", 5, "opposite", 0.056081020483565183, -0.053894665976136},
    {"gelu", 5, "near_parallel_1e-12", 1.2843386994214383, 2.4887508699581078},
    {"gelu", 5, "near_opposite_1e-12", 0.056081020484029812, -0.053894665976186078},
    {"gelu", 5, "nonunit", 0.77783986909195169, 0.58154831302527343},
    {"erf", 50, "generic", 0.56783158094262742, 1.1743863823344145},
    {"erf", 50, "equal", 1.007386207142287, 2.2532992251100286},
    {"erf", 50, "opposite", -1.007386207142287, -2.2532992251100286},
    {"erf", 50, "near_parallel_1e-12", 1.0073862071414601, 2.2532992251076869},
    {"erf", 50, "near_opposite_1e-12", -1.0073862071414601, -2.2532992251076869},
    {"erf", 50, "nonunit", -0.19763435182869554, -0.39784298006871699},
    {"gelu", 50, "generic", 0.9325907641765171, 1.4514251404288496},
    {"gelu", 50, "equal", 1.3177783681116251, 2.4061235452103809},
    {"gelu", 50, "opposite", 0.13548015762895596, 0.031115300017833143},
    {"gelu", 50, "near_parallel_1e-12", 1.3177783681122155, 2.4061235452104577},
    {"gelu", 50, "near_opposite_1e-12", 0.13548015762954749, 0.03111530001791956},
    {"gelu", 50, "nonunit", 0.94759211125677867, 0.74558823811440089},
    {"erf", 1000, "generic", 0.56413065699473275, 1.1626417501629958},
    {"erf", 1000, "equal", 1.0003759453778931, 2.2271017102461044},
    {"erf", 1000, "opposite", -1.0003759453778931, -2.2271017102461044},
    {"erf", 1000, "near_parallel_1e-12", 1.0003759453770753, 2.2271017102438138},
    {"erf", 1000, "near_opposite_1e-12", -1.0003759453770753, -2.2271017102438138},
    {"erf", 1000, "nonunit", -0.19650066329795474, -0.39441983968350536},
    {"gelu", 1000, "generic", 0.93750261117682898, 1.4491022349934128},
    {"gelu", 1000, "equal", 1.3202696563145224, 2.393131701462007},
    {"gelu", 1000, "opposite", 0.14408382755285196, 0.040231484793214346},
    {"gelu", 1000, "near_parallel_1e-12", 1.3202696563151275, 2.3931317014621074},
    {"gelu", 1000, "near_opposite_1e-12", 0.14408382755345719, 0.040231484793315335},
    {"gelu", 1000, "nonunit", 0.96561751478162183, 0.76216995948824551},
};

Cloud golden_pair(const std::string& name) {
  if (name == "generic") return {2, 3, {1, 0, 0, 0.6, 0.8, 0}};
  if (name == "equal") return {2, 3, {0.6, 0.8, 0, 0.6, 0.8, 0}};
  if (name == "opposite") return {2, 3, {1, 0, 0, -1, 0, 0}};
  if (name == "near_parallel_1e-12") return {2, 3, {1, 0, 0, 1, 1.4142135623730952e-06, 0}};
  if (name == "near_opposite_1e-12") return {2, 3, {1, 0, 0, -1, 1.4142135623730952e-06, 0}};
  return {2, 3, {1.5, -0.5, 2, -0.3, 0.7, 0.2}};
}

TEST(OneMatrixResNet, ThirtyDigitValues) {
  for (const Golden& golden : kGolden) {
    const Row phi{golden.phi, {1}};
    const double first = std::sqrt(phi.op == "erf" ? 2.15257886060759854658646157104 : 2.35171561407337294758001174056);
    const Cloud x = golden_pair(golden.pair);
    const auto got = gram_of(li_rows(golden.depth, 0.9, phi, first), x);
    const double k_size = std::sqrt(got.nngp[0] * got.nngp[3]), t_size = std::sqrt(got.ntk[0] * got.ntk[3]);
    EXPECT_LE(std::fabs(got.nngp[1] - golden.nngp), 1e-13 * k_size) << golden.phi << golden.depth << golden.pair;
    EXPECT_LE(std::fabs(got.ntk[1] - golden.ntk), 1e-13 * t_size) << golden.phi << golden.depth << golden.pair;
  }
}

// Every activation with a closed form, lengths from 0.3 to 3, both signs of the branch, nearly equal and opposite inputs;
// ReLU and leaky ReLU share their factors over all rows, the others do not.
TEST(OneMatrixResNet, IsTheRecursionThatCarriesTheMean) {
  Cloud x = normal_cloud(9, 3, 5);
  for (std::size_t k = 0; k < 3; ++k) {
    x.row(6)[k] = x.row(0)[k] * (k == 1 ? 1 + 1e-6 : 1);
    x.row(7)[k] = 1.7 * x.row(1)[k] + (k == 0 ? 1e-4 : 0);
    x.row(8)[k] = -x.row(2)[k] * (k == 2 ? 1 - 1e-5 : 1);
  }
  const std::vector<Row> all{relu(1), relu(kRootTwo, 0.2), relu(1, -1), {"erf", {1}}, {"gelu", {1}}, {"sine", {1}}};
  for (const Row& phi : all)
    for (const double residual : {0.9, -0.7})
      for (const std::size_t depth : {2U, 7U, 100U, 1000U}) {
        const double first = 1.25;
        const auto got = gram_of(li_rows(depth, residual, phi, first), x);
        // A root just below 1 is rounded by ε/4 at most, for both rows, perhaps in the same direction in every layer.
        const double slack = 2e-14 + 0.5 * kEps * static_cast<double>(depth);
        for (std::size_t i = 0; i < x.rows; ++i)
          for (std::size_t j = 0; j < x.rows; ++j) {
            const double scaled = phi.args[0] * first;
            const Kernel want = recursion(depth, residual, phi, scaled, x.row(i), x.row(j));
            const double k_size = std::sqrt(got.nngp[i * 9 + i] * got.nngp[j * 9 + j]);
            const double t_size = std::sqrt(got.ntk[i * 9 + i] * got.ntk[j * 9 + j]);
            EXPECT_LE(std::fabs(got.nngp[i * 9 + j] - want.nngp), slack * k_size)
                << phi.op << " " << residual << " " << depth << " " << i << " " << j;
            EXPECT_LE(std::fabs(got.ntk[i * 9 + j] - want.ntk), slack * t_size)
                << phi.op << " " << residual << " " << depth << " " << i << " " << j;
          }
      }
}

TEST(OneMatrixResNet, TenThousandLayers) {
  const Cloud x(2, 3, {1.5, -0.5, 2, -0.3, 0.7, 0.2});
  for (const Row& phi : {relu(1), Row{"gelu", {1}}, Row{"sine", {1}}}) {
    const auto got = gram_of(li_rows(10'000, 2, phi, 1.5), x);
    const Kernel want = recursion(10'000, 2, phi, phi.args[0] * 1.5, x.row(0), x.row(1));
    EXPECT_LE(std::fabs(got.nngp[1] - want.nngp), 1e-12 * std::sqrt(got.nngp[0] * got.nngp[3])) << phi.op;
    EXPECT_LE(std::fabs(got.ntk[1] - want.ntk), 1e-12 * std::sqrt(got.ntk[0] * got.ntk[3])) << phi.op;
  }
}

// --- Two branches ------------------------------------------------------------------------------------------------------

// φ₁ and φ₂ side by side on fresh weights of their own, with means of the same and of opposite signs: K is the sum of the
// duals and of the products of the means.
TEST(Means, TwoBranches) {
  const Cloud x = normal_cloud(12, 3, 11);
  const std::vector<Row> all{relu(1.3), relu(-0.8), relu(1, 0.3), {"gelu", {0.7}}, {"gelu", {-1.1}}, {"erf", {1}}};
  for (const Row& one : all)
    for (const Row& two : all) {
      const auto got = gram_of({{"input", {0}},
                                affine(),
                                {"push", {}},
                                affine(),
                                one,
                                {"swap", {}},
                                affine(0.5),
                                two,
                                {"add", {}},
                                {"emit", {}}},
                               x);
      for (std::size_t i = 0; i < x.rows; ++i)
        for (std::size_t j = 0; j < x.rows; ++j) {
          const Long a = inner(x.row(i), x.row(i)), b = inner(x.row(j), x.row(j)), k = inner(x.row(i), x.row(j));
          const Long s = one.args[0], r = two.args[0];
          Long common = s * r * (mean(one, a) * mean(two, b / 2) + mean(one, b) * mean(two, a / 2));
          const Long apart = (a + b) / 2 - k;
          common += s * s * dual(one, a, b, k, apart).value + r * r * dual(two, a / 2, b / 2, k / 2, apart / 2).value;
          // Means of opposite signs cancel: the tolerance is of what was added.
          const double size = static_cast<double>(std::sqrt((s * s * a + r * r * a) * (s * s * b + r * r * b)));
          EXPECT_LE(std::fabs(got.nngp[i * x.rows + j] - static_cast<double>(common)), 16 * kEps * size)
              << one.op << one.args[0] << two.op << two.args[0] << " " << i << " " << j;
        }
    }
}

// A function and its negative on the same weights would cancel, on fresh ones they do not: K = 2S − 2b².
TEST(Means, OppositeBranches) {
  const auto got = profile_of({{"input", {0}},
                               affine(),
                               {"push", {}},
                               affine(),
                               relu(1),
                               {"swap", {}},
                               affine(),
                               relu(-1),
                               {"add", {}},
                               {"emit", {}}},
                              {0.0, kPi / 2, kPi});
  const double b2 = 1 / (2 * kPi);
  EXPECT_LE(std::fabs(got.nngp[0] - (1 - 2 * b2)), 4 * kEps);
  EXPECT_LE(std::fabs(got.nngp[1] - (1 / kPi - 2 * b2)), 4 * kEps);  // S = 1/2π: nothing is left
  EXPECT_LE(std::fabs(got.nngp[2] - -2 * b2), 4 * kEps);
}

// A mean follows scales, branches and swaps; fresh weights take it away.
TEST(Means, TravelInTheRows) {
  const auto state = [](const Rows& rows) {
    const std::vector<Unit> units{{Scaled{2, 4}, false}};
    const Program program = Program::load(rows + Rows{{"emit", {}}});
    RowRecursion recursion(units, false);
    run(program, [&](const Step& step) { recursion.step(step); });
    return recursion.state();
  };
  const double unit = std::sqrt(32.0), b = unit / std::sqrt(2 * kPi);
  const auto absolute = [&](const RowState& s) { return s.b[0].value() * unit; };
  const Rows head{{"input", {0}}, affine()};
  EXPECT_EQ(absolute(state(head)), 0);
  EXPECT_LE(relative(absolute(state(head + Rows{relu(1)})), b), 4 * kEps);
  EXPECT_LE(relative(absolute(state(head + Rows{relu(1), {"scale", {-3}}})), -3 * b), 4 * kEps);
  EXPECT_LE(relative(absolute(state(head + Rows{relu(1), {"push", {}}, affine(), relu(2), {"add", {}}})),
                     b + 2 * unit * std::sqrt(0.5) / std::sqrt(2 * kPi)),
            4 * kEps);
  EXPECT_LE(relative(absolute(state(head + Rows{relu(1), {"push", {}}, affine(), {"add", {}}})), b), 4 * kEps);
  EXPECT_LE(relative(absolute(state(head + Rows{relu(1), {"push", {}}, affine(), {"pop", {}}})), b), 4 * kEps);
  EXPECT_EQ(absolute(state(head + Rows{relu(1), affine()})), 0);
  EXPECT_FALSE(state(head + Rows{relu(1), affine()}).means);
  EXPECT_FALSE(state(head + Rows{{"erf", {1}}}).means);
}

// --- The vector step -----------------------------------------------------------------------------------------------------

// Equal, nearly equal and unlike rows, at small complements on both sides: 1 − ρ′ keeps its digits and is never negative.
TEST(Means, SumsKeepSmallComplements) {
  const std::size_t n = kColumnPadding;
  struct Share {
    double c, s, beta, nu;
  };
  const auto share = [](double angle, double first, double second) {
    const double total = std::sqrt(1 + first * second * std::sin(2 * angle));
    const double c = std::cos(angle) / total, s = std::sin(angle) / total;
    return Share{c, s, first * c, second * s};
  };
  for (const Table& table : tables())
    for (const double turn : {0.0, 1e-15, 1e-8, 1e-3})
      for (double w = 0.25; w > 1e-200; w *= 1e-3) {
        const Share x = share(0.6, 0.7, 0.4), z = share(0.6 + turn, 0.7 + turn, 0.4 - turn / 2);
        std::vector<double> rho(n, 1 - 2 * w), m(n, w), t(n, 0.5);
        const std::vector<double> c(n, z.c), s(n, z.s), beta(n, z.beta), nu(n, z.nu);
        const Planes<double> in{rho.data(), m.data(), t.data()};
        table.of_double.mix({1, n}, in, in, {rho.data(), m.data(), t.data()}, {&x.c, c.data(), 0}, {&x.s, s.data(), 0},
                            {&x.c, c.data(), 0}, {&x.s, s.data(), 0}, {&x.beta, beta.data(), 0}, {&x.nu, nu.data(), 0});
        const Long dc = Long(x.c) - z.c, ds = Long(x.s) - z.s, db = Long(x.beta) - z.beta, dn = Long(x.nu) - z.nu;
        const Long want = (Long(x.c) * z.c + Long(x.s) * z.s) * w + (dc * dc + ds * ds) / 4 + db * dn / 2;
        EXPECT_GE(m[0], 0);
        EXPECT_LE(std::fabs(m[0] - static_cast<double>(want)), 8 * kEps * static_cast<double>(want))
            << table.name << " " << turn << " " << w;
        EXPECT_LE(std::fabs(rho[0] - (1 - 2 * m[0])), 4 * kEps);
      }
}

// Where one of the means is 0 for all rows the sum is that of independent branches, to a few ulps of its own formula.
TEST(Means, WithoutMeansItIsTheIndependentSum) {
  const Cloud x = troubled_cloud(30, 3, 13);
  const Row erf{"erf", {1}};
  const Rows head{{"input", {0}}, affine(), {"push", {}}, affine(2), erf};
  const auto plain = gram_of(head + Rows{affine(), {"add", {}}, {"emit", {}}}, x),
             direct = gram_of(head + Rows{{"add", {}}, {"emit", {}}}, x);
  // A trained head's own gradient is all that differs.
  EXPECT_TRUE(same_bytes(plain.nngp, direct.nngp));
}

TEST(Means, SinglePrecisionFollowsDouble) {
  const Cloud x = troubled_cloud(40, 4, 17);
  for (const Row& phi : {relu(1), Row{"gelu", {1}}})
    for (const std::size_t depth : {4U, 100U}) {
      const Rows rows = li_rows(depth, 0.9, phi, 1.4);
      const auto full = gram_of(rows, x);
      const auto single = gram_of<float>(rows, x);
      const double slack = 1e-6 * static_cast<double>(depth);
      EXPECT_LE(worst_deviation(full.nngp, single.nngp, x.rows), slack) << phi.op << depth;
      EXPECT_LE(worst_deviation(full.ntk, single.ntk, x.rows), slack) << phi.op << depth;
    }
}

}  // namespace
}  // namespace resgram::core
