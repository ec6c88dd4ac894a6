// Normal numbers that depend on a seed and on where they stand, and on nothing else: neither on threads nor on order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace resgram::finite {

// One block of Philox-4x32 with ten rounds: 128 bits that are a bijection of the counter for every key.  [counter-normals]
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

// The normal quantile of (k + ½)/2⁵³, 0 ≤ k < 2⁵³, to a relative error of some 1e-16.                    [counter-normals]
double normal_quantile(std::uint64_t k);

// Numbers [first, first + out.size()) of the stream (seed, stream).                                      [counter-normals]
void fill_normal(std::uint64_t seed, std::uint32_t stream, std::uint64_t first, std::span<double> out);

}  // namespace resgram::finite
