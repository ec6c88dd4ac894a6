// Chooses, once per process, the widest instruction set that both CPU and operating system offer.
#include <cstdlib>
#include <cstring>

#include "evaluate.hpp"
#include "lanes.hpp"

namespace resgram::core {

#if defined(__x86_64__)
namespace avx512 {
extern const LaneTable<double> kLanesDouble;
extern const LaneTable<float> kLanesFloat;
}  // namespace avx512
namespace avx2 {
extern const LaneTable<double> kLanesDouble;
extern const LaneTable<float> kLanesFloat;
}  // namespace avx2
#endif
namespace baseline {
extern const LaneTable<double> kLanesDouble;
extern const LaneTable<float> kLanesFloat;
}  // namespace baseline

namespace {

struct Choice {
  const char* name;
  const LaneTable<double>* of_double;
  const LaneTable<float>* of_float;
};

// RESGRAM_SIMD names the widest set allowed; a set the CPU lacks is never taken.
Choice choose() {
#if defined(__x86_64__)
  const char* limit = std::getenv("RESGRAM_SIMD");
  const bool any = limit == nullptr || *limit == '\0' || std::strcmp(limit, "avx512") == 0;
  const bool upto_avx2 = any || std::strcmp(limit, "avx2") == 0;
  __builtin_cpu_init();
  if (any && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("fma"))
    return {"avx512", &avx512::kLanesDouble, &avx512::kLanesFloat};
  if (upto_avx2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {"avx2", &avx2::kLanesDouble, &avx2::kLanesFloat};
  return {"baseline", &baseline::kLanesDouble, &baseline::kLanesFloat};
#elif defined(__aarch64__)
  return {"neon", &baseline::kLanesDouble, &baseline::kLanesFloat};
#else
  return {"baseline", &baseline::kLanesDouble, &baseline::kLanesFloat};
#endif
}

const Choice& choice() {
  static const Choice chosen = choose();
  return chosen;
}

}  // namespace

const char* simd_path() { return choice().name; }

template <>
const LaneTable<double>& lanes<double>() {
  return *choice().of_double;
}

template <>
const LaneTable<float>& lanes<float>() {
  return *choice().of_float;
}

}  // namespace resgram::core
