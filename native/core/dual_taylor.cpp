#include "dual_taylor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "dual_panels.hpp"
#include "dual_quadrature.hpp"
#include "error.hpp"
#include "gauss.hpp"

namespace resgram::core {
namespace {

using panels::density;
using panels::Nodes;

constexpr double kPi = 3.14159265358979323846;

struct Point {
  double value, slope, bend;
};

// At a kink the mean of both sides.
Point at(const Function& phi, double u) {
  constexpr double kEnd = std::numeric_limits<double>::infinity();
  const std::array<double, 2> beside{std::nextafter(u, -kEnd), std::nextafter(u, kEnd)};
  std::array<double, 2> value{}, slope{}, bend{};
  phi.evaluate(beside, value.data(), slope.data());
  phi.bend(beside, bend.data());
  return {0.5 * (value[0] + value[1]), 0.5 * (slope[0] + slope[1]), 0.5 * (bend[0] + bend[1])};
}

struct Points {
  std::vector<double> u, value, slope, bend;
  void evaluate(const Function& phi) {
    for (std::vector<double>* of : {&value, &slope, &bend}) of->resize(u.size());
    phi.evaluate(u, value.data(), slope.data());
    phi.bend(u, bend.data());
  }
};

// A node in t. Of a point mass of φ″ `bend` is its size and everything else 0.
struct Node {
  double t, weight, u;
  Point phi;
  double bend;
  [[nodiscard]] bool mass() const { return phi.bend != bend; }
};

// What does not depend on the pair's angle: φ in units of its size and the derivatives of that by log a.
struct Scale {
  double a, b, root_a, root_b;
  double size_x, size_z;  // √E φ²
  double c, c1;           // of log √E φ², by log a
  double sign;            // of φ(v) in the complement
};

// φ(u)/n_x differentiated once and twice by log a at fixed t.
double turn(const Scale& s, const Node& x) { return (0.5 * x.u * x.phi.slope - s.c * x.phi.value) / s.size_x; }
double turn_twice(const Scale& s, const Node& x) {
  const double psi = x.u * x.phi.slope;
  return (0.25 * (psi + x.u * x.u * x.phi.bend) - s.c * psi + (s.c * s.c - s.c1) * x.phi.value) / s.size_x;
}

// Sums over the plane: the complement P with P_l and P_ll, and Ṡ with its derivatives by l = log a and m.
struct Sums {
  double p = 0, p_l = 0, p_ll = 0;
  double s = 0, s_l = 0, s_m = 0, s_ll = 0, s_lm = 0, s_mm = 0;
};

// For one u: the sums over v. `off`: E (φ(u)/n_x − sign φ(v)/n_z), `square`: of its square.
struct Inner {
  double off = 0, square = 0, slope = 0, bend = 0, bend_t = 0, bend_tt = 0;
};

// Nodes of the outer line and, after them, the point masses of φ″.
std::vector<Node> outer_nodes(const Function& phi, const Nodes& line, double root_a, bool half) {
  Points points;
  for (const double t : line.t) points.u.push_back(root_a * t);
  points.evaluate(phi);
  std::vector<Node> out;
  for (std::size_t i = 0; i < line.t.size(); ++i) {
    const Point p{points.value[i], points.slope[i], points.bend[i]};
    out.push_back({line.t[i], line.weight[i], points.u[i], p, p.bend});
  }
  for (const Jump& jump : phi.jumps()) {
    const double t = jump.at / root_a;
    if (half && t < 0) continue;
    const double both = half && t > 0 ? 2 : 1;
    Point p = at(phi, jump.at);
    p.bend = 0;
    out.push_back({t, both * density(t) / root_a, jump.at, p, jump.size});
  }
  return out;
}

void add_outer(const Scale& s, const Node& x, const Inner& v, double rho, double sine, Sums& sums) {
  const double w = x.weight, e = rho < 0 ? -1 : 1;
  const double bend = x.bend, u = x.u;
  if (x.mass()) {
    // In P φ″ stands beside φ(u)/n_x once.
    sums.p_ll += 0.5 * w * v.off * 0.25 * u * u * bend / s.size_x;
  } else {
    const double once = turn(s, x);
    sums.p += 0.25 * w * v.square;
    sums.p_l += 0.5 * w * v.off * once;
    sums.p_ll += 0.5 * w * (once * once + v.off * turn_twice(s, x));
    sums.s += w * x.phi.slope * v.slope;
  }
  sums.s_l += 0.5 * w * u * bend * v.slope;
  sums.s_m -= 2 * e * s.root_a * s.root_b * w * bend * v.bend;
  sums.s_ll += 0.25 * w * u * bend * ((x.t * x.t - 1) * v.slope - rho * s.root_b * x.t * v.bend);
  if (sine == 0) return;
  sums.s_lm -= e * s.root_b * w * u * bend * (x.t * v.bend - rho / sine * v.bend_t);
  sums.s_mm += 4 * s.root_a * s.root_b * w * bend * (x.t * v.bend_t - rho / sine * v.bend_tt) / sine;
}

// u and v at an angle.                                                                               [dual-derivatives]
Sums over_plane(const Function& phi, const Scale& s, double m, bool acute, Rule rule) {
  panels::Plane plane(phi, s.root_a, s.b, m, acute, panels::order_of(rule));
  const double sine = 2 * std::sqrt(m * (1 - m)), rho = acute ? 1 - 2 * m : 2 * m - 1, spread = plane.spread();
  Sums sums;
  Points v;
  for (const Node& x : outer_nodes(phi, plane.outer(), s.root_a, plane.half())) {
    const Nodes& line = plane.inner(x.t);
    const double centre = plane.centre(x.t), here = x.phi.value / s.size_x, unit = s.sign / s.size_z;
    v.u.resize(line.t.size());
    for (std::size_t j = 0; j < v.u.size(); ++j) v.u[j] = centre + spread * line.t[j];
    v.evaluate(phi);
    Inner sum;
    for (std::size_t j = 0; j < v.u.size(); ++j) {
      const double w = line.weight[j], t = line.t[j], off = here - unit * v.value[j], bend = w * v.bend[j];
      sum.off += w * off;
      sum.square += w * (off * off);
      sum.slope += w * v.slope[j];
      sum.bend += bend;
      sum.bend_t += bend * t;
      sum.bend_tt += bend * (t * t - 1);
    }
    for (const Jump& jump : phi.jumps()) {
      const double t = (jump.at - centre) / spread, bend = jump.size * density(t) / spread;
      sum.bend += bend;
      sum.bend_t += bend * t;
      sum.bend_tt += bend * (t * t - 1);
    }
    add_outer(s, x, sum, rho, sine, sums);
  }
  return sums;
}

// v = ±√(b/a) u: m = 0. Masses at both sides of a pair are left out here; see `cone`.
Sums over_line(const Function& phi, const Scale& s, bool acute) {
  const double e = acute ? 1 : -1, slant = e * s.root_b;
  Nodes line;
  panels::line_nodes(phi, s.root_a, slant, panels::order_of(Rule::finer), line);
  const std::vector<Node> nodes = outer_nodes(phi, line, s.root_a, false);
  Points v;
  for (const Node& x : nodes) v.u.push_back(slant * x.t);
  v.evaluate(phi);
  Sums sums;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& x = nodes[i];
    const Point z = x.mass() ? at(phi, v.u[i]) : Point{v.value[i], v.slope[i], v.bend[i]};
    const double off = x.phi.value / s.size_x - s.sign * z.value / s.size_z;
    add_outer(s, x, {off, off * off, z.slope, z.bend, 0, 0}, e, 0, sums);
  }
  for (const Jump& jump : phi.jumps()) {
    const double t = jump.at / slant, u = s.root_a * t;
    const Node x{t, density(t) / s.root_b, u, at(phi, u), 0};
    sums.s_m -= 2 * e * s.root_a * s.root_b * x.weight * x.phi.bend * jump.size;
    sums.s_ll -= 0.25 * e * s.root_b * x.weight * t * u * x.phi.bend * jump.size;
  }
  return sums;
}

// Do two jumps of φ′ meet where m = 0? Then Ṡ falls like √m: by √m at the rate Σ JJ′ e^(−c²/2a)/π.
struct Cone {
  double rate = 0;
  bool lengths = false;  // they meet at equal lengths alone
};
Cone cone(const Function& phi, const Scale& s, bool acute) {
  Cone out;
  const double e = acute ? 1 : -1;
  for (const Jump& x : phi.jumps())
    for (const Jump& z : phi.jumps()) {
      if (x.at == 0 ? z.at != 0 : !(s.a == s.b && z.at == e * x.at)) continue;
      out.rate -= e * x.size * z.size * std::exp(-0.5 * x.at * x.at / s.a) / kPi;
      out.lengths = out.lengths || x.at != 0;
    }
  return out;
}

// Values and first derivatives of two rules. The second ones are known to the rounding of the first over the angle.
double difference(const Sums& p, const Sums& q, const Scale& s) {
  const double unit = std::max(std::fabs(q.s), 1e-300);
  double most = std::max(std::fabs(p.p - q.p), std::fabs(p.p_l - q.p_l));
  most = std::max(most, std::fabs(p.s - q.s) / std::max(unit, s.size_x * s.size_z / (s.root_a * s.root_b)));
  for (const auto& [a, b] : {std::pair{p.s_l, q.s_l}, std::pair{p.s_m, q.s_m}})
    most =
        std::max(most, std::fabs(a - b) / std::max({unit, std::fabs(b), s.size_x * s.size_z / (s.root_a * s.root_b)}));
  return most;
}

Sums agreed(const Function& phi, const Scale& s, double m, bool acute, const Where& where) {
  if (m == 0) return over_line(phi, s, acute);
  Sums last = over_plane(phi, s, m, acute, Rule::usual);
  double error = 0;
  for (const Rule rule : {Rule::finer, Rule::finest}) {
    const Sums next = over_plane(phi, s, m, acute, rule);
    error = difference(last, next, s);
    if (error <= std::max(1e-11, 15 * phi.roughness())) return next;
    last = next;
  }
  throw Error(Code::no_convergence, where,
              "the derivatives of the kernel of " + phi.name() + " at the variances " + shown(s.a) + " and " +
                  shown(s.b) + " are only known to " + shown(error) + "; " + remedy(phi, s.a != s.b),
              {{"varianceX", s.a}, {"varianceZ", s.b}, {"error", error}});
}

Jet<2> jet(double v, double l, double m, double ll, double lm, double mm) {
  Jet<2> out(v);
  out.d = {l, m};
  out.h = {ll, lm, mm};
  return out;
}

// A function of log a alone.
Jet<2> by_variance(const Derivatives& f) { return jet(f.value, f.first, 0, f.second, 0, 0); }

// f(l, m) as a function of l and r = √m.
Jet<2> in_root(const Jet<2>& f, double m) {
  const double r = std::sqrt(m);
  return jet(f.v, f.d[0], 2 * r * f.d[1], f.h[0], 2 * r * f.h[1], 2 * f.d[1] + 4 * m * f.h[2]);
}

}  // namespace

// A mean of f(√a t) changes with log a by ½E uf′, and with a density at hand by ½E (t² − 1) f.       [dual-derivatives]
RowTaylor row_taylor(const Function& phi, double a) {
  const double root = std::sqrt(a);
  Nodes line;
  panels::line_nodes(phi, root, root, panels::order_of(Rule::finer), line);
  RowTaylor row{};
  for (const Node& x : outer_nodes(phi, line, root, false)) {
    const double w = x.weight, again = 0.5 * (x.t * x.t - 1);
    const auto add = [&](Derivatives& of, double value, double slope) {
      if (!x.mass()) of.value += w * value;
      of.first += 0.5 * w * x.u * slope;
      of.second += 0.5 * w * x.u * slope * again;
    };
    if (!x.mass()) {
      add(row.square, x.phi.value * x.phi.value, 2 * x.phi.value * x.phi.slope);
      add(row.mean, x.phi.value, x.phi.slope);
    }
    add(row.slope, x.phi.slope * x.phi.slope, 2 * x.phi.slope * x.bend);
    add(row.mean_slope, x.phi.slope, x.bend);
  }
  if (phi.parity() == Parity::odd) row.mean = {};
  if (phi.parity() == Parity::even) row.mean_slope = {};
  return row;
}

PairTaylor pair_taylor(const Function& phi, double a, const RowTaylor& x, double b, double m, bool acute,
                       const Where& where) {
  const RowTaylor z = a == b ? x : row_taylor(phi, b);
  PairTaylor out;
  out.by_root = !phi.jumps().empty();
  out.parallel = acute || phi.parity() == Parity::even;
  if (x.square.value == 0 || z.square.value == 0) {
    out.rest.v = 0.5;
    return out;
  }
  const double c = 0.5 * x.square.first / x.square.value;
  const Scale s{a,
                b,
                std::sqrt(a),
                std::sqrt(b),
                std::sqrt(x.square.value),
                std::sqrt(z.square.value),
                c,
                0.5 * x.square.second / x.square.value - 2 * c * c,
                out.parallel ? 1.0 : -1.0};
  // The rate of the complement by m, √(ab)Ṡ/(n_x n_z), and Ṡ/√(Ṡ(a,a)Ṡ(b,b)).                                      [price]
  const Jet<2> size = sqrt(by_variance(x.square)), steep = sqrt(by_variance(x.slope));
  Jet<2> length(s.root_a);
  length.d[0] = 0.5 * s.root_a;
  length.h[0] = 0.25 * s.root_a;
  const Jet<2> rate = (acute == out.parallel ? 1 : -1) * s.root_b / s.size_z * (length / size);
  const bool flat = x.slope.value == 0 || z.slope.value == 0;  // φ is constant where the inputs are
  const Jet<2> unit = flat ? Jet<2>{} : 1.0 / (std::sqrt(z.slope.value) * steep);
  const auto slope_of = [](const Sums& sums) {
    return jet(sums.s, sums.s_l, sums.s_m, sums.s_ll, sums.s_lm, sums.s_mm);
  };

  const Sums here = agreed(phi, s, m, acute, where);
  const Jet<2> slope = slope_of(here);
  out.slope = slope * unit;
  const Jet<2> own = rate * slope;  // of the complement by m
  bool apart = false;               // does some kink meet its image at an angle of its own?
  for (const double kink : phi.kinks()) apart = apart || (kink != 0 && a != b);
  const double narrow = std::min(1.0, phi.scale() * phi.scale() / std::max(a, b));
  if (m == 0 || (m < 1e-3 * narrow && !apart)) {
    const Sums end = m == 0 ? here : over_line(phi, s, acute);
    out.rest = jet(end.p, end.p_l, 0, end.p_ll, 0, 0);
    if (m == 0) {
      out.mean = own;
      out.mean.d[1] *= 0.5;
    } else {
      // ∫₀¹ of the rate at mτ, τ = s².
      static const GaussRule rule(6);
      for (std::size_t k = 0; k < rule.node.size(); ++k) {
        const double root = 0.5 * (1 + rule.node[k]), tau = root * root;
        Jet<2> part = rate * slope_of(agreed(phi, s, m * tau, acute, where));
        part.d[1] *= tau;
        part.h[1] *= tau;
        part.h[2] *= tau * tau;
        out.mean = out.mean + part * (rule.weight[k] * root);
      }
    }
  } else {
    out.rest = jet(here.p, here.p_l, own.v, here.p_ll, own.d[0], own.d[1]);
  }
  if (!out.by_root) return out;
  for (Jet<2>* of : {&out.mean, &out.rest, &out.slope}) *of = in_root(*of, m);
  if (m == 0) {
    const Cone meeting = cone(phi, s, acute);
    out.slope.d[1] = meeting.rate * unit.v;
    out.corner = meeting.lengths;
  }
  return out;
}

}  // namespace resgram::core
