#include "phi.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace resgram::finite {
namespace {

constexpr double kTwoByRootPi = 1.12837916709551257390;
constexpr double kRootHalf = 0.70710678118654752440;
constexpr double kByRootTwoPi = 0.39894228040143267794;

// What most share: one number at a time, by a function of the order that Own writes down.
template <class Own>
class Pointwise : public Phi {
 public:
  explicit Pointwise(double scale) : scale_(scale) {}
  void derivative(int order, std::span<const double> u, double* out) const override {
    switch (order) {
      case 0:
        return each<0>(u, out);
      case 1:
        return each<1>(u, out);
      case 2:
        return each<2>(u, out);
      case 3:
        return each<3>(u, out);
      default:
        return each<4>(u, out);
    }
  }

 private:
  template <int order>
  void each(std::span<const double> u, double* out) const {
    const auto& own = static_cast<const Own&>(*this);
    for (std::size_t i = 0; i < u.size(); ++i) out[i] = scale_ * own.template at<order>(u[i]);
  }
  double scale_;
};

class Rectifier final : public Pointwise<Rectifier> {
 public:
  Rectifier(double scale, double slope) : Pointwise(scale), slope_(slope) {}
  [[nodiscard]] int orders() const override { return 1; }
  [[nodiscard]] std::string name() const override { return slope_ == 0 ? "relu" : slope_ == -1 ? "abs" : "leakyRelu"; }
  template <int order>
  [[nodiscard]] double at(double u) const {
    if constexpr (order == 0) return u > 0 ? u : slope_ * u;
    // At 0 the mean of both sides, which is what the closed form has for units that see nothing.          [zero-input]
    if constexpr (order == 1) return u > 0 ? 1 : u < 0 ? slope_ : 0.5 * (1 + slope_);
    return 0;
  }

 private:
  double slope_;
};

class Sign final : public Pointwise<Sign> {
 public:
  using Pointwise::Pointwise;
  [[nodiscard]] int orders() const override { return 0; }
  [[nodiscard]] std::string name() const override { return "sign"; }
  template <int order>
  [[nodiscard]] double at(double u) const {
    return order > 0 ? 0.0 : u > 0 ? 1.0 : u < 0 ? -1.0 : 0.0;
  }
};

// φ′ = g with g the Gaussian (2/√π) e^(−u²); φ⁽ᵏ⁺¹⁾ = (−1)ᵏ H_k(u) g.
class Erf final : public Pointwise<Erf> {
 public:
  using Pointwise::Pointwise;
  [[nodiscard]] std::string name() const override { return "erf"; }
  template <int order>
  [[nodiscard]] double at(double u) const {
    if constexpr (order == 0) return std::erf(u);
    const double g = kTwoByRootPi * std::exp(-u * u);
    if constexpr (order == 2) return -2 * u * g;
    if constexpr (order == 3) return (4 * u * u - 2) * g;
    if constexpr (order == 4) return (12 - 8 * u * u) * u * g;
    return g;
  }
};

// φ = uΦ, so φ⁽ᵏ⁾ = uΦ⁽ᵏ⁾ + kΦ⁽ᵏ⁻¹⁾ with Φ′ = n the normal density.
class Gelu final : public Pointwise<Gelu> {
 public:
  using Pointwise::Pointwise;
  [[nodiscard]] std::string name() const override { return "gelu"; }
  template <int order>
  [[nodiscard]] double at(double u) const {
    if constexpr (order == 0) return 0.5 * u * std::erfc(-u * kRootHalf);
    const double n = kByRootTwoPi * std::exp(-0.5 * u * u), v = u * u;
    if constexpr (order == 2) return (2 - v) * n;
    if constexpr (order == 3) return (v - 4) * u * n;
    if constexpr (order == 4) return ((7 - v) * v - 4) * n;
    return 0.5 * std::erfc(-u * kRootHalf) + u * n;
  }
};

class Sine final : public Pointwise<Sine> {
 public:
  using Pointwise::Pointwise;
  [[nodiscard]] std::string name() const override { return "sine"; }
  template <int order>
  [[nodiscard]] double at(double u) const {
    if constexpr (order == 1) return std::cos(u);
    if constexpr (order == 2) return -std::sin(u);
    if constexpr (order == 3) return -std::cos(u);
    return std::sin(u);
  }
};

// With q = 1 − φ²: φ″ = −2φq, φ‴ = (6φ² − 2)q, φ⁗ = 8φ(2 − 3φ²)q. q from the exponential, where 1 − φ² cancels.
class Tanh final : public Pointwise<Tanh> {
 public:
  using Pointwise::Pointwise;
  [[nodiscard]] std::string name() const override { return "tanh"; }
  template <int order>
  [[nodiscard]] double at(double u) const {
    if constexpr (order == 0) return std::tanh(u);
    const double e = std::exp(-2 * std::fabs(u)), q = 4 * e / ((1 + e) * (1 + e));
    if constexpr (order == 1) return q;
    const double t = std::tanh(u);
    if constexpr (order == 2) return -2 * t * q;
    if constexpr (order == 3) return (6 * t * t - 2) * q;
    return 8 * t * (2 - 3 * t * t) * q;
  }
};

// The logistic function σ, p = σ′ = σ(1 − σ) and τ = 2σ − 1: p′ = −pτ, τ′ = 2p.
struct Logistic {
  double sigma, p, tau;
  explicit Logistic(double u) {
    const double e = std::exp(-std::fabs(u));
    sigma = (u < 0 ? e : 1) / (1 + e);
    p = e / ((1 + e) * (1 + e));
    tau = std::tanh(0.5 * u);
  }
};

class Softplus final : public Pointwise<Softplus> {
 public:
  using Pointwise::Pointwise;
  [[nodiscard]] std::string name() const override { return "softplus"; }
  template <int order>
  [[nodiscard]] double at(double u) const {
    if constexpr (order == 0) return std::fmax(u, 0) + std::log1p(std::exp(-std::fabs(u)));
    const Logistic s(u);
    if constexpr (order == 2) return s.p;
    if constexpr (order == 3) return -s.p * s.tau;
    if constexpr (order == 4) return s.p * (s.tau * s.tau - 2 * s.p);
    return s.sigma;
  }
};

// φ = uσ, so φ⁽ᵏ⁾ = uσ⁽ᵏ⁾ + kσ⁽ᵏ⁻¹⁾.
class Silu final : public Pointwise<Silu> {
 public:
  using Pointwise::Pointwise;
  [[nodiscard]] std::string name() const override { return "silu"; }
  template <int order>
  [[nodiscard]] double at(double u) const {
    const Logistic s(u);
    if constexpr (order == 0) return u * s.sigma;
    if constexpr (order == 1) return s.sigma + u * s.p;
    if constexpr (order == 2) return s.p * (2 - u * s.tau);
    const double second = s.tau * s.tau - 2 * s.p;
    if constexpr (order == 3) return s.p * (u * second - 3 * s.tau);
    return s.p * (4 * second + u * s.tau * (8 * s.p - s.tau * s.tau));
  }
};

// ELU and φ in pieces: what the kernels know of them.
class Known final : public Phi {
 public:
  Known(const core::Function& phi, double scale) : phi_(phi), scale_(scale) {}
  [[nodiscard]] int orders() const override { return phi_.jumps().empty() ? 2 : 1; }
  [[nodiscard]] std::string name() const override { return phi_.name(); }
  void derivative(int order, std::span<const double> u, double* out) const override {
    std::array<double, kAtOnce> value{}, other{};
    for (std::size_t from = 0; from < u.size(); from += kAtOnce) {
      const std::size_t count = std::min(kAtOnce, u.size() - from);
      const auto part = u.subspan(from, count);
      if (order == 2) {
        phi_.bend(part, value.data());
      } else {
        phi_.evaluate(part, order == 0 ? value.data() : nullptr, order == 0 ? other.data() : value.data());
      }
      for (std::size_t i = 0; i < count; ++i) out[from + i] = scale_ * value[i];
    }
  }

 private:
  static constexpr std::size_t kAtOnce = 256;
  const core::Function& phi_;
  double scale_;
};

}  // namespace

std::unique_ptr<const Phi> phi_of(const core::Step& step) {
  const double scale = step.args[0];
  switch (step.op) {
    case core::Op::relu:
      return std::make_unique<Rectifier>(scale, step.args[1]);
    case core::Op::erf:
      return std::make_unique<Erf>(scale);
    case core::Op::gelu:
      return std::make_unique<Gelu>(scale);
    case core::Op::sine:
      return std::make_unique<Sine>(scale);
    case core::Op::sign:
      return std::make_unique<Sign>(scale);
    case core::Op::function:
      if (step.function->name() == "tanh") return std::make_unique<Tanh>(scale);
      if (step.function->name() == "softplus") return std::make_unique<Softplus>(scale);
      if (step.function->name() == "silu") return std::make_unique<Silu>(scale);
      return std::make_unique<Known>(*step.function, scale);
    default:
      throw Error(Code::internal, "a step that is no activation was taken for one");
  }
}

}  // namespace resgram::finite
