#include "panels.hpp"

#include <algorithm>

#include "pool.hpp"

namespace resgram::core {

template <class Real>
void Panels<Real>::fill(const Directions<Real>& directions, std::size_t first, std::size_t rows, int threads) {
  // Directions are made a stretch at a time, in the first cache, and turned there.
  constexpr std::size_t kStretch = 64;
  const TileTable<Real>& table = tile_lanes<Real>();
  const std::size_t width = table.width;
  parallel_for(whole_panels(rows), threads, [&](std::size_t panel, int) {
    const std::size_t begin = panel * width, count = std::min(width, rows - begin);
    alignas(64) Real stretch[kTileUnit * kStretch] = {};
    Real* out = data_.data() + begin * dimension_;
    for (std::size_t from = 0; from < dimension_; from += kStretch) {
      const std::size_t length = std::min(kStretch, dimension_ - from);
      for (std::size_t i = 0; i < count; ++i)
        directions.write_unit(first + begin + i, from, length, stretch + i * kStretch);
      table.transpose(stretch, kStretch, width, length, out + from * width, width);
    }
  });
}

template class Panels<double>;
template class Panels<float>;

}  // namespace resgram::core
