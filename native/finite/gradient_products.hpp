// Inner products of derivatives of gradients, ⟨D_β ∇f_α, D_δ ∇f_γ⟩.                                     [hierarchy-sweeps]
#pragma once

#include <cstddef>
#include <span>

#include "tangents.hpp"

namespace resgram::finite {

// Of the point α of `left`, along all its directions β, with all trained points γ of `right`, along the trained directions δ:
// [directions of left][trained][trained]. Both after backward(); the tile of `right` is that of all trained points.
void gradient_products(const Expansion& at, const Tangents& left, const Tile& tile, std::size_t alpha,
                       const Tangents& right, std::span<double> room, std::span<double> out);
// Numbers of its room.
std::size_t gradient_product_numbers(const Architecture& network, std::size_t directions, std::size_t trained);

}  // namespace resgram::finite
