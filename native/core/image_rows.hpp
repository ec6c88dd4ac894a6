// Fused steps of homogeneous networks on images, row by row of a displacement line: an activation, a box along a row, the
// box across rows with the shortcut, and a pooled head. Loops over lanes, compiled once per instruction set.
//
// Between them a pair of pixels is two numbers, y then t:                                                    [image-rows]
//   y   the smaller complement with a sign: (1 − ρ)/2 where that is at most ½, else −((1 + ρ)/2 + kLeast), never 0
//   t   T(x,z), absolute
// and inside of a pass sums that are linear in the pairs of pixels below, with S = √(Q_x Q_z):
//   w   S (1 − ρ)/2        d   (√Q_x − √Q_z)²        t   T        and where it is wanted v   S (1 + ρ)/2
// none of which cancels. They lie side by side: position, then number, then lane. So do the amplitudes of a pixel, √Q and
// 1/√Q (image_amplitudes.hpp).
#pragma once

#include <cstddef>

namespace resgram::core {

// Images side by side: one vector of the widest set.
template <class Real>
inline constexpr std::size_t kImageLanes = 64 / sizeof(Real);

inline constexpr std::size_t kPairNumbers = 2;       // y, t
inline constexpr std::size_t kAmplitudeNumbers = 2;  // √Q, 1/√Q
constexpr std::size_t sum_numbers(bool both) { return both ? 4 : 3; }

// Amplitudes from some pixel on: of one image x, or, on a side of several images, of each lane.
template <class Real>
struct Amplitudes {
  const Real* x;
  const Real* z;
};

// What an activation (or none) makes of a row: sums of single pairs. t becomes κ0 (t + a K) + b K′ with K′ = S ρ′, up to
// the gain, which comes with the box.
template <class Real>
struct LiftForm {
  bool relu, both;
  double slope;
  Real a, b;
};

template <class Real>
struct LiftRow {
  std::size_t count;
  const Real* pairs;
  Amplitudes<Real> amplitudes;
  Real* sums;
};

// Largest filter, on either axis, that the row steps take.
inline constexpr std::size_t kMostRowTaps = 15;

// The end of a pass: sums across rows, the shortcut, and back to complements.
template <class Real>
struct CloseForm {
  Real gamma, phi;            // of w, d, v and of t
  Real keep, keep_t, keep_k;  // shortcut: K of it; t of it, K of it in t
  bool saved, both;
};

template <class Real>
struct CloseRow {
  std::size_t count;
  std::size_t taps;                // rows summed,
  const Real* rows[kMostRowTaps];  // each at the first position
  const Real* saved;               // pairs of the shortcut
  Amplitudes<Real> of_saved, of_out;
  Real* out;
  // For pixels whose patches are all but parallel: amplitudes below, and where each tap of position k reads them. A tap
  // outside of an image is −1.
  Amplitudes<Real> below;
  std::size_t width;
  const int *rows_x, *rows_z;        // of the `taps` rows
  const int *columns_x, *columns_z;  // of position k: `columns` numbers from first[k] on
  const int* first;
  std::size_t columns;
};

// Sums that do not depend on their order: each number is cut at fixed places, and the parts add up exactly.
inline constexpr std::size_t kSumParts = 3;
struct SumForm {
  double cut[kSumParts];  // 1.5 · 2^52 units of the part
};

template <class Real>
struct ReadRow {
  std::size_t count;
  const Real* pairs;
  Amplitudes<Real> amplitudes;
  double weight;                 // times: 1, or 2 where a line stands for its mirror image as well
  double *covariance, *tangent;  // kSumParts × lanes each
};

// `lanes_of_x`: x has as many images as z, and lane meets lane.
template <class Real>
struct ImageRowTable {
  // y of unit vectors, channels × lanes numbers per pixel, and t = 0. The smallest complement of all.    [small-angle]
  Real (*measure)(bool lanes_of_x, const Real* x, const Real* z, std::size_t channels, std::size_t count, Real* pairs);
  void (*lift)(bool lanes_of_x, const LiftRow<Real>& row, const LiftForm<Real>& form);
  // Sums of a pixel of one image that meets none of the other; null for the image that has none.
  void (*lone)(bool lanes_of_x, Amplitudes<Real> amplitudes, bool both, Real* sums);
  // out[k] = in[k step] + … of `taps` neighbours, for `count` positions of `numbers` numbers.
  void (*box)(const Real* in, std::size_t count, std::size_t numbers, std::size_t taps, std::size_t step, Real* out);
  void (*close)(bool lanes_of_x, const CloseRow<Real>& row, const CloseForm<Real>& form);
  void (*read)(bool lanes_of_x, const ReadRow<Real>& row, const SumForm& covariance, const SumForm& tangent);
  // Back to ρ and m, and t.
  void (*open)(std::size_t count, const Real* pairs, Real* rho, Real* m, Real* t);
};

template <class Real>
const ImageRowTable<Real>& image_rows();

}  // namespace resgram::core
