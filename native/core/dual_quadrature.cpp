#include "dual_quadrature.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "dual_panels.hpp"
#include "error.hpp"
#include "gauss.hpp"

namespace resgram::core {
namespace {

using panels::Nodes;
using panels::order_of;

// Calls visit(t, weight, v, weights of v) for every t, v a list.
template <class Visit>
void plane(const Function& phi, double reach, double b, double m, bool acute, Rule rule, Visit&& visit) {
  panels::Plane plane(phi, reach, b, m, acute, order_of(rule));
  std::vector<double> v;
  const Nodes& outer = plane.outer();
  for (std::size_t i = 0; i < outer.t.size(); ++i) {
    const Nodes& inner = plane.inner(outer.t[i]);
    const double centre = plane.centre(outer.t[i]);
    v.resize(inner.t.size());
    for (std::size_t j = 0; j < v.size(); ++j) v[j] = centre + plane.spread() * inner.t[j];
    visit(outer.t[i], outer.weight[i], std::span<const double>(v), inner.weight);
  }
}

}  // namespace

// tanh has the tails of sign; softplus, SiLU and ELU have those of ReLU.
std::string remedy(const Function& phi, bool unequal) {
  const std::string name = phi.name();
  std::string last = "more and shorter pieces, or an activation of a name with the same tails,";
  if (name == "tanh") last = "sign, which tanh tends to at large variances and which has no tangent kernel,";
  if (name == "softplus" || name == "silu" || name == "elu")
    last = "relu, which " + name + " tends to at large variances,";
  return std::string(unequal ? "inputs of more equal length, " : "") + "smaller weights or inputs, or " + last +
         " would help";
}

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
  panels::line_nodes(phi, root, root, order_of(Rule::finer), nodes);
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
  panels::line_nodes(phi, root_a, sign * root_b, order_of(Rule::finer), nodes);
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
  plane(phi, reach, b, m, acute, rule,
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
  plane(phi, std::sqrt(a), b, m, acute, rule,
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
                   const Where& where, double& error) {
  if (m == 0 && acute && a == b) return {0, 1, 1};
  if (a < b) return dual_pair(phi, b, a, m, acute, z, x, where, error);  // the same bytes in either order
  // w′ = E + g ∫₀^w Ṡ dw: the smaller w, the more digits the integral keeps over the difference.              [price]
  // Six nodes suffice while √m is short beside the layer of width scale/√a.
  const double near = 1e-3 * std::min(1.0, phi.scale() * phi.scale() / a);
  const auto kinks = phi.kinks();
  const bool layered = std::any_of(kinks.begin(), kinks.end(), [](double kink) { return kink != 0; });
  const auto pass = [&](Rule rule) {
    DualPair pair = dual_pass(phi, a, b, m, acute, x, z, rule);
    const bool towards_w = acute || phi.parity() == Parity::even;
    // Kinks that both inputs see at different places make Ṡ a layer as narrow as their distance, which no short rule
    // resolves; the panels of the plane end there, and the square under their integral keeps its digits.
    if (layered && a != b) return pair;
    if (m >= near || !(acute || phi.parity() != Parity::none)) return pair;
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
  throw Error(Code::no_convergence, where,
              "the kernel of " + phi.name() + " at the variances " + shown(a) + " and " + shown(b) +
                  " is only known to " + shown(error) + "; " + remedy(phi, a != b),
              {{"varianceX", a}, {"varianceZ", b}, {"error", error}});
}

}  // namespace resgram::core
