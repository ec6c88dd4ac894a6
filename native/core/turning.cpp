#include "turning.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace resgram::core {
namespace {

constexpr double kPi = 3.14159265358979323846;

// asin z/√(1 − z²) − z, from z = Σ_{n ≥ 0} (2ⁿ n!)²/(2n+1)! z^{2n+1} where it would cancel.
double arcsine_excess(double z, double complement) {
  if (z > 0.3) return std::atan2(z, std::sqrt(complement)) / std::sqrt(complement) - z;
  double sum = 0, term = z;
  for (int n = 1; n <= 16; ++n) sum += term *= z * z * 2 * n / (2 * n + 1);
  return sum;
}

// y − atan y.
double arctangent_gap(double y) {
  if (y > 0.3) return y - std::atan(y);
  double sum = 0;
  for (int k = 29; k >= 3; k -= 2) sum = 1.0 / k - y * y * sum;
  return y * y * y * sum;
}

double erf_turning(const Reach& x, const Reach& z) {
  const double y = x.reach * z.reach, ee = x.complement * z.complement;
  const double q = x.complement + z.complement - ee;
  const double angle = std::atan2(y, std::sqrt(q));
  return ee / q * (y / angle) * (arcsine_excess(y, q) / angle);  // nothing underflows but the whole
}

// S = σ √(ab) of parallel inputs, for scale 1.
double gelu_share(double y, double sum, double q) {
  return std::atan2(std::sqrt(q), -y) / (2 * kPi) + y * sum / (2 * kPi * std::sqrt(q));
}

double gelu_turning(const Reach& x, const Reach& z) {
  const double y = x.reach * z.reach, ei = x.complement, ej = z.complement, ee = ei * ej, q = ei + ej - ee;
  const double unit = y / (2 * kPi * std::sqrt(q) * gelu_share(y, ei + ej, q));
  const double both = 3 * unit * (ee / q) * (ee / q);
  return both - (unit * ei * ei * (2 + ej / q)) * (unit * ej * ej * (2 + ei / q));
}

// κ (½ sinh 2κ − κ)/sinh² κ.
double sine_turning(double kappa) {
  if (kappa < 0.5) {
    const double square = 4 * kappa * kappa, sinh = std::sinh(kappa);
    double sum = 0, term = 2 * kappa / 2;
    for (int n = 1; n <= 9; ++n) sum += term *= square / (2 * n * (2 * n + 1));
    return kappa * (sum / sinh) / sinh;
  }
  const double e = std::exp(-2 * kappa), gap = -std::expm1(-2 * kappa);
  return kappa * (gap * (1 + e) - 4 * kappa * e) / (gap * gap);
}

// log(‖x‖/‖z‖) ≥ 0; for nearly equal lengths from their difference.
double log_ratio(const Reach& longer, const Reach& shorter) {
  return 0.5 * std::log1p((longer.variance - shorter.variance) / shorter.variance);
}

// Gauss–Legendre on [−1, 1]: the nodes that are not negative; weights sum to 1.
template <std::size_t N>
struct Gauss {
  std::array<double, (N + 1) / 2> at, weight;
};
constexpr Gauss<2> kGauss2{{0.57735026918962573}, {0.5}};
constexpr Gauss<3> kGauss3{{0.0, 0.77459666924148340}, {0.44444444444444444, 0.27777777777777778}};
constexpr Gauss<4> kGauss4{{0.33998104358485626, 0.86113631159405257}, {0.32607257743127307, 0.17392742256872693}};
constexpr Gauss<5> kGauss5{{0.0, 0.53846931010568311, 0.90617984593866396},
                           {0.28444444444444444, 0.23931433524968324, 0.11846344252809454}};
constexpr Gauss<12> kGauss12{{0.12523340851146891, 0.36783149899818018, 0.58731795428661748, 0.76990267419430470,
                              0.90411725637047480, 0.98156063424671924},
                             {0.12457352290670139, 0.11674626826917740, 0.10158371336153296, 0.08003916427167311,
                              0.05346966299765921, 0.02358766819325591}};

// The mean of `turning` over a square, both logarithms of lengths going from that of `shorter` through `ratio`.
template <std::size_t N>
double mean_turning(Op op, const Gauss<N>& rule, const Reach& shorter, double ratio) {
  std::array<Reach, N> rows;
  std::array<double, N> weights;
  for (std::size_t k = 0; k < N; ++k) {
    const std::size_t from_middle = k < N / 2 ? N / 2 - 1 - k + N % 2 : k - N / 2;
    const double at = rule.at[from_middle], side = k < N / 2 ? -at : at;
    rows[k] = reach_of(op, shorter.variance * std::exp(ratio * (1 + side)));
    weights[k] = rule.weight[from_middle];
  }
  double sum = 0;
  for (std::size_t i = 0; i < N; ++i) {
    double off = 0;
    for (std::size_t j = 0; j < i; ++j) off += weights[j] * turning(op, rows[i], rows[j]);
    sum += weights[i] * (weights[i] * turning(op, rows[i], rows[i]) + 2 * off);
  }
  return sum;
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

// ρ′ of parallel inputs of very different lengths.
double parallel(Op op, const Reach& x, const Reach& z) {
  const auto covariance = [op](const Reach& u, const Reach& v) {  // S up to factors of u and of v
    const double y = u.reach * v.reach, sum = u.complement + v.complement, q = sum - u.complement * v.complement;
    return op == Op::erf ? std::atan2(y, std::sqrt(q)) / y : gelu_share(y, sum, q);
  };
  return covariance(x, z) / std::sqrt(covariance(x, x) * covariance(z, z));
}

// 1 − ρ′ = 1 − (1 − D_ij)/N with N² = (1 − D_ii)(1 − D_jj) from the D, where these are small.
double by_difference(Op op, const Reach& x, const Reach& z) {
  if (op == Op::sine) {
    const double gap = x.reach - z.reach, both = -std::expm1(-2 * x.reach * z.reach);
    const double own = std::sqrt(-std::expm1(-2 * x.variance)) * std::sqrt(-std::expm1(-2 * z.variance));
    return std::max(0.0, 0.5 * (1 - std::exp(-0.5 * gap * gap) * (both / own)));
  }
  if (x.complement > 0.5 || z.complement > 0.5) return std::max(0.0, 0.5 * (1 - parallel(op, x, z)));
  const double di = deficit(op, x.reach * x.reach, x.complement, x.complement);
  const double dj = deficit(op, z.reach * z.reach, z.complement, z.complement);
  const double dij = deficit(op, x.reach * z.reach, x.complement, z.complement);
  const double n = std::sqrt((1 - di) * (1 - dj));
  const double gap = ((dij - di) + (dij - dj)) + (di * dj - dij * dij);
  return std::max(0.0, 0.5 * gap / (n * (n + (1 - dij))));
}

}  // namespace

Reach reach_of(Op op, double variance) {
  if (op == Op::sine) return {variance, std::sqrt(variance), 0};
  const double scaled = op == Op::erf ? 2 * variance : variance, e = 1 / (1 + scaled);
  return {variance, std::sqrt(scaled * e), e};
}

// With ψ = uφ′(u) = ∂φ/∂ log u: E ψψ/E φφ − (E ψφ/E φφ)(E φψ/E φφ), in which the terms of a homogeneous φ have been
// taken out.                                                                                            [turning]
double turning(Op op, const Reach& x, const Reach& z) {
  if (x.reach * z.reach == 0) return 0;
  if (op == Op::erf) return erf_turning(x, z);
  return op == Op::gelu ? gelu_turning(x, z) : sine_turning(x.reach * z.reach);
}

// Second differences of log S are integrals of `turning` over a square: ρ′ = exp(−½ ∫∫ turning ds dt).      [turning]
double length_defect(Op op, const Reach& x, const Reach& z) {
  const Reach &longer = x.variance > z.variance ? x : z, &shorter = x.variance > z.variance ? z : x;
  if (longer.variance == shorter.variance || shorter.reach * longer.reach == 0) return 0;
  const double ratio = log_ratio(longer, shorter);
  if (!(ratio <= 1)) return by_difference(op, longer, shorter);
  double mean = 0;
  if (ratio < 1e-7) {
    mean = turning(op, longer, shorter);
  } else if (ratio < 5e-4) {
    mean = mean_turning(op, kGauss2, shorter, ratio);
  } else if (ratio < 0.015) {
    mean = mean_turning(op, kGauss3, shorter, ratio);
  } else if (ratio < 0.08) {
    mean = mean_turning(op, kGauss4, shorter, ratio);
  } else {
    mean = ratio < 0.2 ? mean_turning(op, kGauss5, shorter, ratio) : mean_turning(op, kGauss12, shorter, ratio);
  }
  return -0.5 * std::expm1(-0.5 * ratio * ratio * mean);
}

}  // namespace resgram::core
