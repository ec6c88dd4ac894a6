// The steps that only images have, as loops over lanes: pixel j of one image x against pixel j′ of several images z. Pairs
// are carried as in lanes.hpp, but t is absolute: T(x,z) in units of powers of two per image (image_own.hpp).
#pragma once

#include <cstddef>

#include "lanes.hpp"

namespace resgram::core {

// One tap of a filter: the pairs it reads, the amplitude √Q of its pixel of x, and those of its pixels of z. Where one of
// the two images ends before the tap, the amplitude and t there are zero.
template <class Real>
struct FilterTap {
  Planes<Real> pairs;
  Real x;
  const Real* z;
};

template <class Real>
struct ImageLaneTable {
  // Correlation of unit vectors: x has `channels` numbers, z channels × lanes.                           [small-angle]
  void (*correlate)(const Real* x, const Real* z, std::size_t channels, std::size_t lanes, MutablePlanes<Real> out);
  // The sum of independent taps, `inverse` being the reciprocal amplitudes of the sum.                          [patch]
  void (*filter)(const FilterTap<Real>* taps, std::size_t count, std::size_t lanes, Factor<Real> inverse,
                 MutablePlanes<Real> out);
  // covariance += a ρ, tangent += t, and where `gap` is given, gap += √E(f_x − f_z)².                      [image-average]
  void (*collect)(std::size_t lanes, Planes<Real> in, Factor<Real> a, Real* covariance, Real* tangent, Real* gap);
  // covariance += c ρ, lower += c (1 − ρ)/2 + d²/4, upper += c (1 + ρ)/2 + d²/4 with d = c_x − c_z, tangent += t. [patch]
  void (*collect_independent)(std::size_t lanes, Planes<Real> in, Factor<Real> c, Real* covariance, Real* lower,
                              Real* upper, Real* tangent);
};

template <class Real>
const ImageLaneTable<Real>& image_lanes();

}  // namespace resgram::core
