// Kernels of piecewise polynomials: against quadrature of the plane, and against 20 digits where inputs are almost parallel.
#include "../../native/core/spline.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../../native/core/function.hpp"

namespace resgram::core {
namespace {

std::shared_ptr<const Function> made(std::vector<Piece> pieces) {
  std::string why;
  auto phi = tabulated_function(std::move(pieces), why);
  EXPECT_EQ(why, "");
  return phi;
}

std::shared_ptr<const Function> hard_tanh() { return made({{-2, -1, {-1}}, {-1, 1, {0, 1}}, {1, 2, {1}}}); }
// max(0, min(u, 6))
std::shared_ptr<const Function> relu6() { return made({{-1, 0, {0}}, {0, 6, {3, 3}}, {6, 7, {6}}}); }
// u · min(1, max(0, u + 3)/6): u(u + 3)/6 = (9(x² + x))/6 for u = 3x
std::shared_ptr<const Function> hard_swish() {
  return made({{-4, -3, {0}}, {-3, 3, {0.75, 1.5, 0.75}}, {3, 4, {3.5, 0.5}}});
}
// |u| − ½ with its corner rounded off by a parabola: even.
std::shared_ptr<const Function> huber() {
  return made({{-3, -1, {1.5, -1}}, {-1, 1, {0.25, 0, 0.25}}, {1, 3, {1.5, 1}}});
}
// A cubic, joined to lines with jumps of all its derivatives.
std::shared_ptr<const Function> cubic() {
  return made({{-2, -1.5, {-0.25, 0.25}}, {-1.5, 1, {0.75, 0.75, -0.25, -0.25}}, {1, 2, {1, 0.0}}});
}

SplineRow seen(const Function& phi, double a, const DualRow& row) { return {*phi.spline(), a, row}; }

TEST(Spline, IsQuadratureOfThePlane) {
  for (const auto& phi : {hard_tanh(), relu6(), hard_swish(), huber(), cubic()}) {
    ASSERT_NE(phi->spline(), nullptr);
    for (const auto& [a, b] : {std::pair{1.0, 1.0}, {0.7, 0.05}, {1.0, 1.02}, {1.02, 9.0}, {3.0, 0.7}})
      for (const double m : {1e-4, 0.05, 0.5})
        for (const bool acute : {true, false}) {
          const DualRow x = dual_row(*phi, a), z = dual_row(*phi, b);
          DualPair got{};
          ASSERT_TRUE(spline_pair(seen(*phi, a, x), seen(*phi, b, z), m, acute, phi->parity(), got)) << a << " " << b;
          const DualPair want = dual_pass(*phi, a, b, m, acute, x, z, Rule::finer);
          const std::string where = std::to_string(phi->spline()->breaks[0]) + ": " + std::to_string(a) + " " +
                                    std::to_string(b) + " " + std::to_string(m) + (acute ? "" : " obtuse");
          // Either is good to some 1e-15 of its terms, and the largest of the cubic's are ten times the kernel.
          EXPECT_NEAR(got.w, want.w, 1e-14) << where;
          EXPECT_NEAR(got.v, want.v, 1e-14) << where;
          EXPECT_NEAR(got.slope, want.slope, 2e-14) << where;
        }
  }
}

// The hard tanh in 40 digits, from the definition: E φ(u) E(φ(v) | u), split at the kinks and around them.
struct Known {
  double a, b, m, w, slope;
};
constexpr Known kKnown[] = {
    {1, 1.01, 0.0001, 0.00013337679490866034325, 0.9941475172201087668},
    {1, 1.1, 0.0009000000000000001, 0.0013113251691521254859, 0.97742202177170403008},
    {1, 1.0001, 1e-09, 1.4708635974567240676e-9, 0.99997679862651294456},
    {1, 2, 1e-12, 0.0052141872479336526478, 0.87316980056775776767},
    {0.3, 5, 1e-06, 0.047176402909260875323, 0.60862725819185374441},
};

// Kinks 1e-4 apart at an angle of 1e-4: the layer between them is seen, and small complements keep their digits but for
// those of the variances' difference.
TEST(Spline, AlmostParallelInputsKeepTheirDigits) {
  const auto phi = hard_tanh();
  for (const Known& known : kKnown) {
    const DualRow x = dual_row(*phi, known.a), z = dual_row(*phi, known.b);
    const double room = 4 * 0x1p-52 / std::sqrt(known.w);
    DualPair got{};
    ASSERT_TRUE(spline_pair(seen(*phi, known.a, x), seen(*phi, known.b, z), known.m, true, phi->parity(), got));
    EXPECT_NEAR(got.w / known.w, 1, 1e-14 + room) << known.b;
    EXPECT_NEAR(got.slope, known.slope, 4e-15) << known.b;
    double error = 0;
    got = dual_pair(*phi, known.a, known.b, known.m, true, x, z, {"here", {}}, error);
    EXPECT_NEAR(got.w / known.w, 1, 1e-14 + 16 * room) << known.b;
    EXPECT_NEAR(got.slope, known.slope, 4e-15) << known.b;
  }
}

TEST(Spline, SaysWhereItsTermsCancel) {
  const auto phi = cubic();
  const DualRow row = dual_row(*phi, 1600);
  DualPair got{};
  EXPECT_FALSE(spline_pair(seen(*phi, 1600, row), seen(*phi, 1600, row), 0.5, true, phi->parity(), got));
}

TEST(Spline, IsKnownByItsPieces) {
  // Neighbours that go on as the same line are one; a series of more terms is none.
  const auto halved = made({{-2, -1, {-1}}, {-1, 0, {-0.5, 0.5}}, {0, 1, {0.5, 0.5}}, {1, 2, {1}}});
  ASSERT_NE(halved->spline(), nullptr);
  EXPECT_EQ(halved->spline()->breaks, (std::vector<double>{-1, 1}));
  EXPECT_EQ(made({{-1, 1, {0, 1, 0, 0, 0.1}}})->spline(), nullptr);
}

}  // namespace
}  // namespace resgram::core
