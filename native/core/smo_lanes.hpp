// The two passes over the samples that an iteration of SMO consists of, compiled once per instruction set. Arrays are
// padded to a multiple of kColumnPadding with samples that no direction is open to.
#pragma once

#include <cstddef>

namespace resgram::core {

// A value and the first place where it stands.
struct Peak {
  double value;
  std::size_t index;
};

// Samples of which β may still grow (`grow` 0, else −∞) or shrink (`drop` 0, else −∞).
struct Openings {
  const double* grow;
  const double* drop;
};

struct SmoLanes {
  // f += delta (ki − kj). Returns max (grow − f), and in `lowest` max (drop + f).                              [smo]
  Peak (*move)(std::size_t count, double delta, const double* ki, const double* kj, double* f, Openings open,
               double* lowest);
  // max b²/a over b = top + f + drop > 0 with a = own + diagonal − 2 ki, at least kLeastCurvature; −1 where there is none.
  Peak (*partner)(std::size_t count, double top, double own, const double* ki, const double* diagonal, const double* f,
                  const double* drop);
  // f += scale k
  void (*add)(std::size_t count, double scale, const double* k, double* f);
};

// Of a direction that costs nothing, equal samples: steps along it end at a bound.
inline constexpr double kLeastCurvature = 1e-12;

const SmoLanes& smo_lanes();

}  // namespace resgram::core
