#include "dual_panels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

namespace resgram::core::panels {
namespace {

constexpr double kWidth = 3.0;  // of a panel in t: Gauss with 16 nodes integrates the density itself to 1e-18
constexpr double kDensity = 0.398942280401432677939946;

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

}  // namespace

double density(double t) { return kDensity * std::exp(-0.5 * t * t); }

Order order_of(Rule rule) {
  static const GaussRule usual(16), finer(24);
  return {rule == Rule::usual ? usual : finer, rule == Rule::finest ? 2 : 1};
}

void Nodes::between(const Order& order) {
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
        weight.push_back(0.5 * step * order.rule.weight[i] * density(at));
      }
    }
  }
}

void line_nodes(const Function& phi, double root_a, double root_b, const Order& order, Nodes& nodes) {
  std::vector<double> stops;
  kink_stops(phi, {0, root_a}, 0, stops);
  kink_stops(phi, {0, root_b}, 0, stops);
  line(phi, std::array<View, 2>{{{0, root_a}, {0, std::fabs(root_b)}}}, -kReach, stops, order, nodes);
}

Plane::Plane(const Function& phi, double reach, double b, double m, bool acute, const Order& order)
    : phi_(phi), order_(order), half_(phi.parity() != Parity::none) {
  const double root_b = std::sqrt(b), slant = root_b * (1 - 2 * m);
  tilt_ = acute ? slant : -slant;
  spread_ = root_b * 2 * std::sqrt(m * (1 - m));
  kink_stops(phi, {0, reach}, 0, stops_);
  if (slant > 0) kink_stops(phi, {0, tilt_}, spread_, stops_);
  const std::array<View, 2> views{{{0, reach}, {0, slant, slant > 0 ? spread_ / slant : 0}}};
  line(phi, views, half_ ? 0 : -kReach, stops_, order, outer_);
  if (half_)
    for (double& weight : outer_.weight) weight *= 2;
  stops_.clear();
  line<0>(phi, {}, -kReach, stops_, order, plain_);
  shortest_ = std::numeric_limits<double>::infinity();
  const auto borders = phi.borders();
  for (std::size_t k = 0; k + 1 < borders.size(); ++k) shortest_ = std::min(shortest_, borders[k + 1] - borders[k]);
}

const Nodes& Plane::inner(double t) {
  const double middle = centre(t);
  const auto borders = phi_.borders();
  bool cut = spread_ > 0 && shortest_ < kWidth * spread_ && middle + kReach * spread_ > borders.front() &&
             middle - kReach * spread_ < borders.back();
  for (const double kink : phi_.kinks()) cut = cut || std::fabs(kink - middle) < kReach * spread_;
  if (!cut) return plain_;
  stops_.clear();
  const View view{middle, spread_};
  kink_stops(phi_, view, 0, stops_);
  line(phi_, std::array<View, 1>{view}, -kReach, stops_, order_, own_);
  return own_;
}

}  // namespace resgram::core::panels
