#include "../../native/finite/empirical.hpp"

#include "finite.hpp"

namespace resgram::finite::trial {
namespace {

constexpr double kPlenty = 1e9;

struct Result {
  std::vector<double> nngp, ntk;
};

Result kernels(Swept& net, const Samples& x, const Samples* z, bool each = false, double budget = kPlenty) {
  const std::size_t pairs = x.rows * (z == nullptr ? x.rows : z->rows);
  Result result{std::vector<double>(pairs), std::vector<double>(pairs * (each ? net.network.outputs() : 1))};
  empirical(net.network, net.weights, x, z, budget, {result.nngp.data(), result.ntk.data(), each}, net.crew);
  return result;
}

void expect_close(const std::vector<double>& got, const std::vector<double>& expected, double tolerance,
                  const std::string& name) {
  double size = 0;
  for (const double value : expected) size = std::max(size, std::fabs(value));
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], tolerance * size) << name << ", " << i;
}

// The definition: rows of the Jacobian, one by one, and their products. n sums of some thousand terms.
TEST(FiniteEmpirical, TheNtkIsTheProductOfGradients) {
  for (const Trial& trial : trials()) {
    constexpr std::size_t n = 4, outputs = 2;
    Swept net(trial, 11, n, outputs);
    std::vector<std::vector<double>> rows;
    for (std::size_t at = 0; at < n * outputs; ++at) {
      std::vector<double> u(n * outputs, 0.0);
      u[at] = 1;
      rows.push_back(net.vjp(u));
    }
    std::vector<double> mean(n * n), each(outputs * n * n);
    for (std::size_t k = 0; k < outputs; ++k)
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
          const double value = dot(rows[i * outputs + k], rows[j * outputs + k]);
          each[(k * n + i) * n + j] = value;
          mean[i * n + j] += value / outputs;
        }
    const Samples x{net.x, n};
    expect_close(kernels(net, x, nullptr).ntk, mean, 1e-13, trial.name);
    expect_close(kernels(net, x, nullptr, true).ntk, each, 1e-13, trial.name);
    // And of other samples, of which there are fewer.
    const Samples z{std::span(net.x).first(3 * trial.dimension), 3};
    const std::vector<double> crossed = kernels(net, x, &z).ntk;
    std::vector<double> part;
    for (std::size_t i = 0; i < n; ++i) part.insert(part.end(), &mean[i * n], &mean[i * n] + 3);
    expect_close(crossed, part, 1e-13, trial.name);
  }
}

// Where pixels are many, gradients of whole samples take the place of pairs of pixels: 3 × 4 pixels do so for 3 channels,
// not for 40.
TEST(FiniteEmpirical, BothWaysOverPixelsAgree) {
  for (const std::size_t width : {3U, 40U}) {
    Swept net(trials()[8], width, 5);
    const Result got = kernels(net, {net.x, 5}, nullptr);
    std::vector<double> expected;
    std::vector<std::vector<double>> rows;
    for (std::size_t i = 0; i < 5; ++i) {
      std::vector<double> u(5, 0.0);
      u[i] = 1;
      rows.push_back(net.vjp(u));
    }
    for (const auto& a : rows)
      for (const auto& b : rows) expected.push_back(dot(a, b));
    expect_close(got.ntk, expected, 1e-13, std::to_string(width));
  }
}

// E over the last weights: the mean of f(x) f(z) over many draws of them alone, within five standard errors.
TEST(FiniteEmpirical, TheNngpIsTheMeanOverTheHead) {
  for (const std::size_t which : {2U, 7U, 8U, 9U}) {
    constexpr std::size_t n = 3, draws = 20'000;
    const Trial trial = trials()[which];
    Swept net(trial, 12, n, draws);
    const Result got = [&] {
      Result result{std::vector<double>(n * n), {}};
      empirical(net.network, net.weights, {net.x, n}, nullptr, kPlenty, {result.nngp.data(), nullptr, false}, net.crew);
      return result;
    }();
    const std::vector<double> f = net.outputs();
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        double sum = 0, squares = 0;
        for (std::size_t k = 0; k < draws; ++k) {
          const double product = f[i * draws + k] * f[j * draws + k];
          sum += product;
          squares += product * product;
        }
        const double mean = sum / draws, error = std::sqrt((squares / draws - mean * mean) / draws);
        EXPECT_NEAR(got.nngp[i * n + j], mean, 5 * error) << trial.name;
      }
    }
  }
}

TEST(FiniteEmpirical, SymmetricAndTheSameForAnyThreads) {
  for (const std::size_t which : {0U, 4U, 9U, 11U}) {
    constexpr std::size_t n = 150;
    Swept alone(trials()[which], 20, n, 2);
    const Samples x{alone.x, n};
    const Result one = kernels(alone, x, nullptr);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < i; ++j) {
        ASSERT_EQ(one.ntk[i * n + j], one.ntk[j * n + i]);
        ASSERT_EQ(one.nngp[i * n + j], one.nngp[j * n + i]);
      }
    Swept crowd(trials()[which], 20, n, 2, 7, 3);
    const Result three = kernels(crowd, x, nullptr);
    EXPECT_EQ(three.ntk, one.ntk);
    EXPECT_EQ(three.nngp, one.nngp);
  }
}

// Blocks of one sample, of a few, and all at once.
TEST(FiniteEmpirical, BudgetsAgree) {
  for (const std::size_t which : {2U, 8U}) {
    constexpr std::size_t n = 7;
    Swept net(trials()[which], 10, n, 2);
    const Samples x{net.x, n}, z{std::span(net.x).first(5 * trials()[which].dimension), 5};
    const EmpiricalBytes bytes = empirical_bytes(net.network, true, n, 1);
    const Result whole = kernels(net, x, nullptr), crossed = kernels(net, x, &z);
    for (const double budget : {bytes.least(), bytes.once + 6.5 * bytes.sample}) {
      const Result parts = kernels(net, x, nullptr, false, budget);
      expect_close(parts.ntk, whole.ntk, 1e-14, "ntk");
      expect_close(parts.nngp, whole.nngp, 1e-14, "nngp");
      expect_close(kernels(net, x, &z, false, budget).ntk, crossed.ntk, 1e-14, "cross");
    }
  }
}

TEST(FiniteEmpirical, ProductsWithoutTheMatrix) {
  for (const std::size_t which : {2U, 8U}) {
    constexpr std::size_t n = 6, outputs = 2, columns = 3;
    Swept net(trials()[which], 10, n, outputs);
    const Samples x{net.x, n};
    const std::vector<double> v = normals(columns * n * outputs, 9);
    std::vector<double> expected;
    for (std::size_t c = 0; c < columns; ++c) {
      const auto part = std::span(v).subspan(c * n * outputs, n * outputs);
      const std::vector<double> one = net.jvp(net.vjp(part));
      expected.insert(expected.end(), one.begin(), one.end());
    }
    for (const double budget : {kPlenty, 1.0, 2.5 * sweep_bytes(net.network)}) {
      std::vector<double> got(v.size());
      kernel_product(net.network, net.weights, x, v, columns, budget, got, net.crew);
      expect_close(got, expected, 1e-13, trials()[which].name);
      std::vector<double> f(n * outputs);
      finite::outputs(net.network, net.weights, x, budget, f, net.crew);
      expect_close(f, net.outputs(), 1e-14, trials()[which].name);
    }
  }
}

TEST(FiniteEmpirical, RefusesWhatHasNoTangent) {
  Swept net({"sign", core::trial::mlp_rows(2, of("sign", {1}))}, 8, 3);
  std::vector<double> values(9);
  const Samples x{net.x, 3};
  EXPECT_NO_THROW(empirical(net.network, net.weights, x, nullptr, kPlenty, {values.data(), nullptr, false}, net.crew));
  EXPECT_THROW(empirical(net.network, net.weights, x, nullptr, kPlenty, {nullptr, values.data(), false}, net.crew),
               Error);
}

}  // namespace
}  // namespace resgram::finite::trial
