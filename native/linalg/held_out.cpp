// Cross-validation in the eigenbasis.
//
// With G = (K + λI)⁻¹ and α = G y, the fit to the samples outside of a set B predicts on B                    [held-out]
//   f_B = y_B − (G_BB)⁻¹ α_B ,
// by the argument of leave-one-out with a block in place of a number: y* agrees with y outside of B and with f_B on it,
// the fit to all of y* is that fit again, so (G y*)_B = 0, and G y* = α − G (y − y*) gives G_BB (y_B − f_B) = α_B.
// G_BB = Σ_k q_kB q_kBᵀ/(v_k + λ) is a product of n·b² operations; it is positive definite with K + λI.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "checks.hpp"
#include "core/error.hpp"
#include "gaussian.hpp"
#include "lapack.hpp"
#include "linalg.hpp"
#include "workspace.hpp"

namespace resgram::linalg {
namespace {

constexpr double kOne = 1;
constexpr double kZero = 0;

std::vector<std::vector<std::size_t>> parts_of(std::span<const double> part) {
  std::vector<std::vector<std::size_t>> parts;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (!(part[i] >= 0 && part[i] < static_cast<double>(part.size()) && part[i] == std::floor(part[i]))) {
      throw Error(Code::argument, "part: expected integers from 0, below the number of samples");
    }
    const auto number = static_cast<std::size_t>(part[i]);
    if (number >= parts.size()) parts.resize(number + 1);
    parts[number].push_back(i);
  }
  return parts;
}

}  // namespace

void held_out_path(std::span<const double> values, std::span<const double> vectors, std::size_t n,
                   std::span<const double> y, std::size_t columns, std::span<const double> ridges,
                   std::span<const double> part, std::span<double> predictions, std::span<double> dropped,
                   Ticket& ticket) {
  require_shape(values, n, 1, "eigenvalues");
  require_shape(vectors, n, n, "eigenvectors");
  require_shape(y, n, columns, "targets");
  require_shape(part, n, 1, "part");
  require_shape(predictions, ridges.size(), n * columns, "predictions");
  require_shape(dropped, ridges.size(), 1, "dropped");
  require_finite(values, 1, "eigenvalues");
  require_finite(vectors, n, "eigenvectors");
  require_finite(y, columns, "targets");
  for (const double ridge : ridges) {
    if (ridge >= 0 && std::isfinite(ridge)) continue;
    throw Error(Code::argument, "ridges: expected finite numbers from 0 on, got " + shown(ridge));
  }
  if (n == 0) return;

  const double tolerance = static_cast<double>(n) * std::numeric_limits<double>::epsilon() * std::max(values[0], 0.0);
  for (std::size_t r = 0; r < ridges.size(); ++r) {
    const auto lost =
        std::count_if(values.begin(), values.end(), [&](double value) { return !(value + ridges[r] > tolerance); });
    dropped[r] = static_cast<double>(lost);
    if (lost > 0) {
      std::fill_n(predictions.data() + r * n * columns, n * columns, std::numeric_limits<double>::quiet_NaN());
    }
  }

  const Room<double> projected = workspace(n * columns);
  multiply(vectors, y, {projected.get(), n * columns}, n, n, columns);
  const std::vector<std::vector<std::size_t>> parts = parts_of(part);
  const int order = lapack_int(n, "matrix size");
  const int count = lapack_int(columns, "columns");
  ticket.expect(parts.size() * ridges.size());
  for (const std::vector<std::size_t>& rows : parts) {
    const std::size_t size = rows.size();
    if (size == 0) {
      ticket.checkpoint(ridges.size());
      continue;
    }
    const int width = lapack_int(size, "part");
    // Row k of `known` holds the entries of q_k on B; of `scaled`, those times (v_k + λ)^−½; of `targets`, (q_k·y)
    // (v_k + λ)^−½. LAPACK sees each as columns of length b or c.
    const Room<double> known = workspace(n * size);
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t i = 0; i < size; ++i) known[k * size + i] = vectors[k * n + rows[i]];
    }
    const Room<double> scaled = workspace(n * size);
    const Room<double> targets = workspace(n * columns);
    const Room<double> inner = workspace(size * size);
    const Room<double> answer = workspace(size * columns);
    for (std::size_t r = 0; r < ridges.size(); ++r) {
      ticket.checkpoint();
      if (dropped[r] > 0) continue;
      for (std::size_t k = 0; k < n; ++k) {
        const double weight = 1 / std::sqrt(values[k] + ridges[r]);
        for (std::size_t i = 0; i < size; ++i) scaled[k * size + i] = known[k * size + i] * weight;
        for (std::size_t c = 0; c < columns; ++c) targets[k * columns + c] = projected[k * columns + c] * weight;
      }
      RESGRAM_FORTRAN(dsyrk)
      ("U", "N", &width, &order, &kOne, scaled.get(), &width, &kZero, inner.get(), &width, 1, 1);
      // α_B, column-major b × c.
      RESGRAM_FORTRAN(dgemm)
      ("N", "T", &width, &count, &order, &kOne, scaled.get(), &width, targets.get(), &count, &kZero, answer.get(),
       &width, 1, 1);
      int info = 0;
      RESGRAM_FORTRAN(dpotrf)("U", &width, inner.get(), &width, &info, 1);
      require_accepted(info, "dpotrf");
      double* const layer = predictions.data() + r * n * columns;
      if (info > 0) {
        // A block whose rounding took a pivot says as little as a lost direction.
        dropped[r] = 1;
        std::fill_n(layer, n * columns, std::numeric_limits<double>::quiet_NaN());
        continue;
      }
      RESGRAM_FORTRAN(dpotrs)("U", &width, &count, inner.get(), &width, answer.get(), &width, &info, 1);
      require_accepted(info, "dpotrs");
      for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t c = 0; c < columns; ++c) {
          const std::size_t at = rows[i] * columns + c;
          layer[at] = y[at] - answer[c * size + i];
        }
      }
    }
  }
}

}  // namespace resgram::linalg
