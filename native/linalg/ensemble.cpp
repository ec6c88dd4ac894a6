// f_*(t) = f_*(0) + S(t)(y − f(0)) is linear in the values at the start, of which it keeps the combination [I, −S]; its
// covariance is [I, −S] 𝒦 [I, −S]ᵀ for the joint covariance 𝒦 of test and training points. With M = (½ k S K − c K_*)Sᵀ
// that is prior + M + Mᵀ, one product of m × n × m, and symmetric by construction.                       [ntk-ensemble]
#include "ensemble.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "checks.hpp"
#include "core/error.hpp"
#include "linalg.hpp"
#include "modes.hpp"
#include "workspace.hpp"

namespace resgram::linalg {
namespace {

// Test points of one block: enough that products cost what arithmetic costs.
constexpr std::size_t kRows = 256;

std::size_t blocks(std::size_t points) { return (points + kRows - 1) / kRows; }

void check(const Ensemble& e, std::span<const double> weights, std::size_t filters) {
  require_shape(e.rotated, e.points, e.samples, "rotated cross matrix");
  if (!e.vectors.empty()) require_shape(e.vectors, e.samples, e.samples, "eigenvectors");
  require_shape(e.train, e.samples, e.samples, "training matrix");
  require_shape(e.cross, e.points, e.samples, "cross matrix");
  require_shape(weights, filters, e.samples, "weights");
}

// rows of A, each column k times weights[k]
void weigh(std::span<const double> rows, std::span<const double> weights, std::span<double> weighed) {
  const std::size_t n = weights.size();
  for (std::size_t i = 0; i < rows.size(); ++i) weighed[i] = rows[i] * weights[i % n];
}

// `moved` = S for some rows of A, `pulled` = SK; `moved` may not be `pulled`.
void move_and_pull(const Ensemble& e, std::span<const double> rows, std::span<const double> weights,
                   std::span<double> moved, std::span<double> pulled) {
  const std::size_t n = e.samples;
  const std::size_t count = rows.size() / n;
  if (e.vectors.empty()) {
    weigh(rows, weights, moved);
  } else {
    weigh(rows, weights, pulled);
    multiply(pulled, e.vectors, moved, count, n, n);
  }
  multiply(moved, e.train, pulled, count, n, n);
}

void require_in_range(std::span<const double> results) {
  if (!all_finite(results)) {
    throw Error(Code::range, "a covariance leaves the range of doubles; rescale the data or the kernel");
  }
}

// out = prior + M + Mᵀ for M in `out`
void symmetrize(std::span<double> out, std::span<const double> prior, std::size_t m) {
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      const double sum = prior[i * m + j] + (out[i * m + j] + out[j * m + i]);
      out[i * m + j] = sum;
      out[j * m + i] = sum;
    }
  }
}

}  // namespace

void ensemble_variances(const Ensemble& e, std::span<const double> weights, std::size_t filters,
                        std::span<const double> prior, std::span<double> variances, Ticket& ticket) {
  check(e, weights, filters);
  const auto [m, n] = std::pair(e.points, e.samples);
  require_shape(prior, m, 1, "prior variances");
  require_shape(variances, filters, m, "variances");
  ticket.expect(blocks(m) * filters);
  const std::size_t most = std::min(kRows, m) * n;
  const Room<double> pulled_room = workspace(most);
  const Room<double> moved_room = workspace(most);
  for (std::size_t first = 0; first < m; first += kRows) {
    const std::size_t rows = std::min(kRows, m - first);
    const std::span<double> pulled(pulled_room.get(), rows * n);
    const std::span<double> moved(moved_room.get(), rows * n);
    const std::span<const double> rotated = e.rotated.subspan(first * n, rows * n);
    const std::span<const double> cross = e.cross.subspan(first * n, rows * n);
    for (std::size_t f = 0; f < filters; ++f) {
      move_and_pull(e, rotated, weights.subspan(f * n, n), moved, pulled);
      for (std::size_t j = 0; j < rows; ++j) {
        double change = 0;
        for (std::size_t i = j * n; i < (j + 1) * n; ++i) {
          change += moved[i] * (e.train_scale * pulled[i] - 2 * e.cross_scale * cross[i]);
        }
        variances[f * m + first + j] = std::max(0.0, prior[first + j] + change);
      }
      ticket.checkpoint();
    }
  }
  require_in_range(variances);
}

void ensemble_covariances(const Ensemble& e, std::span<const double> weights, std::size_t filters,
                          std::span<const double> prior, std::span<double> covariances, Ticket& ticket) {
  check(e, weights, filters);
  const auto [m, n] = std::pair(e.points, e.samples);
  require_shape(prior, m, m, "prior covariances");
  require_shape(covariances, filters, m * m, "covariances");
  // A block of the first two products, and one of the third.
  ticket.expect(2 * blocks(m) * filters);
  const Room<double> moved_room = workspace(m * n);
  const Room<double> left_room = workspace(m * n);
  const std::span<double> moved(moved_room.get(), m * n);
  const std::span<double> left(left_room.get(), m * n);
  for (std::size_t f = 0; f < filters; ++f) {
    const std::span<double> out = covariances.subspan(f * m * m, m * m);
    for (std::size_t first = 0; first < m; first += kRows) {
      const std::size_t rows = std::min(kRows, m - first);
      move_and_pull(e, e.rotated.subspan(first * n, rows * n), weights.subspan(f * n, n),
                    moved.subspan(first * n, rows * n), left.subspan(first * n, rows * n));
      ticket.checkpoint();
    }
    for (std::size_t i = 0; i < m * n; ++i) left[i] = 0.5 * e.train_scale * left[i] - e.cross_scale * e.cross[i];
    Ticket inner;
    for (std::size_t first = 0; first < m; first += kRows) {
      const std::size_t rows = std::min(kRows, m - first);
      multiply_transposed(left.subspan(first * n, rows * n), moved, out.subspan(first * m, rows * m), rows, n, m,
                          inner);
      ticket.checkpoint();
    }
    symmetrize(out, prior, m);
  }
  require_in_range(covariances);
}

void reduced_variances(std::span<const double> rotated, std::size_t points, std::size_t samples,
                       std::span<const double> weights, std::size_t filters, std::span<const double> prior,
                       std::span<double> variances, Ticket& ticket) {
  const auto [m, n] = std::pair(points, samples);
  require_shape(rotated, m, n, "rotated cross matrix");
  require_shape(weights, filters, n, "weights");
  require_shape(prior, m, 1, "prior variances");
  require_shape(variances, filters, m, "variances");
  ticket.expect(blocks(m));
  for (std::size_t j = 0; j < m; ++j) {
    const std::span<const double> row = rotated.subspan(j * n, n);
    for (std::size_t f = 0; f < filters; ++f) {
      double explained = 0;
      for (std::size_t k = 0; k < n; ++k) explained += weights[f * n + k] * row[k] * row[k];
      variances[f * m + j] = std::max(0.0, prior[j] - explained);
    }
    if (j % kRows == 0) ticket.checkpoint();
  }
  require_in_range(variances);
}

void reduced_covariances(std::span<const double> rotated, std::size_t points, std::size_t samples,
                         std::span<const double> weights, std::size_t filters, std::span<const double> prior,
                         std::span<double> covariances, Ticket& ticket) {
  const auto [m, n] = std::pair(points, samples);
  require_shape(rotated, m, n, "rotated cross matrix");
  require_shape(weights, filters, n, "weights");
  require_shape(prior, m, m, "prior covariances");
  require_shape(covariances, filters, m * m, "covariances");
  ticket.expect(blocks(m) * filters);
  std::vector<double> halved(n);
  const Room<double> weighed_room = workspace(std::min(kRows, m) * n);
  for (std::size_t f = 0; f < filters; ++f) {
    const std::span<double> out = covariances.subspan(f * m * m, m * m);
    for (std::size_t k = 0; k < n; ++k) halved[k] = -0.5 * weights[f * n + k];
    Ticket inner;
    for (std::size_t first = 0; first < m; first += kRows) {
      const std::size_t rows = std::min(kRows, m - first);
      const std::span<double> weighed(weighed_room.get(), rows * n);
      weigh(rotated.subspan(first * n, rows * n), halved, weighed);
      multiply_transposed(weighed, rotated, out.subspan(first * m, rows * m), rows, n, m, inner);
      ticket.checkpoint();
    }
    symmetrize(out, prior, m);
  }
  require_in_range(covariances);
}

}  // namespace resgram::linalg
