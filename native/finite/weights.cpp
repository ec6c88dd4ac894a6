#include "weights.hpp"

#include <algorithm>

#include "random.hpp"

namespace resgram::finite {

void sample(const Architecture& network, std::uint64_t seed, std::span<double> out, const Crew& crew) {
  for (std::size_t b = 0; b < network.blocks().size(); ++b) {
    const Block& block = network.blocks()[b];
    const std::span<double> part = out.subspan(block.offset, block.size());
    if (block.starts_at_zero) {
      std::fill(part.begin(), part.end(), 0.0);
      continue;
    }
    for_chunks(part.size(), 50, crew, [&](std::size_t from, std::size_t to) {
      fill_normal(seed, static_cast<std::uint32_t>(b), from, part.subspan(from, to - from));
      crew.ticket.checkpoint(0);
    });
  }
}

}  // namespace resgram::finite
