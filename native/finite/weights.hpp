// Parameters of a network at initialisation.
#pragma once

#include <cstdint>
#include <span>

#include "architecture.hpp"
#include "crew.hpp"

namespace resgram::finite {

// Fills `out` (network.parameters() numbers): block b with the numbers 0, 1, … of the stream (seed, b), row by row; zeros
// where a bias starts at zero. The same bytes whatever the threads. Throws Cancelled.                    [counter-normals]
void sample(const Architecture& network, std::uint64_t seed, std::span<double> out, const Crew& crew);

}  // namespace resgram::finite
