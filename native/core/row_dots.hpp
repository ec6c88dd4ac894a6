// Inner products of rows, compiled once per instruction set.
#pragma once

#include <cstddef>

namespace resgram::core {

struct DotLanes {
  // out[i · out_stride + j] = Σ_k left[i · left_stride + k] right[j · right_stride + k] over k < count. Each is a sum in one
  // order that depends on `count` alone, whatever rows are beside it.
  void (*dots)(const double* left, std::size_t left_stride, std::size_t lefts, const double* right,
               std::size_t right_stride, std::size_t rights, std::size_t count, double* out, std::size_t out_stride);
};

const DotLanes& dot_lanes();

}  // namespace resgram::core
