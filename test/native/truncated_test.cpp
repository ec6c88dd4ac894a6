#include "../../native/finite/truncated.hpp"

#include "../../native/core/error.hpp"
#include "../../native/finite/dormand_prince.hpp"
#include "hierarchy.hpp"

namespace resgram::finite::trial {
namespace {

constexpr std::size_t kMany = 100000;

Tensors tensors_of(const Kernels& kernels, std::size_t points, std::size_t trained) {
  return {points, trained, kernels.outputs, kernels.second, kernels.third, kernels.fourth};
}

std::vector<double> cut(const Kernels& kernels, std::size_t points, std::size_t trained, int order,
                        std::span<const double> y, std::span<const double> times) {
  Tensors tensors = tensors_of(kernels, points, trained);
  if (order < 4) tensors.fourth = {};
  if (order < 3) tensors.third = {};
  std::vector<double> out(times.size() * points);
  Ticket ticket;
  integrate(tensors, {order, 1e-10, kMany}, y, times, out, {}, 1, ticket);
  return out;
}

// A true flow of all parameters, to compare with.
class Flow {
 public:
  Flow(Swept& net, std::size_t trained, std::span<const double> y)
      : net_(net),
        y_(y.begin(), y.end()),
        trained_(trained),
        flow_({{net.weights.size(), 1e-11, 0}}, net.weights,
              [this](std::span<const double> theta, std::span<double> slope) { slope_at(theta, slope); }) {}
  // Outputs at a time; the network has the weights of then.
  std::vector<double> at(double time) {
    flow_.advance(time, kMany);
    std::copy(flow_.state().begin(), flow_.state().end(), net_.weights.begin());
    net_.run();
    return net_.outputs();
  }

 private:
  void slope_at(std::span<const double> theta, std::span<double> slope) {
    std::copy(theta.begin(), theta.end(), net_.weights.begin());
    net_.run();
    std::vector<double> residuals = net_.outputs();
    for (std::size_t i = 0; i < residuals.size(); ++i)
      residuals[i] = i < trained_ ? -(residuals[i] - y_[i]) / static_cast<double>(trained_) : 0;
    const std::vector<double> rate = net_.vjp(residuals);
    std::copy(rate.begin(), rate.end(), slope.begin());
  }
  Swept& net_;
  std::vector<double> y_;
  std::size_t trained_;
  DormandPrince flow_;
};

// dK^(r)/dt = −(1/n) Σ K^(r+1) r along the flow, against differences over five points of it.               [hierarchy]
TEST(Truncated, TheEquationsHoldAlongTheFlow) {
  constexpr std::size_t all = 4, n = 3;
  const std::vector<double> y{0.7, -1.1, 0.4};
  for (const std::size_t which : {0U, 4U, 6U, 8U, 11U}) {
    const Trial trial = trials()[which];
    Swept net(trial, 12, all);
    // One flow through five times around 0.3.
    constexpr double h = 4e-3;
    Flow flow(net, n, y);
    std::vector<Kernels> around;
    for (const double shift : {-2.0, -1.0, 0.0, 1.0, 2.0}) {
      static_cast<void>(flow.at(0.3 + shift * h));
      around.push_back(kernels_of(net, all, n, 4));
    }
    const Kernels& middle = around[2];
    const auto check = [&](const auto& lower, const std::vector<double>& higher, const char* what) {
      const std::size_t count = lower(middle).size();
      std::vector<double> rates(count), differences(count);
      for (std::size_t k = 0; k < count; ++k) {
        for (std::size_t b = 0; b < n; ++b) rates[k] -= higher[k * n + b] * (middle.outputs[b] - y[b]) / n;
        differences[k] =
            (lower(around[0])[k] - 8 * lower(around[1])[k] + 8 * lower(around[3])[k] - lower(around[4])[k]) / (12 * h);
      }
      for (std::size_t k = 0; k < count; ++k)
        EXPECT_NEAR(rates[k], differences[k], 1e-7 * largest(rates)) << trial.name << ", " << what << ", " << k;
    };
    check([](const Kernels& one) -> const auto& { return one.outputs; }, middle.second, "f");
    check([](const Kernels& one) -> const auto& { return one.second; }, middle.third, "K2");
    check([](const Kernels& one) -> const auto& { return one.third; }, middle.fourth, "K3");
  }
}

// Held at order p, the tensors are right to the p-th derivative of f by the time: errors grow like t^p.     [truncation]
TEST(Truncated, ErrorsAreOfTheOrderInTime) {
  constexpr std::size_t all = 5, n = 3;
  const std::vector<double> y{0.7, -1.1, 0.4}, times{0.02, 0.04};
  Swept net(trials()[0], 30, all);
  const Kernels start = kernels_of(net, all, n, 4);
  Flow flow(net, n, y);
  const std::vector<double> first = flow.at(times[0]), second = flow.at(times[1]);
  for (const int order : {2, 3, 4}) {
    const std::vector<double> got = cut(start, all, n, order, y, times);
    double early = 0, late = 0;
    for (std::size_t i = 0; i < all; ++i) {
      early = std::max(early, std::fabs(got[i] - first[i]));
      late = std::max(late, std::fabs(got[all + i] - second[i]));
    }
    EXPECT_NEAR(std::log2(late / early), order, 0.3) << order;
  }
}

// Order two is linear: f follows exp(−K t/n).
TEST(Truncated, OrderTwoIsTheFrozenKernel) {
  const std::vector<double> y{1}, times{0, 0.5, 30};
  Kernels one{{0.25, 0.5}, {2, 1}, {}, {}};
  const std::vector<double> got = cut(one, 2, 1, 2, y, times);
  for (std::size_t t = 0; t < times.size(); ++t) {
    EXPECT_NEAR(got[2 * t], 1 - 0.75 * std::exp(-2 * times[t]), 1e-8);
    EXPECT_NEAR(got[2 * t + 1], 0.5 + 0.375 * (1 - std::exp(-2 * times[t])), 1e-8);
  }
}

TEST(Truncated, SaysThatCutOffEquationsBlewUp) {
  // K' = 50 r, f' = −K r: K falls below 0 while r is not 0 yet.
  Kernels wild{{-2}, {1}, {-50}, {}};
  const std::vector<double> y{0}, times{50};
  try {
    cut(wild, 1, 1, 3, y, times);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::no_convergence);
    EXPECT_NE(std::string(error.what()).find("cut off at order 3 does not reach time 50"), std::string::npos);
  }
}

}  // namespace
}  // namespace resgram::finite::trial
