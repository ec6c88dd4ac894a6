// The matrix product as loops over tiles want it: parts of arrays, transposed or not, added to what is there.
#pragma once

#include <cstddef>

namespace resgram::linalg {

// A matrix inside a row-major array: its element (i, j) stands at data[i·stride + j], or if transposed at
// data[j·stride + i].
struct Operand {
  const double* data = nullptr;
  std::size_t stride = 0;
  bool transposed = false;
};

// C ← factor · A · B + (add ? C : 0), with A rows × inner and B inner × columns; c[i·stride + j]. On the thread that calls.
// Sizes beyond LAPACK's integers: Error{range}. Numbers are not looked at.
void add_product(double factor, const Operand& a, const Operand& b, bool add, double* c, std::size_t stride,
                 std::size_t rows, std::size_t inner, std::size_t columns);

}  // namespace resgram::linalg
