// Vector steps for AVX2 with fused multiply-add; empty elsewhere. The set is chosen here by pragma, not by a compiler flag, so that
// both builds need no per-file options; headers above it stay baseline.
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
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define RESGRAM_ISA avx2
#define RESGRAM_FMA 1
#define RESGRAM_VECTOR 32
#define RESGRAM_ROWS 4
#define RESGRAM_COLUMNS 12
#define RESGRAM_PANEL 12
#define RESGRAM_DUAL_COLUMNS 8
#include "lanes_body.hpp"
// Behind the helpers they use.
#include "image_lanes_body.hpp"
#include "image_rows_body.hpp"
#include "lanes_tile.hpp"
#include "row_dots_body.hpp"
#include "smo_lanes_body.hpp"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
