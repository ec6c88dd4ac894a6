#include "near.hpp"

#include <algorithm>
#include <cmath>

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

// Perfectly parallel inputs of lengths in the ratio e^δ leave a smooth activation at a small angle:
//   1 − ρ′ = ½ δ² (E ψ²/E φ² − (E φψ/E φ²)²) + O(δ⁴),  ψ(u) = u φ′(u) = dφ/d log u.               [near-smooth]
// Trapezoidal rule: spectrally accurate for these integrands.
double turning(Op op, double deviation) {
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
  return std::max(0.0, psi2 / phi2 - (mixed / phi2) * (mixed / phi2));
}

double variance_of(Op op, double reach, double complement) {
  const double ratio = reach * reach / complement;
  return op == Op::erf ? ratio / 2 : ratio;
}

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
  const double delta = 0.5 * std::log1p((a - b) / b);
  const double deviation = std::sqrt(std::sqrt(a) * std::sqrt(b));
  if (std::fabs(delta) < 1e-4 && deviation < 50) return 0.25 * delta * delta * turning(op, deviation);
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

// Price: ∂S/∂k = Ṡ, so ρ′(parallel) − ρ′ = 2 m m ∫₀^w Ṡ dw̃; eight Gauss–Legendre nodes.                    [price]
double gelu_fall(const NearPair& p) {
  constexpr double kNode[4] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363};
  constexpr double kWeight[4] = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763};
  const double reach = p.reach_i * p.reach_j;
  const double sum = p.complement_i + p.complement_j, ee = p.complement_i * p.complement_j;
  const auto derivative = [&](double w) {
    const double q = (sum - ee) + 4 * w * (1 - w) * reach * reach;
    const double x = (1 - 2 * w) * reach;
    const double f = std::atan2(std::sqrt(q), -x) / (2 * kPi);
    return f + x * (sum + ee / q) / (2 * kPi * std::sqrt(q));
  };
  double integral = 0;
  for (int k = 0; k < 4; ++k)
    integral += kWeight[k] * (derivative(p.w / 2 * (1 - kNode[k])) + derivative(p.w / 2 * (1 + kNode[k])));
  return 2 * p.inverse_i * p.inverse_j * integral * p.w / 2;
}

}  // namespace

double near_defect(Op op, const NearPair& pair) {
  const double reach = pair.reach_i * pair.reach_j;
  if (reach == 0) return pair.w;  // variances below 1e-300: the activation is linear
  if (op == Op::erf) return std::min(0.5, 0.5 * erf_fall(pair) + excess(op, pair));
  // Near the pole of Ṡ at q = 0 (huge variances) eight nodes are not enough, but w is then not small beside it either.
  const double e = pair.complement_i + pair.complement_j - pair.complement_i * pair.complement_j;
  if (4 * pair.w * reach * reach > e / 4) return -1;
  return std::min(0.5, 0.5 * gelu_fall(pair) + excess(op, pair));
}

}  // namespace resgram::core
