#include "near.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace resgram::core {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kRootTwo = 1.41421356237309504880;

double phi(Op op, double u) {
  if (op == Op::erf) return std::erf(u);
  return 0.5 * u * std::erfc(-u / kRootTwo);
}

double phi_slope(Op op, double u) {
  if (op == Op::erf) return 2 / std::sqrt(kPi) * std::exp(-u * u);
  return 0.5 * std::erfc(-u / kRootTwo) + u * std::exp(-u * u / 2) / std::sqrt(2 * kPi);
}

double variance_of(Op op, double reach, double complement) {
  const double ratio = reach * reach / complement;
  return op == Op::erf ? ratio / 2 : ratio;
}

// Beyond this deviation the activation is a step on the scale of its input, and the expansion in δ useless.
constexpr double kMostDeviation = 50;

// ρ′ of parallel inputs (w = 0).
double parallel(Op op, const NearPair& p) {
  const double reach = p.reach_i * p.reach_j;
  const double ee = p.complement_i * p.complement_j;
  const double q = p.complement_i + p.complement_j - ee;
  const double m = p.inverse_i * p.inverse_j;
  if (op == Op::erf) return m * std::atan2(reach, std::sqrt(q)) / reach;
  const double f = std::atan2(std::sqrt(q), -reach) / (2 * kPi);
  return m * (f + reach * (p.complement_i + p.complement_j) / (2 * kPi * std::sqrt(q)));
}

// (1 − ρ′)/2 of parallel inputs: what unequal lengths alone contribute.
double excess(Op op, const NearPair& p) {
  if (p.reach_i == p.reach_j && p.complement_i == p.complement_j) return 0;
  const double a = variance_of(op, p.reach_i, p.complement_i), b = variance_of(op, p.reach_j, p.complement_j);
  const double delta = (a - b) / (a + b);  // half the difference of logarithms, up to δ³
  if (std::fabs(delta) < 1e-4 && p.turning_i >= 0 && p.turning_j >= 0)
    return 0.125 * delta * delta * (p.turning_i + p.turning_j);
  return std::max(0.0, 0.5 * (1 - parallel(op, p)));
}

// ρ′(parallel) − ρ′ = (asin Y − asin x) m m / Y, and the difference of arcsines is one arcsine of a small argument.
double erf_fall(const NearPair& p) {
  const double reach = p.reach_i * p.reach_j;
  const double e = p.complement_i + p.complement_j - p.complement_i * p.complement_j;
  const double spread = 4 * p.w * (1 - p.w);
  const double q = e + spread * reach * reach;
  const double rest = spread / (std::sqrt(q) + (1 - 2 * p.w) * std::sqrt(e));
  const double argument = reach * rest;
  const double ratio = argument == 0 ? 1 : std::asin(std::min(1.0, argument)) / argument;
  return p.inverse_i * p.inverse_j * ratio * rest;
}

// Price: ∂S/∂k = Ṡ, so ρ′(parallel) − ρ′ = 2 m m ∫₀^w Ṡ dw̃ by Gauss–Legendre. Ṡ is analytic in w up to a pole at
// 4wG² ≈ −E: two nodes where the path is short beside it, eight elsewhere.                                     [price]
double gelu_fall(const NearPair& p, double remoteness) {
  struct Node {
    double at, weight;
  };
  constexpr Node kTwo[] = {{0.5773502691896258, 1}};
  constexpr Node kEight[] = {{0.1834346424956498, 0.3626837833783620},
                             {0.5255324099163290, 0.3137066458778873},
                             {0.7966664774136267, 0.2223810344533745},
                             {0.9602898564975363, 0.1012285362903763}};
  const std::span<const Node> nodes = remoteness < 1e-3 ? std::span<const Node>(kTwo) : std::span<const Node>(kEight);
  const double reach = p.reach_i * p.reach_j;
  const double sum = p.complement_i + p.complement_j, ee = p.complement_i * p.complement_j;
  const auto derivative = [&](double w) {
    const double q = (sum - ee) + 4 * w * (1 - w) * reach * reach;
    const double x = (1 - 2 * w) * reach;
    const double f = std::atan2(std::sqrt(q), -x) / (2 * kPi);
    return f + x * (sum + ee / q) / (2 * kPi * std::sqrt(q));
  };
  double integral = 0;
  for (const Node& node : nodes)
    integral += node.weight * (derivative(p.w / 2 * (1 - node.at)) + derivative(p.w / 2 * (1 + node.at)));
  return 2 * p.inverse_i * p.inverse_j * integral * p.w / 2;
}

}  // namespace

// 1 − ρ′ = ½ δ² (E ψ²/E φ² − (E φψ/E φ²)²) + O(δ⁴),  ψ(u) = u φ′(u) = dφ/d log u.                        [near-smooth]
// Trapezoidal rule: spectrally accurate for these integrands.
double turning(Op op, double reach, double complement) {
  const double deviation = std::sqrt(variance_of(op, reach, complement));
  if (!(deviation < kMostDeviation)) return -1;
  const double h = std::min(0.15, 0.4 / std::max(1.0, deviation));
  double phi2 = 0, psi2 = 0, mixed = 0;
  const int count = static_cast<int>(9.5 / h);
  for (int k = -count; k <= count; ++k) {
    const double t = k * h, weight = std::exp(-t * t / 2), u = deviation * t;
    const double f = phi(op, u), g = u * phi_slope(op, u);
    phi2 += weight * f * f;
    psi2 += weight * g * g;
    mixed += weight * f * g;
  }
  if (phi2 == 0) return 0;
  return std::max(0.0, psi2 / phi2 - (mixed / phi2) * (mixed / phi2));
}

double near_defect(Op op, const NearPair& pair) {
  const double reach = pair.reach_i * pair.reach_j;
  if (reach == 0) return pair.w;  // variances below 1e-300: the activation is linear
  if (op == Op::erf) return std::min(0.5, 0.5 * erf_fall(pair) + excess(op, pair));
  // Near the pole of Ṡ (huge variances) eight nodes are not enough, but then the pair is not near on φ's own scale.
  const double e = pair.complement_i + pair.complement_j - pair.complement_i * pair.complement_j;
  const double remoteness = 4 * pair.w * reach * reach / e;
  if (remoteness > 0.25) return -1;
  return std::min(0.5, 0.5 * gelu_fall(pair, remoteness) + excess(op, pair));
}

}  // namespace resgram::core
