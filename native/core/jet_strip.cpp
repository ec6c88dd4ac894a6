#include "jet_strip.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "activation_row.hpp"
#include "error.hpp"
#include "function_jet.hpp"
#include "function_pair.hpp"

namespace resgram::core {

template <std::size_t N>
JetStrip<N>::JetStrip(bool uniform, const std::vector<Start<N>>& pairs) : uniform_(uniform), pairs_(pairs.size()) {
  for (std::size_t j = 0; j < pairs.size(); ++j) {
    halves_.emplace_back(pairs[j].u);
    pairs_[j].acute = pairs[j].acute;
  }
}

template <std::size_t N>
void JetStrip<N>::step(const Step& step, const std::array<Jet<N>, kMostFactors>& x, bool x_zero, const RowCursor& z,
                       const std::function<std::size_t(std::size_t j)>& column, const DualTable* table) {
  ++executed_;
  switch (step.op) {
    case Op::push:
      saved_.push_back({pairs_, means_});
      return;
    case Op::swap:
      std::swap(saved_.back().pairs, pairs_);
      std::swap(saved_.back().means, means_);
      return;
    case Op::pop:
      pairs_ = std::move(saved_.back().pairs);
      means_ = saved_.back().means;
      saved_.pop_back();
      return;
    default:
      break;
  }
  const bool sum = step.op == Op::add;
  if (!sum && step.op != Op::affine && !is_activation(step.op)) return;
  const bool mixes = sum && saved_.back().means && means_;
  means_ = sum ? saved_.back().means || means_ : is_activation(step.op) && leaves_mean(step);
  if (step.op == Op::function) {
    function(step, x, z, column, table);
    return;
  }
  const std::size_t count = mixes ? kMixFactors : factor_count(step.op);
  const bool bias = step.op == Op::affine && step.args[2] > 0 && step.args[3] != 0;
  PairFactors<N> factors;
  factors.uniform = uniform_;
  factors.x = x;
  for (std::size_t j = 0; j < pairs_.size(); ++j) {
    if (!uniform_)
      for (std::size_t k = 0; k < count; ++k) factors.z[k] = z.factor(k, column(j));
    PairJet<N>& pair = pairs_[j];
    if (step.op == Op::affine) {
      train(factors, halves_[j], pair);
      if (bias) add_bias(factors, halves_[j], pair);
    } else if (sum) {
      add(factors, mixes, halves_[j], saved_.back().pairs[j], pair);
    } else {
      activate(step, factors, halves_[j], pair);
    }
    // ρ := 0 with an input whose covariance is zero.                                                       [zero-input]
    if (!uniform_ && (x_zero || (z.any_zero() && z.zero(column(j)))))
      settle(halves_[j], Complement<N>{Jet<N>{}, Jet<N>{0.5}}, true, pair);
  }
  if (sum) saved_.pop_back();
}

// N = 1: both inputs have the same variance. At variance 0 φ gives a constant, of correlation E φ/√S with itself: 1, or 0
// where it is 0.                                                                             [dual-table; zero-input]
template <std::size_t N>
void JetStrip<N>::function(const Step& step, const std::array<Jet<N>, kMostFactors>& x, const RowCursor& z,
                           const std::function<std::size_t(std::size_t j)>& column, const DualTable* table) {
  if constexpr (N == 2) {
    const FunctionPairs pairs(*step.function, x, where(step));
    std::array<double, kMostFactors> other{};
    for (std::size_t j = 0; j < pairs_.size(); ++j) {
      for (std::size_t k = 0; k < factor_count(step.op); ++k) other[k] = z.factor(k, column(j));
      pairs.step(other, halves_[j], pairs_[j]);
      if (z.any_zero() && z.zero(column(j))) settle(halves_[j], Complement<N>{Jet<N>{}, Jet<N>{0.5}}, true, pairs_[j]);
    }
  } else if (std::isinf(x[0].v)) {
    const Complement<1> constant{Jet<1>{}, Jet<1>(0.5 * (1 - x[1].v * x[1].v))};
    for (std::size_t j = 0; j < pairs_.size(); ++j) settle(halves_[j], constant, true, pairs_[j]);
  } else if (table != nullptr) {
    const DualCurve curve(*step.function, *table, x[0].v);
    for (std::size_t j = 0; j < pairs_.size(); ++j) curve.step(x[4].v * x[4].v, halves_[j], pairs_[j]);
  } else {
    throw Error(Code::internal, "a step without derivatives");
  }
}

template class JetStrip<1>;
template class JetStrip<2>;

}  // namespace resgram::core
