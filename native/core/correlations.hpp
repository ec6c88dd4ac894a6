// Pairs whose inner product does not tell their angle: near 0 and π it is measured again from the difference of the rows.
#pragma once

#include <vector>

#include "points.hpp"
#include "strip.hpp"
#include "tiles.hpp"
#include "zonal_strip.hpp"

namespace resgram::core {

// The pairs of a tile that are near, with their angle, and those that are one and the same point, pairs of zero vectors
// among them. Places are counted within the tile. `products`: rows `stride` apart; smallest[i] is the least m of row i.
// `same`: z is x.                                                                                        [small-angle]
template <class Real>
void remeasure(const Directions<Real>& x, const Directions<Real>& z, bool same, const Tile& pairs, const Real* products,
               std::size_t stride, const Real* smallest, std::vector<NearAngle>& near, std::vector<EqualPair>& equal);

}  // namespace resgram::core
