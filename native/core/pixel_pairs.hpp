// Pairs of pixels as a reverse pass keeps them.                                                            [image-gradient]
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace resgram::core {

// Correlations as (1 − |ρ|)/2 with their sign, and the tangent kernel as it is.
struct PixelPairs {
  std::vector<double> m, t;
  std::vector<char> acute;
  void resize(std::size_t count) {
    m.resize(count);
    t.resize(count);
    acute.resize(count);
  }
};

// m of pairs that may be parallel but for rounding.
inline constexpr double kParallel = 0x1p-90;

inline double covariance(const PixelPairs& pairs, std::size_t at, double qx, double qz) {
  const double size = std::sqrt(qx) * std::sqrt(qz) * (1 - 2 * pairs.m[at]);
  return pairs.acute[at] != 0 ? size : -size;
}

// Both complements of a sum of independent terms, each a correlation between two shares of the roots of the variances:
// 1 ∓ ρ = Σ c_x c_z (1 ∓ ρ) + ½ Σ (c_x − c_z)².                                                        [patch]
struct Complements {
  double lower = 0, upper = 0;
  void add(double cx, double cz, double m, bool acute) {
    const double apart = 0.25 * (cx - cz) * (cx - cz), both = cx * cz;
    lower += both * (acute ? m : 1 - m) + apart;
    upper += both * (acute ? 1 - m : m) + apart;
  }
  void write(PixelPairs& pairs, std::size_t at) const {
    pairs.acute[at] = lower <= upper ? 1 : 0;
    const double m = std::min(lower, upper);
    pairs.m[at] = m < kParallel ? 0 : m;
  }
};

inline void without_direction(PixelPairs& pairs, std::size_t at) {
  pairs.m[at] = 0.5;
  pairs.acute[at] = 1;
}

}  // namespace resgram::core
