#include "crew.hpp"

namespace resgram::finite {
namespace {

// A tile of C. Packing its operands is a tenth of the work at these sizes, and 200 × 1024 still makes eight tasks.
constexpr std::size_t kRows = 256, kColumns = 128;

linalg::Operand from(const linalg::Operand& whole, std::size_t row, std::size_t column) {
  linalg::Operand part = whole;
  part.data += whole.transposed ? column * whole.stride + row : row * whole.stride + column;
  return part;
}

}  // namespace

void product(double factor, const linalg::Operand& a, const linalg::Operand& b, bool add, double* c, std::size_t stride,
             std::size_t rows, std::size_t inner, std::size_t columns, const Crew& crew) {
  const std::size_t down = (rows + kRows - 1) / kRows, across = (columns + kColumns - 1) / kColumns;
  const double work = static_cast<double>(rows) * static_cast<double>(columns) * static_cast<double>(inner);
  core::parallel_for(down * across, work < kWorthAThread ? 1 : crew.threads, [&](std::size_t tile, int) {
    crew.ticket.checkpoint(0);
    const std::size_t i = tile / across * kRows, j = tile % across * kColumns;
    linalg::add_product(factor, from(a, i, 0), from(b, 0, j), add, c + i * stride + j, stride,
                        std::min(kRows, rows - i), inner, std::min(kColumns, columns - j));
  });
}

}  // namespace resgram::finite
