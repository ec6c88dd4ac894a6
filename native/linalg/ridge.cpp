// Ridge regression in the eigenbasis.
//
// With K = Σ_k v_k q_k q_kᵀ and G = (K + λI)⁻¹ = Σ_k q_k q_kᵀ / (v_k + λ):
//   coefficients   α = G y = Σ_k q_k (q_k·y) / (v_k + λ) ,
//   leave-one-out  f₋ᵢ(xᵢ) = yᵢ − αᵢ / Gᵢᵢ .                                                                    [loo]
// Derivation. Let y* be y with yᵢ replaced by p = f₋ᵢ(xᵢ). The fit to y* without sample i is f₋ᵢ, it meets p at xᵢ with
// residual zero, so adding (xᵢ, p) to its data changes nothing: (G y*)ᵢ = 0, since λα is the vector of residuals. And
// G y* = α − (yᵢ − p) G eᵢ, whence yᵢ − p = αᵢ / Gᵢᵢ.
//
// Where v_k + λ is no more than rounding (≤ tol = n·eps·v₀) the direction is dropped from α: a pseudo-inverse. The
// formula above would then be wrong, as two equal samples with labels 0 and 1 and λ = 0 show: it gives −1 for the first,
// the twin says 1. What is wanted is the limit λ → 0⁺, in which the null space dominates both αᵢ and Gᵢᵢ wherever it
// touches sample i at all, that is wherever sample i is a combination of the others:                         [loo-null]
//   N = Σ_{k dropped} q_k q_kᵀ ,   f₋ᵢ(xᵢ) = yᵢ − (N y)ᵢ / Nᵢᵢ      if Nᵢᵢ > tol·Gᵢᵢ (G over the kept directions),
// which is the minimum-norm fit to the other samples, exactly. Computed null vectors have components of rounding size
// where they should have none: eps·v₀/v_k along a kept direction k, so that they add to Nᵢᵢ/tol at most 1/n² of what
// that direction itself has in Gᵢᵢ; hence the comparison with Gᵢᵢ and no constant to choose.
// Since Nᵢᵢ + Σ_{k kept} q_ki² = 1, one of the two denominators is positive for every sample: a sample whose kernel
// vanishes everywhere has Nᵢᵢ = 1 and is predicted as 0.
#include "ridge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "checks.hpp"
#include "core/error.hpp"
#include "linalg.hpp"
#include "workspace.hpp"

namespace resgram::linalg {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

// Q, and y in its basis.
struct Basis {
  std::span<const double> vectors;  // n × n, rows
  std::size_t n;
  std::span<const double> targets;  // n × columns: Q y
  std::size_t columns;
};

// For functions w_0, w_1… of the spectrum (`weights`, count × n): the vectors M y and the diagonals of
// M = Qᵀ diag(w) Q, as two products with Q for all of them together.
class Filtered {
 public:
  Filtered(const Basis& basis, std::span<const double> weights, std::size_t count)
      : n_(basis.n), columns_(basis.columns), applied_(workspace(count * columns_ * n_)), diagonals_(count * n_) {
    const std::size_t rows = count * columns_;
    const Room<double> left = workspace(rows * n_);
    for (std::size_t w = 0; w < count; ++w) {
      for (std::size_t c = 0; c < columns_; ++c) {
        double* row = left.get() + (w * columns_ + c) * n_;
        for (std::size_t k = 0; k < n_; ++k) row[k] = weights[w * n_ + k] * basis.targets[k * columns_ + c];
      }
    }
    multiply({left.get(), rows * n_}, basis.vectors, {applied_.get(), rows * n_}, rows, n_, n_);

    // Mᵢᵢ = Σ_k w_k q_ki², a block of rows of Q at a time so that its squares need no n × n copy.
    constexpr std::size_t kRows = 256;
    const std::size_t most = std::min(kRows, n_);
    std::vector<double> squares(most * n_);
    std::vector<double> part(count * most);
    std::vector<double> sum(count * n_);
    for (std::size_t start = 0; start < n_; start += kRows) {
      const std::size_t height = std::min(kRows, n_ - start);
      const std::span<const double> block = basis.vectors.subspan(start * n_, height * n_);
      std::transform(block.begin(), block.end(), squares.begin(), [](double q) { return q * q; });
      for (std::size_t w = 0; w < count; ++w) {
        std::copy_n(weights.begin() + static_cast<std::ptrdiff_t>(w * n_ + start), height,
                    part.begin() + static_cast<std::ptrdiff_t>(w * height));
      }
      multiply(std::span(part).first(count * height), std::span(squares).first(height * n_), sum, count, height, n_);
      std::transform(sum.begin(), sum.end(), diagonals_.begin(), diagonals_.begin(), std::plus<>());
    }
  }

  [[nodiscard]] double applied(std::size_t w, std::size_t i, std::size_t c) const {
    return applied_[(w * columns_ + c) * n_ + i];
  }
  [[nodiscard]] double diagonal(std::size_t w, std::size_t i) const { return diagonals_[w * n_ + i]; }

 private:
  std::size_t n_;
  std::size_t columns_;
  Room<double> applied_;
  std::vector<double> diagonals_;
};

}  // namespace

void ridge_path(std::span<const double> values, std::span<const double> vectors, std::size_t n,
                std::span<const double> y, std::size_t columns, std::span<const double> ridges, std::span<double> loo,
                std::span<double> coefficients, std::span<double> dropped) {
  require_shape(values, n, 1, "eigenvalues");
  require_shape(vectors, n, n, "eigenvectors");
  require_shape(y, n, columns, "targets");
  require_shape(loo, ridges.size(), n * columns, "leave-one-out predictions");
  if (!coefficients.empty()) require_shape(coefficients, ridges.size(), n * columns, "coefficients");
  require_shape(dropped, ridges.size(), 1, "dropped");
  require_finite(values, 1, "eigenvalues");
  require_finite(vectors, n, "eigenvectors");
  require_finite(y, columns, "targets");
  for (std::size_t r = 0; r < ridges.size(); ++r) {
    if (ridges[r] >= 0 && std::isfinite(ridges[r])) continue;
    throw Error(Code::argument,
                "ridges: expected finite numbers from 0 on, number " + std::to_string(r) + " is " + shown(ridges[r]),
                {{"index", static_cast<double>(r)}, {"ridge", ridges[r]}});
  }
  if (n == 0) {
    std::fill(dropped.begin(), dropped.end(), 0.0);
    return;
  }

  const Room<double> projected = workspace(n * columns);
  multiply(vectors, y, {projected.get(), n * columns}, n, n, columns);
  const Basis basis{vectors, n, {projected.get(), n * columns}, columns};
  const double tolerance = static_cast<double>(n) * kEpsilon * std::max(values[0], 0.0);

  // A batch of ridges shares one pass over Q; two filters each, the inverse on the kept directions and the indicator of
  // the dropped ones.
  const std::size_t batch = std::max<std::size_t>(1, 256 / std::max<std::size_t>(1, columns));
  std::vector<double> weights;
  for (std::size_t start = 0; start < ridges.size(); start += batch) {
    const std::size_t count = std::min(batch, ridges.size() - start);
    std::vector<std::size_t> null_filter(count, 0);  // its index among the filters; 0 means: nothing dropped
    weights.assign(count * n, 0.0);
    for (std::size_t r = 0; r < count; ++r) {
      std::vector<double> null(n, 0.0);
      std::size_t lost = 0;
      for (std::size_t k = 0; k < n; ++k) {
        const double sum = values[k] + ridges[start + r];
        if (sum > tolerance) {
          weights[r * n + k] = 1 / sum;
        } else {
          null[k] = 1;
          ++lost;
        }
      }
      dropped[start + r] = static_cast<double>(lost);
      if (lost == 0) continue;
      null_filter[r] = weights.size() / n;
      weights.insert(weights.end(), null.begin(), null.end());
    }

    const Filtered filtered(basis, weights, weights.size() / n);
    for (std::size_t r = 0; r < count; ++r) {
      for (std::size_t i = 0; i < n; ++i) {
        const std::size_t null = null_filter[r];
        const bool spanned = null != 0 && filtered.diagonal(null, i) > tolerance * filtered.diagonal(r, i);
        const std::size_t filter = spanned ? null : r;
        const double denominator = filtered.diagonal(filter, i);
        for (std::size_t c = 0; c < columns; ++c) {
          const std::size_t at = ((start + r) * n + i) * columns + c;
          loo[at] = y[i * columns + c] - filtered.applied(filter, i, c) / denominator;
          if (!coefficients.empty()) coefficients[at] = filtered.applied(r, i, c);
        }
      }
    }
  }
}

double ridge_path_from_matrix(std::span<double> matrix, std::size_t n, std::span<const double> y, std::size_t columns,
                              std::span<const double> ridges, std::span<double> values, std::span<double> loo,
                              std::span<double> coefficients, std::span<double> dropped, bool check) {
  require_shape(matrix, n, n, "matrix");
  double residual = std::numeric_limits<double>::quiet_NaN();
  if (check) {
    const Room<double> copy = workspace(n * n);
    const std::span<double> intact(copy.get(), n * n);
    std::copy(matrix.begin(), matrix.end(), intact.begin());
    eigenpairs(matrix, n, values);
    residual = eigen_residual(intact, n, values, matrix, n);
  } else {
    eigenpairs(matrix, n, values);
  }
  ridge_path(values, matrix, n, y, columns, ridges, loo, coefficients, dropped);
  return residual;
}

}  // namespace resgram::linalg
