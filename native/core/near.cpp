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

double variance_of(Op op, double reach, double complement) {
  const double ratio = reach * reach / complement;
  return op == Op::erf ? ratio / 2 : ratio;
}

// Beyond this deviation the activation is a step on the scale of its input, and the expansion in δ useless.
constexpr double kMostDeviation = 50;

// ρ′ of parallel inputs (w = 0).
double parallel(Op op, const NearPair& p) {
  const double reach = p.reach_i * p.reach_j;
  const double sum = p.complement_i + p.complement_j, q = sum - p.complement_i * p.complement_j;
  const double m = p.inverse_i * p.inverse_j;
  if (op == Op::erf) return m * std::atan2(reach, std::sqrt(q)) / reach;
  const double f = std::atan2(std::sqrt(q), -reach) / (2 * kPi);
  return m * (f + reach * sum / (2 * kPi * std::sqrt(q)));
}

// y − atan y.
double arctangent_gap(double y) {
  if (y > 0.3) return y - std::atan(y);
  double sum = 0;
  for (int k = 29; k >= 3; k -= 2) sum = 1.0 / k - y * y * sum;
  return y * y * y * sum;
}

// For parallel inputs S is proportional to 1 − D. Large variances have a small D, which is formed without subtracting
// from 1: with q = 1 − Y²,
//   erf   asin Y = (π/2)(1 − D),       D = (2/π) atan(√q/Y)
//   GELU  S = ½ √(ab) (1 − D),        πD = atan y − Y (e_i + e_j)/√q = (q (e_i + e_j) − e_i e_j)/(Y √q) − (y − atan y),
//         y = √q/Y
double deficit(Op op, double reach, double e_i, double e_j) {
  const double sum = e_i + e_j, ee = e_i * e_j, q = sum - ee, root = std::sqrt(q);
  if (op == Op::erf) return 2 / kPi * std::atan2(root, reach);
  return ((q * sum - ee) / (reach * root) - arctangent_gap(root / reach)) / kPi;
}

// (1 − ρ′)/2 of parallel inputs: what unequal lengths alone contribute. For large variances 1 − ρ′ = 1 − (1 − D_ij)/N
// with N² = (1 − D_ii)(1 − D_jj) is formed from the D: what is left of the rounding is an ulp of D and not of 1, and a
// small w beside it keeps its digits.
double excess(Op op, const NearPair& p) {
  if (p.reach_i == p.reach_j && p.complement_i == p.complement_j) return 0;
  const double a = variance_of(op, p.reach_i, p.complement_i), b = variance_of(op, p.reach_j, p.complement_j);
  const double delta = (a - b) / (a + b);  // half the difference of logarithms, up to δ³
  if (std::fabs(delta) < 1e-4 && p.turning_i >= 0 && p.turning_j >= 0)
    return 0.125 * delta * delta * (p.turning_i + p.turning_j);
  if (p.complement_i > 0.5 || p.complement_j > 0.5) return std::max(0.0, 0.5 * (1 - parallel(op, p)));
  const double di = deficit(op, p.reach_i * p.reach_i, p.complement_i, p.complement_i);
  const double dj = deficit(op, p.reach_j * p.reach_j, p.complement_j, p.complement_j);
  const double dij = deficit(op, p.reach_i * p.reach_j, p.complement_i, p.complement_j);
  const double n = std::sqrt((1 - di) * (1 - dj));
  const double gap = ((dij - di) + (dij - dj)) + (di * dj - dij * dij);
  return std::max(0.0, 0.5 * gap / (n * (n + (1 - dij))));
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

// Price: ∂S/∂k = Ṡ, so ρ′(parallel) − ρ′ = 2 m m ∫₀^w Ṡ dw̃. Ṡ has a pole at 4w̃ ≈ −E/G², close to 0 for large variances;
// in p = √q, with G² dw̃ (1 − 2w̃) = p dp/2, it is gone: what has 1/p is integrated in closed form,
//   ∫ Ṡ dw̃ = (P − P₀)(e_i + e_j + e_i e_j/(P₀P))/(4πG) + ∫ F p dp/(2Gx),
// and the rest is smooth on the scale of 1, hundreds of times the longest path: Gauss with three nodes.       [price]
double gelu_fall(const NearPair& pair) {
  constexpr double kAt = 0.7745966692414834, kOuter = 5.0 / 9, kMiddle = 8.0 / 9;
  const double reach = pair.reach_i * pair.reach_j;
  const double sum = pair.complement_i + pair.complement_j, ee = pair.complement_i * pair.complement_j;
  const double spread = 4 * pair.w * (1 - pair.w) * reach * reach;
  const double from = std::sqrt(sum - ee), to = std::sqrt(sum - ee + spread);
  const double path = spread / (from + to);
  const auto smooth_part = [&](double along) {
    const double p = from + path * along;
    const double x = std::sqrt(reach * reach - path * along * (p + from));
    return std::atan2(p, -x) * p / x;
  };
  const double closed = sum + ee / (from * to);
  const double gauss =
      kOuter * (smooth_part(0.5 - 0.5 * kAt) + smooth_part(0.5 + 0.5 * kAt)) + kMiddle * smooth_part(0.5);
  return pair.inverse_i * pair.inverse_j * path * (closed + 0.5 * gauss) / (2 * kPi * reach);
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
  if (pair.reach_i * pair.reach_j == 0) return pair.w;  // variances below 1e-300: the activation is linear
  const double fall = op == Op::erf ? erf_fall(pair) : gelu_fall(pair);
  return std::min(0.5, 0.5 * fall + excess(op, pair));
}

}  // namespace resgram::core
