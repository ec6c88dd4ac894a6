#include "near.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>

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

// asin z − z = z³/6 + 3 z⁵/40 + …
double arcsine_gap(double z) {
  if (z > 0.1) return std::asin(z) - z;
  const double z2 = z * z;
  constexpr double kSeries[] = {1.0 / 6,       3.0 / 40,         15.0 / 336,        105.0 / 3456,
                                945.0 / 42240, 10395.0 / 599040, 135135.0 / 9676800};
  double sum = 0;
  for (std::size_t k = std::size(kSeries); k-- > 0;) sum = sum * z2 + kSeries[k];
  return z * z2 * sum;
}

// y − atan y.
double arctangent_gap(double y) {
  if (y > 0.3) return y - std::atan(y);
  double sum = 0;
  for (int k = 29; k >= 3; k -= 2) sum = 1.0 / k - y * y * sum;
  return y * y * y * sum;
}

double variance_of(Op op, double reach, double complement) {
  const double ratio = reach * reach / complement;
  return op == Op::erf ? ratio / 2 : ratio;
}

// ρ′ of parallel inputs (w = 0).
double parallel(Op op, const NearPair& p) {
  const double reach = p.reach_i * p.reach_j;
  const double sum = p.complement_i + p.complement_j, q = sum - p.complement_i * p.complement_j;
  const double m = p.inverse_i * p.inverse_j;
  if (op == Op::erf) return m * std::atan2(reach, std::sqrt(q)) / reach;
  const double f = std::atan2(std::sqrt(q), -reach) / (2 * kPi);
  return m * (f + reach * sum / (2 * kPi * std::sqrt(q)));
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
// small w beside it keeps its digits.                                                                   [near-smooth]
double excess(Op op, const NearPair& p) {
  if (p.reach_i == p.reach_j && p.complement_i == p.complement_j) return 0;
  const double a = variance_of(op, p.reach_i, p.complement_i), b = variance_of(op, p.reach_j, p.complement_j);
  const double delta = (a - b) / (a + b);  // half the difference of logarithms, up to δ³
  if (std::fabs(delta) < 1e-4) return 0.125 * delta * delta * (p.turning_i + p.turning_j);
  if (p.complement_i > 0.5 || p.complement_j > 0.5) return std::max(0.0, 0.5 * (1 - parallel(op, p)));
  const double di = deficit(op, p.reach_i * p.reach_i, p.complement_i, p.complement_i);
  const double dj = deficit(op, p.reach_j * p.reach_j, p.complement_j, p.complement_j);
  const double dij = deficit(op, p.reach_i * p.reach_j, p.complement_i, p.complement_j);
  const double n = std::sqrt((1 - di) * (1 - dj));
  const double gap = ((dij - di) + (dij - dj)) + (di * dj - dij * dij);
  return std::max(0.0, 0.5 * gap / (n * (n + (1 - dij))));
}

// What both falls share: 1 − ρ², √E = √(1 − Y²), √q = √(1 − ρ²Y²), and
//   sin(asin Y − asin ρY) = Y (√q − ρ √E) = Y (1 − ρ²)/(√q + ρ √E),
// the sine of a small angle that is not made as a difference.                                           [near-smooth]
struct Path {
  double rho, spread, from, to, rest;
  Path(const NearPair& p, double reach)
      : rho(1 - 2 * p.w),
        spread(4 * p.w * (1 - p.w)),
        from(std::sqrt(p.complement_i + p.complement_j - p.complement_i * p.complement_j)),
        to(std::sqrt(from * from + spread * reach * reach)),
        rest(spread / (to + rho * from)) {}
};

// ρ′(parallel) − ρ′ = (asin Y − asin ρY) m m / Y.
double erf_fall(const NearPair& p) {
  const double reach = p.reach_i * p.reach_j;
  const Path path(p, reach);
  const double sine = reach * path.rest;
  const double ratio = sine == 0 ? 1 : std::asin(std::min(1.0, sine)) / sine;
  return p.inverse_i * p.inverse_j * ratio * path.rest;
}

// ρ′(parallel) − ρ′ = (S(1) − S(ρ)) m m/√(ab). With φ = acos ρG, p = √q, p₀ = √E, A = sin(φ − φ₀):
//   2wF + (asin A − A)/2π + (1 − ρ²) G/(2πp) · {2w p₀p/((p + ρp₀)(p + p₀)) + Σe − p₀³/(p₀ + p) + Πe (1 − E)/(p₀(p₀ + p))}
// where A and the algebraic part, of order p ≫ w for large variances, have already been taken from each other. Terms
// are positive but p₀³/(p₀ + p), which is less than Σe.                                                 [near-smooth]
double gelu_fall(const NearPair& pair) {
  const double reach = pair.reach_i * pair.reach_j;
  const double sum = pair.complement_i + pair.complement_j, product = pair.complement_i * pair.complement_j;
  const Path path(pair, reach);
  const double from = path.from, to = path.to, both = from + to;
  const double angle = std::atan2(to, path.rho * reach);
  const double braces = 2 * pair.w * from * to / ((to + path.rho * from) * both) + sum - from * from * from / both +
                        product * (1 - from * from) / (from * both);
  const double fall = pair.w * (1 - angle / kPi) + arcsine_gap(reach * path.rest) / (2 * kPi) +
                      path.spread * reach / (2 * kPi * to) * braces;
  return pair.inverse_i * pair.inverse_j * fall;
}

}  // namespace

// 1 − ρ′ = ½ δ² τ + O(δ⁴),  τ = E ψ²/E φ² − (E φψ/E φ²)²,  ψ(u) = u φ′(u) = dφ/d log u. In closed form:  [near-smooth]
//   erf   τ = e²Y (asin Y/√q − Y)/(q asin² Y)
//   GELU  E φψ = E φ² + B, E ψ² = E φ² + 2B + C, so τ = C/E φ² − (B/E φ²)²; with E u²Φ², E u³Φφ_n, E u⁴φ_n² by parts
//         C/E φ² = 3 g² e^{3/2} m²/(2π (2−e)^{5/2}),   B/E φ² = g² e^{3/2} m² (2 + 1/(2−e))/(2π √(2−e))
double turning(Op op, double reach, double complement, double inverse) {
  const double e = complement, y = reach * reach, q = e * (2 - e);
  if (y == 0) return 0;
  if (op == Op::erf) {
    const double angle = std::atan2(y, std::sqrt(q));
    return e * e * y * arcsine_excess(y, q) / (q * angle * angle);
  }
  const double share = y * e * inverse * inverse * std::sqrt(e / (2 - e)) / (2 * kPi);
  const double b = share * (2 + 1 / (2 - e));
  return 3 * share / ((2 - e) * (2 - e)) - b * b;
}

double near_defect(Op op, const NearPair& pair) {
  if (pair.reach_i * pair.reach_j == 0) return pair.w;  // variances below 1e-300: the activation is linear
  const double fall = op == Op::erf ? erf_fall(pair) : gelu_fall(pair);
  return std::min(0.5, 0.5 * fall + excess(op, pair));
}

}  // namespace resgram::core
