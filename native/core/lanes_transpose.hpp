// Square blocks transposed in registers. Part of lanes_<isa>.cpp, like lanes_vector.hpp.

namespace resgram::core::RESGRAM_ISA {

// out[j · out_stride + i] = in[i · in_stride + j] for a block of kBlock<Real> each way.
#if RESGRAM_VECTOR == 64 || RESGRAM_VECTOR == 32
template <class Real>
inline constexpr std::size_t kBlock = sizeof(Real) == 8 && RESGRAM_VECTOR == 32 ? 4 : 8;

// Pairs, then quadruples, then halves change places.
[[gnu::always_inline]] inline void transpose_block(const float* in, std::size_t in_stride, float* out,
                                                   std::size_t out_stride) {
  __m256 a[8], b[8];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < 8; ++i) a[i] = _mm256_loadu_ps(in + i * in_stride);
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 8; i += 2) {
    b[i] = _mm256_unpacklo_ps(a[i], a[i + 1]);
    b[i + 1] = _mm256_unpackhi_ps(a[i], a[i + 1]);
  }
#pragma GCC unroll 2
  for (std::size_t i = 0; i < 8; i += 4) {
    a[i] = _mm256_shuffle_ps(b[i], b[i + 2], 0x44);
    a[i + 1] = _mm256_shuffle_ps(b[i], b[i + 2], 0xee);
    a[i + 2] = _mm256_shuffle_ps(b[i + 1], b[i + 3], 0x44);
    a[i + 3] = _mm256_shuffle_ps(b[i + 1], b[i + 3], 0xee);
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 4; ++i) {
    _mm256_storeu_ps(out + i * out_stride, _mm256_permute2f128_ps(a[i], a[i + 4], 0x20));
    _mm256_storeu_ps(out + (i + 4) * out_stride, _mm256_permute2f128_ps(a[i], a[i + 4], 0x31));
  }
}

#if RESGRAM_VECTOR == 64
// By the compilers' builtin: GCC 12 takes the intrinsics for uses of an uninitialised register (its bug 105593).
[[gnu::always_inline]] inline void transpose_block(const double* in, std::size_t in_stride, double* out,
                                                   std::size_t out_stride) {
  __m512d a[8], b[8];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < 8; ++i) a[i] = _mm512_loadu_pd(in + i * in_stride);
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 8; i += 2) {
    b[i] = __builtin_shufflevector(a[i], a[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    b[i + 1] = __builtin_shufflevector(a[i], a[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
#pragma GCC unroll 2
  for (std::size_t i = 0; i < 8; i += 4)
#pragma GCC unroll 2
    for (std::size_t k = 0; k < 2; ++k) {
      a[i + k] = __builtin_shufflevector(b[i + k], b[i + k + 2], 0, 1, 4, 5, 8, 9, 12, 13);
      a[i + k + 2] = __builtin_shufflevector(b[i + k], b[i + k + 2], 2, 3, 6, 7, 10, 11, 14, 15);
    }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 4; ++i) {
    _mm512_storeu_pd(out + i * out_stride, __builtin_shufflevector(a[i], a[i + 4], 0, 1, 4, 5, 8, 9, 12, 13));
    _mm512_storeu_pd(out + (i + 4) * out_stride, __builtin_shufflevector(a[i], a[i + 4], 2, 3, 6, 7, 10, 11, 14, 15));
  }
}
#else
[[gnu::always_inline]] inline void transpose_block(const double* in, std::size_t in_stride, double* out,
                                                   std::size_t out_stride) {
  const __m256d a = _mm256_loadu_pd(in), b = _mm256_loadu_pd(in + in_stride);
  const __m256d c = _mm256_loadu_pd(in + 2 * in_stride), d = _mm256_loadu_pd(in + 3 * in_stride);
  const __m256d ab = _mm256_unpacklo_pd(a, b), ba = _mm256_unpackhi_pd(a, b);
  const __m256d cd = _mm256_unpacklo_pd(c, d), dc = _mm256_unpackhi_pd(c, d);
  _mm256_storeu_pd(out, _mm256_permute2f128_pd(ab, cd, 0x20));
  _mm256_storeu_pd(out + out_stride, _mm256_permute2f128_pd(ba, dc, 0x20));
  _mm256_storeu_pd(out + 2 * out_stride, _mm256_permute2f128_pd(ab, cd, 0x31));
  _mm256_storeu_pd(out + 3 * out_stride, _mm256_permute2f128_pd(ba, dc, 0x31));
}
#endif
#else
template <class Real>
inline constexpr std::size_t kBlock = 8;

template <class Real>
[[gnu::always_inline]] inline void transpose_block(const Real* __restrict in, std::size_t in_stride,
                                                   Real* __restrict out, std::size_t out_stride) {
  for (std::size_t j = 0; j < kBlock<Real>; ++j)
    for (std::size_t i = 0; i < kBlock<Real>; ++i) out[j * out_stride + i] = in[i * in_stride + j];
}
#endif

template <class Real>
void transpose(const Real* in, std::size_t in_stride, std::size_t rows, std::size_t cols, Real* out,
               std::size_t out_stride) {
  constexpr std::size_t kSize = kBlock<Real>;
  const std::size_t whole_rows = rows / kSize * kSize, whole_cols = cols / kSize * kSize;
  for (std::size_t j = 0; j < whole_cols; j += kSize) {
    for (std::size_t i = 0; i < whole_rows; i += kSize)
      transpose_block(in + i * in_stride + j, in_stride, out + j * out_stride + i, out_stride);
    for (std::size_t k = j; k < j + kSize; ++k)
      for (std::size_t i = whole_rows; i < rows; ++i) out[k * out_stride + i] = in[i * in_stride + k];
  }
  for (std::size_t j = whole_cols; j < cols; ++j)
    for (std::size_t i = 0; i < rows; ++i) out[j * out_stride + i] = in[i * in_stride + j];
}

}  // namespace resgram::core::RESGRAM_ISA
