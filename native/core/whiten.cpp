#include "whiten.hpp"

#include <algorithm>

#include "pool.hpp"
#include "row_dots.hpp"

namespace resgram::core {
namespace {

// Unknowns that are found between two products with what is known before them.
constexpr std::size_t kBlock = 32;
// Unknowns found one by one; divides kBlock and is a multiple of every set's vectors.
constexpr std::size_t kGroup = 8;
// Rows that go together: their known parts and a block of the triangle share a second cache.
constexpr std::size_t kTogether = 64;
// With fewer, reading the triangle takes longer than computing with it, on however many threads.
constexpr std::size_t kLeast = 16;

// Forward substitution, w_i = (k_i − Σ_{j<i} L_ij w_j)/L_ii. The sum goes up to the block, on to the group and then to i.
void solve(const double* factor, std::size_t n, double* rows, std::size_t m, Ticket& ticket) {
  double sums[kBlock * kTogether], near[kGroup * kTogether];
  for (std::size_t block = 0; block < n; block += kBlock) {
    ticket.checkpoint(0);
    const std::size_t end = std::min(n, block + kBlock);
    dot_lanes().dots(factor + block * n, n, end - block, rows, n, m, block, sums, m);
    for (std::size_t group = block; group < end; group += kGroup) {
      const std::size_t stop = std::min(end, group + kGroup);
      dot_lanes().dots(factor + group * n + block, n, stop - group, rows + block, n, m, group - block, near, m);
      for (std::size_t r = 0; r < m; ++r) {
        double* const w = rows + r * n;
        for (std::size_t i = group; i < stop; ++i) {
          const double* const row = factor + i * n;
          double rest = w[i] - sums[(i - block) * m + r] - near[(i - group) * m + r];
          for (std::size_t j = group; j < i; ++j) rest -= row[j] * w[j];
          w[i] = rest / row[i];
        }
      }
    }
  }
}

}  // namespace

void whiten(std::span<const double> factor, std::size_t n, double* rows, std::size_t m, int threads, Ticket& ticket) {
  if (n == 0 || m == 0) return;
  const std::size_t share = (m + static_cast<std::size_t>(threads) - 1) / static_cast<std::size_t>(threads);
  const std::size_t each = std::clamp(share, kLeast, kTogether);
  const std::size_t tasks = (m + each - 1) / each;
  ticket.expect(tasks);
  parallel_for(tasks, threads, [&](std::size_t task, int) {
    const std::size_t first = task * each;
    solve(factor.data(), n, rows + first * n, std::min(each, m - first), ticket);
    ticket.checkpoint();
  });
}

}  // namespace resgram::core
