#include "function_jet.hpp"

#include <cmath>

namespace resgram::core {

DualCurve::DualCurve(const Function& phi, const DualTable& table, double log_variance)
    : parity_(phi.parity()), smooth_(phi.kinks().empty()), bend_(table.bend()) {
  const DualShape& shape = table.shape();
  std::vector<double> basis(shape.logs);
  table.basis(log_variance, basis.data());
  for (std::size_t side = 0; side < 2; ++side) {
    mean_[side].assign(shape.counts.size(), 0);
    slope_[side].assign(shape.counts.size(), 0);
  }
  for (std::size_t p = 0; p < shape.logs; ++p) {
    const double* block = table.block(p);
    std::size_t at = 0;
    for (std::size_t k = 0; k < shape.counts.size(); ++k)
      for (std::size_t q = 0; q < shape.counts[k]; ++q, ++at)
        for (std::size_t side = 0; side < 2; ++side) {
          const double weight = basis[p] * basis[q];
          mean_[side][k] += weight * block[shape.mean(side == 0) + at];
          slope_[side][k] += weight * block[shape.slope(side == 0) + at];
        }
    if (shape.both)
      for (std::size_t q = 0; q < shape.logs; ++q) opposite_ += basis[p] * basis[q] * block[shape.far() + q];
  }
}

// A series of T_k(2y − 1), y = (1 + b)σ/(σ + b), σ = √2 √m, and its derivatives by √m. Where φ is smooth the kernel is a
// function of m and has none at 0.
Jet<1> DualCurve::at(const Series& series, const Jet<1>& root) const {
  const double sigma = std::sqrt(2.0) * root.v, down = 1 / (sigma + bend_), rise = (1 + bend_) * bend_ * down * down;
  const double x = 2 * (1 + bend_) * sigma * down - 1;
  double value = 0, first = 0, second = 0;
  double t0 = 1, t1 = x, d0 = 0, d1 = 1, h0 = 0, h1 = 0;  // T_k and T_{k+1} with two derivatives
  for (const double c : series) {
    value += c * t0;
    first += c * d0;
    second += c * h0;
    const double t = 2 * x * t1 - t0, d = 2 * t1 + 2 * x * d1 - d0, h = 4 * d1 + 2 * x * h1 - h0;
    t0 = t1;
    d0 = d1;
    h0 = h1;
    t1 = t;
    d1 = d;
    h1 = h;
  }
  // x changes with √m at the rate 2√2 · rise, and that by −8 rise/(σ + b).
  const double rate = 2 * std::sqrt(2.0) * rise;
  const double slope = smooth_ && root.v == 0 ? 0 : first * rate;
  const double curvature = second * rate * rate - first * 8 * rise * down;
  return composed(root, value, slope, curvature);
}

// w′ = m · mean, where for odd and even φ obtuse pairs follow from acute ones; for others v′ = v′(opposite) + m · mean.
void DualCurve::step(double factor, const HalfAngle<1>& half, PairJet<1>& pair) const {
  const Jet<1> s = root(half, pair).value;
  const bool other = !pair.acute && parity_ == Parity::none;
  const Jet<1> mean = at(mean_[other ? 1 : 0], s), slope = at(slope_[other ? 1 : 0], s);
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
