#include "near.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>

#include "turning.hpp"

namespace resgram::core {
namespace {

constexpr double kPi = 3.14159265358979323846;

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

Reach row_of(Op op, double reach, double complement) {
  if (op == Op::sine) return {reach * reach, reach, 0};
  const double ratio = reach * reach / complement;
  return {op == Op::erf ? ratio / 2 : ratio, reach, complement};
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

// ρ′(parallel) − ρ′ with κ = √(ab), N² = (1 − e^{−2a})(1 − e^{−2b}):                                            [sine]
//   e^{−(√a − √b)²/2} (1 + e^{−2κ(1−w)}) (1 − e^{−2κw})/N
double sine_fall(const NearPair& p) {
  const double gap = p.reach_i - p.reach_j, kappa = p.reach_i * p.reach_j;
  const double own =
      std::sqrt(-std::expm1(-2 * p.reach_i * p.reach_i)) * std::sqrt(-std::expm1(-2 * p.reach_j * p.reach_j));
  return std::exp(-0.5 * gap * gap) * (1 + std::exp(-2 * kappa * (1 - p.w))) * (-std::expm1(-2 * kappa * p.w) / own);
}

}  // namespace

double near_defect(Op op, const NearPair& pair) {
  if (pair.reach_i * pair.reach_j == 0) return pair.w;  // variances below 1e-300: the activation is linear
  const double fall = op == Op::erf ? erf_fall(pair) : (op == Op::gelu ? gelu_fall(pair) : sine_fall(pair));
  const double apart =
      length_defect(op, row_of(op, pair.reach_i, pair.complement_i), row_of(op, pair.reach_j, pair.complement_j));
  return std::min(0.5, 0.5 * fall + apart);
}

}  // namespace resgram::core
