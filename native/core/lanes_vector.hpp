// One vector register of the instruction set, for the few loops that compilers do not keep in registers by themselves.
// Part of lanes_<isa>.cpp, which has chosen the set and defined RESGRAM_VECTOR, its bytes. No include guard, as in
// lanes_body.hpp. `stream` writes past the caches to an aligned address.

namespace resgram::core::RESGRAM_ISA {

template <class Real>
struct Vector;

#if RESGRAM_VECTOR == 64
template <>
struct Vector<double> {
  using Type = __m512d;
  static constexpr std::size_t kLanes = 8;
  [[gnu::always_inline]] static Type zero() { return _mm512_setzero_pd(); }
  [[gnu::always_inline]] static Type set(double a) { return _mm512_set1_pd(a); }
  [[gnu::always_inline]] static Type load(const double* p) { return _mm512_loadu_pd(p); }
  [[gnu::always_inline]] static void store(double* p, Type a) { _mm512_storeu_pd(p, a); }
  [[gnu::always_inline]] static void stream(double* p, Type a) { _mm512_stream_pd(p, a); }
  [[gnu::always_inline]] static Type fma(Type a, Type b, Type c) { return _mm512_fmadd_pd(a, b, c); }
};
template <>
struct Vector<float> {
  using Type = __m512;
  static constexpr std::size_t kLanes = 16;
  [[gnu::always_inline]] static Type zero() { return _mm512_setzero_ps(); }
  [[gnu::always_inline]] static Type set(float a) { return _mm512_set1_ps(a); }
  [[gnu::always_inline]] static Type load(const float* p) { return _mm512_loadu_ps(p); }
  [[gnu::always_inline]] static void store(float* p, Type a) { _mm512_storeu_ps(p, a); }
  [[gnu::always_inline]] static void stream(float* p, Type a) { _mm512_stream_ps(p, a); }
  [[gnu::always_inline]] static Type fma(Type a, Type b, Type c) { return _mm512_fmadd_ps(a, b, c); }
};
#elif RESGRAM_VECTOR == 32
template <>
struct Vector<double> {
  using Type = __m256d;
  static constexpr std::size_t kLanes = 4;
  [[gnu::always_inline]] static Type zero() { return _mm256_setzero_pd(); }
  [[gnu::always_inline]] static Type set(double a) { return _mm256_set1_pd(a); }
  [[gnu::always_inline]] static Type load(const double* p) { return _mm256_loadu_pd(p); }
  [[gnu::always_inline]] static void store(double* p, Type a) { _mm256_storeu_pd(p, a); }
  [[gnu::always_inline]] static void stream(double* p, Type a) { _mm256_stream_pd(p, a); }
  [[gnu::always_inline]] static Type fma(Type a, Type b, Type c) { return _mm256_fmadd_pd(a, b, c); }
};
template <>
struct Vector<float> {
  using Type = __m256;
  static constexpr std::size_t kLanes = 8;
  [[gnu::always_inline]] static Type zero() { return _mm256_setzero_ps(); }
  [[gnu::always_inline]] static Type set(float a) { return _mm256_set1_ps(a); }
  [[gnu::always_inline]] static Type load(const float* p) { return _mm256_loadu_ps(p); }
  [[gnu::always_inline]] static void store(float* p, Type a) { _mm256_storeu_ps(p, a); }
  [[gnu::always_inline]] static void stream(float* p, Type a) { _mm256_stream_ps(p, a); }
  [[gnu::always_inline]] static Type fma(Type a, Type b, Type c) { return _mm256_fmadd_ps(a, b, c); }
};
#elif defined(__x86_64__)
template <>
struct Vector<double> {
  using Type = __m128d;
  static constexpr std::size_t kLanes = 2;
  [[gnu::always_inline]] static Type zero() { return _mm_setzero_pd(); }
  [[gnu::always_inline]] static Type set(double a) { return _mm_set1_pd(a); }
  [[gnu::always_inline]] static Type load(const double* p) { return _mm_loadu_pd(p); }
  [[gnu::always_inline]] static void store(double* p, Type a) { _mm_storeu_pd(p, a); }
  [[gnu::always_inline]] static void stream(double* p, Type a) { _mm_stream_pd(p, a); }
  [[gnu::always_inline]] static Type fma(Type a, Type b, Type c) { return _mm_add_pd(_mm_mul_pd(a, b), c); }
};
template <>
struct Vector<float> {
  using Type = __m128;
  static constexpr std::size_t kLanes = 4;
  [[gnu::always_inline]] static Type zero() { return _mm_setzero_ps(); }
  [[gnu::always_inline]] static Type set(float a) { return _mm_set1_ps(a); }
  [[gnu::always_inline]] static Type load(const float* p) { return _mm_loadu_ps(p); }
  [[gnu::always_inline]] static void store(float* p, Type a) { _mm_storeu_ps(p, a); }
  [[gnu::always_inline]] static void stream(float* p, Type a) { _mm_stream_ps(p, a); }
  [[gnu::always_inline]] static Type fma(Type a, Type b, Type c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
};
#elif defined(__aarch64__)
template <>
struct Vector<double> {
  using Type = float64x2_t;
  static constexpr std::size_t kLanes = 2;
  [[gnu::always_inline]] static Type zero() { return vdupq_n_f64(0); }
  [[gnu::always_inline]] static Type set(double a) { return vdupq_n_f64(a); }
  [[gnu::always_inline]] static Type load(const double* p) { return vld1q_f64(p); }
  [[gnu::always_inline]] static void store(double* p, Type a) { vst1q_f64(p, a); }
  [[gnu::always_inline]] static void stream(double* p, Type a) { vst1q_f64(p, a); }
  [[gnu::always_inline]] static Type fma(Type a, Type b, Type c) { return vfmaq_f64(c, a, b); }
};
template <>
struct Vector<float> {
  using Type = float32x4_t;
  static constexpr std::size_t kLanes = 4;
  [[gnu::always_inline]] static Type zero() { return vdupq_n_f32(0); }
  [[gnu::always_inline]] static Type set(float a) { return vdupq_n_f32(a); }
  [[gnu::always_inline]] static Type load(const float* p) { return vld1q_f32(p); }
  [[gnu::always_inline]] static void store(float* p, Type a) { vst1q_f32(p, a); }
  [[gnu::always_inline]] static void stream(float* p, Type a) { vst1q_f32(p, a); }
  [[gnu::always_inline]] static Type fma(Type a, Type b, Type c) { return vfmaq_f32(c, a, b); }
};
#else
// Any other CPU: two numbers that its compiler may or may not put into one register.
template <class Real>
struct Vector {
  struct Type {
    Real a, b;
  };
  static constexpr std::size_t kLanes = 2;
  [[gnu::always_inline]] static Type zero() { return {0, 0}; }
  [[gnu::always_inline]] static Type set(Real a) { return {a, a}; }
  [[gnu::always_inline]] static Type load(const Real* p) { return {p[0], p[1]}; }
  [[gnu::always_inline]] static void store(Real* p, Type x) { p[0] = x.a, p[1] = x.b; }
  [[gnu::always_inline]] static void stream(Real* p, Type x) { store(p, x); }
  [[gnu::always_inline]] static Type fma(Type x, Type y, Type z) { return {x.a * y.a + z.a, x.b * y.b + z.b}; }
};
#endif

}  // namespace resgram::core::RESGRAM_ISA
