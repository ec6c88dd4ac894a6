// How long a fused multiply-add takes at the peak rate of one core, per number: what the times of vector steps are counted
// in. Twelve chains that do not wait for each other keep two units with a latency of up to six cycles busy.
#include <memory>
#include <stdexcept>

#include "limits.hpp"

namespace resgram::limits {
namespace {

constexpr long kRounds = 200000;
constexpr int kChains = 12;

template <class Vector>
[[gnu::always_inline]] inline double chains(double seed) {
  Vector sum[kChains];
  for (int c = 0; c < kChains; ++c) sum[c] = Vector{} + static_cast<decltype(+sum[0][0])>(seed + c);
  const Vector factor = Vector{} + static_cast<decltype(+sum[0][0])>(0.999999);
  const Vector addend = Vector{} + static_cast<decltype(+sum[0][0])>(1e-9);
  for (long round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) sum[c] = sum[c] * factor + addend;
  }
  double total = 0;
  for (int c = 0; c < kChains; ++c) total += static_cast<double>(sum[c][0]);
  return total;
}

template <class Real, int Bytes>
struct Wide {
  typedef Real type __attribute__((vector_size(Bytes)));
};

// Contraction is on in this file, and only here: sum · factor + addend is one instruction where there is one.
#if defined(__x86_64__)
template <class Real>
[[gnu::target("avx512f,fma")]] double wide512(double seed) {
  return chains<typename Wide<Real, 64>::type>(seed);
}
template <class Real>
[[gnu::target("avx2,fma")]] double wide256(double seed) {
  return chains<typename Wide<Real, 32>::type>(seed);
}
#endif
template <class Real>
double wide128(double seed) {
  return chains<typename Wide<Real, 16>::type>(seed);
}

struct Choice {
  double (*loop)(double);
  int bytes;
};

template <class Real>
Choice widest() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return {wide512<Real>, 64};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {wide256<Real>, 32};
#endif
  return {wide128<Real>, 16};
}

}  // namespace

Operation multiply_adds(const Arguments& arguments) {
  const bool single = text(arguments, "precision", "float64") == "float32";
  const Choice choice = single ? widest<float>() : widest<double>();
  const double numbers = choice.bytes / (single ? sizeof(float) : sizeof(double));
  auto kept = std::make_shared<double>(1.0);
  return {[=] { *kept = choice.loop(*kept); }, static_cast<double>(kRounds) * kChains * numbers};
}

}  // namespace resgram::limits
