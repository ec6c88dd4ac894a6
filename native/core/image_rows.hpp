// Fused steps of homogeneous networks on images, row by row of a displacement line: an activation, a box along a row, the
// box across rows with the shortcut, and a pooled head. Loops over lanes, compiled once per instruction set.
//
// A pair of pixels, functions f of x and g of z with p = √Q_x, q = √Q_z, is squared distances and T:              [image-rows]
//   between passes   X = |f − g|² − (p − q)² = 2pq (1 − ρ), T     and where pairs may be opposite Y = 2pq (1 + ρ)
//   inside of one    U = |f − g|², T                              and where it is wanted         V = |f + g|²
// The latter are sums over taps and shortcuts as they stand. Numbers lie side by side: position, then number, then lane.
// So do the amplitudes of a pixel, √Q and 1/√Q (image_amplitudes.hpp).
#pragma once

#include <cstddef>

namespace resgram::core {

// Images side by side: one vector of the widest set.
template <class Real>
inline constexpr std::size_t kImageLanes = 64 / sizeof(Real);

inline constexpr std::size_t kAmplitudeNumbers = 2;  // √Q, 1/√Q
// X, T, then Y; U, T, then V.
constexpr std::size_t pair_numbers(bool both) { return both ? 3 : 2; }

// Amplitudes from some pixel on: of one image x, or, on a side of several images, of each lane.
template <class Real>
struct Amplitudes {
  const Real* x;
  const Real* z;
};

// What an activation (or none) makes of a row: U, T and V of single pairs. T becomes κ0 (T + a K) + b K′, up to the gain,
// which comes with the box. `from_both`, `both`: is there a Y in what is read, a V in what is written?
template <class Real>
struct LiftForm {
  bool relu, from_both, both;
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

// The end of a pass: sums across rows, the shortcut, and what lengths leave.
template <class Real>
struct CloseForm {
  Real gamma, phi;            // of U, V and of T
  Real keep, keep_t, keep_k;  // shortcut: K of it; T of it, K of it in T
  bool saved, saved_both, both;
};

template <class Real>
struct CloseRow {
  std::size_t count;
  std::size_t taps;                // rows summed,
  const Real* rows[kMostRowTaps];  // each at the first position
  const Real* saved;               // pairs of the shortcut
  Amplitudes<Real> of_saved, of_out;
  Real* out;
};

// Where the taps of position k lie in the grid below, of which `below` are the amplitudes. Outside of an image: −1.
template <class Real>
struct TapPlaces {
  Amplitudes<Real> below;
  std::size_t width;
  const int *rows_x, *rows_z;        // of the taps across rows
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
  bool both;
  Amplitudes<Real> amplitudes;
  double weight;                 // times: 1, or 2 where a line stands for its mirror image as well
  double *covariance, *tangent;  // kSumParts × lanes each
};

// `lanes_of_x`: x has as many images as z, and lane meets lane.
template <class Real>
struct ImageRowTable {
  // X, T = 0 and Y from unit vectors, channels × lanes numbers per pixel. The least |u ± v|² of all.        [small-angle]
  Real (*measure)(bool lanes_of_x, const Real* x, const Real* z, Amplitudes<Real> amplitudes, std::size_t channels,
                  std::size_t count, Real* pairs);
  void (*lift)(bool lanes_of_x, const LiftRow<Real>& row, const LiftForm<Real>& form);
  // X and Y behind the activation in place of U and V: what `close_again` sums.
  void (*lift_apart)(bool lanes_of_x, const LiftRow<Real>& row, const LiftForm<Real>& form);
  // U, T and V of a pixel of one image that meets none of the other; null for the image that has none.
  void (*lone)(bool lanes_of_x, Amplitudes<Real> amplitudes, bool both, Real* sums);
  // out[k] = in[k step] + … of `taps` neighbours, for `count` positions of `numbers` numbers.
  void (*box)(const Real* in, std::size_t count, std::size_t numbers, std::size_t taps, std::size_t step, Real* out);
  // True where lengths leave so little of a distance that it has lost digits,
  bool (*close)(bool lanes_of_x, const CloseRow<Real>& row, const CloseForm<Real>& form);
  // which mends those pairs. `row` has the sums of `lift_apart`.
  void (*close_again)(bool lanes_of_x, const CloseRow<Real>& row, const TapPlaces<Real>& places,
                      const CloseForm<Real>& form);
  void (*read)(bool lanes_of_x, const ReadRow<Real>& row, const SumForm& covariance, const SumForm& tangent);
  // Back to ρ and m, and t; one image against lanes.
  void (*open)(std::size_t count, const Real* pairs, bool both, Amplitudes<Real> amplitudes, Real* rho, Real* m,
               Real* t);
};

template <class Real>
const ImageRowTable<Real>& image_rows();

}  // namespace resgram::core
