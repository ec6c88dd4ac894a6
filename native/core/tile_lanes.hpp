// The loops of a tile of pairs, compiled once per instruction set: inner products of packed rows, the planes that strips
// begin with, and the way of finished values into the result and its mirror image.
#pragma once

#include <cstddef>

#include "lanes.hpp"

namespace resgram::core {

// Tiles begin at multiples of this many rows and columns: a multiple of every set's panel width.
inline constexpr std::size_t kTileUnit = 48;

template <class Real>
struct TileTable {
  // Rows of a side are packed in panels of so many, coordinate by coordinate: panel[k · width + i].
  std::size_t width;
  // out[j · out_stride + i] = in[i · in_stride + j]
  void (*transpose)(const Real* in, std::size_t in_stride, std::size_t rows, std::size_t cols, Real* out,
                    std::size_t out_stride);
  // out (rows × stride) = x · zᵀ for `rows` packed rows from `first` on against the columns of the panels at z, zeros
  // beyond their end. Each entry is one sum in the order of the coordinates, whatever its place. `first` is a multiple
  // of kTileUnit, `stride` one of kColumnPadding, cols ≤ stride. Row i needs no columns before i + diagonal: whole
  // blocks of those are 0 instead. −rows and less: all are needed.
  void (*products)(const Real* x, std::size_t first, std::size_t rows, const Real* z, std::size_t cols,
                   std::size_t dimension, std::ptrdiff_t diagonal, Real* out, std::size_t stride);
  // The planes of a strip from products (rows `stride` apart): rho clamped to [−1, 1], m from it, good enough away from
  // ±1. smallest[i] is the least m of row i.
  void (*defects)(const Real* products, std::size_t stride, Strip strip, MutablePlanes<Real> planes, Real* smallest);
  // The least m alone; rows of products strip.cols apart.
  void (*nearest)(const Real* products, Strip strip, Real* smallest);
  // out[i · out_stride + j] = in[i · in_stride + j]. `stream` bypasses the caches. Are all values finite?
  bool (*store)(const Real* in, std::size_t in_stride, std::size_t rows, std::size_t cols, Real* out,
                std::size_t out_stride, bool stream);
  // out[j · out_stride + i] = in[i · in_stride + j]
  void (*store_mirrored)(const Real* in, std::size_t in_stride, std::size_t rows, std::size_t cols, Real* out,
                         std::size_t out_stride, bool stream);
};

template <class Real>
const TileTable<Real>& tile_lanes();

}  // namespace resgram::core
