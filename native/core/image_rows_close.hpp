// Part of image_rows_body.hpp, inside its namespace: the end of a pass.

// Where the sums of w are less than this share of those of d, the difference below has lost digits.
template <class Real>
inline constexpr Real kCloseShare = sizeof(Real) == 8 ? Real(0x1p-10) : Real(0x1p-7);

// The shortcut: none, one that is added as it is, or one with factors.
enum class Saved { none, unit, scaled };

// What sums over taps and the shortcut leave of one pair, before it is divided by S′.
template <class Real>
struct Closing {
  Real w, v, d, t;
};

template <bool kLanesOfX, Saved kSaved, bool kBoth, std::size_t kTaps, class Real>
[[gnu::always_inline]] inline Closing<Real> closing(const CloseRow<Real>& row, const CloseForm<Real>& form,
                                                    std::size_t i, std::size_t j) {
  constexpr std::size_t kLanes = kImageLanes<Real>, kNumbers = sum_numbers(kBoth);
  const std::size_t n = kTaps == 0 ? row.taps : kTaps, at = i * kNumbers * kLanes + j;
  const Real* first = row.rows[0];
  Real w = first[at], d = first[at + kLanes], t = first[at + 2 * kLanes], v = 0;
  if constexpr (kBoth) v = first[at + 3 * kLanes];
#pragma GCC unroll 8
  for (std::size_t tap = 1; tap < n; ++tap) {
    const Real* next = row.rows[tap];
    w = w + next[at];
    d = d + next[at + kLanes];
    t = t + next[at + 2 * kLanes];
    if constexpr (kBoth) v = v + next[at + 3 * kLanes];
  }
  if constexpr (kSaved == Saved::none) return {form.gamma * w, form.gamma * v, form.gamma * d, form.phi * t};
  const std::size_t pixel = i * kAmplitudeNumbers, pair_at = i * kPairNumbers * kLanes + j;
  const Real p = row.of_saved.x[kLanesOfX ? pixel * kLanes + j : pixel], q = row.of_saved.z[pixel * kLanes + j];
  const Opened<Real> pair(row.saved[pair_at]);
  constexpr bool kUnit = kSaved == Saved::unit;
  const Real size = p * q, kept = kUnit ? size : form.keep * size, gap = p - q;
  const Real saved_t = row.saved[pair_at + kLanes];
  Closing<Real> sum{};
  sum.w = fma(kept, pair.w(), form.gamma * w);
  if constexpr (kBoth) sum.v = fma(kept, pair.v(), form.gamma * v);
  sum.d = fma(kUnit ? gap : form.keep * gap, gap, form.gamma * d);
  if constexpr (kUnit) {
    sum.t = fma(form.phi, t, saved_t);
  } else {
    sum.t = fma(form.keep_t, saved_t, fma(form.keep_k * size, pair.rho(), form.phi * t));
  }
  return sum;
}

// ¼ Σ (c_x − c_z)² over taps and shortcut, from the unit vectors c themselves.                                   [patch]
template <bool kLanesOfX, class Real>
[[gnu::noinline]] void exact_excess(const CloseRow<Real>& row, const CloseForm<Real>& form, std::size_t i,
                                    Real* excess) {
  constexpr std::size_t kLanes = kImageLanes<Real>, kOfX = kLanesOfX ? kLanes : 1;
  const std::size_t at = i * kAmplitudeNumbers;
  const Real *inverse_x = row.of_out.x + (at + 1) * kOfX, *inverse_z = row.of_out.z + (at + 1) * kLanes;
  for (std::size_t j = 0; j < kLanes; ++j) excess[j] = Real(0);
  const auto take = [&](const Real* x, const Real* z, Real weight) __attribute__((always_inline)) {
    for (std::size_t j = 0; j < kLanes; ++j) {
      const Real left = x == nullptr ? Real(0) : x[kLanesOfX ? j : 0] * inverse_x[kLanesOfX ? j : 0];
      const Real right = z == nullptr ? Real(0) : z[j] * inverse_z[j];
      const Real gap = left - right;
      excess[j] = excess[j] + (Real(0.25) * weight) * (gap * gap);
    }
  };
  for (std::size_t tap = 0; tap < row.taps; ++tap)
    for (std::size_t c = 0; c < row.columns; ++c) {
      const int column = row.first[i] + static_cast<int>(c);
      const int row_x = row.rows_x[tap], column_x = row.columns_x[column];
      const int row_z = row.rows_z[tap], column_z = row.columns_z[column];
      const auto pixel = [&](int y, int x) {
        return (static_cast<std::size_t>(y) * row.width + static_cast<std::size_t>(x)) * kAmplitudeNumbers;
      };
      const bool in_x = row_x >= 0 && column_x >= 0, in_z = row_z >= 0 && column_z >= 0;
      take(in_x ? row.below.x + pixel(row_x, column_x) * kOfX : nullptr,
           in_z ? row.below.z + pixel(row_z, column_z) * kLanes : nullptr, form.gamma);
    }
  if (form.saved) take(row.of_saved.x + at * kOfX, row.of_saved.z + at * kLanes, form.keep);
}

// With S′ = √(Q′_x Q′_z):  S′ (1 − ρ′)/2 = Σ S (1 − ρ)/2 + ¼ (Σ (√Q_x − √Q_z)² − (√Q′_x − √Q′_z)²)              [image-rows]
template <class Real>
struct Closed {
  Real w, v, margin, inverse;  // margin < 0: the difference has lost digits
};

template <bool kLanesOfX, bool kBoth, class Real>
[[gnu::always_inline]] inline Closed<Real> closed(const CloseRow<Real>& row, const Closing<Real>& sum, std::size_t i,
                                                  std::size_t j) {
  constexpr std::size_t kLanes = kImageLanes<Real>, kOfX = kLanesOfX ? kLanes : 1;
  const std::size_t at = i * kAmplitudeNumbers, of_x = at * kOfX + (kLanesOfX ? j : 0), of_z = at * kLanes + j;
  const Real gap = row.of_out.x[of_x] - row.of_out.z[of_z];
  const Real inverse = row.of_out.x[of_x + kOfX] * row.of_out.z[of_z + kLanes];
  const Real excess = fma(-gap, gap, sum.d);
  const Real low = fma(Real(0.25), excess, sum.w);
  Real least = low, v = 0;
  if constexpr (kBoth) {
    const Real high = fma(Real(0.25), excess, sum.v);
    least = high < low ? high : low;
    v = high * inverse;
  }
  const Real w = low * inverse;
  if constexpr (!kBoth) v = Real(1) - w;
  return {w, v, fma(-kCloseShare<Real>, sum.d, least) * inverse, inverse};
}

// Pixels whose vectors c all but agree, though their lengths do not, again with the excess that does not cancel.
template <bool kLanesOfX, Saved kSaved, bool kBoth, class Real>
[[gnu::noinline]] void close_again(const CloseRow<Real>& row, const CloseForm<Real>& form) {
  constexpr std::size_t kLanes = kImageLanes<Real>;
  for (std::size_t i = 0; i < row.count; ++i) {
    Closing<Real> sums[kLanes];
    Closed<Real> pairs[kLanes];
    bool any = false;
    for (std::size_t j = 0; j < kLanes; ++j) {
      sums[j] = closing<kLanesOfX, kSaved, kBoth, 0>(row, form, i, j);
      pairs[j] = closed<kLanesOfX, kBoth>(row, sums[j], i, j);
      any = any || pairs[j].margin < Real(0);
    }
    if (!any) continue;
    Real excess[kLanes];
    exact_excess<kLanesOfX>(row, form, i, excess);
    for (std::size_t j = 0; j < kLanes; ++j) {
      if (!(pairs[j].margin < Real(0))) continue;
      const Real w = fma(sums[j].w, pairs[j].inverse, excess[j]);
      const Real v = kBoth ? fma(sums[j].v, pairs[j].inverse, excess[j]) : Real(1) - w;
      row.out[i * kPairNumbers * kLanes + j] = signed_complement(w, v);
    }
  }
}

template <bool kLanesOfX, Saved kSaved, bool kBoth, std::size_t kTaps, class Real>
void close_row(const CloseRow<Real>& given, const CloseForm<Real>& given_form) {
  constexpr std::size_t kLanes = kImageLanes<Real>;
  const CloseRow<Real> row = given;
  const CloseForm<Real> form = given_form;
  Real lowest[kLanes];
  for (std::size_t j = 0; j < kLanes; ++j) lowest[j] = Real(0);
  for (std::size_t i = 0; i < row.count; ++i) {
    Real* __restrict out = row.out + i * kPairNumbers * kLanes;
    RESGRAM_LANES
    for (std::size_t j = 0; j < kLanes; ++j) {
      const Closing<Real> sum = closing<kLanesOfX, kSaved, kBoth, kTaps>(row, form, i, j);
      const Closed<Real> pair = closed<kLanesOfX, kBoth>(row, sum, i, j);
      lowest[j] = pair.margin < lowest[j] ? pair.margin : lowest[j];
      out[j] = signed_complement(pair.w, pair.v);
      out[kLanes + j] = sum.t;
    }
  }
  bool again = false;
  for (std::size_t j = 0; j < kLanes; ++j) again = again || lowest[j] < Real(0);
  if (again) close_again<kLanesOfX, kSaved, kBoth>(row, form);
}

template <bool kLanesOfX, Saved kSaved, bool kBoth, class Real>
void close_row(const CloseRow<Real>& row, const CloseForm<Real>& form) {
  if (row.taps == 3) return close_row<kLanesOfX, kSaved, kBoth, 3>(row, form);
  if (row.taps == 1) return close_row<kLanesOfX, kSaved, kBoth, 1>(row, form);
  close_row<kLanesOfX, kSaved, kBoth, 0>(row, form);
}

template <bool kLanesOfX, class Real>
void close_row(const CloseRow<Real>& row, const CloseForm<Real>& form) {
  const auto with = [&]<Saved kSaved>() {
    form.both ? close_row<kLanesOfX, kSaved, true>(row, form) : close_row<kLanesOfX, kSaved, false>(row, form);
  };
  if (!form.saved) return with.template operator()<Saved::none>();
  if (form.keep == 1 && form.keep_t == 1 && form.keep_k == 0) return with.template operator()<Saved::unit>();
  with.template operator()<Saved::scaled>();
}

template <class Real>
void close_row(bool lanes_of_x, const CloseRow<Real>& row, const CloseForm<Real>& form) {
  lanes_of_x ? close_row<true>(row, form) : close_row<false>(row, form);
}
