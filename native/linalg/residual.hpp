// How well eigenpairs fit their matrix. Internal to native/linalg.
#pragma once

#include <cstddef>
#include <span>

namespace resgram::linalg {

// eigen_residual without its checks. Only the lower triangle (row-major) and the diagonal of a are read. With vectors that
// are not finite it is infinite.
double pair_residual(std::span<const double> a, std::size_t n, std::span<const double> values,
                     std::span<const double> vectors, std::size_t count);

// Up to so many pairs are looked at one by one.
inline constexpr std::size_t kOneByOne = 64;

}  // namespace resgram::linalg
