#include "gemm.hpp"

#include <algorithm>

#include "checks.hpp"
#include "lapack.hpp"

namespace resgram::linalg {

// Row-major C = A·B is LAPACK's Cᵀ = Bᵀ·Aᵀ, and a row-major array is LAPACK's transposed one: operands change places,
// and "transposed" means the same on both sides.
void add_product(double factor, const Operand& a, const Operand& b, bool add, double* c, std::size_t stride,
                 std::size_t rows, std::size_t inner, std::size_t columns) {
  if (rows == 0 || columns == 0) return;
  const double keep = add ? 1 : 0;
  if (inner == 0) {
    if (!add)
      for (std::size_t i = 0; i < rows; ++i) std::fill_n(c + i * stride, columns, 0.0);
    return;
  }
  const int m = lapack_int(columns, "columns"), n = lapack_int(rows, "rows"), k = lapack_int(inner, "inner size");
  const int lda = lapack_int(a.stride, "stride"), ldb = lapack_int(b.stride, "stride"),
            ldc = lapack_int(stride, "stride");
  RESGRAM_FORTRAN(dgemm)(b.transposed ? "T" : "N", a.transposed ? "T" : "N", &m, &n, &k, &factor, b.data, &ldb, a.data,
                         &lda, &keep, c, &ldc, 1, 1);
}

}  // namespace resgram::linalg
