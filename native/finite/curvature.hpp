// Second and third derivatives of the outputs of a tile along gradients, from tangents of first order.
//                                                                                                    [hierarchy-sweeps]
#pragma once

#include <cstddef>
#include <span>

#include "tangents.hpp"

namespace resgram::finite {

// ∂²f_α[g_γ, g_β] of every point of the tile: [samples][directions][directions], symmetric. After tangents.forward().
void second_derivatives(const Expansion& at, Tangents& tangents, const Tile& tile, std::span<double> out,
                        const Crew& crew);
// Numbers that it takes beside those of the tangents.
double second_derivative_numbers(const Architecture& network, const Tile& tile);

// ∂³f_α[g_x, g_γ, g_δ] of every point of the tile, x any direction, γ and δ among the first `trained`:
// [samples][directions][trained][trained]. After tangents.backward().
void third_derivatives(const Expansion& at, Tangents& tangents, const Tile& tile, std::span<double> out,
                       const Crew& crew);
double third_derivative_numbers(const Architecture& network, const Tile& tile, int threads);

}  // namespace resgram::finite
