// The processor's own words against the compiler's library, where it has one.
#include "core/cpu.hpp"

#include <gtest/gtest.h>

namespace resgram::core {
namespace {

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
TEST(Cpu, HasTheVectorsThatTheCompilersLibraryFinds) {
  __builtin_cpu_init();
  const bool fma = __builtin_cpu_supports("fma");
  const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
  EXPECT_EQ(cpu_vectors().avx2, fma && __builtin_cpu_supports("avx2"));
  EXPECT_EQ(cpu_vectors().avx512, fma && wide);
}
#endif

TEST(Cpu, WideVectorsComeWithNarrowerOnes) {
  const CpuVectors cpu = cpu_vectors();
  EXPECT_TRUE(cpu.avx2 || !cpu.avx512);
}

}  // namespace
}  // namespace resgram::core
