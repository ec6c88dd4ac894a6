// The side of one input with derivatives by the logarithm s of its length: what rows.hpp makes, as jets.          [jets]
#pragma once

#include <array>
#include <vector>

#include "jet.hpp"
#include "rows.hpp"

namespace resgram::core {

// Variables of pairs: 0 is s, 1 the angle.
Jet<2> by_length(const Jet<1>& a);

class RowJets {
 public:
  explicit RowJets(const Unit& unit);

  void step(const Step& step);
  // In the order of lanes.hpp, with the very values that RowRecursion has.
  [[nodiscard]] const std::array<Jet<2>, kMostFactors>& factors() const { return factors_; }
  [[nodiscard]] bool zero() const { return rows_.state().q[0].zero(); }
  // √Q and √Θ relative to their values.
  [[nodiscard]] Jet<2> covariance_root() const { return by_length(sqrt(state_.q)); }
  [[nodiscard]] Jet<2> tangent_root() const { return by_length(sqrt(state_.theta)); }

 private:
  // Q and Θ divided by their values; the mean of the function in units of √Q.
  struct State {
    Jet<1> q{1}, theta{1}, mean;
  };

  void affine();
  void activation(const Step& step, double variance, bool tangent_zero);
  void function(const Step& step, double variance);
  void add(const State& saved, bool mixes);
  [[nodiscard]] double value(std::size_t k) const { return rows_.factor(k)[0]; }
  // A factor that is the root of a share; its value comes from rows_.
  void put(std::size_t k, const Jet<1>& square);
  void put_factor(std::size_t k, const Jet<1>& factor);

  Unit unit_;
  RowRecursion rows_;
  State state_;
  std::vector<State> saved_;
  std::array<Jet<2>, kMostFactors> factors_;
};

}  // namespace resgram::core
