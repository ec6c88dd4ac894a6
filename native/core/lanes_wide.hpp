// Sums of twice the digits of a double over many nodes; part of lanes_body.hpp.                                    [wide]
// Eight sums side by side, whatever the instruction set: their order, hence the result, is always the same.

inline constexpr std::size_t kWideLanes = 8;

struct WidePart {
  double high, low;
};

[[gnu::always_inline]] inline WidePart wide_product(WidePart a, WidePart b) {
  const double product = a.high * b.high;
#if RESGRAM_FMA
  const double error = __builtin_fma(a.high, b.high, -product);
#else
  // Dekker: halves of 26 digits multiply exactly.
  constexpr double kSplit = 134217729.0;
  const double ca = kSplit * a.high, ah = ca - (ca - a.high), al = a.high - ah;
  const double cb = kSplit * b.high, bh = cb - (cb - b.high), bl = b.high - bh;
  const double error = ((ah * bh - product) + ah * bl + al * bh) + al * bl;
#endif
  const double low = error + (a.high * b.low + a.low * b.high);
  const double high = product + low;
  return {high, low - (high - product)};
}

[[gnu::always_inline]] inline WidePart wide_sum(WidePart a, WidePart b) {
  const double s = a.high + b.high, t = s - a.high;
  const double e = (a.high - (s - t)) + (b.high - t);
  const double u = a.low + b.low, v = u - a.low;
  const double f = (a.low - (u - v)) + (b.low - v);
  const double first = e + u, high = s + first;
  const double low = (first - (high - s)) + f;
  const double sum = high + low;
  return {sum, low - (sum - high)};
}

// before ← a x p − b before.
inline void wide_recurrence(std::size_t count, const double* a, const double* b, const double* x_high,
                            const double* x_low, const double* p_high, const double* p_low, double* before_high,
                            double* before_low) {
  const WidePart first{a[0], a[1]}, second{-b[0], -b[1]};
  RESGRAM_INDEPENDENT
  for (std::size_t i = 0; i < count; ++i) {
    const WidePart xp = wide_product({x_high[i], x_low[i]}, {p_high[i], p_low[i]});
    const WidePart next = wide_sum(wide_product(first, xp), wide_product(second, {before_high[i], before_low[i]}));
    before_high[i] = next.high;
    before_low[i] = next.low;
  }
}

// sums[j] and sums[8 + j] += Σ f p over i ≡ j modulo 8, high and low parts; count is a multiple of 8.
inline void wide_dot(std::size_t count, const double* f_high, const double* f_low, const double* p_high,
                     const double* p_low, double* sums) {
  double high[kWideLanes], low[kWideLanes];
  for (std::size_t j = 0; j < kWideLanes; ++j) {
    high[j] = sums[j];
    low[j] = sums[kWideLanes + j];
  }
  for (std::size_t i = 0; i < count; i += kWideLanes) {
#pragma GCC unroll 1
    RESGRAM_INDEPENDENT
    for (std::size_t j = 0; j < kWideLanes; ++j) {
      const WidePart product = wide_product({f_high[i + j], f_low[i + j]}, {p_high[i + j], p_low[i + j]});
      const WidePart sum = wide_sum({high[j], low[j]}, product);
      high[j] = sum.high;
      low[j] = sum.low;
    }
  }
  for (std::size_t j = 0; j < kWideLanes; ++j) {
    sums[j] = high[j];
    sums[kWideLanes + j] = low[j];
  }
}
