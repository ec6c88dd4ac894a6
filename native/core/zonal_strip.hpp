// The emits of one strip of pairs from tables, where StripEvaluator would run the steps.                        [zonal]
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "denormals.hpp"
#include "lanes.hpp"
#include "strip.hpp"
#include "zonal.hpp"

namespace resgram::core {

// A pair too near to equal or opposite inputs for its inner product: m as measured by the difference.       [small-angle]
struct NearAngle {
  std::uint32_t row, col;
  double m;
  bool acute;
};

template <class Real>
class ZonalStrip {
 public:
  ZonalStrip(std::size_t rows, std::size_t cols)
      : covariance_(rows * cols), tangent_(rows * cols), row_(rows), col_(cols) {}

  // `rho`: inner products of directions, clamped or not. Every pair with m < ZonalMesh<Real>::kLeast is in `near`; `equal`
  // pairs get the diagonal's value. emit(e, covariance, tangent) as StripEvaluator calls it, null where there is no table.
  template <class Emit>
  void run(const Zonal<Real>& tables, Strip strip, const Real* rho, std::span<const NearAngle> near,
           std::span<const EqualPair> equal, const RowRange& x, const RowRange& z, Emit&& emit) {
    const FlushDenormals flush;
    for (std::size_t e = 0; e < x.diagonals->size(); ++e) {
      const EmitDiagonals &dx = (*x.diagonals)[e], &dz = (*z.diagonals)[e];
      const bool covariance = tables.has_covariance(e), tangent = tables.has_tangent(e);
      if (covariance)
        one(tables.covariance(e), strip, rho, near, equal, dx.covariance, dz.covariance, x, z, covariance_.data(),
            [&](double m, bool acute) { return tables.covariance_at(e, m, acute); });
      if (tangent)
        one(tables.tangent(e), strip, rho, near, equal, dx.tangent, dz.tangent, x, z, tangent_.data(),
            [&](double m, bool acute) { return tables.tangent_at(e, m, acute); });
      emit(e, covariance ? covariance_.data() : nullptr, tangent ? tangent_.data() : nullptr);
    }
  }

  static std::size_t bytes(std::size_t rows, std::size_t cols) {
    return (2 * rows * cols + rows + cols) * sizeof(Real);
  }

 private:
  template <class Single>
  void one(ZonalLane<Real> lane, Strip strip, const Real* rho, std::span<const NearAngle> near,
           std::span<const EqualPair> equal, const Diagonal& dx, const Diagonal& dz, const RowRange& x,
           const RowRange& z, Real* out, const Single& single) {
    for (std::size_t i = 0; i < x.count; ++i) row_[i] = static_cast<Real>(dx.root[x.first + i]);
    for (std::size_t j = 0; j < strip.cols; ++j)
      col_[j] = static_cast<Real>(dz.root[z.first + std::min(j, z.count - 1)]);
    lanes<Real>().zonal(strip, rho, lane, {row_.data(), col_.data(), Real(0)}, out);
    for (const NearAngle& pair : near) {
      const double size = mean_size(dx, x.first + pair.row, dz, z.first + pair.col);
      out[pair.row * strip.cols + pair.col] = static_cast<Real>(size * single(pair.m, pair.acute));
    }
    for (const EqualPair& pair : equal)
      out[pair.row * strip.cols + pair.col] =
          static_cast<Real>(equal_value(dx, x.first + pair.row, dz, z.first + pair.col));
  }

  std::vector<Real> covariance_, tangent_, row_, col_;
};

}  // namespace resgram::core
