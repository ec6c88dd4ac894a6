#include "../../native/finite/architecture.hpp"

#include "../../native/finite/random.hpp"
#include "finite.hpp"

namespace resgram::finite::trial {
namespace {

std::string refusal(const Rows& rows, const core::Grid& grid = {}, std::size_t dimension = 4) {
  try {
    Architecture::compile(program_of(rows), grid, dimension, 8);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(FiniteArchitecture, CountsParameters) {
  const Architecture mlp = compiled({"", core::trial::mlp_rows(3, relu(), biased(0.1, true), affine())}, 16, 2);
  EXPECT_EQ(mlp.parameters(), 5U * 16 + 16 + 2 * (16 * 16 + 16) + 16 * 2);
  EXPECT_EQ(mlp.outputs(), 2U);
  EXPECT_EQ(mlp.nodes()[mlp.head()].kind, Kind::linear);
  EXPECT_DOUBLE_EQ(mlp.blocks()[2].factor, 0.25);
  EXPECT_DOUBLE_EQ(mlp.blocks()[0].factor, 1);
  const Architecture image = compiled(trials()[9], 7);
  // 2 → 7, then twice 7 → 7 and nine taps of 7 → 7, then the head.
  EXPECT_EQ(image.parameters(), 14U + 2 * (49 + 9 * 49) + 7);
  EXPECT_DOUBLE_EQ(image.blocks()[0].factor, std::sqrt(0.5));
  EXPECT_DOUBLE_EQ(image.blocks()[2].factor, std::sqrt(1 / 63.0));
}

TEST(FiniteArchitecture, KnowsHowSmoothItIs) {
  EXPECT_EQ(compiled(trials()[0], 4).orders(), kMostOrder);
  EXPECT_EQ(compiled(trials()[1], 4).orders(), 1);
  EXPECT_EQ(compiled({"", core::trial::mlp_rows(1, of("elu", {1}))}, 4).orders(), 2);
  const Architecture sign = compiled({"", core::trial::mlp_rows(1, of("sign", {1}))}, 4);
  EXPECT_EQ(sign.orders(), 0);
  EXPECT_NO_THROW(require_orders(compiled(trials()[1], 4), 1, "the NTK"));
  try {
    require_orders(sign, 1, "the NTK");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::argument);
    EXPECT_NE(std::string(error.what()).find("derivative of its activation, and that of sign"), std::string::npos);
  }
}

TEST(FiniteArchitecture, RefusesWhatIsNoSingleNetwork) {
  const Rows start{{"input", {0}}};
  EXPECT_NE(refusal(start + Rows{relu(), affine(), of("emit")}).find("fresh weights"), std::string::npos);
  EXPECT_NE(refusal(start + Rows{affine(), relu(), of("emit")}).find("ends in linear weights"), std::string::npos);
  EXPECT_NE(refusal(start + Rows{affine(), of("emit"), relu(), affine(), of("emit")}).find("one kernel"),
            std::string::npos);
  EXPECT_NE(refusal(start + Rows{affine(), of("emit"), relu()}).find("may follow"), std::string::npos);
  EXPECT_NE(refusal(start + Rows{affine(), of("push"), affine(), of("emit"), of("pop")}), "");
  EXPECT_NE(refusal(start + Rows{affine(), of("emit")}, {2, 2, 1}).find("vectors"), std::string::npos);
  EXPECT_NE(refusal(image_rows(relu(), {of("mean")})).find("images"), std::string::npos);
  EXPECT_NE(refusal(image_rows(relu(), {of("pixel", {2, 0})}), {2, 2, 1}).find("no pixel (2, 0)"), std::string::npos);
  EXPECT_NE(refusal(image_rows(relu(), {of("mean")}), {2, 2, 2}).find("rows of 8 numbers"), std::string::npos);
  EXPECT_EQ(refusal(image_rows(relu(), {of("mean")}), {2, 2, 1}), "");
  // 5 · 10⁹ places would be 20 GB before there is a single weight.
  const Rows wide{{"input", {1}}, of("patch", {1001, 1, 1}), affine(), of("mean"), affine(), of("emit")};
  EXPECT_NE(refusal(wide, {1, 5'000'000, 1}, 5'000'000).find("reads at most 2^27 pixels"), std::string::npos);
}

// The vectors of the generator's authors (Salmon et al. 2011, kat_vectors).
TEST(CounterNormals, PhiloxIsPhilox) {
  using Words = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// Φ of the quantile is the probability again, to what erfc and the slope of Φ make of one rounding of the quantile.
TEST(CounterNormals, QuantilesInvertTheDistribution) {
  constexpr std::uint64_t half = std::uint64_t{1} << 52;
  const auto check = [&](std::uint64_t k) {
    const double p = (static_cast<double>(k) + 0.5) * 0x1p-53, z = normal_quantile(k);
    const double again = 0.5 * std::erfc(-z / core::trial::kRootTwo);
    EXPECT_NEAR(again, p, p * 8 * core::trial::kEps * (1 + z * z)) << k;
    EXPECT_EQ(normal_quantile(2 * half - 1 - k), -z) << k;
  };
  for (std::uint64_t k = 0; k < 40; ++k) check(k);
  for (std::uint64_t k = 1; k < half; k = k * 3 / 2 + 1) check(k);
  for (std::uint64_t i = 1; i < 400; ++i) check(half / 400 * i);
}

TEST(CounterNormals, PlaceAloneDecides) {
  std::vector<double> whole(101), part(50);
  fill_normal(42, 3, 0, whole);
  fill_normal(42, 3, 51, part);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + 51));
  fill_normal(42, 4, 51, part);
  EXPECT_NE(part[0], whole[51]);
  fill_normal(43, 3, 51, part);
  EXPECT_NE(part[0], whole[51]);
}

// Mean, variance and fourth moment of 10⁶ numbers within five standard errors: 1, √2 and √96 over 10³.
TEST(CounterNormals, Moments) {
  std::vector<double> z(1'000'000);
  fill_normal(1, 0, 0, z);
  double mean = 0, square = 0, fourth = 0, neighbours = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    mean += z[i];
    square += z[i] * z[i];
    fourth += z[i] * z[i] * z[i] * z[i];
    neighbours += i == 0 ? 0 : z[i] * z[i - 1];
  }
  EXPECT_NEAR(mean / 1e6, 0, 5e-3);
  EXPECT_NEAR(square / 1e6, 1, 5e-3 * std::sqrt(2));
  EXPECT_NEAR(fourth / 1e6, 3, 5e-3 * std::sqrt(96));
  EXPECT_NEAR(neighbours / 1e6, 0, 5e-3);
}

// Each derivative by central differences of the one before: off by h²/6 of the next but one, and by ε/h.
TEST(Phi, DerivativesFollowOneAnother) {
  const core::Row rows[] = {of("erf", {0.7}), of("gelu", {1.3}),   of("sine", {1}),
                            of("tanh", {1}),  of("softplus", {2}), of("silu", {1}),
                            of("elu", {1}),   relu(1.5, 0.2),      of("tabulated", {1, -2, 2, 4, 1, 0.5, 0.25, 0.125})};
  std::vector<double> u;
  for (double at = -6.05; at < 6.1; at += 0.31) u.push_back(at);
  for (const core::Row& row : rows) {
    const auto program = program_of(core::trial::mlp_rows(1, row));
    const auto phi = phi_of(program->steps()[3]);
    for (int order = 1; order <= phi->orders(); ++order) {
      constexpr double h = 1e-5;
      std::vector<double> got(u.size()), above(u), below(u);
      for (double& at : above) at += h;
      for (double& at : below) at -= h;
      phi->derivative(order, u, got.data());
      phi->derivative(order - 1, above, above.data());
      phi->derivative(order - 1, below, below.data());
      for (std::size_t i = 0; i < u.size(); ++i)
        EXPECT_NEAR(got[i], (above[i] - below[i]) / (2 * h), 1e-9 + 1e-10 * std::fabs(u[i]))
            << phi->name() << order << " at " << u[i];
    }
  }
}

}  // namespace
}  // namespace resgram::finite::trial
