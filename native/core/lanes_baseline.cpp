// Vector steps for every CPU of the architecture: SSE2 on x86-64, NEON (with fused multiply-add) on arm64.
#include <cstddef>

#include "arcsine.hpp"
#include "image_lanes.hpp"
#include "lanes.hpp"

#define RESGRAM_ISA baseline
#define RESGRAM_VECTOR 16
#if defined(__aarch64__)
#define RESGRAM_FMA 1
#define RESGRAM_ROWS 4
#define RESGRAM_COLUMNS 8
#else
#define RESGRAM_FMA 0
#define RESGRAM_ROWS 4
#define RESGRAM_COLUMNS 4
#endif
#include "lanes_body.hpp"
// Behind the helpers it uses.
#include "image_lanes_body.hpp"
