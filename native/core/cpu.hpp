// Which vector instructions the processor has and the operating system keeps the registers of.
#pragma once

namespace resgram::core {

struct CpuVectors {
  bool avx2 = false;    // with FMA
  bool avx512 = false;  // F, DQ, BW and VL, with FMA
};

// All false on processors other than x86-64.
CpuVectors cpu_vectors();

}  // namespace resgram::core
