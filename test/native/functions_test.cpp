// Kernels of activations without a closed form: quadrature against 30-digit values, tables against quadrature, and whole
// networks on both.
#include "../../native/core/function.hpp"

#include "../../native/core/activation_row.hpp"
#include "../../native/core/dual_quadrature.hpp"
#include "../../native/core/dual_table.hpp"
#include "../../native/core/dual_tables.hpp"
#include "kernels.hpp"
#include "known_duals.hpp"

namespace resgram::core {
namespace {

using namespace trial;

constexpr const char* kNames[] = {"tanh", "softplus", "silu", "elu"};

// 1 − ρ and 1 + ρ of such a pair, from its angle.
struct Angle {
  double a, b, m;
  bool acute;
  explicit Angle(const Known& known) : a(known.x * known.x), b(0), m(0), acute(known.z[0] >= 0) {
    const double length = std::hypot(known.z[0], known.z[1]);
    b = known.z[0] * known.z[0] + known.z[1] * known.z[1];
    const double half = 0.5 * std::atan2(known.z[1], std::fabs(known.z[0]));
    m = length > 0 ? std::sin(half) * std::sin(half) : 0.5;
  }
};

TEST(Functions, QuadratureIsThatOfThirtyDigits) {
  for (const Known& known : kKnown) {
    const Angle at(known);
    const auto phi = named_function(known.name);
    const DualRow x = dual_row(*phi, at.a), z = dual_row(*phi, at.b);
    double error = 0;
    const DualPair got = dual_pair(*phi, at.a, at.b, at.m, at.acute, x, z, {"here", {}}, error);
    const double size = std::sqrt(x.square) * std::sqrt(z.square);
    // ~600 terms of one sign each, summed in doubles.
    EXPECT_NEAR((got.v - got.w), known.value / size, 4e-15) << known.name << " " << at.a << " " << at.b;
    EXPECT_NEAR(got.slope, known.slope / (std::sqrt(x.slope) * std::sqrt(z.slope)), 4e-15)
        << known.name << " " << at.a << " " << at.b;
    EXPECT_LE(error, 1e-12);
  }
}

TEST(Functions, TablesAreThatOfThirtyDigits) {
  const Ticket ticket;
  for (const Known& known : kKnown) {
    const Angle at(known);
    // Wide ranges and large variances take seconds: one φ for each.
    if (at.a * at.b < 1e-2 || (at.a != 1 && std::string(known.name) != (at.a < 1 ? "elu" : "tanh"))) continue;
    const auto phi = named_function(known.name);
    // Of the z of equal length the squares differ by a rounding.
    const double log_a = std::log(at.a), log_b = std::fabs(at.a - at.b) < 1e-13 * at.a ? log_a : std::log(at.b);
    const auto table = DualTable::build(*phi, std::min(log_a, log_b), std::max(log_a, log_b), 2, ticket, {"here", {}});
    EXPECT_LE(table->error(), 3e-14);
    const DualPair got = table->at(log_a, log_b, at.m, at.acute, phi->parity());
    const DualRow x = dual_row(*phi, at.a), z = dual_row(*phi, at.b);
    EXPECT_NEAR(got.v - got.w, known.value / (std::sqrt(x.square) * std::sqrt(z.square)), 3e-14) << known.name;
    EXPECT_NEAR(got.slope, known.slope / (std::sqrt(x.slope) * std::sqrt(z.slope)), 3e-14) << known.name;
  }
}

// For small w the table keeps the relative accuracy of its mean slope, down to equal inputs.                   [dual-table]
TEST(Functions, NearlyEqualInputsKeepTheirDigits) {
  const Ticket ticket;
  for (const char* name : kNames) {
    const auto phi = named_function(name);
    const double a = 1.7;
    const DualRow row = dual_row(*phi, a);
    const auto table = DualTable::build(*phi, std::log(a), std::log(a), 1, ticket, {"here", {}});
    for (const double w : {1e-4, 1e-8, 1e-12, 1e-30}) {
      const double got = table->at(std::log(a), std::log(a), w, true, phi->parity()).w;
      double error = 0;
      const double want = dual_pair(*phi, a, a, w, true, row, row, {"here", {}}, error).w;
      EXPECT_LE(relative(got, want), 2e-14) << name << " " << w;
      // To first order w′ = w a Ṡ/S; the next term is O(w) of it, or O(√w) beside a kink.
      EXPECT_LE(relative(got, w * a * row.slope / row.square), 4 * std::sqrt(w) + 2e-14) << name << " " << w;
    }
    EXPECT_EQ(table->at(std::log(a), std::log(a), 0, true, phi->parity()).w, 0);
  }
}

// A variance a makes a layer of the angle as narrow as (scale of φ)/√a, which no rule over [0, √m] may pass over.   [price]
TEST(Functions, PairsSeeTheLayerOfLargeVariances) {
  const Ticket ticket;
  const double steep = 3;
  std::string why;
  std::vector<std::shared_ptr<const Function>> all;
  for (const char* name : kNames) all.push_back(named_function(name));
  // A parabola on either side of 0, with a length of its own.
  all.push_back(tabulated_function({{-steep, 0, {1.25, -1.5, 0.25}}, {0, steep, {0.75, 1, 0.25}}}, why));
  ASSERT_NE(all.back(), nullptr) << why;
  for (const auto& phi : all)
    for (const auto& [a, b] : {std::pair{1.0, 1.0}, std::pair{30.0, 30.0}, std::pair{1000.0, 1000.0},
                               std::pair{1000.0, 700.0}, std::pair{40.0, 1000.0}}) {
      if (!DualTable::possible(*phi, std::log(std::min(a, b)), std::log(std::max(a, b)))) continue;
      const DualRow x = dual_row(*phi, a), z = dual_row(*phi, b);
      for (const double theta : {1e-6, 1e-4, 1e-3, 0.003, 0.01, 0.03, 0.06, 0.1, 0.3}) {
        const double m = std::pow(std::sin(0.5 * theta), 2);
        double error = 0;
        const DualPair got = dual_pair(*phi, a, b, m, true, x, z, {"here", {}}, error);
        const DualPair whole = dual_pass(*phi, a, b, m, true, x, z, Rule::finest);
        // The integral of the square: a rounding of φ in each of its roots.
        EXPECT_NEAR(got.w, whole.w, 1e-14 * whole.w + 4e-15 * std::sqrt(whole.w) + 1e-17)
            << phi->name() << " " << a << " " << b << " " << theta;
      }
    }
}

// ∂S/∂K = Ṡ, on the table, by a symmetric difference whose own error is h².                                        [price]
TEST(Functions, ObeyPrice) {
  const Ticket ticket;
  for (const char* name : kNames) {
    const auto phi = named_function(name);
    const double a = 0.8, b = 1.3, log_a = std::log(a), log_b = std::log(b), h = 1e-5;
    const auto table = DualTable::build(*phi, log_a, log_b, 2, ticket, {"here", {}});
    const DualRow x = dual_row(*phi, a), z = dual_row(*phi, b);
    const double g = std::sqrt(a * x.slope / x.square) * std::sqrt(b * z.slope / z.square);
    for (const bool acute : {true, false})
      for (const double m : {0.05, 0.2, 0.4}) {
        const auto rho = [&](double at) {
          const DualPair pair = table->at(log_a, log_b, at, acute, phi->parity());
          return pair.v - pair.w;
        };
        const double change = (rho(m - h) - rho(m + h)) / (4 * h) * (acute ? 1 : -1);
        EXPECT_NEAR(change, g * table->at(log_a, log_b, m, acute, phi->parity()).slope, 1e-8) << name << " " << m;
      }
  }
}

Rows hidden(const char* name, std::size_t depth) { return mlp_rows(depth, Row{name, {1}}, affine(1.5)); }

Cloud small_cloud(std::size_t n, std::uint64_t seed, bool sphere) {
  Cloud cloud = normal_cloud(n, 4, seed);
  for (std::size_t i = 0; i < n; ++i) {
    double square = 0;
    for (const double x : cloud.row(i)) square += x * x;
    const double factor = sphere ? 1 / std::sqrt(square) : 0.7 + 0.1 * static_cast<double>(i % 5) / std::sqrt(square);
    for (double& x : cloud.row(i)) x *= factor;
  }
  for (std::size_t k = 0; k < 4; ++k) {
    cloud.row(1)[k] = cloud.row(0)[k];
    cloud.row(2)[k] = -cloud.row(0)[k];
    cloud.row(3)[k] = cloud.row(0)[k] * (1 + 1e-9 * static_cast<double>(k));
    if (!sphere) cloud.row(4)[k] = 0;
  }
  return cloud;
}

// Whole networks: tables against a quadrature of every pair, floats against doubles. A table states 3e-14 per layer, and
// what a layer does to the error of the one below is at most its slope, here below 2.
TEST(Functions, NetworksOnTablesAreThoseOnQuadrature) {
  for (const char* name : kNames)
    for (const bool sphere : {true, false}) {
      if (!sphere && std::string(name) == "softplus") continue;  // the next test has it
      const Cloud x = small_cloud(8, 3, sphere);
      const auto table = gram_of(hidden(name, 2), x, {.threads = 2});
      const auto direct = gram_of(hidden(name, 2), x, {.threads = 2, .direct_duals = true});
      const auto single = gram_of<float>(hidden(name, 2), x, {.threads = 2});
      // The zero row of an odd φ has a kernel of 0 with everything, so its deviation has no scale: leave it out.
      std::vector<std::size_t> kept;
      for (std::size_t i = 0; i < x.rows; ++i)
        if (direct.nngp[i * x.rows + i] > 0) kept.push_back(i);
      for (const std::size_t i : kept)
        for (const std::size_t j : kept) {
          const std::size_t at = i * x.rows + j, ii = i * (x.rows + 1), jj = j * (x.rows + 1);
          const double size = std::sqrt(direct.nngp[ii] * direct.nngp[jj]);
          const double slope = std::sqrt(direct.ntk[ii] * direct.ntk[jj]);
          EXPECT_NEAR(table.nngp[at], direct.nngp[at], 1e-13 * size) << name << " " << i << " " << j;
          EXPECT_NEAR(table.ntk[at], direct.ntk[at], 1e-13 * slope) << name << " " << i << " " << j;
          EXPECT_NEAR(static_cast<double>(single.nngp[at]), direct.nngp[at], 3e-6 * size) << name;
          EXPECT_NEAR(static_cast<double>(single.ntk[at]), direct.ntk[at], 3e-6 * slope) << name;
        }
      EXPECT_EQ(table.nngp[1], table.nngp[0]) << name;  // an equal row has the value of the diagonal
      if (std::string(name) == "tanh") {
        EXPECT_NEAR(table.nngp[2], -table.nngp[0], 1e-15);
      }
    }
}

TEST(Functions, TilesThreadsAndOrderLeaveNoTrace) {
  const Cloud x = small_cloud(40, 5, false);
  const auto whole = gram_of(hidden("softplus", 2), x, {.threads = 1});
  const auto tiles = gram_of(hidden("softplus", 2), x, {.threads = 3, .strip_rows = 3});
  EXPECT_TRUE(same_bytes(whole.nngp, tiles.nngp));
  EXPECT_TRUE(same_bytes(whole.ntk, tiles.ntk));
}

// S(0, b) = φ(0) E φ(√b t), Ṡ(0, b) = φ′(0) E φ′(√b t); two zero vectors are equal.                            [zero-input]
TEST(Functions, ZeroRowsAreConstants) {
  const Cloud x(3, 2, {0, 0, 0.6, 0.8, 0, 0});
  const auto kernels = gram_of({{"input", {0}}, affine(), {"softplus", {1}}, affine(), {"emit", {}}}, x);
  const double at_zero = std::log(2.0);
  const auto phi = named_function("softplus");
  const DualRow one = dual_row(*phi, 1);
  EXPECT_LE(relative(kernels.nngp[0], at_zero * at_zero), 4 * kEps);
  EXPECT_LE(relative(kernels.nngp[2], at_zero * at_zero), 4 * kEps);
  EXPECT_LE(relative(kernels.nngp[1], at_zero * one.mean), 16 * kEps);
  EXPECT_LE(relative(kernels.nngp[4], one.square), 4 * kEps);
  // T = Ṡ·K + S, and K = 0 with a zero vector.
  EXPECT_LE(relative(kernels.ntk[1], at_zero * one.mean), 16 * kEps);
}

// Thirds of [2.5, 5] from the left and of [−5, −2.5] from the right fall together but for rounding; a gap of 1e-16 between
// two borders would ask for panels as short.
TEST(Functions, BordersAndTheirMirrorImagesFallTogether) {
  std::vector<double> bent(18, 0.0);
  bent[1] = 1;
  bent[17] = 1e-3;
  std::string why;
  std::vector<double> mirrored = bent;
  for (std::size_t k = 0; k < mirrored.size(); k += 2) mirrored[k] = -mirrored[k];
  const auto joined = tabulated_function({{-5, -2.5, mirrored}, {-2.5, 2.5, {0, -1.001}}, {2.5, 5, bent}}, why);
  ASSERT_NE(joined, nullptr) << why;
  const auto borders = joined->borders();
  for (std::size_t k = 1; k < borders.size(); ++k) EXPECT_GT(borders[k] - borders[k - 1], 0.5) << k;
}

// |u| as a tabulated function: kinked at 0 and even; the closed form knows the rest.                              [leaky-relu]
TEST(Functions, ATabulatedAbsIsAbs) {
  const Row tabulated{"tabulated", {1.25, -1, 0, 2, 0.5, -0.5, 0, 1, 2, 0.5, 0.5}};
  const Row closed = relu(1.25, -1);
  const Cloud x = small_cloud(9, 8, false);
  const auto got = gram_of(mlp_rows(2, tabulated), x, {.threads = 2});
  const auto want = gram_of(mlp_rows(2, closed), x);
  for (std::size_t i = 0; i < x.rows; ++i)
    for (std::size_t j = 0; j < x.rows; ++j) {
      const std::size_t at = i * x.rows + j, ii = i * (x.rows + 1), jj = j * (x.rows + 1);
      EXPECT_NEAR(got.nngp[at], want.nngp[at], 1e-13 * std::sqrt(want.nngp[ii] * want.nngp[jj])) << i << " " << j;
      EXPECT_NEAR(got.ntk[at], want.ntk[at], 1e-13 * std::sqrt(want.ntk[ii] * want.ntk[jj])) << i << " " << j;
    }
}

// E φφ of the hard tanh for equal variances, by pieces with kinks at ±1, and unequal ones, where no table exists: both against
// each other at the border where the lengths become equal.
TEST(Functions, KinksAwayFromZero) {
  std::string why;
  const auto phi = tabulated_function({{-1, 1, {0, 1}}, {1, 2, {1, 0}}, {2, 3, {1}}}, why);
  EXPECT_TRUE(why.empty()) << why;
  const auto hard = tabulated_function({{-2, -1, {-1}}, {-1, 1, {0, 1}}, {1, 2, {1}}}, why);
  ASSERT_TRUE(hard) << why;
  EXPECT_EQ(hard->parity(), Parity::odd);
  ASSERT_EQ(hard->kinks().size(), 2U);
  EXPECT_FALSE(DualTable::possible(*hard, 0, 1));
  EXPECT_TRUE(DualTable::possible(*hard, 0, 0));
  const Ticket ticket;
  const auto table = DualTable::build(*hard, 0, 0, 2, ticket, {"here", {}});
  const DualRow row = dual_row(*hard, 1), other = dual_row(*hard, 1 + 1e-13);
  for (const double m : {1e-6, 0.01, 0.3}) {
    double error = 0;
    const DualPair direct = dual_pair(*hard, 1, 1 + 1e-13, m, true, row, other, {"here", {}}, error);
    const DualPair got = table->at(0, 0, m, true, Parity::odd);
    EXPECT_NEAR(got.w, direct.w, 1e-12 * direct.w) << m;
    EXPECT_NEAR(got.slope, direct.slope, 3e-13) << m;
  }
  // E clip(u)² = erf(1/√2) − √(2/π) e^{−1/2} + 1 − erf(1/√2), by parts.
  EXPECT_NEAR(row.square, 1 - std::sqrt(2 / kPi) * std::exp(-0.5), 4 * kEps);
  EXPECT_NEAR(row.slope, std::erf(1 / kRootTwo), 4 * kEps);
}

// Points that share a piece are summed side by side: in any company the same bytes, and the sum is the plain one.
TEST(Functions, PiecesGiveEachPointTheSameBytes) {
  Random random(7);
  std::vector<Piece> pieces;
  const std::vector<std::size_t> counts{1, 2, 3, 8, 23, 24};
  double at = -3, end = 0;
  for (const std::size_t count : counts) {
    Piece piece{at, at + 0.5 + random.uniform(), {}};
    for (std::size_t k = 0; k < count; ++k) piece.coefficients.push_back((2 * random.uniform() - 1) / std::exp2(k));
    double left = 0, right = 0;
    for (std::size_t k = 0; k < count; ++k) {
      left += k % 2 == 0 ? piece.coefficients[k] : -piece.coefficients[k];
      right += piece.coefficients[k];
    }
    piece.coefficients[0] += end - left;  // φ goes on where it was
    end += right - left;
    at = piece.to;
    pieces.push_back(std::move(piece));
  }
  std::string why;
  const auto phi = tabulated_function(pieces, why);
  ASSERT_NE(phi, nullptr) << why;
  std::vector<double> u;
  for (int i = 0; i < 400; ++i) u.push_back(-4 + 9 * (i + random.uniform()) / 400);
  for (const Piece& piece : pieces) u.insert(u.end(), {piece.from, piece.to, std::nextafter(piece.to, 0)});
  const std::size_t n = u.size();
  std::vector<double> value(n), slope(n), bend(n);
  phi->evaluate(u, value.data(), slope.data());
  phi->bend(u, bend.data());
  for (std::size_t i = 0; i < n; ++i) {
    double one[3] = {};
    phi->evaluate({&u[i], 1}, &one[0], &one[1]);
    phi->bend({&u[i], 1}, &one[2]);
    EXPECT_EQ(value[i], one[0]) << u[i];
    EXPECT_EQ(slope[i], one[1]) << u[i];
    EXPECT_EQ(bend[i], one[2]) << u[i];
    for (const Piece& piece : pieces) {
      if (!(u[i] > piece.from && u[i] < piece.to)) continue;
      const double angle =
          std::acos(std::clamp((2 * u[i] - piece.from - piece.to) / (piece.to - piece.from), -1.0, 1.0));
      double sum = 0;
      for (std::size_t k = 0; k < piece.coefficients.size(); ++k)
        sum += piece.coefficients[k] * std::cos(static_cast<double>(k) * angle);
      // Coefficients of size 2^-k and values up to some 5; the angle is known to √ε next to the ends.
      EXPECT_NEAR(value[i], sum, 1e-13) << u[i];
    }
  }
}

TEST(Functions, RefusesWhatIsNoFunction) {
  const auto why = [](std::vector<double> args) {
    const Error error = refusal(
        [&] { Program::load(Rows{{"input", {0}}, affine(), {"tabulated", std::move(args)}, affine(), {"emit", {}}}); });
    EXPECT_EQ(error.code(), Code::program);
    return std::string(error.what());
  };
  EXPECT_NE(why({1}).find("at least one piece"), std::string::npos);
  EXPECT_NE(why({0, -1, 1, 1, 1}).find("scale must not be 0"), std::string::npos);
  EXPECT_NE(why({1, 1, -1, 1, 1}).find("to a larger one"), std::string::npos);
  EXPECT_NE(why({1, -1, 1, 2, 1}).find("1 numbers follow"), std::string::npos);
  EXPECT_NE(why({1, -1, 1, 1.5, 1, 1}).find("says it has"), std::string::npos);
  EXPECT_NE(why({1, -1, 0, 1, 1, 0.5, 1, 1, 1}).find("begin where the one before it ends"), std::string::npos);
  EXPECT_NE(why({1, -1, 0, 1, 1, 0, 1, 1, 2}).find("jumps by 1"), std::string::npos);
  EXPECT_NE(why({1, -1, 1, 1, 0}).find("0 everywhere"), std::string::npos);
  EXPECT_NE(why({1, -1, 1, 1, 1, 0}).find("takes 5 numbers by the counts of its 1 pieces, got 6"), std::string::npos);
  EXPECT_NE(why({1, -1, 1}).find("needs from, to and a count"), std::string::npos);
}

TEST(Functions, RefusesVariancesThatNoTableCovers) {
  const Cloud x(1, 1, {1e6});
  const Error error = refusal([&] { (void)gram_of(hidden("tanh", 1), x, {.threads = 2}); });
  EXPECT_EQ(error.code(), Code::range);
  EXPECT_NE(std::string(error.what()).find("step 3 (tanh): the variance of row 0 is above 1e+08"), std::string::npos)
      << error.what();
  EXPECT_EQ(error.path(), std::nullopt);
  const Ticket ticket;
  const auto phi = named_function("tanh");
  const Error table =
      refusal([&] { (void)DualTable::build(*phi, std::log(1e7), std::log(1e7), 2, ticket, {"step 7", {}}); });
  EXPECT_EQ(table.code(), Code::no_convergence);
  EXPECT_NE(std::string(table.what()).find("step 7: "), std::string::npos) << table.what();
  EXPECT_NE(std::string(table.what()).find("from 1e+07 to 1e+07 is only good to"), std::string::npos) << table.what();
  EXPECT_EQ(std::string(table.what()).find("0.000000"), std::string::npos) << table.what();
}

TEST(Functions, RefusalsNameTheLayerOfTheStep) {
  const std::vector<Row> rows = {{"input", {0}},  {"repeat", {3}}, {"affine", {1e3, 1, 0, 0, 0}},
                                 {"tanh", {1e3}}, {"end", {}},     {"affine", {1, 1, 0, 0, 0}},
                                 {"emit", {}}};
  Places places;
  for (const char* path : {"", "a", "b", "c", "a", "d", ""})
    places.push_back(std::make_shared<const Place>(Place{path, std::string("of ") + path}));
  const Program program = Program::load(rows, places);
  const Cloud x(1, 1, {1});
  const auto run = [&](std::span<Sink<double>> sinks) { diagonal(program, x.points(), sinks); };
  const Error error = refusal([&] { (void)detail::filled<double>(program, 1, run); });
  EXPECT_EQ(error.path(), "c");
  EXPECT_EQ(std::string(error.what()).rfind("c (of c): the variance of row 0 is above 1e+08", 0), 0U) << error.what();
  places.pop_back();
  EXPECT_EQ(refusal([&] { (void)Program::load(rows, places); }).code(), Code::program);
}

TEST(Functions, MessagesShowSmallNumbers) {
  EXPECT_EQ(shown(1.23456e-11), "1.23e-11");
  EXPECT_EQ(shown(-1e-300), "-1e-300");
  const auto why = [&](const std::vector<double>& numbers) {
    return std::string(
        refusal([&] { Program::load(std::vector<Row>{{"input", {0}}, {"tabulated", numbers}}); }).what());
  };
  EXPECT_NE(why({1, -1, 1e-7, 1, 1e-9, 1e-7, 1, 1, 2e-9}).find("jumps by 1e-09 at 1e-07"), std::string::npos);
}

TEST(Functions, TablesStopWhenCancelled) {
  Ticket ticket;
  ticket.cancel();
  const auto phi = named_function("tanh");
  EXPECT_THROW((void)DualTable::build(*phi, 0, 1, 2, ticket, {"here", {}}), Cancelled);
}

TEST(Functions, RangesThatRecurShareATable) {
  const Program program = Program::load(hidden("tanh", 6));
  LogRanges ranges;
  for (std::size_t step = 0; step < 40; ++step) ranges[step] = {0.101, 0.148};
  const Ticket ticket;
  const DualTables tables(program, ranges, 1e6, 2, ticket);
  ASSERT_NE(tables.at(2), nullptr);
  EXPECT_EQ(tables.at(2), tables.at(4));
  EXPECT_EQ(tables.bytes(), tables.at(2)->bytes());
  EXPECT_LE(tables.error(), 3e-14);
  EXPECT_GE(DualTables::most_bytes(program), static_cast<double>(tables.bytes()));
  EXPECT_LE(tables.at(2)->lo(), 0.101);
  EXPECT_GE(tables.at(2)->hi(), 0.148);
}

}  // namespace
}  // namespace resgram::core
