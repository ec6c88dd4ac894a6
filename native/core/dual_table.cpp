#include "dual_table.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "chebyshev.hpp"
#include "dual_hermite.hpp"
#include "error.hpp"
#include "gauss.hpp"
#include "pool.hpp"

namespace resgram::core {
namespace {

// Coefficients below this say nothing: noise of the quadrature, or of φ′ itself.
double noise_of(const Function& phi) { return std::max(2e-15, phi.roughness()); }
double accepted(const Function& phi) { return 15 * noise_of(phi); }

constexpr std::size_t kMostLogs = 96, kMostDegrees = 160;

// √m = √½ · σ(y), σ = bend y/(1 + bend − y): Möbius, so that analytic stays analytic, with a slope of `bend` at y = 0.
double half_defect_at(double y, double bend) {
  const double sigma = bend * y / (1 + bend - y);
  return 0.5 * sigma * sigma;
}

void stop_if_cancelled(const Ticket& ticket) {
  if (ticket.cancelled()) throw Cancelled{};
}

bool settled(const std::vector<double>& values, std::size_t n, double noise) {
  const std::vector<double> transform = chebyshev_transform(n);
  double tail = 0, most = 0;
  for (std::size_t k = 0; k < n; ++k) {
    double c = 0;
    for (std::size_t j = 0; j < n; ++j) c += transform[k * n + j] * values[j];
    most = std::max(most, std::fabs(c));
    if (k + 1 + n / 6 >= n) tail = std::max(tail, std::fabs(c));
  }
  return tail <= noise * std::max(most, 1e-3);
}

// The kernel of a larger variance has a layer at ρ = ±1 as wide as φ's scale is in units of √a.
double bend_of(const Function& phi, double hi) { return std::clamp(6 * phi.scale() / std::exp(0.5 * hi), 1e-3, 8.0); }

std::vector<double> log_nodes(double lo, double hi, std::size_t logs) {
  std::vector<double> at = chebyshev_nodes(logs);
  for (double& x : at) x = logs == 1 ? 0.5 * (lo + hi) : lo + (hi - lo) * x;
  return at;
}

// Normalised Ṡ of every variance with one of them: from the series where φ has one, else over the plane.
class Slopes {
 public:
  Slopes(const Function& phi, std::vector<double> variances, bool series, int threads, const Ticket& ticket)
      : phi_(phi), variances_(std::move(variances)) {
    for (const double variance : variances_) rows_.push_back(dual_row(phi, variance));
    if (series) series_ = HermiteSlopes::of(phi, variances_, rows_, threads, ticket);
  }

  [[nodiscard]] bool series() const { return series_.has_value(); }

  [[nodiscard]] const std::vector<double>& variances() const { return variances_; }
  [[nodiscard]] const std::vector<DualRow>& rows() const { return rows_; }

  void with(std::size_t q, double m, bool acute, double* out) const {
    if (series_) return series_->slopes(q, m, acute, out);
    dual_slopes(phi_, variances_, rows_, variances_[q], rows_[q], m, acute, Rule::usual, out);
  }

 private:
  const Function& phi_;
  std::vector<double> variances_;
  std::vector<DualRow> rows_;
  std::optional<HermiteSlopes> series_;
};

std::vector<double> exponentials(std::vector<double> logs) {
  for (double& log : logs) log = std::exp(log);
  return logs;
}

}  // namespace

bool DualTable::possible(const Function& phi, double lo, double hi) {
  if (lo == hi) return true;
  for (const double kink : phi.kinks())
    if (kink != 0 && 0.5 * kink * kink / std::exp(hi) < 42) return false;  // seen with a probability above 1e-18
  return true;
}

void DualTable::basis(double log_variance, double* out) const {
  const double x = hi_ > lo_ ? std::clamp((log_variance - lo_) / (hi_ - lo_), 0.0, 1.0) : 0.5;
  chebyshev_basis(x, shape_.logs, out);
}

// dw′ = g Ṡ dw [price]. What is tabulated is Ṡ and its mean over [0, w] (obtuse pairs: over [0, v]) with g, so that
// w′ = E + w · mean has the relative accuracy of the mean.                                                  [dual-table]
void DualTable::fill(const Function& phi, std::size_t logs, std::size_t degrees, bool series, int threads,
                     const Ticket& ticket, const Progress& progress) {
  shape_.logs = logs;
  shape_.both = phi.parity() == Parity::none;
  const std::vector<double> ys = chebyshev_nodes(degrees), at = log_nodes(lo_, hi_, logs);
  const Slopes lines_of(phi, exponentials(at), series, threads, ticket);
  const std::vector<double>& variances = lines_of.variances();
  const std::vector<DualRow>& rows = lines_of.rows();

  // Means of T_j over [0, w_k] with the weight dw, from an integration in y.
  const GaussRule rule(64);
  std::vector<double> means(degrees * degrees), basis_at(degrees);
  for (std::size_t k = 0; k < degrees; ++k)
    for (std::size_t i = 0; i < rule.node.size(); ++i) {
      const double y = 0.5 * ys[k] * (1 + rule.node[i]), down = 1 + bend_ - y;
      const double weight = 0.5 * ys[k] * rule.weight[i] * (bend_ * y / down) * (bend_ * (1 + bend_) / (down * down));
      chebyshev_basis(y, degrees, basis_at.data());
      for (std::size_t j = 0; j < degrees; ++j)
        means[k * degrees + j] += weight * basis_at[j] / half_defect_at(ys[k], bend_);
    }

  // Values at all nodes: [kind][p][q][k]; p is the first variance.
  const std::size_t kinds = shape_.both ? 4 : 2, plane = logs * logs;
  std::vector<double> values(kinds * plane * degrees), ends(2 * plane);
  const std::vector<double> transform = chebyshev_transform(degrees);
  const std::size_t sides = shape_.both ? 2 : 1, lines = logs * sides * degrees;
  std::atomic<std::size_t> done{0};
  parallel_for(lines, threads, [&](std::size_t index, int slot) {
    stop_if_cancelled(ticket);
    const double share = static_cast<double>(done++) / static_cast<double>(lines);
    if (progress && slot == 0) progress(0.1 + 0.8 * share);
    const std::size_t k = index % degrees, side = index / degrees % sides, q = index / degrees / sides;
    std::vector<double> slopes(logs);
    lines_of.with(q, half_defect_at(ys[k], bend_), side == 0, slopes.data());
    for (std::size_t p = 0; p < logs; ++p) values[((2 * side + 1) * plane + p * logs + q) * degrees + k] = slopes[p];
  });
  std::vector<double> c(degrees), own(degrees);
  for (std::size_t p = 0; p < logs; ++p)
    for (std::size_t q = 0; q < logs; ++q) {
      stop_if_cancelled(ticket);
      const double a = variances[p], b = variances[q];
      const double g = std::sqrt(a * rows[p].slope / rows[p].square) * std::sqrt(b * rows[q].slope / rows[q].square);
      const double delta = at[p] - at[q];
      const std::size_t pq = p * logs + q;
      ends[pq] = p == q ? rows[p].turning / 16 : dual_end(phi, a, b, false, rows[p], rows[q]) / (delta * delta);
      if (shape_.both) ends[plane + pq] = dual_end(phi, a, b, true, rows[p], rows[q]);
      for (std::size_t side = 0; side < sides; ++side) {
        double* slope = &values[((2 * side + 1) * plane + pq) * degrees];
        double* mean = &values[(2 * side * plane + pq) * degrees];
        for (std::size_t k = 0; k < degrees; ++k) {
          c[k] = 0;
          for (std::size_t j = 0; j < degrees; ++j) c[k] += transform[k * degrees + j] * slope[j];
        }
        for (std::size_t k = 0; k < degrees; ++k) {
          own[k] = 0;
          for (std::size_t j = 0; j < degrees; ++j) own[k] += means[k * degrees + j] * c[j];
        }
        // From here on coefficients in y.
        for (std::size_t k = 0; k < degrees; ++k) {
          slope[k] = c[k];
          mean[k] = 0;
          for (std::size_t j = 0; j < degrees; ++j) mean[k] += g * transform[k * degrees + j] * own[j];
        }
      }
    }

  // Coefficients along both logarithms, and what of them is negligible.
  const std::vector<double> log_transform = chebyshev_transform(logs);
  const auto transform_logs = [&](double* first, std::size_t stride) {
    std::vector<double> half(plane);
    for (std::size_t p = 0; p < logs; ++p)
      for (std::size_t q = 0; q < logs; ++q)
        for (std::size_t j = 0; j < logs; ++j)
          half[p * logs + q] += log_transform[q * logs + j] * first[(p * logs + j) * stride];
    for (std::size_t p = 0; p < logs; ++p)
      for (std::size_t q = 0; q < logs; ++q) {
        double sum = 0;
        for (std::size_t j = 0; j < logs; ++j) sum += log_transform[p * logs + j] * half[j * logs + q];
        first[(p * logs + q) * stride] = sum;
      }
  };
  for (std::size_t kind = 0; kind < kinds; ++kind)
    for (std::size_t k = 0; k < degrees; ++k) {
      stop_if_cancelled(ticket);
      transform_logs(&values[kind * plane * degrees + k], degrees);
    }
  transform_logs(ends.data(), 1);
  transform_logs(ends.data() + plane, 1);
  shape_.counts.assign(degrees, 1);
  for (std::size_t k = 0; k < degrees; ++k)
    for (std::size_t kind = 0; kind < kinds; ++kind)
      for (std::size_t pq = 0; pq < plane; ++pq)
        if (std::fabs(values[(kind * plane + pq) * degrees + k]) > 1e-16)
          shape_.counts[k] = std::max(shape_.counts[k], static_cast<std::uint32_t>(pq % logs + 1));
  shape_.size = 0;
  for (const std::uint32_t count : shape_.counts) shape_.size += count;

  blocks_.assign(logs * shape_.length(), 0);
  for (std::size_t p = 0; p < logs; ++p) {
    double* out = blocks_.data() + p * shape_.length();
    for (std::size_t kind = 0; kind < kinds; ++kind)
      for (std::size_t k = 0; k < degrees; ++k)
        for (std::size_t q = 0; q < shape_.counts[k]; ++q) *out++ = values[(kind * plane + p * logs + q) * degrees + k];
    for (std::size_t q = 0; q < logs; ++q) {
      out[q] = ends[p * logs + q];
      out[logs + q] = ends[plane + p * logs + q];
    }
  }
}

DualPair DualTable::at(double log_a, double log_b, double m, bool acute, Parity parity) const {
  std::vector<double> u(shape_.logs), v(shape_.logs), t(shape_.counts.size());
  basis(log_a, u.data());
  basis(log_b, v.data());
  const double sigma = std::sqrt(2 * m);
  chebyshev_basis((1 + bend_) * sigma / (sigma + bend_), t.size(), t.data());
  double mean = 0, slope = 0, end = 0, far = 0;
  for (std::size_t p = 0; p < shape_.logs; ++p) {
    const double* of = block(p);
    std::size_t i = 0;
    for (std::size_t k = 0; k < t.size(); ++k)
      for (std::size_t q = 0; q < shape_.counts[k]; ++q, ++i) {
        mean += u[p] * v[q] * t[k] * of[shape_.mean(acute) + i];
        slope += u[p] * v[q] * t[k] * of[shape_.slope(acute) + i];
      }
    for (std::size_t q = 0; q < shape_.logs; ++q) {
      end += u[p] * v[q] * of[shape_.end() + q];
      far += u[p] * v[q] * of[shape_.far() + q];
    }
  }
  const double delta = log_a - log_b;
  const double base = acute || parity != Parity::none ? delta * delta * end : far;
  const double small = base + m * mean;
  if (!acute && parity == Parity::even) slope = -slope;
  if (acute || parity == Parity::even) return {small, 1 - small, slope};
  return {1 - small, small, slope};
}

// Points between the nodes, the same for every run: a golden-ratio sequence.
double DualTable::check(const Function& phi, int threads, const Ticket& ticket) const {
  const std::size_t count = shape_.logs == 1 ? 12 : 24;
  std::vector<double> errors(count);
  parallel_for(count, threads, [&](std::size_t i, int) {
    stop_if_cancelled(ticket);
    const auto part = [&](double step) {
      const double x = (static_cast<double>(i) + 0.5) * step;
      return x - std::floor(x);
    };
    const double width = hi_ - lo_;
    const double log_a = width > 0 ? lo_ + width * part(0.8191725133961645) : 0.5 * (lo_ + hi_);
    const double log_b = width > 0 ? lo_ + width * part(0.6710436067037893) : log_a;
    const double m = half_defect_at(part(0.5497004779019703), bend_);
    const bool acute = i % 2 == 0;
    const double a = std::exp(log_a), b = std::exp(log_b);
    const DualPair want = dual_pass(phi, a, b, m, acute, dual_row(phi, a), dual_row(phi, b), Rule::finer);
    const DualPair got = at(log_a, log_b, m, acute, phi.parity());
    errors[i] = std::max(std::fabs(want.w - got.w), std::fabs(want.slope - got.slope));
  });
  return *std::max_element(errors.begin(), errors.end());
}

std::shared_ptr<const DualTable> DualTable::build(const Function& phi, double lo, double hi, int threads,
                                                  const Ticket& ticket, const Where& where, const Progress& progress) {
  std::shared_ptr<DualTable> table(new DualTable(lo, hi));
  table->bend_ = bend_of(phi, hi);
  // Larger variances have longer series.
  const bool series = Slopes(phi, {std::exp(hi)}, true, threads, ticket).series();
  // Sizes from the decay of the coefficients along single lines.
  const std::vector<double> corners = hi > lo ? std::vector<double>{lo, hi} : std::vector<double>{lo};
  std::size_t degrees = 20, logs = hi > lo ? 5 : 1;
  const auto line_settles = [&](std::size_t n, const auto& value) {
    std::vector<double> values(n);
    parallel_for(n, threads, [&](std::size_t k, int) {
      stop_if_cancelled(ticket);
      values[k] = value(k);
    });
    return settled(values, n, noise_of(phi));
  };
  const int sides = phi.parity() == Parity::none ? 2 : 1;
  for (const double log : corners) {
    const Slopes line(phi, {std::exp(log)}, series, threads, ticket);
    for (int side = 0; side < sides; ++side) {
      const auto slope_at = [&](std::size_t k) {
        double slope = 0;
        line.with(0, half_defect_at(chebyshev_nodes(degrees)[k], table->bend_), side == 0, &slope);
        return slope;
      };
      while (degrees < kMostDegrees && !line_settles(degrees, slope_at))
        degrees += std::max<std::size_t>(4, degrees / 4);
    }
  }
  const auto logs_settle = [&] {
    stop_if_cancelled(ticket);
    std::vector<double> variances = exponentials(log_nodes(lo, hi, logs)), slopes(logs + 2);
    for (const double log : corners) variances.push_back(std::exp(log));
    const Slopes lines(phi, std::move(variances), series, threads, ticket);
    for (const double m : {0.0, 0.02, 0.5})
      for (const std::size_t corner : {logs, logs + 1}) {
        lines.with(corner, m, true, slopes.data());
        if (!settled(slopes, logs, noise_of(phi))) return false;
      }
    return true;
  };
  if (hi > lo)
    while (logs < kMostLogs && !logs_settle()) logs += std::max<std::size_t>(2, logs / 4);
  for (int attempt = 0; attempt < 3; ++attempt) {
    table->fill(phi, logs, degrees, series, threads, ticket, progress);
    table->error_ = table->check(phi, threads, ticket);
    if (table->error_ <= accepted(phi)) return table;
    degrees += degrees / 3;
    if (logs > 1) logs += logs / 3 + 1;
  }
  throw Error(Code::no_convergence, where,
              "a table of the kernel of " + phi.name() + " for variances from " + shown(std::exp(lo)) + " to " +
                  shown(std::exp(hi)) + " is only good to " + shown(table->error_) + "; " + remedy(phi, hi > lo),
              {{"least", std::exp(lo)}, {"largest", std::exp(hi)}, {"error", table->error_}});
}

}  // namespace resgram::core
