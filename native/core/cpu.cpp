// Asks the processor itself: what compilers offer for it (__builtin_cpu_supports) stands in a library of theirs that not
// every one of them brings along.
#include "cpu.hpp"

#if defined(__x86_64__)
#include <cpuid.h>

#include <cstdint>
#endif

namespace resgram::core {

#if defined(__x86_64__)
namespace {

constexpr bool all_of(std::uint64_t word, std::uint64_t bits) { return (word & bits) == bits; }
constexpr std::uint64_t bit(int i) { return std::uint64_t{1} << i; }

// XCR0: the sets of registers that the operating system saves when threads change.
std::uint64_t kept_registers() {
  std::uint32_t low = 0, high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low | std::uint64_t{high} << 32;
}

}  // namespace

CpuVectors cpu_vectors() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0) return {};
  // FMA, OSXSAVE (xgetbv may be used), AVX; then SSE and AVX registers.
  if (!all_of(c, bit(12) | bit(27) | bit(28)) || !all_of(kept_registers(), 0x06)) return {};
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return {};
  const bool avx2 = all_of(b, bit(5));
#if defined(__APPLE__)
  // Begins to keep these registers for a thread at its first use of one, and says no until then.
  const bool kept = true;
#else
  // Masks and the two halves of the wide registers.
  const bool kept = all_of(kept_registers(), 0xe0);
#endif
  const bool avx512 = avx2 && kept && all_of(b, bit(16) | bit(17) | bit(30) | bit(31));
  return {avx2, avx512};
}
#else
CpuVectors cpu_vectors() { return {}; }
#endif

}  // namespace resgram::core
