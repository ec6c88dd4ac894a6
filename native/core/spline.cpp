#include "spline.hpp"

#include <algorithm>
#include <cmath>

#include "gauss.hpp"

namespace resgram::core {
namespace {

constexpr double kReach = 9;  // e^(−t²/2) < 1e-17 beyond
constexpr double kDensity = 0.398942280401432677939946;
constexpr double kHalfRoot = 0.707106781186547524400844;
constexpr double kTurn = 6.28318530717958647692529;
constexpr double kShrink = 3;    // of one panel to the next towards parallel inputs: 16 nodes are good to 7e-16
constexpr double kSame = 1e-18;  // kinks that near are one: the integral is Lipschitz in their distance
constexpr double kLongest = 3;   // of a panel in t

const GaussRule& rule() {
  static const GaussRule sixteen(16);
  return sixteen;
}

}  // namespace

SplineRow::SplineRow(const Spline& spline, double a, const DualRow& row) {
  const double root = std::sqrt(a), size = std::sqrt(row.square);
  for (const double at : spline.breaks) breaks_.push_back(at / root);
  for (const SplinePiece& piece : spline.pieces) {
    SplinePiece seen{piece.centre / root, {}};
    double unit = 1 / size;
    for (std::size_t n = 0; n <= kSplineDegree; ++n, unit *= root) seen.derivatives[n] = piece.derivatives[n] * unit;
    pieces_.push_back(seen);
    for (std::size_t n = degree_ + 1; n <= kSplineDegree; ++n)
      if (piece.derivatives[n] != 0) degree_ = n;
  }
  for (std::size_t k = 0; k < breaks_.size(); ++k) {
    jumps_.emplace_back();
    for (std::size_t n = 1; n <= kSplineDegree; ++n)
      jumps_[k][n] = pieces_[k + 1].at(n, breaks_[k]) - pieces_[k].at(n, breaks_[k]);
  }
  root_slope_ = root * std::sqrt(row.slope) / size;
}

SplineRow SplineRow::mirrored() const {
  SplineRow other = *this;
  std::reverse(other.breaks_.begin(), other.breaks_.end());
  std::reverse(other.pieces_.begin(), other.pieces_.end());
  std::reverse(other.jumps_.begin(), other.jumps_.end());
  for (double& at : other.breaks_) at = -at;
  for (SplinePiece& piece : other.pieces_) {
    piece.centre = -piece.centre;
    for (std::size_t n = 1; n <= kSplineDegree; n += 2) piece.derivatives[n] = -piece.derivatives[n];
  }
  for (auto& jump : other.jumps_)
    for (std::size_t n = 2; n <= kSplineDegree; n += 2) jump[n] = -jump[n];
  return other;
}

// E f(u) g(v) − E f(t) g(t) and E f′(u) g′(v) for normal u, v of correlation 1 − 2m.                      [spline-dual]
class SplineSum {
 public:
  SplineSum(const SplineRow& f, const SplineRow& g) : f_(f), g_(g), degree_(std::max(f.degree_, g.degree_)) { ends(); }

  void add(double m) {
    double power = 1;  // (−2m)ⁿ⁻¹/(n − 1)!
    for (std::size_t n = 1; n <= degree_; ++n) {
      slope_ += power * parallel_[n];
      size_ += std::fabs(power * parallel_[n]);
      value_ += power * -2 * m / static_cast<double>(n) * parallel_[n];
      power *= -2 * m / static_cast<double>(n);
    }
    kinks(m);
  }

  [[nodiscard]] double value() const { return value_; }
  [[nodiscard]] double slope() const { return slope_; }
  // Sum of the sizes of the terms of `slope`, and more than that of `value`.
  [[nodiscard]] double size() const { return size_; }
  // ¼E(f − g)² and ¼E(f + g)² of parallel inputs.
  [[nodiscard]] double apart() const { return apart_; }
  [[nodiscard]] double together() const { return together_; }

 private:
  // E f⁽ⁿ⁾(t) g⁽ⁿ⁾(t), between the breaks of both.
  void ends() {
    std::vector<double> cuts{-kReach, kReach};
    for (const std::vector<double>* breaks : {&f_.breaks_, &g_.breaks_})
      for (const double at : *breaks)
        if (std::fabs(at) < kReach) cuts.push_back(at);
    std::sort(cuts.begin(), cuts.end());
    for (std::size_t k = 0; k + 1 < cuts.size(); ++k) {
      const double length = cuts[k + 1] - cuts[k];
      if (!(length > 0)) continue;
      const double middle = cuts[k] + 0.5 * length;
      const SplinePiece &p = piece(f_, middle), &q = piece(g_, middle);
      const int parts = static_cast<int>(std::ceil(length / kLongest));
      for (int part = 0; part < parts; ++part)
        panel(p, q, cuts[k] + (part + 0.5) * length / parts, 0.5 * length / parts);
    }
  }

  void panel(const SplinePiece& p, const SplinePiece& q, double middle, double half) {
    for (std::size_t i = 0; i < rule().node.size(); ++i) {
      const double t = middle + half * rule().node[i];
      const double weight = half * rule().weight[i] * kDensity * std::exp(-0.5 * t * t);
      const double f = p.at(0, t), g = q.at(0, t);
      apart_ += 0.25 * weight * ((f - g) * (f - g));
      together_ += 0.25 * weight * ((f + g) * (f + g));
      for (std::size_t n = 1; n <= degree_; ++n) parallel_[n] += weight * p.at(n, t) * q.at(n, t);
    }
  }

  static const SplinePiece& piece(const SplineRow& row, double t) {
    const auto after = std::upper_bound(row.breaks_.begin(), row.breaks_.end(), t);
    return row.pieces_[static_cast<std::size_t>(after - row.breaks_.begin())];
  }

  // Panels towards parallel inputs until the nearest two kinks are left behind.
  void kinks(double m) {
    double nearest = kReach;
    for (const double x : f_.breaks_)
      for (const double y : g_.breaks_)
        if (std::fabs(x - y) > kSame) nearest = std::min(nearest, std::fabs(x - y));
    const double least = nearest / (2 * kReach);
    for (double upper = std::sqrt(m); upper > 0;) {
      // Below `least` nothing but coincident kinks is seen, whose integrand is smooth down to 0.
      const double lower = upper > least ? std::max(upper / kShrink, least) : 0;
      for (std::size_t i = 0; i < rule().node.size(); ++i)
        node(m, 0.5 * (upper + lower) + 0.5 * (upper - lower) * rule().node[i],
             0.5 * (upper - lower) * rule().weight[i], upper);
      upper = lower;
    }
  }

  // One angle τ, by r = sin ½τ.
  void node(double m, double r, double weight, double upper) {
    const double c = 1 - r * r, sine = 2 * r * std::sqrt(c), rho = 1 - 2 * r * r;
    const double left = 2 * (m - r * r);
    const double to_angle = weight * 2 / std::sqrt(c), to_cosine = weight * 4 * r;
    const double across = -0.5 / (sine * sine), along = -0.5 / c;
    for (std::size_t k = 0; k < f_.breaks_.size(); ++k) {
      const double x = f_.breaks_[k];
      for (std::size_t l = 0; l < g_.breaks_.size(); ++l) {
        const double y = g_.breaks_[l], apart = x - y;
        if (std::fabs(apart) < 2 * kReach * upper) {
          const double both = to_angle / kTurn * std::exp(across * (apart * apart) + along * (x * y));
          for (std::size_t n = 1; n <= degree_; ++n)
            if (f_.jumps_[k][n] != 0 && g_.jumps_[l][n] != 0) add(n, f_.jumps_[k][n] * g_.jumps_[l][n] * both, left);
        }
        if (degree_ == 1) continue;
        unequal(f_.jumps_[k], x, g_.jumps_[l], y, rho, sine, to_cosine, left);
        unequal(g_.jumps_[l], y, f_.jumps_[k], x, rho, sine, to_cosine, left);
      }
    }
  }

  // A jump of the lower order n at x and of higher ones at y: E δ(u − x) (v − y)₊^p/p!.
  void unequal(const std::array<double, kSplineDegree + 1>& lower, double x,
               const std::array<double, kSplineDegree + 1>& higher, double y, double rho, double sine, double weight,
               double left) {
    if (std::fabs(x) >= kReach) return;
    double density = 0, tail = 0, mean = 0;
    for (std::size_t n = 1; n < kSplineDegree; ++n) {
      if (lower[n] == 0) continue;
      for (std::size_t other = n + 1; other <= kSplineDegree; ++other) {
        if (higher[other] == 0) continue;
        if (density == 0) {
          const double h = (y - rho * x) / sine;
          density = kDensity * std::exp(-0.5 * x * x);
          tail = 0.5 * std::erfc(kHalfRoot * h);
          mean = sine * (kDensity * std::exp(-0.5 * h * h) - h * tail);
        }
        add(n, lower[n] * higher[other] * weight * density * (other == n + 1 ? tail : mean), left);
      }
    }
  }

  // Taylor's remainder after n derivatives by ρ.
  void add(std::size_t n, double part, double left) {
    double power = n % 2 == 0 ? 1 : -1;
    for (std::size_t k = 1; k < n; ++k) power *= left / static_cast<double>(k);
    slope_ += power * part;
    size_ += std::fabs(power * part);
    value_ -= power * part * left / static_cast<double>(n);
  }

  const SplineRow &f_, &g_;
  std::array<double, kSplineDegree + 1> parallel_{};
  std::size_t degree_;
  double apart_ = 0, together_ = 0, value_ = 0, slope_ = 0, size_ = 0;
};

bool spline_pair(const SplineRow& x, const SplineRow& z, double m, bool acute, Parity parity, DualPair& pair) {
  const bool mirror = !acute && parity == Parity::none;
  const SplineRow other = mirror ? z.mirrored() : SplineRow{};
  SplineSum sum(x, mirror ? other : z);
  sum.add(m);
  const double slopes = x.root_slope_ * z.root_slope_, slope = sum.slope() / slopes;
  // Opposite inputs of a φ that is neither odd nor even are compared with the mirror image.
  const double small = mirror ? sum.together() + 0.5 * sum.value() : sum.apart() - 0.5 * sum.value();
  pair = mirror || (!acute && parity == Parity::odd) ? DualPair{1 - small, small, mirror ? -slope : slope}
                                                     : DualPair{small, 1 - small, acute ? slope : -slope};
  constexpr double kEps = 0x1p-52, kAllowed = 1e-13;
  return sum.size() * kEps <= kAllowed * std::min(slopes, 1.0);
}

}  // namespace resgram::core
