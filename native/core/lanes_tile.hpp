// The loops of tile_lanes.hpp. Part of lanes_<isa>.cpp, behind lanes_body.hpp; RESGRAM_VECTOR are the bytes of a register,
// RESGRAM_ROWS and RESGRAM_COLUMNS say how large a block of products the registers hold for double, RESGRAM_PANEL how wide
// rows are packed. Float takes twice the columns, in panels twice as wide.
#include "lanes_transpose.hpp"
#include "lanes_vector.hpp"

namespace resgram::core::RESGRAM_ISA {

template <class Real>
inline constexpr std::size_t kPanel = RESGRAM_PANEL * (sizeof(double) / sizeof(Real));
template <class Real>
inline constexpr std::size_t kColumns = RESGRAM_COLUMNS * (sizeof(double) / sizeof(Real));

// What is left of a tile below its last whole block goes in lower ones.
inline constexpr std::size_t kFewRows = RESGRAM_ROWS < 8 ? RESGRAM_ROWS : 8;

static_assert(kTileUnit % kPanel<float> == 0 && kPanel<double> % RESGRAM_ROWS == 0 && RESGRAM_ROWS % kFewRows == 0);
static_assert(kPanel<double> % kColumns<double> == 0);

// kRows rows against a block of columns, over `count` coordinates. The sums stay in registers; with `fresh` they begin at
// 0, else they go on from `out`, so that each entry is one sequential sum.
template <class Real, std::size_t kRows>
[[gnu::always_inline]] inline void product_block(const Real* __restrict x, const Real* __restrict z, std::size_t count,
                                                 bool fresh, Real* __restrict out, std::size_t stride) {
  using V = Vector<Real>;
  constexpr std::size_t kVectors = kColumns<Real> / V::kLanes;
  typename V::Type sum[kRows][kVectors];
#pragma GCC unroll 32
  for (std::size_t i = 0; i < kRows; ++i)
#pragma GCC unroll 16
    for (std::size_t v = 0; v < kVectors; ++v)
      sum[i][v] = fresh ? V::zero() : V::load(out + i * stride + v * V::kLanes);
  for (std::size_t k = 0; k < count; ++k) {
    typename V::Type right[kVectors];
#pragma GCC unroll 16
    for (std::size_t v = 0; v < kVectors; ++v) right[v] = V::load(z + v * V::kLanes);
#pragma GCC unroll 32
    for (std::size_t i = 0; i < kRows; ++i) {
      const typename V::Type left = V::set(x[i]);
#pragma GCC unroll 16
      for (std::size_t v = 0; v < kVectors; ++v) sum[i][v] = V::fma(left, right[v], sum[i][v]);
    }
    x += kPanel<Real>;
    z += kPanel<Real>;
  }
#pragma GCC unroll 32
  for (std::size_t i = 0; i < kRows; ++i)
#pragma GCC unroll 16
    for (std::size_t v = 0; v < kVectors; ++v) V::store(out + i * stride + v * V::kLanes, sum[i][v]);
}

// A block that sticks out of the tile: computed aside, of which `rows` × `cols` are kept.
template <class Real, std::size_t kRows>
void product_edge(const Real* x, const Real* z, std::size_t count, bool fresh, Real* out, std::size_t stride,
                  std::size_t rows, std::size_t cols) {
  constexpr std::size_t kWidth = kColumns<Real>;
  Real aside[kRows * kWidth] = {};
  if (!fresh)
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < cols; ++j) aside[i * kWidth + j] = out[i * stride + j];
  product_block<Real, kRows>(x, z, count, fresh, aside, kWidth);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < cols; ++j) out[i * stride + j] = aside[i * kWidth + j];
}

// kRows rows, or what there is of them, against all columns from `first` on.
template <class Real, std::size_t kRows>
void product_rows(const Real* x, const Real* z, std::size_t dimension, std::size_t count, bool fresh, Real* out,
                  std::size_t stride, std::size_t rows, std::size_t first, std::size_t cols) {
  constexpr std::size_t kWidth = kPanel<Real>, kStep = kColumns<Real>;
  for (std::size_t j = first; j < cols; j += kStep) {
    const Real* right = z + j / kWidth * kWidth * dimension + j % kWidth;
    if (rows >= kRows && j + kStep <= stride) {
      product_block<Real, kRows>(x, right, count, fresh, out + j, stride);
    } else {
      product_edge<Real, kRows>(x, right, count, fresh, out + j, stride, rows < kRows ? rows : kRows,
                                stride - j < kStep ? stride - j : kStep);
    }
  }
}

// The chunk of coordinates that the panels of 192 columns and the tile itself share the second cache with.
inline constexpr std::size_t kChunk = 256;

template <class Real>
void products(const Real* x, std::size_t first, std::size_t rows, const Real* z, std::size_t cols,
              std::size_t dimension, std::ptrdiff_t diagonal, Real* out, std::size_t stride) {
  constexpr std::size_t kWidth = kPanel<Real>, kStep = kColumns<Real>;
  const std::size_t end = (cols + kStep - 1) / kStep * kStep;
  // Blocks that end before the first column that row i, and so any row after it, needs.
  const auto passed = [&](std::size_t i) {
    const std::ptrdiff_t column = static_cast<std::ptrdiff_t>(i) + diagonal;
    const std::size_t before = column > 0 ? static_cast<std::size_t>(column) / kStep * kStep : 0;
    return before < end ? before : end;
  };
  const auto height = [&](std::size_t i) { return rows - i < RESGRAM_ROWS ? kFewRows : RESGRAM_ROWS; };
  std::size_t from = 0;
  do {
    const std::size_t count = dimension - from < kChunk ? dimension - from : kChunk;
    const bool fresh = from == 0;
    for (std::size_t i = 0; i < rows; i += height(i)) {
      const std::size_t row = first + i;
      const Real* left = x + (row / kWidth * dimension + from) * kWidth + row % kWidth;
      const auto all = height(i) == RESGRAM_ROWS ? product_rows<Real, RESGRAM_ROWS> : product_rows<Real, kFewRows>;
      all(left, z + from * kWidth, dimension, count, fresh, out + i * stride, stride, rows - i, passed(i), end);
    }
    from += count;
  } while (from < dimension);
  for (std::size_t i = 0; i < rows; i += height(i)) {
    const std::size_t below = rows - i < height(i) ? rows : i + height(i);
    for (std::size_t row = i; row < below; ++row) {
      for (std::size_t j = 0; j < passed(i) && j < stride; ++j) out[row * stride + j] = 0;
      for (std::size_t j = end; j < stride; ++j) out[row * stride + j] = 0;
    }
  }
}

// The least of kColumnPadding numbers.
template <class Real>
[[gnu::always_inline]] inline Real least_of(Real (&numbers)[kColumnPadding]) {
  for (std::size_t width = kColumnPadding / 2; width > 0; width /= 2)
    for (std::size_t l = 0; l < width; ++l)
      numbers[l] = numbers[l + width] < numbers[l] ? numbers[l + width] : numbers[l];
  return numbers[0];
}

template <class Real>
void defects(const Real* products, std::size_t stride, Strip strip, MutablePlanes<Real> planes, Real* smallest) {
  for (std::size_t i = 0; i < strip.rows; ++i) {
    const Real* __restrict from = products + i * stride;
    Real* __restrict rho = planes.rho + i * strip.cols;
    Real* __restrict m = planes.m + i * strip.cols;
    Real least[kColumnPadding];
    for (std::size_t l = 0; l < kColumnPadding; ++l) least[l] = 1;
    for (std::size_t j = 0; j < strip.cols; j += kColumnPadding)
      for (std::size_t l = 0; l < kColumnPadding; ++l) {
        const Real r = from[j + l];
        const Real low = r < Real(-1) ? Real(-1) : r;
        const Real clamped = low > Real(1) ? Real(1) : low;
        const Real half = Real(0.5) * (Real(1) - magnitude(clamped));
        rho[j + l] = clamped;
        m[j + l] = half;
        least[l] = half < least[l] ? half : least[l];
      }
    smallest[i] = least_of(least);
  }
}

template <class Real>
void nearest(const Real* products, Strip strip, Real* smallest) {
  for (std::size_t i = 0; i < strip.rows; ++i) {
    const Real* __restrict from = products + i * strip.cols;
    Real least[kColumnPadding];
    for (std::size_t l = 0; l < kColumnPadding; ++l) least[l] = 1;
    for (std::size_t j = 0; j < strip.cols; j += kColumnPadding)
      for (std::size_t l = 0; l < kColumnPadding; ++l) {
        const Real half = Real(0.5) * (Real(1) - magnitude(from[j + l]));
        least[l] = half < least[l] ? half : least[l];
      }
    smallest[i] = least_of(least);
  }
}

// One row out. A cache line is written past the caches as a whole; its neighbours at both ends in the ordinary way.
template <class Real>
[[gnu::always_inline]] inline void write_row(const Real* __restrict from, std::size_t count, Real* __restrict to,
                                             bool past) {
  using V = Vector<Real>;
  std::size_t j = 0;
  if (past) {
    constexpr std::size_t kLine = 64 / sizeof(Real);
    const std::size_t ahead = (64 - reinterpret_cast<std::uintptr_t>(to) % 64) % 64 / sizeof(Real);
    for (; j < ahead && j < count; ++j) to[j] = from[j];
    for (; j + kLine <= count; j += kLine)
#pragma GCC unroll 16
      for (std::size_t l = 0; l < kLine; l += V::kLanes) V::stream(to + j + l, V::load(from + j + l));
  } else {
    for (; j + V::kLanes <= count; j += V::kLanes) V::store(to + j, V::load(from + j));
  }
  for (; j < count; ++j) to[j] = from[j];
}

// Streamed lines are in no order with later stores, of this thread or of those that wait for it.
[[gnu::always_inline]] inline void settle([[maybe_unused]] bool streamed) {
#if defined(__x86_64__)
  if (streamed) _mm_sfence();
#endif
}

template <class Real>
bool store(const Real* in, std::size_t in_stride, std::size_t rows, std::size_t cols, Real* out, std::size_t out_stride,
           bool past) {
  constexpr std::size_t kLanes = 32;
  Real odd[kLanes] = {};  // v − v is 0, or not a number for one that is none or infinite
  for (std::size_t i = 0; i < rows; ++i) {
    const Real* from = in + i * in_stride;
    std::size_t j = 0;
    for (; j + kLanes <= cols; j += kLanes)
      for (std::size_t l = 0; l < kLanes; ++l) odd[l] += from[j + l] - from[j + l];
    for (; j < cols; ++j) odd[0] += from[j] - from[j];
    write_row(from, cols, out + i * out_stride, past);
  }
  settle(past);
  Real sum = 0;
  for (std::size_t l = 0; l < kLanes; ++l) sum += odd[l];
  return sum == 0;
}

template <class Real>
void store_mirrored(const Real* in, std::size_t in_stride, std::size_t rows, std::size_t cols, Real* out,
                    std::size_t out_stride, bool past) {
  constexpr std::size_t kAcross = 8, kDown = 192;
  alignas(64) Real aside[kAcross * kDown];
  for (std::size_t i = 0; i < rows; i += kDown) {
    const std::size_t height = rows - i < kDown ? rows - i : kDown;
    for (std::size_t j = 0; j < cols; j += kAcross) {
      const std::size_t width = cols - j < kAcross ? cols - j : kAcross;
      transpose(in + i * in_stride + j, in_stride, height, width, aside, kDown);
      for (std::size_t k = 0; k < width; ++k)
        write_row(aside + k * kDown, height, out + (j + k) * out_stride + i, past);
    }
  }
  settle(past);
}

template <class Real>
constexpr TileTable<Real> tile_table() {
  return {kPanel<Real>,  transpose<Real>, products<Real>,      defects<Real>,
          nearest<Real>, store<Real>,     store_mirrored<Real>};
}

extern const TileTable<double> kTilesDouble;
extern const TileTable<float> kTilesFloat;
const TileTable<double> kTilesDouble = tile_table<double>();
const TileTable<float> kTilesFloat = tile_table<float>();

}  // namespace resgram::core::RESGRAM_ISA
