// The loops of row_dots.hpp. Part of lanes_<isa>.cpp, behind lanes_tile.hpp and its vectors. No include guard, as in
// lanes_body.hpp.

namespace resgram::core::RESGRAM_ISA {

// Rows are multiplied in segments whose blocks stay in the first cache.
inline constexpr std::size_t kDotSegment = 512;

// Registers hold so many sums of left and right rows, with one of each kind's rows beside them.
#if RESGRAM_VECTOR == 64
inline constexpr std::size_t kDotLefts = 4, kDotRights = 4;
#else
inline constexpr std::size_t kDotLefts = 4, kDotRights = 2;
#endif
// Beside a single right row more left ones hide the latency of their sums.
inline constexpr std::size_t kLoneLefts = 8;

using DotVector = Vector<double>;

[[gnu::always_inline]] inline double sum_of(DotVector::Type all) {
  double parts[DotVector::kLanes];
  DotVector::store(parts, all);
#pragma GCC unroll 8
  for (std::size_t width = DotVector::kLanes / 2; width > 0; width /= 2)
    for (std::size_t k = 0; k < width; ++k) parts[k] += parts[k + width];
  return parts[0];
}

// The first `count` numbers, and zeros.
[[gnu::always_inline]] inline DotVector::Type load_part(const double* from, std::size_t count) {
  double parts[DotVector::kLanes] = {};
  for (std::size_t k = 0; k < count; ++k) parts[k] = from[k];
  return DotVector::load(parts);
}

// All products of kL left and kR right rows over one segment: set, or added where it is not the first.
template <std::size_t kL, std::size_t kR>
[[gnu::always_inline]] inline void dot_block(const double* left, std::size_t left_stride, const double* right,
                                             std::size_t right_stride, std::size_t count, bool first, double* out,
                                             std::size_t out_stride) {
  DotVector::Type sum[kL][kR];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kL; ++i)
#pragma GCC unroll 16
    for (std::size_t j = 0; j < kR; ++j) sum[i][j] = DotVector::zero();
  const auto step = [&](auto&& load) __attribute__((always_inline)) {
    DotVector::Type b[kR];
#pragma GCC unroll 16
    for (std::size_t j = 0; j < kR; ++j) b[j] = load(right + j * right_stride);
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kL; ++i) {
      const DotVector::Type a = load(left + i * left_stride);
#pragma GCC unroll 16
      for (std::size_t j = 0; j < kR; ++j) sum[i][j] = DotVector::fma(a, b[j], sum[i][j]);
    }
  };
  std::size_t k = 0;
  for (; k + DotVector::kLanes <= count; k += DotVector::kLanes)
    step([&](const double* row) __attribute__((always_inline)) { return DotVector::load(row + k); });
  if (k < count) step([&](const double* row) __attribute__((always_inline)) { return load_part(row + k, count - k); });
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kL; ++i)
#pragma GCC unroll 16
    for (std::size_t j = 0; j < kR; ++j) {
      const double part = sum_of(sum[i][j]);
      double& to = out[i * out_stride + j];
      to = first ? part : to + part;
    }
}

// kR right rows against all left ones, over one segment.
template <std::size_t kR>
[[gnu::always_inline]] inline void dot_column(const double* left, std::size_t left_stride, std::size_t lefts,
                                              const double* right, std::size_t right_stride, std::size_t count,
                                              bool first, double* out, std::size_t out_stride) {
  std::size_t i = 0;
  const auto blocks = [&]<std::size_t kL>() __attribute__((always_inline)) {
    for (; i + kL <= lefts; i += kL)
      dot_block<kL, kR>(left + i * left_stride, left_stride, right, right_stride, count, first, out + i * out_stride,
                        out_stride);
  };
  if constexpr (kR == 1) blocks.template operator()<kLoneLefts>();
  blocks.template operator()<kDotLefts>();
  blocks.template operator()<1>();
}

inline void dots(const double* left, std::size_t left_stride, std::size_t lefts, const double* right,
                 std::size_t right_stride, std::size_t rights, std::size_t count, double* out, std::size_t out_stride) {
  const auto segment = [&](std::size_t from, std::size_t i, std::size_t rows) __attribute__((always_inline)) {
    const std::size_t length = count - from < kDotSegment ? count - from : kDotSegment;
    const double* a = left + i * left_stride + from;
    double* to = out + i * out_stride;
    std::size_t j = 0;
    for (; j + kDotRights <= rights; j += kDotRights)
      dot_column<kDotRights>(a, left_stride, rows, right + j * right_stride + from, right_stride, length, from == 0,
                             to + j, out_stride);
    for (; j < rights; ++j)
      dot_column<1>(a, left_stride, rows, right + j * right_stride + from, right_stride, length, from == 0, to + j,
                    out_stride);
  };
  // With few right rows it is the left ones that are waited for: each is read from one end to the other.
  const std::size_t step = rights < kDotRights ? kLoneLefts : lefts;
  for (std::size_t i = 0; i < lefts; i += step) {
    const std::size_t rows = lefts - i < step ? lefts - i : step;
    // Sums of nothing are 0.
    segment(0, i, rows);
    for (std::size_t from = kDotSegment; from < count; from += kDotSegment) segment(from, i, rows);
  }
}

extern const DotLanes kDotLanes;
const DotLanes kDotLanes = {dots};

}  // namespace resgram::core::RESGRAM_ISA
