#include "dual_hermite.hpp"

#include <algorithm>
#include <cmath>

#include "error.hpp"
#include "gauss.hpp"
#include "pool.hpp"

namespace resgram::core {
namespace {

constexpr std::size_t kMostTerms = 6144;
constexpr std::size_t kBatch = 32;  // terms between two looks at what is left
// e^(−t²/4) < 1e-17 beyond; the polynomials times e^(−t²/4) are bounded.
constexpr double kReach = 12.5;
// √kMostTerms radians per unit of t: 12 on half of a panel, which 24 nodes integrate to the last digits.
constexpr double kWidth = 0.3;

constexpr double kLeft = 2e-16;
// Of two sums over some thousand nodes each, this one's and that of dual_row.
constexpr double kRounding = 2e-14;

struct Nodes {
  std::vector<double> t, root;  // nodes, and roots of their weights with the normal density
};

// Even panels of [0, kReach], half as long as φ asks for: what it is multiplied with turns as fast as it does.
Nodes nodes_for(const Function& phi, double root_a) {
  double width = kWidth;
  const auto borders = phi.borders();
  for (std::size_t k = 0; k + 1 < borders.size(); ++k)
    width = std::min(width, 0.5 * (borders[k + 1] - borders[k]) / root_a);
  static const GaussRule rule(24);
  const double count = std::ceil(kReach / width);
  Nodes nodes;
  if (!(count <= 512)) return nodes;
  const double half = 0.5 * kReach / count;
  for (double k = 0; k < count; ++k)
    for (std::size_t i = 0; i < rule.node.size(); ++i) {
      const double t = half * (2 * k + 1 + rule.node[i]);
      nodes.t.push_back(t);
      nodes.root.push_back(std::sqrt(half * rule.weight[i] * 0.398942280401432677939946) * std::exp(-0.25 * t * t));
    }
  return nodes;
}

double product(const double* a, const double* b, std::size_t size) {
  double sum[4] = {0, 0, 0, 0};  // a multiple of four
  for (std::size_t i = 0; i < size; i += 4)
    for (std::size_t lane = 0; lane < 4; ++lane) sum[lane] += a[i + lane] * b[i + lane];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

}  // namespace

std::optional<HermiteSlopes> HermiteSlopes::of(const Function& phi, std::span<const double> variances,
                                               std::span<const DualRow> rows, int threads, const Ticket& ticket) {
  if (!phi.kinks().empty()) return std::nullopt;
  const std::size_t count = variances.size();
  const double largest = *std::max_element(variances.begin(), variances.end());
  const Nodes nodes = nodes_for(phi, std::sqrt(largest));
  const std::size_t size = nodes.t.size();
  if (size == 0) return std::nullopt;

  // The polynomials are even or odd, and so is the part of φ′ that they see.
  std::vector<double> parts(2 * count * size);
  parallel_for(count, threads, [&](std::size_t p, int) {
    std::vector<double> u(size), slope(size);
    double *const even = &parts[2 * p * size], *const odd = even + size;
    const double root = std::sqrt(variances[p]), norm = 1 / std::sqrt(rows[p].slope);
    for (const double sign : {1.0, -1.0}) {
      for (std::size_t i = 0; i < size; ++i) u[i] = sign * root * nodes.t[i];
      phi.evaluate(u, nullptr, slope.data());
      for (std::size_t i = 0; i < size; ++i) {
        const double part = slope[i] * nodes.root[i] * norm;
        even[i] += part;
        odd[i] += sign * part;
      }
    }
  });

  // h_{n+1} = (t h_n − √n h_{n−1})/√(n + 1), times the root of the density, so that it stays in range. Batches begin with
  // an even one.
  std::vector<double> last(size, 0.0), now(nodes.root), batch(kBatch * size);
  std::vector<std::vector<double>> c(count);
  std::vector<double> found(count, 0.0);
  for (std::size_t from = 0; from < kMostTerms; from += kBatch) {
    if (ticket.cancelled()) throw Cancelled{};
    for (std::size_t n = from; n < from + kBatch; ++n) {
      std::copy(now.begin(), now.end(), &batch[(n - from) * size]);
      const double up = 1 / std::sqrt(static_cast<double>(n + 1)), down = std::sqrt(static_cast<double>(n)) * up;
      for (std::size_t i = 0; i < size; ++i) {
        const double next = nodes.t[i] * up * now[i] - down * last[i];
        last[i] = now[i];
        now[i] = next;
      }
    }
    parallel_for(count, threads, [&](std::size_t p, int) {
      for (std::size_t n = 0; n < kBatch; ++n) {
        const double term = product(&parts[(2 * p + n % 2) * size], &batch[n * size], size);
        c[p].push_back(term);
        found[p] += term * term;
      }
    });
    // The squares of all terms add up to 1, and those left out bound the error for every ρ. They fall like e^(−κ√n) or
    // faster: where κ√n = 37, 2n/37 times the last one is left; the mean of 16 stands for it.              [hermite-slopes]
    const auto settled = [&](std::size_t p) {
      double tail = 0;
      for (std::size_t n = from + kBatch / 2; n < from + kBatch; ++n) tail += c[p][n] * c[p][n];
      return std::fabs(1 - found[p]) <= kRounding && tail * static_cast<double>(from + kBatch) <= 300 * kLeft;
    };
    std::size_t done = 0;
    while (done < count && settled(done)) ++done;
    if (done < count) continue;
    HermiteSlopes series(count);
    series.terms_ = from + kBatch;
    for (const auto& terms : c) series.c_.insert(series.c_.end(), terms.begin(), terms.end());
    return series;
  }
  return std::nullopt;
}

void HermiteSlopes::slopes(std::size_t q, double m, bool acute, double* out) const {
  const double rho = acute ? 1 - 2 * m : 2 * m - 1;
  std::vector<double> of(terms_);
  double power = 1;
  for (std::size_t n = 0; n < terms_; ++n) {
    of[n] = c_[q * terms_ + n] * power;
    power *= rho;
  }
  for (std::size_t p = 0; p < variances_; ++p) out[p] = product(&c_[p * terms_], of.data(), terms_);
}

}  // namespace resgram::core
