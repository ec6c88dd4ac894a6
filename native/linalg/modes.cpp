// With K = Qᵀ diag(v) Q a function of K times y is Qᵀ diag(w) (Q y), w = f(v). Q y is formed once, and the filters of all
// times stand side by side as columns of one right-hand side, so that Q is read once for some 256 of them.
//                                                                                                        [mode-filters]
#include "modes.hpp"

#include <algorithm>

#include "checks.hpp"
#include "core/error.hpp"
#include "lapack.hpp"
#include "workspace.hpp"

namespace resgram::linalg {
namespace {

constexpr double kOne = 1;
constexpr double kZero = 0;
// Columns of one product: enough that it costs what arithmetic costs, few enough that the workspace does not count.
constexpr std::size_t kColumns = 256;
// Rows of one product, between checkpoints.
constexpr std::size_t kRows = 512;

std::size_t filters_per_product(std::size_t columns) {
  return std::max<std::size_t>(1, kColumns / std::max<std::size_t>(1, columns));
}

void require_finite_product(std::span<const double> product, std::span<const double> left, std::size_t left_columns,
                            std::span<const double> right, std::size_t right_columns) {
  if (all_finite(product)) return;
  require_finite(left, left_columns, "left factor");
  require_finite(right, right_columns, "right factor");
  throw Error(Code::range, "product leaves the range of doubles; rescale the data");
}

}  // namespace

std::size_t filter_modes_bytes(std::size_t rows, std::size_t n, std::size_t columns) {
  return sizeof(double) * (rows + n) * filters_per_product(columns) * columns;
}

void filter_modes(const ModeBasis& basis, std::span<const double> coordinates, std::size_t columns,
                  std::span<const double> weights, std::size_t filters, std::span<const double> base,
                  std::span<double> out, Ticket& ticket) {
  const auto [numbers, rows, n, transposed] = basis;
  const std::size_t size = rows * columns;
  require_shape(numbers, rows, n, "basis");
  require_shape(coordinates, n, columns, "coordinates");
  require_shape(weights, filters, n, "weights");
  require_shape(out, filters, size, "filtered");
  if (!base.empty()) require_shape(base, rows, columns, "base");
  if (transposed && rows != n) throw Error(Code::shape, "basis: expected as many vectors as coordinates");
  const std::size_t batch = filters_per_product(columns);
  ticket.expect((filters + batch - 1) / batch);
  if (out.empty()) return;

  const std::size_t most = std::min(batch, filters) * columns;
  const Room<double> right = workspace(n * most);
  const Room<double> product = workspace(rows * most);
  const int height = lapack_int(rows, "rows");
  const int inner = lapack_int(n, "matrix size");
  for (std::size_t first = 0; first < filters; first += batch) {
    const std::size_t count = std::min(batch, filters - first);
    const std::size_t wide = count * columns;
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t f = 0; f < count; ++f) {
        const double weight = weights[(first + f) * n + k];
        for (std::size_t c = 0; c < columns; ++c) {
          right[k * wide + f * columns + c] = weight * coordinates[k * columns + c];
        }
      }
    }
    const int width = lapack_int(wide, "columns");
    RESGRAM_FORTRAN(dgemm)("N", transposed ? "T" : "N", &width, &height, &inner, &kOne, right.get(), &width,
                           numbers.data(), &inner, &kZero, product.get(), &width, 1, 1);
    require_finite_product({product.get(), rows * wide}, numbers, n, {right.get(), n * wide}, wide);
    for (std::size_t f = 0; f < count; ++f) {
      double* const target = out.data() + (first + f) * size;
      for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t c = 0; c < columns; ++c) {
          const double moved = product[i * wide + f * columns + c];
          target[i * columns + c] = base.empty() ? moved : base[i * columns + c] + moved;
        }
      }
    }
    ticket.checkpoint();
  }
}

// Row-major C = A·Bᵀ is LAPACK's Cᵀ = B·Aᵀ, and what it reads in our B is Bᵀ.
void multiply_transposed(std::span<const double> a, std::span<const double> b, std::span<double> c, std::size_t m,
                         std::size_t inner, std::size_t n, Ticket& ticket) {
  require_shape(a, m, inner, "left factor");
  require_shape(b, n, inner, "right factor");
  require_shape(c, m, n, "product");
  ticket.expect((m + kRows - 1) / kRows);
  if (c.empty()) return;
  if (inner == 0) {
    std::fill(c.begin(), c.end(), 0.0);
    return;
  }
  const int width = lapack_int(n, "columns");
  const int depth = lapack_int(inner, "inner size");
  for (std::size_t first = 0; first < m; first += kRows) {
    const std::size_t rows = std::min(kRows, m - first);
    const int height = lapack_int(rows, "rows");
    const std::span<double> part = c.subspan(first * n, rows * n);
    const std::span<const double> left = a.subspan(first * inner, rows * inner);
    RESGRAM_FORTRAN(dgemm)("T", "N", &width, &height, &depth, &kOne, b.data(), &depth, left.data(), &depth, &kZero,
                           part.data(), &width, 1, 1);
    require_finite_product(part, left, inner, b, inner);
    ticket.checkpoint();
  }
}

}  // namespace resgram::linalg
