// The vector steps of every instruction set this machine can run, side by side.
#pragma once

#include <string>
#include <vector>

#include "../../native/core/lanes.hpp"
#include "../../native/core/row_dots.hpp"
#include "../../native/core/tile_lanes.hpp"

namespace resgram::core {

#if defined(__x86_64__)
namespace avx512 {
extern const LaneTable<double> kLanesDouble;
extern const LaneTable<float> kLanesFloat;
extern const TileTable<double> kTilesDouble;
extern const TileTable<float> kTilesFloat;
extern const DotLanes kDotLanes;
}  // namespace avx512
namespace avx2 {
extern const LaneTable<double> kLanesDouble;
extern const LaneTable<float> kLanesFloat;
extern const TileTable<double> kTilesDouble;
extern const TileTable<float> kTilesFloat;
extern const DotLanes kDotLanes;
}  // namespace avx2
#endif
namespace baseline {
extern const LaneTable<double> kLanesDouble;
extern const LaneTable<float> kLanesFloat;
extern const TileTable<double> kTilesDouble;
extern const TileTable<float> kTilesFloat;
extern const DotLanes kDotLanes;
}  // namespace baseline

namespace trial {

struct Table {
  std::string name;
  const LaneTable<double>& of_double;
  const LaneTable<float>& of_float;
  const TileTable<double>& tiles_of_double;
  const TileTable<float>& tiles_of_float;
  const DotLanes& dots;
  bool fused;  // multiply-add in one rounding

  template <class Real>
  [[nodiscard]] const LaneTable<Real>& lanes() const {
    if constexpr (sizeof(Real) == 8)
      return of_double;
    else
      return of_float;
  }
  template <class Real>
  [[nodiscard]] const TileTable<Real>& tiles() const {
    if constexpr (sizeof(Real) == 8)
      return tiles_of_double;
    else
      return tiles_of_float;
  }
};

inline std::vector<Table> tables() {
#if defined(__aarch64__)
  return {{"neon", baseline::kLanesDouble, baseline::kLanesFloat, baseline::kTilesDouble, baseline::kTilesFloat,
           baseline::kDotLanes, true}};
#else
  std::vector<Table> all{{"baseline", baseline::kLanesDouble, baseline::kLanesFloat, baseline::kTilesDouble,
                          baseline::kTilesFloat, baseline::kDotLanes, false}};
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool fma = __builtin_cpu_supports("fma");
  if (fma && __builtin_cpu_supports("avx2"))
    all.push_back(
        {"avx2", avx2::kLanesDouble, avx2::kLanesFloat, avx2::kTilesDouble, avx2::kTilesFloat, avx2::kDotLanes, true});
  if (fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
    all.push_back({"avx512", avx512::kLanesDouble, avx512::kLanesFloat, avx512::kTilesDouble, avx512::kTilesFloat,
                   avx512::kDotLanes, true});
#endif
  return all;
#endif
}

}  // namespace trial
}  // namespace resgram::core
