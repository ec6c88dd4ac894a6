#include "correlations.hpp"

#include <cmath>

namespace resgram::core {

template <class Real>
void remeasure(const Directions<Real>& x, const Directions<Real>& z, bool same, const Tile& pairs, const Real* products,
               std::size_t stride, const Real* smallest, std::vector<NearAngle>& near, std::vector<EqualPair>& equal) {
  constexpr Real kSmall = static_cast<Real>(sizeof(Real) == 8 ? kSmallDefect : kSmallDefectSingle);
  static_assert(ZonalMesh<Real>::kLeast == kSmall);
  near.clear();
  equal.clear();
  for (std::size_t i = 0; i < pairs.rows.count; ++i) {
    const std::size_t row = pairs.rows.first + i;
    const auto place = static_cast<std::uint32_t>(i);
    if (x.units()[row].zero) {
      // Two zero vectors have no angle, and are equal all the same.
      for (std::size_t j = 0; j < pairs.cols.count; ++j)
        if (z.units()[pairs.cols.first + j].zero) equal.push_back({place, static_cast<std::uint32_t>(j)});
    }
    if (smallest[i] >= kSmall) continue;
    const Real* rho = products + i * stride;
    for (std::size_t j = 0; j < pairs.cols.count; ++j) {
      if (Real(0.5) * (Real(1) - std::fabs(rho[j])) >= kSmall) continue;
      const std::size_t col = pairs.cols.first + j;
      const bool opposite = rho[j] < 0;
      const double defect = same && row == col ? 0 : half_defect(x, row, z, col, opposite);
      near.push_back({place, static_cast<std::uint32_t>(j), defect, !opposite});
      const Scaled a = x.units()[row].square, b = z.units()[col].square;
      if (!opposite && defect == 0 && a.m == b.m && a.e == b.e) equal.push_back({place, static_cast<std::uint32_t>(j)});
    }
  }
}

template void remeasure<double>(const Directions<double>&, const Directions<double>&, bool, const Tile&, const double*,
                                std::size_t, const double*, std::vector<NearAngle>&, std::vector<EqualPair>&);
template void remeasure<float>(const Directions<float>&, const Directions<float>&, bool, const Tile&, const float*,
                               std::size_t, const float*, std::vector<NearAngle>&, std::vector<EqualPair>&);

}  // namespace resgram::core
