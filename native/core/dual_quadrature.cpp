#include "dual_quadrature.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "error.hpp"
#include "gauss.hpp"

namespace resgram::core {
namespace {

constexpr double kReach = 9;    // e^(−t²/2) < 1e-17 beyond
constexpr double kWidth = 3.0;  // of a panel in t: Gauss with 16 nodes integrates the density itself to 1e-18
constexpr double kDensity = 0.398942280401432677939946;

// 16 nodes on the panels, 24 on the panels, 24 on their halves.
struct Order {
  const GaussRule& rule;
  int parts;
};
Order order_of(Rule rule) {
  static const GaussRule usual(16), finer(24);
  return {rule == Rule::usual ? usual : finer, rule == Rule::finest ? 2 : 1};
}

// Nodes in t with weights that hold the normal density.
struct Nodes {
  std::vector<double> t, weight;
  std::vector<double> cut;  // ends of the panels, ascending

  void between(const Order& order) {
    t.clear();
    weight.clear();
    for (std::size_t k = 0; k + 1 < cut.size(); ++k) {
      const double step = (cut[k + 1] - cut[k]) / order.parts;
      if (!(step > 0)) continue;
      for (int part = 0; part < order.parts; ++part) {
        const double middle = cut[k] + (part + 0.5) * step;
        for (std::size_t i = 0; i < order.rule.node.size(); ++i) {
          const double at = middle + 0.5 * step * order.rule.node[i];
          t.push_back(at);
          weight.push_back(0.5 * step * order.rule.weight[i] * kDensity * std::exp(-0.5 * at * at));
        }
      }
    }
  }
};

// φ seen by t in centre + scale t: panels of t may be as long as φ's own, but not longer.
struct View {
  double centre, scale;
  double least = 0;  // length below which panels need not go
};

// Where a panel must end that begins at t.
double end_of_panel(const Function& phi, const View& view, double t) {
  constexpr double kShortest = 1e-6;  // a border that near is passed already
  const auto borders = phi.borders();
  const double u = view.centre + view.scale * (t + kShortest);
  const auto next = std::upper_bound(borders.begin(), borders.end(), u);
  if (next == borders.end()) return kReach;
  if (next == borders.begin()) return std::max((*next - view.centre) / view.scale, t + view.least);
  double length = *next - *(next - 1);
  if (next + 1 != borders.end()) length = std::min(length, *(next + 1) - *next);
  return t + std::max(length / view.scale, std::max(view.least, kShortest));
}

// Panels of [from, kReach] that suit all views and end at every one of `stops`; nodes and weights on them.
template <std::size_t N>
void line(const Function& phi, const std::array<View, N>& views, double from, std::vector<double>& stops,
          const Order& order, Nodes& nodes) {
  std::sort(stops.begin(), stops.end());
  nodes.cut.assign(1, from);
  auto stop = stops.begin();
  while (nodes.cut.back() < kReach) {
    const double t = nodes.cut.back();
    double end = std::min(t + kWidth, kReach);
    for (const View& view : views)
      if (view.scale > 0) end = std::min(end, end_of_panel(phi, view, t));
    while (stop != stops.end() && *stop <= t) ++stop;
    if (stop != stops.end()) end = std::min(end, *stop);
    nodes.cut.push_back(end);
  }
  nodes.between(order);
}

// Where t meets the kinks of φ, and `spread` around them.
void kink_stops(const Function& phi, const View& view, double spread, std::vector<double>& stops) {
  for (const double kink : phi.kinks()) {
    stops.push_back((kink - view.centre) / view.scale);
    if (spread > 0)
      for (const double k : {1.8, 5.4, 9.0}) {
        stops.push_back((kink - k * spread - view.centre) / view.scale);
        stops.push_back((kink + k * spread - view.centre) / view.scale);
      }
  }
}

// Plane integrals: u = √a t, v = √b(±(1 − 2m) t + 2√(m(1 − m)) t′). The conditional mean of φ(v) given t changes as fast
// as φ does, but not faster than the spread σ of v, and within some σ of a kink it does change. Of an odd or even φ the
// integrand is the same at (−t, −t′). Calls visit(t, weight, v, weights of v) for every t, v a list. `reach`: the root of
// the largest a.                                                                                         [dual-panels]
template <class Visit>
void plane(const Function& phi, double reach, double b, double m, bool acute, const Order& order, Visit&& visit) {
  const double root_b = std::sqrt(b), slant = root_b * (1 - 2 * m), tilt = acute ? slant : -slant;
  const double spread = root_b * 2 * std::sqrt(m * (1 - m));
  const bool half = phi.parity() != Parity::none;
  std::vector<double> stops;
  kink_stops(phi, {0, reach}, 0, stops);
  if (slant > 0) kink_stops(phi, {0, tilt}, spread, stops);
  Nodes outer, plain, own;
  const std::array<View, 2> views{{{0, reach}, {0, slant, slant > 0 ? spread / slant : 0}}};
  line(phi, views, half ? 0 : -kReach, stops, order, outer);
  stops.clear();
  line<0>(phi, {}, -kReach, stops, order, plain);
  double step = std::numeric_limits<double>::infinity();
  const auto borders = phi.borders();
  for (std::size_t k = 0; k + 1 < borders.size(); ++k) step = std::min(step, borders[k + 1] - borders[k]);
  std::vector<double> v;
  for (std::size_t i = 0; i < outer.t.size(); ++i) {
    const double centre = tilt * outer.t[i];
    bool cut = spread > 0 && step < kWidth * spread && centre + kReach * spread > borders.front() &&
               centre - kReach * spread < borders.back();
    for (const double kink : phi.kinks()) cut = cut || std::fabs(kink - centre) < kReach * spread;
    if (cut) {
      stops.clear();
      const View view{centre, spread};
      kink_stops(phi, view, 0, stops);
      line(phi, std::array<View, 1>{view}, -kReach, stops, order, own);
    }
    const Nodes& inner = cut ? own : plain;
    v.resize(inner.t.size());
    for (std::size_t j = 0; j < v.size(); ++j) v[j] = centre + spread * inner.t[j];
    visit(outer.t[i], half ? 2 * outer.weight[i] : outer.weight[i], std::span<const double>(v), inner.weight);
  }
}

// Nodes for the mean of functions of φ(√a t), φ(±√b t).
void line_nodes(const Function& phi, double root_a, double root_b, Nodes& nodes) {
  std::vector<double> stops;
  kink_stops(phi, {0, root_a}, 0, stops);
  kink_stops(phi, {0, root_b}, 0, stops);
  line(phi, std::array<View, 2>{{{0, root_a}, {0, std::fabs(root_b)}}}, -kReach, stops, order_of(Rule::finer), nodes);
}

}  // namespace

// At a kink in 0 the mean of both slopes: what two independent tiny inputs have.                               [zero-input]
DualRow zero_row(const Function& phi) {
  const std::array<double, 2> u{-1e-300, 1e-300};
  std::array<double, 2> value{}, slope{};
  phi.evaluate(u, value.data(), slope.data());
  const double f = phi.parity() == Parity::odd ? 0 : value[1], d = 0.5 * (slope[0] + slope[1]);
  return {f * f, d * d, f, d, 0, 0};
}

DualRow dual_row(const Function& phi, double a) {
  if (a == 0) return zero_row(phi);
  const double root = std::sqrt(a);
  Nodes nodes;
  line_nodes(phi, root, root, nodes);
  const std::size_t n = nodes.t.size();
  std::vector<double> u(n), value(n), slope(n);
  for (std::size_t i = 0; i < n; ++i) u[i] = root * nodes.t[i];
  phi.evaluate(u, value.data(), slope.data());
  DualRow row{};
  double mixed = 0;
  for (std::size_t i = 0; i < n; ++i) {
    row.square += nodes.weight[i] * (value[i] * value[i]);
    row.slope += nodes.weight[i] * (slope[i] * slope[i]);
    row.mean += nodes.weight[i] * value[i];
    row.mean_slope += nodes.weight[i] * slope[i];
    mixed += nodes.weight[i] * value[i] * (u[i] * slope[i]);
  }
  if (phi.parity() == Parity::odd) row.mean = 0;
  if (phi.parity() == Parity::even) row.mean_slope = 0;
  const double part = row.square == 0 ? 0 : mixed / row.square;
  for (std::size_t i = 0; i < n; ++i) {
    const double turn = u[i] * slope[i] - part * value[i], off = value[i] - row.mean;
    row.turning += nodes.weight[i] * (turn * turn);
    row.deviation += nodes.weight[i] * (off * off);
  }
  if (row.square > 0) row.turning /= row.square;
  return row;
}

double dual_end(const Function& phi, double a, double b, bool opposite, const DualRow& x, const DualRow& z) {
  const double root_a = std::sqrt(a), root_b = std::sqrt(b), sign = opposite ? -1 : 1;
  Nodes nodes;
  line_nodes(phi, root_a, sign * root_b, nodes);
  const std::size_t n = nodes.t.size();
  std::vector<double> u(n), f(n), g(n), slope(n);
  for (std::size_t i = 0; i < n; ++i) u[i] = root_a * nodes.t[i];
  phi.evaluate(u, f.data(), slope.data());
  for (std::size_t i = 0; i < n; ++i) u[i] = sign * root_b * nodes.t[i];
  phi.evaluate(u, g.data(), slope.data());
  const double nx = std::sqrt(x.square), nz = sign * std::sqrt(z.square);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double off = f[i] / nx - g[i] / nz;
    sum += nodes.weight[i] * (off * off);
  }
  return 0.25 * sum;
}

void dual_slopes(const Function& phi, std::span<const double> a, std::span<const DualRow> x, double b, const DualRow& z,
                 double m, bool acute, Rule rule, double* out) {
  const double reach = std::sqrt(*std::max_element(a.begin(), a.end()));
  std::vector<double> slope_v, u(a.size()), slope_u(a.size());
  std::fill_n(out, a.size(), 0.0);
  plane(phi, reach, b, m, acute, order_of(rule),
        [&](double t, double weight, std::span<const double> v, const std::vector<double>& weights) {
          slope_v.resize(v.size());
          phi.evaluate(v, nullptr, slope_v.data());
          double mean = 0;
          for (std::size_t j = 0; j < v.size(); ++j) mean += weights[j] * slope_v[j];
          for (std::size_t p = 0; p < a.size(); ++p) u[p] = std::sqrt(a[p]) * t;
          phi.evaluate(u, nullptr, slope_u.data());
          for (std::size_t p = 0; p < a.size(); ++p) out[p] += weight * slope_u[p] * mean;
        });
  for (std::size_t p = 0; p < a.size(); ++p) out[p] /= std::sqrt(x[p].slope) * std::sqrt(z.slope);
}

DualPair dual_pass(const Function& phi, double a, double b, double m, bool acute, const DualRow& x, const DualRow& z,
                   Rule rule) {
  const double nx = std::sqrt(x.square), nz = std::sqrt(z.square);
  double w = 0, v_sum = 0, slope = 0;
  std::vector<double> value_v, slope_v;
  plane(phi, std::sqrt(a), b, m, acute, order_of(rule),
        [&](double t, double weight, std::span<const double> v, const std::vector<double>& weights) {
          value_v.resize(v.size());
          slope_v.resize(v.size());
          phi.evaluate(v, value_v.data(), slope_v.data());
          const double u = std::sqrt(a) * t;
          double value_u = 0, slope_u = 0;
          phi.evaluate({&u, 1}, &value_u, &slope_u);
          double less_sum = 0, more_sum = 0, mean = 0;
          for (std::size_t j = 0; j < v.size(); ++j) {
            const double less = value_u / nx - value_v[j] / nz, more = value_u / nx + value_v[j] / nz;
            less_sum += weights[j] * (less * less);
            more_sum += weights[j] * (more * more);
            mean += weights[j] * slope_v[j];
          }
          w += 0.25 * weight * less_sum;
          v_sum += 0.25 * weight * more_sum;
          slope += weight * slope_u * mean;
        });
  // Where both are rounded, the lesser one knows more.
  const double size = std::sqrt(x.slope) * std::sqrt(z.slope);
  return {w <= v_sum ? w : 1 - v_sum, w <= v_sum ? 1 - w : v_sum, slope / size};
}

DualPair dual_pair(const Function& phi, double a, double b, double m, bool acute, const DualRow& x, const DualRow& z,
                   const std::string& where, double& error) {
  if (m == 0 && acute && a == b) return {0, 1, 1};
  if (a < b) return dual_pair(phi, b, a, m, acute, z, x, where, error);  // the same bytes in either order
  // w′ = E + g ∫₀^w Ṡ dw: the smaller w, the more digits the integral keeps over the difference.              [price]
  constexpr double kNear = 1e-3;
  const auto pass = [&](Rule rule) {
    DualPair pair = dual_pass(phi, a, b, m, acute, x, z, rule);
    const bool towards_w = acute || phi.parity() == Parity::even;
    if (m >= kNear || !(acute || phi.parity() != Parity::none)) return pair;
    static const GaussRule short_rule(6);
    double integral = 0;
    const double root = std::sqrt(m);
    for (std::size_t k = 0; k < short_rule.node.size(); ++k) {
      const double s = 0.5 * root * (1 + short_rule.node[k]);
      double slope = 0;
      dual_slopes(phi, {&a, 1}, {&x, 1}, b, z, s * s, true, rule, &slope);
      integral += 0.5 * root * short_rule.weight[k] * 2 * s * slope;
    }
    const double g = std::sqrt(a * x.slope / x.square) * std::sqrt(b * z.slope / z.square);
    const double end = a == b ? 0 : dual_end(phi, a, b, false, x, z);
    const double small = end + g * integral;
    (towards_w ? pair.w : pair.v) = small;
    (towards_w ? pair.v : pair.w) = 1 - small;
    return pair;
  };
  DualPair last = pass(Rule::usual);
  for (const Rule rule : {Rule::finer, Rule::finest}) {
    const DualPair next = pass(rule);
    error = std::max({std::fabs(next.w - last.w), std::fabs(next.v - last.v), std::fabs(next.slope - last.slope)});
    if (error <= std::max(1e-12, 15 * phi.roughness())) return next;
    last = next;
  }
  throw Error(Code::no_convergence,
              where + ": the kernel of " + phi.name() + " at the variances " + std::to_string(a) + " and " +
                  std::to_string(b) + " is only known to " + std::to_string(error) +
                  "; smaller weights or inputs, or shorter pieces of a tabulated function, would help",
              {{"varianceX", a}, {"varianceZ", b}, {"error", error}});
}

}  // namespace resgram::core
