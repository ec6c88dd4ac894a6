// Vector steps for every CPU of the architecture: SSE2 on x86-64, NEON (with fused multiply-add) on arm64.
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "arcsine.hpp"
#include "image_lanes.hpp"
#include "image_rows.hpp"
#include "lanes.hpp"
#include "row_dots.hpp"
#include "smo_lanes.hpp"
#include "tile_lanes.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define RESGRAM_ISA baseline
#define RESGRAM_VECTOR 16
#if defined(__aarch64__)
#define RESGRAM_FMA 1
#define RESGRAM_ROWS 4
#define RESGRAM_COLUMNS 8
#define RESGRAM_PANEL 8
#define RESGRAM_DUAL_COLUMNS 8
#else
#define RESGRAM_FMA 0
#define RESGRAM_ROWS 4
#define RESGRAM_COLUMNS 4
#define RESGRAM_PANEL 4
#define RESGRAM_DUAL_COLUMNS 4
#endif
#include "lanes_body.hpp"
// Behind the helpers they use.
#include "image_lanes_body.hpp"
#include "image_rows_body.hpp"
#include "lanes_tile.hpp"
#include "row_dots_body.hpp"
#include "smo_lanes_body.hpp"
