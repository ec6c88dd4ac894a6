// Chooses, once per process, the widest instruction set that both CPU and operating system offer.
#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include "cpu.hpp"
#include "error.hpp"
#include "evaluate.hpp"
#include "image_lanes.hpp"
#include "image_rows.hpp"
#include "lanes.hpp"
#include "row_dots.hpp"
#include "smo_lanes.hpp"
#include "tile_lanes.hpp"

namespace resgram::core {

#if defined(__x86_64__)
namespace avx512 {
extern const LaneTable<double> kLanesDouble;
extern const LaneTable<float> kLanesFloat;
extern const ImageLaneTable<double> kImageLanesDouble;
extern const ImageLaneTable<float> kImageLanesFloat;
extern const ImageRowTable<double> kImageRowsDouble;
extern const ImageRowTable<float> kImageRowsFloat;
extern const TileTable<double> kTilesDouble;
extern const TileTable<float> kTilesFloat;
extern const DotLanes kDotLanes;
extern const SmoLanes kSmoLanes;
}  // namespace avx512
namespace avx2 {
extern const LaneTable<double> kLanesDouble;
extern const LaneTable<float> kLanesFloat;
extern const ImageLaneTable<double> kImageLanesDouble;
extern const ImageLaneTable<float> kImageLanesFloat;
extern const ImageRowTable<double> kImageRowsDouble;
extern const ImageRowTable<float> kImageRowsFloat;
extern const TileTable<double> kTilesDouble;
extern const TileTable<float> kTilesFloat;
extern const DotLanes kDotLanes;
extern const SmoLanes kSmoLanes;
}  // namespace avx2
#endif
namespace baseline {
extern const LaneTable<double> kLanesDouble;
extern const LaneTable<float> kLanesFloat;
extern const ImageLaneTable<double> kImageLanesDouble;
extern const ImageLaneTable<float> kImageLanesFloat;
extern const ImageRowTable<double> kImageRowsDouble;
extern const ImageRowTable<float> kImageRowsFloat;
extern const TileTable<double> kTilesDouble;
extern const TileTable<float> kTilesFloat;
extern const DotLanes kDotLanes;
extern const SmoLanes kSmoLanes;
}  // namespace baseline

namespace {

struct Choice {
  const char* name;
  const LaneTable<double>* of_double;
  const LaneTable<float>* of_float;
  const ImageLaneTable<double>* images_of_double;
  const ImageLaneTable<float>* images_of_float;
  const TileTable<double>* tiles_of_double;
  const TileTable<float>* tiles_of_float;
  const ImageRowTable<double>* rows_of_double;
  const ImageRowTable<float>* rows_of_float;
  const SmoLanes* smo;
  const DotLanes* dots;
};

// Widest first.
constexpr std::string_view kKnown[] = {
#if defined(__x86_64__)
    "avx512",
    "avx2",
    "baseline",
#elif defined(__aarch64__)
    "neon",
    "baseline",  // the baseline of this architecture has NEON
#else
    "baseline",
#endif
};

// What RESGRAM_SIMD allows: an index into kKnown. A name that means nothing is a mistake to tell, not to run slowly with.
std::size_t widest_allowed() {
  const char* given = std::getenv("RESGRAM_SIMD");
  if (given == nullptr || *given == '\0') return 0;
  const auto found = std::find(std::begin(kKnown), std::end(kKnown), std::string_view(given));
  if (found != std::end(kKnown)) return static_cast<std::size_t>(found - std::begin(kKnown));
  std::string names;
  for (std::size_t i = 0; i < std::size(kKnown); ++i) {
    if (i > 0) names += i + 1 == std::size(kKnown) ? " or " : ", ";
    names += kKnown[i];
  }
  throw Error(Code::argument, "RESGRAM_SIMD: expected " + names + ", got '" + given + "'");
}

// RESGRAM_SIMD names the widest set allowed; a set the CPU lacks is never taken.
Choice choose() {
  [[maybe_unused]] const std::size_t widest = widest_allowed();
#if defined(__x86_64__)
  const bool any = widest == 0;
  const bool upto_avx2 = widest <= 1;
  const CpuVectors cpu = cpu_vectors();
  if (any && cpu.avx512)
    return {"avx512",
            &avx512::kLanesDouble,
            &avx512::kLanesFloat,
            &avx512::kImageLanesDouble,
            &avx512::kImageLanesFloat,
            &avx512::kTilesDouble,
            &avx512::kTilesFloat,
            &avx512::kImageRowsDouble,
            &avx512::kImageRowsFloat,
            &avx512::kSmoLanes,
            &avx512::kDotLanes};
  if (upto_avx2 && cpu.avx2)
    return {"avx2",
            &avx2::kLanesDouble,
            &avx2::kLanesFloat,
            &avx2::kImageLanesDouble,
            &avx2::kImageLanesFloat,
            &avx2::kTilesDouble,
            &avx2::kTilesFloat,
            &avx2::kImageRowsDouble,
            &avx2::kImageRowsFloat,
            &avx2::kSmoLanes,
            &avx2::kDotLanes};
  return {"baseline",
          &baseline::kLanesDouble,
          &baseline::kLanesFloat,
          &baseline::kImageLanesDouble,
          &baseline::kImageLanesFloat,
          &baseline::kTilesDouble,
          &baseline::kTilesFloat,
          &baseline::kImageRowsDouble,
          &baseline::kImageRowsFloat,
          &baseline::kSmoLanes,
          &baseline::kDotLanes};
#elif defined(__aarch64__)
  return {"neon",
          &baseline::kLanesDouble,
          &baseline::kLanesFloat,
          &baseline::kImageLanesDouble,
          &baseline::kImageLanesFloat,
          &baseline::kTilesDouble,
          &baseline::kTilesFloat,
          &baseline::kImageRowsDouble,
          &baseline::kImageRowsFloat,
          &baseline::kSmoLanes,
          &baseline::kDotLanes};
#else
  return {"baseline",
          &baseline::kLanesDouble,
          &baseline::kLanesFloat,
          &baseline::kImageLanesDouble,
          &baseline::kImageLanesFloat,
          &baseline::kTilesDouble,
          &baseline::kTilesFloat,
          &baseline::kImageRowsDouble,
          &baseline::kImageRowsFloat,
          &baseline::kSmoLanes,
          &baseline::kDotLanes};
#endif
}

const Choice& choice() {
  static const Choice chosen = choose();
  return chosen;
}

}  // namespace

const char* simd_path() { return choice().name; }

template <>
const LaneTable<double>& lanes<double>() {
  return *choice().of_double;
}

template <>
const LaneTable<float>& lanes<float>() {
  return *choice().of_float;
}

template <>
const ImageLaneTable<double>& image_lanes<double>() {
  return *choice().images_of_double;
}

template <>
const ImageLaneTable<float>& image_lanes<float>() {
  return *choice().images_of_float;
}

template <>
const TileTable<double>& tile_lanes<double>() {
  return *choice().tiles_of_double;
}

template <>
const TileTable<float>& tile_lanes<float>() {
  return *choice().tiles_of_float;
}

template <>
const ImageRowTable<double>& image_rows<double>() {
  return *choice().rows_of_double;
}

template <>
const ImageRowTable<float>& image_rows<float>() {
  return *choice().rows_of_float;
}

const SmoLanes& smo_lanes() { return *choice().smo; }

const DotLanes& dot_lanes() { return *choice().dots; }

}  // namespace resgram::core
