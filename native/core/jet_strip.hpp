// One input against many others, run through a program with derivatives.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "dual_table.hpp"
#include "pair_jet.hpp"
#include "sides.hpp"

namespace resgram::core {

// Where a pair starts. u: sine of half the angle, beyond a right angle (acute = false) its cosine.
template <std::size_t N>
struct Start {
  Jet<N> u;
  bool acute;
};

template <std::size_t N>
class JetStrip {
 public:
  JetStrip(bool uniform, const std::vector<Start<N>>& pairs);

  // One executed step; every one must come by. `table`: that of a step with a φ without a closed form, else null; for N = 1
  // only. `x`: its factors for the row (uniform: products) and whether its covariance is zero after the step;
  // `column(j)`: the place of pair j among the rows that z walks, which has made the step already.
  void step(const Step& step, const std::array<Jet<N>, kMostFactors>& x, bool x_zero, const RowCursor& z,
            const std::function<std::size_t(std::size_t j)>& column, const DualTable* table = nullptr);

  [[nodiscard]] std::size_t size() const { return halves_.size(); }
  [[nodiscard]] Jet<N> rho(std::size_t j) const { return correlation(halves_[j], pairs_[j]); }
  [[nodiscard]] const Jet<N>& t(std::size_t j) const { return pairs_[j].t; }
  [[nodiscard]] bool corner(std::size_t j) const { return pairs_[j].corner; }

 private:
  void function(const Step& step, const std::array<Jet<N>, kMostFactors>& x, const RowCursor& z,
                const std::function<std::size_t(std::size_t j)>& column, const DualTable* table);

  bool uniform_;
  std::size_t executed_ = 0;
  std::vector<HalfAngle<N>> halves_;
  std::vector<PairJet<N>> pairs_;
  bool means_ = false;  // may the functions have means?
  struct Saved {
    std::vector<PairJet<N>> pairs;
    bool means;
  };
  std::vector<Saved> saved_;
};

}  // namespace resgram::core
