// Part of image_rows_body.hpp, inside its namespace: the end of a pass.

// Where less than this share of (p′ − q′)² is left of a distance, the difference has lost digits.
template <class Real>
inline constexpr Real kCloseShare = sizeof(Real) == 8 ? Real(0x1p-8) : Real(0x1p-5);

// The shortcut: none, one that is added as it is, or one with factors.
enum class Saved { none, unit, scaled };

// Lane j of the amplitudes √Q of pixel i.
template <bool kLanesOfX, class Real>
struct Sizes {
  Real p, q;
  [[gnu::always_inline]] Sizes(const Amplitudes<Real>& of, std::size_t i, std::size_t j) {
    constexpr std::size_t kLanes = kImageLanes<Real>;
    const std::size_t at = i * kAmplitudeNumbers;
    p = of.x[kLanesOfX ? at * kLanes + j : at];
    q = of.z[at * kLanes + j];
  }
};

template <std::size_t kTaps, class Real>
[[gnu::always_inline]] inline Real sum_rows(const CloseRow<Real>& row, std::size_t at) {
  const std::size_t n = kTaps == 0 ? row.taps : kTaps;
  Real sum = row.rows[0][at];
#pragma GCC unroll 8
  for (std::size_t tap = 1; tap < n; ++tap) sum = sum + row.rows[tap][at];
  return sum;
}

// < 0 where the lesser of X′ and Y′ has lost digits.
template <bool kBoth, class Real>
[[gnu::always_inline]] inline Real margin(Real near, Real far, Real gap) {
  return fma(-kCloseShare<Real> * gap, gap, kBoth && far < near ? far : near);
}

// With S′ = p′q′:  X′ = Σ |f − g|² − (p′ − q′)², Y′ = Σ |f + g|² − (p′ − q′)²                               [image-rows]
template <bool kLanesOfX, Saved kSaved, bool kBoth, std::size_t kTaps, class Real>
bool close_row(const CloseRow<Real>& given, const CloseForm<Real>& given_form) {
  constexpr std::size_t kLanes = kImageLanes<Real>, kNumbers = pair_numbers(kBoth);
  const CloseRow<Real> row = given;
  const CloseForm<Real> form = given_form;
  const std::size_t saved_numbers = pair_numbers(form.saved_both);
  Real lowest[kLanes];
  for (std::size_t j = 0; j < kLanes; ++j) lowest[j] = Real(0);
  for (std::size_t i = 0; i < row.count; ++i) {
    Real* __restrict out = row.out + i * kNumbers * kLanes;
    RESGRAM_LANES
    for (std::size_t j = 0; j < kLanes; ++j) {
      const std::size_t at = i * kNumbers * kLanes + j;
      Real near = form.gamma * sum_rows<kTaps>(row, at), t = form.phi * sum_rows<kTaps>(row, at + kLanes), far = 0;
      if constexpr (kBoth) far = form.gamma * sum_rows<kTaps>(row, at + 2 * kLanes);
      if constexpr (kSaved != Saved::none) {
        const Real* pair = row.saved + i * saved_numbers * kLanes;
        const Sizes<kLanesOfX, Real> of(row.of_saved, i, j);
        const Real gap = of.p - of.q, size = of.p * of.q, saved = pair[j], saved_t = pair[kLanes + j];
        const Real apart = fma(gap, gap, saved);
        near = kSaved == Saved::unit ? near + apart : fma(form.keep, apart, near);
        if constexpr (kBoth) {
          const Real saved_far = form.saved_both ? pair[2 * kLanes + j] : fma(Real(4), size, -saved);
          far = fma(form.keep, fma(gap, gap, saved_far), far);
        }
        t = kSaved == Saved::unit ? t + saved_t
                                  : fma(form.keep_t, saved_t, fma(form.keep_k, fma(Real(-0.5), saved, size), t));
      }
      const Sizes<kLanesOfX, Real> of(row.of_out, i, j);
      const Real gap = of.p - of.q;
      near = fma(-gap, gap, near);
      if constexpr (kBoth) far = fma(-gap, gap, far);
      const Real left = margin<kBoth>(near, far, gap);
      lowest[j] = left < lowest[j] ? left : lowest[j];
      out[j] = near;
      out[kLanes + j] = t;
      if constexpr (kBoth) out[2 * kLanes + j] = far;
    }
  }
  unsigned again = 0;
  RESGRAM_LANES
  for (std::size_t j = 0; j < kLanes; ++j) again |= lowest[j] < Real(0) ? 1U : 0U;
  return again != 0;
}

template <bool kLanesOfX, Saved kSaved, bool kBoth, class Real>
bool close_row(const CloseRow<Real>& row, const CloseForm<Real>& form) {
  if (row.taps == 3) return close_row<kLanesOfX, kSaved, kBoth, 3>(row, form);
  if (row.taps == 1) return close_row<kLanesOfX, kSaved, kBoth, 1>(row, form);
  return close_row<kLanesOfX, kSaved, kBoth, 0>(row, form);
}

template <bool kLanesOfX, class Real>
bool close_row(const CloseRow<Real>& row, const CloseForm<Real>& form) {
  const auto with = [&]<Saved kSaved>() {
    return form.both ? close_row<kLanesOfX, kSaved, true>(row, form) : close_row<kLanesOfX, kSaved, false>(row, form);
  };
  if (!form.saved) return with.template operator()<Saved::none>();
  if (form.keep == 1 && form.keep_t == 1 && form.keep_k == 0) return with.template operator()<Saved::unit>();
  return with.template operator()<Saved::scaled>();
}

template <class Real>
bool close_row(bool lanes_of_x, const CloseRow<Real>& row, const CloseForm<Real>& form) {
  return lanes_of_x ? close_row<true>(row, form) : close_row<false>(row, form);
}

// S′ Σ (c_x − c_z)² over taps and shortcut, from the unit vectors c of lengths themselves.                      [patch]
template <bool kLanesOfX, class Real>
void exact_excess(const CloseRow<Real>& row, const TapPlaces<Real>& places, const CloseForm<Real>& form, std::size_t i,
                  Real* excess) {
  constexpr std::size_t kLanes = kImageLanes<Real>, kOfX = kLanesOfX ? kLanes : 1;
  const std::size_t at = i * kAmplitudeNumbers;
  Real inverse_x[kOfX], inverse_z[kLanes];
  for (std::size_t j = 0; j < kOfX; ++j) inverse_x[j] = row.of_out.x[(at + 1) * kOfX + j];
  for (std::size_t j = 0; j < kLanes; ++j) inverse_z[j] = row.of_out.z[(at + 1) * kLanes + j];
  for (std::size_t j = 0; j < kLanes; ++j) excess[j] = Real(0);
  const auto take = [&](const Real* x, const Real* z, Real weight) __attribute__((always_inline)) {
    Real left[kOfX];
    for (std::size_t j = 0; j < kOfX; ++j) left[j] = x == nullptr ? Real(0) : x[j] * inverse_x[j];
    const Real present = z == nullptr ? Real(0) : Real(1);
    const Real* right = z == nullptr ? inverse_z : z;
    RESGRAM_LANES
    for (std::size_t j = 0; j < kLanes; ++j) {
      const Real gap = left[kLanesOfX ? j : 0] - (present * right[j]) * inverse_z[j];
      excess[j] = excess[j] + weight * (gap * gap);
    }
  };
  for (std::size_t tap = 0; tap < row.taps; ++tap)
    for (std::size_t c = 0; c < places.columns; ++c) {
      const int column = places.first[i] + static_cast<int>(c);
      const int row_x = places.rows_x[tap], column_x = places.columns_x[column];
      const int row_z = places.rows_z[tap], column_z = places.columns_z[column];
      const auto pixel = [&](int y, int x) {
        return (static_cast<std::size_t>(y) * places.width + static_cast<std::size_t>(x)) * kAmplitudeNumbers;
      };
      const bool in_x = row_x >= 0 && column_x >= 0, in_z = row_z >= 0 && column_z >= 0;
      take(in_x ? places.below.x + pixel(row_x, column_x) * kOfX : nullptr,
           in_z ? places.below.z + pixel(row_z, column_z) * kLanes : nullptr, form.gamma);
    }
  if (form.saved) take(row.of_saved.x + at * kOfX, row.of_saved.z + at * kLanes, form.keep);
  for (std::size_t j = 0; j < kLanes; ++j)
    excess[j] = row.of_out.x[at * kOfX + (kLanesOfX ? j : 0)] * row.of_out.z[at * kLanes + j] * excess[j];
}

// Pixels whose vectors c all but agree, though their lengths do not, again with the excess that does not cancel.
template <bool kLanesOfX, class Real>
void close_again(const CloseRow<Real>& row, const TapPlaces<Real>& places, const CloseForm<Real>& form) {
  constexpr std::size_t kLanes = kImageLanes<Real>;
  const std::size_t numbers = pair_numbers(form.both), saved_numbers = pair_numbers(form.saved_both);
  for (std::size_t i = 0; i < row.count; ++i) {
    Real* out = row.out + i * numbers * kLanes;
    Real left[kLanes];
    bool any = false;
    for (std::size_t j = 0; j < kLanes; ++j) {
      const Sizes<kLanesOfX, Real> of(row.of_out, i, j);
      left[j] = form.both ? margin<true>(out[j], out[2 * kLanes + j], of.p - of.q)
                          : margin<false>(out[j], Real(0), of.p - of.q);
      any = any || left[j] < Real(0);
    }
    if (!any) continue;
    Real excess[kLanes];
    exact_excess<kLanesOfX>(row, places, form, i, excess);
    const Real* saved = form.saved ? row.saved + i * saved_numbers * kLanes : nullptr;
    for (std::size_t j = 0; j < kLanes; ++j) {
      if (!(left[j] < Real(0))) continue;
      const std::size_t at = i * numbers * kLanes + j;
      const Real near = saved == nullptr ? Real(0) : saved[j];
      out[j] = excess[j] + fma(form.keep, near, form.gamma * sum_rows<0>(row, at));
      if (!form.both) continue;
      Real far = 0;
      if (form.saved_both) {
        far = saved[2 * kLanes + j];
      } else if (form.saved) {
        const Sizes<kLanesOfX, Real> of(row.of_saved, i, j);
        far = Real(4) * of.p * of.q - near;
      }
      out[2 * kLanes + j] = excess[j] + fma(form.keep, far, form.gamma * sum_rows<0>(row, at + 2 * kLanes));
    }
  }
}

template <class Real>
void close_again(bool lanes_of_x, const CloseRow<Real>& row, const TapPlaces<Real>& places,
                 const CloseForm<Real>& form) {
  lanes_of_x ? close_again<true>(row, places, form) : close_again<false>(row, places, form);
}
