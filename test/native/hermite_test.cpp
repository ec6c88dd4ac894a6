// Slopes of smooth φ by Mehler's series.
#include "../../native/core/dual_hermite.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "../../native/core/error.hpp"

namespace resgram::core {
namespace {

// Two ways to the same number: sums over lines, integrals over the plane.                              [hermite-slopes]
TEST(HermiteSlopes, AreTheIntegralsOverThePlane) {
  const Ticket ticket;
  std::string why;
  std::vector<std::shared_ptr<const Function>> smooth;
  for (const char* name : {"tanh", "softplus", "silu"}) smooth.push_back(named_function(name));
  // A polynomial of degree 3 in the middle of lines, without jumps of φ″ that matter within the reach of the density.
  smooth.push_back(tabulated_function({{-60, 60, {0.5, 60, 0.25}}}, why));
  ASSERT_NE(smooth.back(), nullptr) << why;
  for (const auto& phi : smooth) {
    const std::vector<double> variances{1e-6, 0.3, 2, 9};
    std::vector<DualRow> rows;
    for (const double a : variances) rows.push_back(dual_row(*phi, a));
    const auto series = HermiteSlopes::of(*phi, variances, rows, 2, ticket);
    if (!phi->kinks().empty()) {
      EXPECT_FALSE(series.has_value()) << phi->name();
      continue;
    }
    ASSERT_TRUE(series.has_value()) << phi->name();
    std::vector<double> got(variances.size()), want(variances.size());
    for (std::size_t q = 0; q < variances.size(); ++q)
      for (const bool acute : {true, false})
        for (const double m : {0.0, 1e-12, 1e-3, 0.1, 0.37, 0.5}) {
          series->slopes(q, m, acute, got.data());
          dual_slopes(*phi, variances, rows, variances[q], rows[q], m, acute, Rule::finer, want.data());
          // What is left out [hermite-slopes], and the rounding of two sums of a few hundred terms below 1.
          for (std::size_t p = 0; p < variances.size(); ++p)
            EXPECT_NEAR(got[p], want[p], 4e-15)
                << phi->name() << " " << variances[p] << " " << variances[q] << " " << m;
        }
  }
}

TEST(HermiteSlopes, AreOfSmoothFunctionsOnly) {
  const Ticket ticket;
  const auto series = [&](const char* name, double a) {
    const auto phi = named_function(name);
    const DualRow row = dual_row(*phi, a);
    return HermiteSlopes::of(*phi, {&a, 1}, {&row, 1}, 1, ticket).has_value();
  };
  EXPECT_FALSE(series("elu", 1));
  EXPECT_TRUE(series("tanh", 10));
  EXPECT_FALSE(series("tanh", 1e4));  // a step, all but
  Ticket cancelled;
  cancelled.cancel();
  const auto phi = named_function("silu");
  const double a = 3;
  const DualRow row = dual_row(*phi, a);
  EXPECT_THROW((void)HermiteSlopes::of(*phi, {&a, 1}, {&row, 1}, 1, cancelled), Cancelled);
}

}  // namespace
}  // namespace resgram::core
