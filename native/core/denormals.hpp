// Deep networks in the ordered phase drive complements to zero through the denormal range, a hundred times slower than
// ordinary arithmetic and of no consequence: they count as zero while a strip runs. The caller's mode is restored.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace resgram::core {

class FlushDenormals {
 public:
#if defined(__x86_64__)
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040U); }  // flush to zero, denormals are zero
  ~FlushDenormals() { _mm_setcsr(before_); }

 private:
  unsigned before_;
#elif defined(__aarch64__)
  FlushDenormals() {
    __asm__ volatile("mrs %0, fpcr" : "=r"(before_));
    const std::uint64_t flushed = before_ | (std::uint64_t{1} << 24);
    __asm__ volatile("msr fpcr, %0" ::"r"(flushed));
  }
  ~FlushDenormals() { __asm__ volatile("msr fpcr, %0" ::"r"(before_)); }

 private:
  std::uint64_t before_ = 0;
#endif

 public:
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;
};

}  // namespace resgram::core
