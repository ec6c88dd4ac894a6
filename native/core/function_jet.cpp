#include "function_jet.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "chebyshev.hpp"

namespace resgram::core {

DualCurve::DualCurve(const Function& phi, const DualTable& table, double log_variance)
    : parity_(phi.parity()), bend_(table.bend()) {
  const DualShape& shape = table.shape();
  std::vector<double> basis(shape.logs);
  table.basis(log_variance, basis.data());
  for (std::size_t side = 0; side < 2; ++side) {
    mean_[side].series.assign(shape.counts.size(), 0);
    slope_[side].series.assign(shape.counts.size(), 0);
  }
  for (std::size_t p = 0; p < shape.logs; ++p) {
    const double* block = table.block(p);
    std::size_t at = 0;
    for (std::size_t k = 0; k < shape.counts.size(); ++k)
      for (std::size_t q = 0; q < shape.counts[k]; ++q, ++at)
        for (std::size_t side = 0; side < 2; ++side) {
          const double weight = basis[p] * basis[q];
          mean_[side].series[k] += weight * block[shape.mean(side == 0) + at];
          slope_[side].series[k] += weight * block[shape.slope(side == 0) + at];
        }
    if (shape.both)
      for (std::size_t q = 0; q < shape.logs; ++q) opposite_ += basis[p] * basis[q] * block[shape.far() + q];
  }
  if (!phi.kinks().empty()) return;
  for (std::size_t side = 0; side < (shape.both ? 2U : 1U); ++side)
    for (Curve* curve : {&mean_[side], &slope_[side]}) curve->near = by_defect(curve->series);
}

// Near m = 0 the kernel of a smooth φ is differentiated by m itself: by √m it has no slope there, and what noise leaves of
// one would be divided by √m. So the series is fitted anew, in m, on the longest [0, 2⁻ⁱ] where it converges.
DualCurve::Near DualCurve::by_defect(const std::vector<double>& series) const {
  constexpr std::size_t kDegrees = 32, kTail = 4;
  constexpr double kNoise = 4e-15;
  static const std::vector<double> nodes = chebyshev_nodes(kDegrees), transform = chebyshev_transform(kDegrees);
  for (double to = 0.5; to > 0x1p-60; to /= 2) {
    std::array<double, kDegrees> values{};
    for (std::size_t k = 0; k < kDegrees; ++k) values[k] = at(series, Jet<1>(std::sqrt(to * nodes[k]))).v;
    std::vector<double> c(kDegrees);
    double most = 0, tail = 0;
    for (std::size_t k = 0; k < kDegrees; ++k) {
      for (std::size_t j = 0; j < kDegrees; ++j) c[k] += transform[k * kDegrees + j] * values[j];
      most = std::max(most, std::fabs(c[k]));
      if (k + kTail >= kDegrees) tail = std::max(tail, std::fabs(c[k]));
    }
    if (tail > kNoise * most) continue;
    while (c.size() > 2 && std::fabs(c.back()) < kNoise * most) c.pop_back();
    return {to, std::move(c)};
  }
  return {0, {}};
}

// Σ c_k T_k(x) and its derivatives by x.
Derivatives DualCurve::sum(const std::vector<double>& series, double x) {
  Derivatives out{0, 0, 0};
  double t0 = 1, t1 = x, d0 = 0, d1 = 1, h0 = 0, h1 = 0;  // T_k and T_{k+1} with two derivatives
  for (const double c : series) {
    out.value += c * t0;
    out.first += c * d0;
    out.second += c * h0;
    const double t = 2 * x * t1 - t0, d = 2 * t1 + 2 * x * d1 - d0, h = 4 * d1 + 2 * x * h1 - h0;
    t0 = t1;
    d0 = d1;
    h0 = h1;
    t1 = t;
    d1 = d;
    h1 = h;
  }
  return out;
}

// A series of T_k(2y − 1), y = (1 + b)σ/(σ + b), σ = √2 √m, and its derivatives by √m. x = 2y − 1 changes with √m at the
// rate 2√2 · rise, and that by −8 rise/(σ + b).
Jet<1> DualCurve::at(const std::vector<double>& series, const Jet<1>& root) const {
  const double sigma = std::sqrt(2.0) * root.v, down = 1 / (sigma + bend_), rise = (1 + bend_) * bend_ * down * down;
  const Derivatives by_x = sum(series, 2 * (1 + bend_) * sigma * down - 1);
  const double rate = 2 * std::sqrt(2.0) * rise;
  return composed(root, by_x.value, by_x.first * rate, by_x.second * rate * rate - by_x.first * 8 * rise * down);
}

Jet<1> DualCurve::at(const Curve& curve, const Jet<1>& m, const Jet<1>& root) const {
  const double to = curve.near.to;
  if (!(m.v < to)) return at(curve.series, root);
  const double rate = 2 / to;
  const Derivatives by_x = sum(curve.near.of, rate * m.v - 1);
  return composed(m, by_x.value, by_x.first * rate, by_x.second * rate * rate);
}

// w′ = m · mean, where for odd and even φ obtuse pairs follow from acute ones; for others v′ = v′(opposite) + m · mean.
void DualCurve::step(double factor, const HalfAngle<1>& half, PairJet<1>& pair) const {
  const Jet<1> m = smaller(half, pair), s = root(half, pair).value;
  const bool other = !pair.acute && parity_ == Parity::none;
  const Jet<1> mean = at(mean_[other ? 1 : 0], m, s), slope = at(slope_[other ? 1 : 0], m, s);
  const bool turned = !pair.acute && parity_ == Parity::even;
  pair.t = pair.t * (slope * (turned ? -factor : factor));
  const Complement<1> small{pair.ratio * mean, pair.rest * mean + (other ? opposite_ : 0)};
  if (!other) {
    settle(half, small, pair.acute || turned, pair);
    return;
  }
  const bool acute = (half.square * small.ratio + small.rest).v > 0.5;
  settle(half, acute ? Complement<1>{-small.ratio, 1.0 - small.rest} : small, acute, pair);
}

}  // namespace resgram::core
