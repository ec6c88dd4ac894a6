// Part of lanes_body.hpp, inside its namespace: kernels from tables in the angle.                                [zonal]
//
// A piece of the table keeps its coefficients side by side, so a pair reads them with one or two wide loads whatever the number of
// pieces, and a block of pairs is then transposed and summed at once: merging the vectors of two pairs,
//   [a0 b0 a2 b2 …] + x [a1 b1 a3 b3 …],
// halves the terms and doubles the pairs; the next merge takes x², the next x⁴. No gathers, and no table that must fit
// into registers.

template <class Real>
using ZonalBits = typename ZonalMesh<Real>::Bits;

// What a block of pairs needs: the distance from its piece's centre, and where the piece's terms begin.
inline constexpr std::size_t kZonalBlock = 128;

template <class Real>
struct ZonalBlock {
  alignas(64) Real x[kZonalBlock];
  alignas(64) ZonalBits<Real> at[kZonalBlock];
};

// m = (1 − |ρ|)/2 has its piece in the exponent and in the first bits of the mantissa; the centre is these bits and a half.
template <class Real>
[[gnu::always_inline]] inline void zonal_locate(const Real* __restrict rho, std::size_t count,
                                                ZonalBlock<Real>& block) {
  using Mesh = ZonalMesh<Real>;
  using Bits = ZonalBits<Real>;
  constexpr Bits kPiece = ~((Bits(1) << Mesh::kShift) - 1), kMiddle = Bits(1) << (Mesh::kShift - 1);
  constexpr Bits kTerms = Mesh::kTerms, kFirst = Mesh::kFirst * kTerms, kSide = Mesh::kPieces * kTerms;
  RESGRAM_INDEPENDENT
  for (std::size_t j = 0; j < count; ++j) {
    const Real r = rho[j];
    const Real apart = Real(0.5) - Real(0.5) * magnitude(r);
    const Real m = apart < Mesh::kLeast ? Mesh::kLeast : apart;
    const Bits bits = __builtin_bit_cast(Bits, m);
    const Bits obtuse = __builtin_bit_cast(Bits, r) >> (sizeof(Real) * 8 - 1);
    block.x[j] = m - __builtin_bit_cast(Real, Bits((bits & kPiece) | kMiddle));
    block.at[j] = ((bits >> Mesh::kShift) * kTerms - kFirst) + ((Bits(0) - obtuse) & kSide);
  }
}

// GCC 12 takes the undefined registers inside its own shuffles for mistakes (its bug 105593).
#if !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#if RESGRAM_VECTOR == 64

[[gnu::always_inline]] inline void zonal_sum(const double* __restrict terms, const ZonalBlock<double>& block,
                                             std::size_t count, double head, const double* __restrict col,
                                             double* __restrict out) {
  const auto load = [&](std::size_t j) __attribute__((always_inline)) { return _mm512_load_pd(terms + block.at[j]); };
  for (std::size_t j = 0; j < count; j += 8) {
    const auto pair = [&](std::size_t k) __attribute__((always_inline)) {
      const __m512d a = load(j + k), b = load(j + k + 1);
      return _mm512_fmadd_pd(_mm512_unpackhi_pd(a, b), _mm512_broadcast_f64x2(_mm_load_pd(block.x + j + k)),
                             _mm512_unpacklo_pd(a, b));
    };
    const auto merge = [&](__m512d a, __m512d b, __m512d x) __attribute__((always_inline)) {
      return _mm512_fmadd_pd(_mm512_shuffle_f64x2(a, b, 0xdd), x, _mm512_shuffle_f64x2(a, b, 0x88));
    };
    const __m512d x = _mm512_load_pd(block.x + j), x2 = _mm512_mul_pd(x, x), x4 = _mm512_mul_pd(x2, x2);
    const __m512d front = merge(pair(0), pair(2), _mm512_shuffle_f64x2(x2, x2, 0x50));
    const __m512d back = merge(pair(4), pair(6), _mm512_shuffle_f64x2(x2, x2, 0xfa));
    const __m512d amplitude = _mm512_mul_pd(_mm512_set1_pd(head), _mm512_loadu_pd(col + j));
    _mm512_storeu_pd(out + j, _mm512_mul_pd(amplitude, merge(front, back, x4)));
  }
}

[[gnu::always_inline]] inline void zonal_sum(const float* __restrict terms, const ZonalBlock<float>& block,
                                             std::size_t count, float head, const float* __restrict col,
                                             float* __restrict out) {
  for (std::size_t j = 0; j < count; j += 16) {
    const auto load = [&](std::size_t k) __attribute__((always_inline)) {
      const auto one = [&](std::size_t lane)
                           __attribute__((always_inline)) { return _mm_load_ps(terms + block.at[j + 4 * lane + k]); };
      __m512 all = _mm512_castps128_ps512(one(0));
      all = _mm512_insertf32x4(all, one(1), 1);
      all = _mm512_insertf32x4(all, one(2), 2);
      return _mm512_insertf32x4(all, one(3), 3);
    };
    const auto pair = [&](std::size_t k, __m512 x) __attribute__((always_inline)) {
      const __m512 a = load(k), b = load(k + 1);
      return _mm512_fmadd_ps(_mm512_unpackhi_ps(a, b), x, _mm512_unpacklo_ps(a, b));
    };
    const __m512 x = _mm512_load_ps(block.x + j), x2 = _mm512_mul_ps(x, x);
    const __m512 front = pair(0, _mm512_permute_ps(x2, 0x44)), back = pair(2, _mm512_permute_ps(x2, 0xee));
    const __m512 sum = _mm512_fmadd_ps(_mm512_shuffle_ps(front, back, 0xee), x, _mm512_shuffle_ps(front, back, 0x44));
    const __m512 amplitude = _mm512_mul_ps(_mm512_set1_ps(head), _mm512_loadu_ps(col + j));
    _mm512_storeu_ps(out + j, _mm512_mul_ps(amplitude, sum));
  }
}

#elif RESGRAM_VECTOR == 32

[[gnu::always_inline]] inline void zonal_sum(const double* __restrict terms, const ZonalBlock<double>& block,
                                             std::size_t count, double head, const double* __restrict col,
                                             double* __restrict out) {
  for (std::size_t j = 0; j < count; j += 4) {
    const __m256d x = _mm256_load_pd(block.x + j), x2 = _mm256_mul_pd(x, x);
    alignas(32) double x4[4];
    _mm256_store_pd(x4, _mm256_mul_pd(x2, x2));
    const auto load = [&](std::size_t k) __attribute__((always_inline)) {
      const double* at = terms + block.at[j + k];
      return _mm256_fmadd_pd(_mm256_load_pd(at + 4), _mm256_broadcast_sd(x4 + k), _mm256_load_pd(at));
    };
    const auto pair = [&](std::size_t k) __attribute__((always_inline)) {
      const __m256d a = load(k), b = load(k + 1);
      return _mm256_fmadd_pd(_mm256_unpackhi_pd(a, b),
                             _mm256_broadcast_pd(reinterpret_cast<const __m128d*>(block.x + j + k)),
                             _mm256_unpacklo_pd(a, b));
    };
    const __m256d front = pair(0), back = pair(2);
    const __m256d sum =
        _mm256_fmadd_pd(_mm256_permute2f128_pd(front, back, 0x31), x2, _mm256_permute2f128_pd(front, back, 0x20));
    const __m256d amplitude = _mm256_mul_pd(_mm256_set1_pd(head), _mm256_loadu_pd(col + j));
    _mm256_storeu_pd(out + j, _mm256_mul_pd(amplitude, sum));
  }
}

[[gnu::always_inline]] inline void zonal_sum(const float* __restrict terms, const ZonalBlock<float>& block,
                                             std::size_t count, float head, const float* __restrict col,
                                             float* __restrict out) {
  for (std::size_t j = 0; j < count; j += 8) {
    const auto load = [&](std::size_t k) __attribute__((always_inline)) {
      const __m256 low = _mm256_castps128_ps256(_mm_load_ps(terms + block.at[j + k]));
      return _mm256_insertf128_ps(low, _mm_load_ps(terms + block.at[j + 4 + k]), 1);
    };
    const auto pair = [&](std::size_t k, __m256 x) __attribute__((always_inline)) {
      const __m256 a = load(k), b = load(k + 1);
      return _mm256_fmadd_ps(_mm256_unpackhi_ps(a, b), x, _mm256_unpacklo_ps(a, b));
    };
    const __m256 x = _mm256_load_ps(block.x + j), x2 = _mm256_mul_ps(x, x);
    const __m256 front = pair(0, _mm256_permute_ps(x2, 0x44)), back = pair(2, _mm256_permute_ps(x2, 0xee));
    const __m256 sum = _mm256_fmadd_ps(_mm256_shuffle_ps(front, back, 0xee), x, _mm256_shuffle_ps(front, back, 0x44));
    const __m256 amplitude = _mm256_mul_ps(_mm256_set1_ps(head), _mm256_loadu_ps(col + j));
    _mm256_storeu_ps(out + j, _mm256_mul_ps(amplitude, sum));
  }
}

#else

// Pair by pair: two lanes leave little to merge.
template <class Real>
[[gnu::always_inline]] inline void zonal_sum(const Real* __restrict terms, const ZonalBlock<Real>& block,
                                             std::size_t count, Real head, const Real* __restrict col,
                                             Real* __restrict out) {
  constexpr std::size_t kTerms = ZonalMesh<Real>::kTerms;
  for (std::size_t j = 0; j < count; ++j) {
    const Real* c = terms + block.at[j];
    const Real x = block.x[j], x2 = x * x;
    Real even = c[kTerms - 2], odd = c[kTerms - 1];
#pragma GCC unroll 4
    for (std::size_t k = kTerms - 2; k > 0; k -= 2) {
      even = fma(even, x2, c[k - 2]);
      odd = fma(odd, x2, c[k - 1]);
    }
    out[j] = (head * col[j]) * fma(odd, x, even);
  }
}

#endif

#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif

template <class Real>
void zonal(Strip strip, const Real* rho, ZonalLane<Real> table, Factor<Real> amplitude, Real* out) {
  ZonalBlock<Real> block;
  for (std::size_t i = 0; i < strip.rows; ++i) {
    for (std::size_t from = 0; from < strip.cols; from += kZonalBlock) {
      const std::size_t left = strip.cols - from, count = left < kZonalBlock ? left : kZonalBlock;
      zonal_locate(rho + i * strip.cols + from, count, block);
      zonal_sum(table.terms, block, count, amplitude.row[i], amplitude.col + from, out + i * strip.cols + from);
    }
  }
}
