#include "zonal_panels.hpp"

#include <algorithm>
#include <cmath>

#include "chebyshev.hpp"

namespace resgram::core {
namespace {

constexpr std::size_t kNodes = 24;
constexpr std::size_t kTail = 3;  // a panel has converged when its last terms are noise
constexpr double kTop = 0.70711;  // a little more than √½, where the sides meet
constexpr double kNear = 0x1p-5;
constexpr std::size_t kMostPanels = 64;
constexpr int kMostRounds = 24;
// Between the nodes a polynomial is furthest from what it does not resolve; and at its ends.
constexpr double kChecks[] = {0, 0.0171, 0.4673, 0.9829, 1};
constexpr std::size_t kAngles = kNodes + std::size(kChecks);

struct Span {
  double lo, hi;
};

// Octaves of s down to where `work` steps could still bend the kernel.
std::vector<Span> octaves(double work) {
  const int count = std::clamp(1 + static_cast<int>(std::ceil(std::log2(1 + work / 3))), 2, 14);
  std::vector<Span> spans{{0, std::ldexp(kTop, -count)}};
  for (int k = count; k > 0; --k) spans.push_back({std::ldexp(kTop, -k), std::ldexp(kTop, 1 - k)});
  return spans;
}

const std::vector<double>& nodes_of_panel() {
  static const std::vector<double> nodes = chebyshev_nodes(kNodes);
  return nodes;
}

const std::vector<double>& transform() {
  static const std::vector<double> matrix = chebyshev_transform(kNodes);
  return matrix;
}

// Σ_k c_k T_k(2x − 1), the constant left out.
double tail_sum(const double* c, double x) {
  const double y = 2 * (2 * x - 1);
  double next = 0, after = 0;
  for (std::size_t k = kNodes - 1; k > 0; --k) {
    const double now = c[k] + y * next - after;
    after = next;
    next = now;
  }
  return 0.5 * y * next - after;
}

}  // namespace

// Near the ends every layer takes a little from m and rounds what is left.
double ZonalPanels::allowed(const Panel& panel) const { return panel.lo < kNear ? noise_ + near_ : noise_; }

bool ZonalPanels::fill(Panel& panel, const std::vector<double>& values, std::size_t first, std::size_t stride) const {
  panel.base.resize(outputs_);
  panel.terms.assign(outputs_ * kNodes, 0);
  const std::vector<double>& matrix = transform();
  for (std::size_t o = 0; o < outputs_; ++o) {
    const double* value = values.data() + o * stride + first;
    const double base = value[kNodes / 2];
    if (!std::isfinite(base)) return false;
    double* terms = panel.terms.data() + o * kNodes;
    for (std::size_t k = 0; k < kNodes; ++k) {
      double sum = 0;
      for (std::size_t j = 0; j < kNodes; ++j) sum += matrix[k * kNodes + j] * (value[j] - base);
      terms[k] = sum;
    }
    for (std::size_t k = kNodes - kTail; k < kNodes; ++k)
      if (!(std::fabs(terms[k]) <= allowed(panel))) return false;
    panel.base[o] = base;
  }
  return true;
}

bool ZonalPanels::agrees(const Panel& panel, const std::vector<double>& values, std::size_t first,
                         std::size_t stride) const {
  for (std::size_t o = 0; o < outputs_; ++o)
    for (std::size_t k = 0; k < std::size(kChecks); ++k) {
      const double* c = panel.terms.data() + o * kNodes;
      const double found = panel.base[o] + (c[0] + tail_sum(c, kChecks[k]));
      if (!(std::fabs(found - values[o * stride + first + kNodes + k]) <= 4 * allowed(panel))) return false;
    }
  return true;
}

// At the ends the kernel is known exactly: 1 at angle 0, and what the steps make of opposite inputs.
void ZonalPanels::pin(Panel& panel, const std::vector<double>& values, std::size_t at, std::size_t stride,
                      bool acute) const {
  for (std::size_t o = 0; o < outputs_; ++o) {
    const double given = values[o * stride + at];
    const double exact = acute && given != 0 ? 1 : given;
    double* c = panel.terms.data() + o * kNodes;
    c[0] = (exact - panel.base[o]) - tail_sum(c, 0);
  }
}

std::unique_ptr<const ZonalPanels> ZonalPanels::build(const Program& program, const ZonalNodes& nodes) {
  auto built = std::unique_ptr<ZonalPanels>(new ZonalPanels);
  ZonalPanels& self = *built;
  self.outputs_ = nodes.outputs();
  // Tangent kernels are means over the layers, each rounded by itself.
  self.noise_ = 0x1p-52 * (2 + std::sqrt(program.work()) / 16);
  self.near_ = 0x1p-52 * program.work() / 32;
  std::vector<Span> waiting[2] = {octaves(program.work()), octaves(program.work())};
  std::vector<ZonalAngle> angles;
  std::vector<double> values;
  for (int round = 0; !waiting[0].empty() || !waiting[1].empty(); ++round) {
    if (round == kMostRounds) return nullptr;
    angles.clear();
    for (std::size_t side = 0; side < 2; ++side)
      for (const Span& span : waiting[side]) {
        const auto add = [&](double x) {
          const double s = span.lo + (span.hi - span.lo) * x;
          angles.push_back({s * s, side == 0});
        };
        for (const double x : nodes_of_panel()) add(x);
        for (const double x : kChecks) add(x);
      }
    nodes.run(angles, values);
    std::size_t first = 0;
    for (std::size_t side = 0; side < 2; ++side) {
      std::vector<Span> failed;
      for (const Span& span : waiting[side]) {
        Panel panel{span.lo, span.hi, {}, {}};
        if (self.fill(panel, values, first, angles.size()) && self.agrees(panel, values, first, angles.size())) {
          if (span.lo == 0) self.pin(panel, values, first + kNodes, angles.size(), side == 0);
          self.panels_[side].push_back(std::move(panel));
        } else {
          const double middle = 0.5 * (span.lo + span.hi);
          failed.push_back({span.lo, middle});
          failed.push_back({middle, span.hi});
        }
        first += kAngles;
      }
      if (self.panels_[side].size() + failed.size() > kMostPanels) return nullptr;
      waiting[side] = std::move(failed);
    }
  }
  for (std::vector<Panel>& side : self.panels_)
    std::sort(side.begin(), side.end(), [](const Panel& a, const Panel& b) { return a.lo < b.lo; });
  return built;
}

const ZonalPanels::Panel& ZonalPanels::panel_of(double s, bool acute) const {
  const std::vector<Panel>& side = panels_[acute ? 0 : 1];
  const auto after =
      std::upper_bound(side.begin(), side.end(), s, [](double at, const Panel& panel) { return at < panel.lo; });
  return *(after - (after == side.begin() ? 0 : 1));
}

ZonalPanels::Sample ZonalPanels::sample(std::size_t output, ZonalAngle angle) const {
  const double s = std::sqrt(angle.m);
  const Panel& panel = panel_of(s, angle.acute);
  const double* c = panel.terms.data() + output * kNodes;
  return {panel.base[output], c[0] + tail_sum(c, (s - panel.lo) / (panel.hi - panel.lo))};
}

double ZonalPanels::at(std::size_t output, ZonalAngle angle) const {
  const Sample found = sample(output, angle);
  return found.base + found.rest;
}

std::size_t ZonalPanels::bytes() const { return panels() * outputs_ * (kNodes + 1) * sizeof(double); }

std::size_t ZonalPanels::most_bytes(std::size_t outputs) {
  return 2 * kMostPanels * outputs * (kNodes + 1 + kAngles) * sizeof(double);
}

}  // namespace resgram::core
