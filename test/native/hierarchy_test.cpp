#include "hierarchy.hpp"

#include "../../native/core/error.hpp"

namespace resgram::finite::trial {
namespace {

TEST(Hierarchy, StartsWithOutputsAndProductsOfGradients) {
  for (const Trial& trial : smooth_trials(3)) {
    Swept net(trial, 7, 3);
    const Kernels got = kernels_of(net, 3, 3, 3);
    EXPECT_EQ(got.outputs, net.outputs()) << trial.name;
    for (std::size_t a = 0; a < 3; ++a)
      for (std::size_t b = 0; b < 3; ++b)
        EXPECT_NEAR(got.second[a * 3 + b], dot(gradient_of(net, a, 3), gradient_of(net, b, 3)),
                    1e-13 * largest(got.second))
            << trial.name;
  }
}

// K^(3)_αβγ and K^(4)_αβγδ are derivatives of the tensor before along ∇f_γ, ∇f_δ.
TEST(Hierarchy, EveryTensorIsTheDerivativeOfTheOneBefore) {
  constexpr std::size_t n = 3;
  for (const Trial& trial : smooth_trials(4)) {
    Swept net(trial, 5, n);
    const Kernels got = kernels_of(net, n, n, 4);
    for (std::size_t last = 0; last < n; ++last) {
      const std::vector<double> direction = gradient_of(net, last, n);
      const auto second = along(net, direction, [&] { return kernels_of(net, n, n, 2).second; });
      for (std::size_t k = 0; k < second.size(); ++k)
        EXPECT_NEAR(got.third[k * n + last], second[k], 1e-8 * (largest(got.third) + largest(got.second)))
            << trial.name << ", " << k << ", " << last;
      const auto third = along(net, direction, [&] { return kernels_of(net, n, n, 3).third; });
      for (std::size_t k = 0; k < third.size(); ++k)
        EXPECT_NEAR(got.fourth[k * n + last], third[k], 1e-8 * (largest(got.fourth) + largest(got.third)))
            << trial.name << ", " << k << ", " << last;
    }
    EXPECT_GT(largest(got.fourth), 1e-3 * largest(got.third)) << trial.name;
  }
}

// Points that do not train: the same numbers as where every point does, for those indices that are asked for.
TEST(Hierarchy, PointsThatDoNotTrainAreRowsOfTheWhole) {
  for (const Trial& trial : smooth_trials(4)) {
    constexpr std::size_t all = 5, n = 2;
    Swept net(trial, 6, all);
    const Kernels part = kernels_of(net, all, n, 4), whole = kernels_of(net, all, all, 4);
    for (std::size_t a = 0; a < all; ++a)
      for (std::size_t b = 0; b < n; ++b)
        for (std::size_t c = 0; c < n; ++c) {
          EXPECT_NEAR(part.third[(a * n + b) * n + c], whole.third[(a * all + b) * all + c],
                      1e-13 * largest(whole.third));
          for (std::size_t d = 0; d < n; ++d)
            EXPECT_NEAR(part.fourth[((a * n + b) * n + c) * n + d], whole.fourth[((a * all + b) * all + c) * all + d],
                        1e-12 * largest(whole.fourth))
                << trial.name;
        }
  }
}

TEST(Hierarchy, IsSymmetricWhereItMust) {
  for (const Trial& trial : smooth_trials(4)) {
    constexpr std::size_t n = 4;
    Swept net(trial, 8, n);
    const Kernels got = kernels_of(net, n, n, 4);
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = 0; b < n; ++b)
        for (std::size_t c = 0; c < n; ++c) {
          EXPECT_EQ(got.third[(a * n + b) * n + c], got.third[(b * n + a) * n + c]);
          for (std::size_t d = 0; d < n; ++d)
            EXPECT_NEAR(got.fourth[((a * n + b) * n + c) * n + d], got.fourth[((b * n + a) * n + c) * n + d],
                        1e-13 * largest(got.fourth));
        }
  }
}

// Tiles, columns of tiles and room are cut by size alone.
TEST(Hierarchy, IsTheSameOnAnyNumberOfThreads) {
  for (const std::size_t at : {0U, 8U}) {
    const Trial trial = trials()[at];
    Swept one(trial, 40, 37, 1, 7, 1), three(trial, 40, 37, 1, 7, 3);
    const Kernels a = kernels_of(one, 37, 37, 3), b = kernels_of(three, 37, 37, 3);
    EXPECT_EQ(a.second, b.second);
    EXPECT_EQ(a.third, b.third);
    EXPECT_EQ(kernels_of(one, 9, 7, 4).fourth, kernels_of(three, 9, 7, 4).fourth);
  }
}

TEST(Hierarchy, RefusesWhatHasNoSuchDerivatives) {
  const auto refusal = [](const Trial& trial, int order, std::size_t outputs = 1) -> std::string {
    Swept net(trial, 4, 2, outputs);
    try {
      kernels_of(net, 2, 2, order);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::argument);
      return error.what();
    }
    return "";
  };
  EXPECT_NE(refusal(trials()[1], 3).find("second derivative of its activation, and that of relu"), std::string::npos);
  EXPECT_EQ(refusal(trials()[1], 2), "");
  const Trial elu{"", core::trial::mlp_rows(1, of("elu", {1}))};
  EXPECT_EQ(refusal(elu, 3), "");
  EXPECT_NE(refusal(elu, 4).find("third derivative"), std::string::npos);
  EXPECT_NE(refusal(trials()[0], 3, 2).find("one output, got 2"), std::string::npos);
}

}  // namespace
}  // namespace resgram::finite::trial
