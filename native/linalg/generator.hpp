// Vectors in general position. Internal to native/linalg.
#pragma once

#include <cstdint>

namespace resgram::linalg {

// SplitMix64: the same vectors on every machine and in every run.
class Generator {
 public:
  double operator()() {
    state_ += 0x9e37'79b9'7f4a'7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    z ^= z >> 31;
    return static_cast<double>(z >> 11) * 0x1p-52 - 1;  // uniform in [−1, 1)
  }

 private:
  std::uint64_t state_ = 20;
};

}  // namespace resgram::linalg
