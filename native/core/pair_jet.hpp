// A pair of inputs with derivatives: the correlation and the normalised tangent kernel of lanes.hpp as jets.
//
// The smaller complement m = (1 − |ρ|)/2 is carried in two parts, m = u² ratio + rest, where u is the sine (beyond a right
// angle: the cosine) of half the angle of the inputs. Layers multiply the ratio by functions without singularity, and
// √m, the one that ReLU needs, is u √ratio where nothing else has come in: its derivatives exist where m = 0. What comes
// from unequal lengths or from the other end of the curve is in `rest`.                                 [jets]
#pragma once

#include <array>
#include <cstddef>

#include "jet.hpp"
#include "program.hpp"

namespace resgram::core {

template <std::size_t N>
struct PairJet {
  bool acute = true;    // ρ ≥ 0
  bool corner = false;  // t has no derivative here: its one-sided ones were replaced by their mean
  Jet<N> ratio{1}, rest, t;
};

// What a step multiplies in, in the order of lanes.hpp; x's own factors may depend on the variables.
template <std::size_t N>
struct PairFactors {
  bool uniform = false;  // x holds the products of pairs
  std::array<Jet<N>, kMostFactors> x{};
  std::array<double, kMostFactors> z{};

  [[nodiscard]] Jet<N> pair(std::size_t k) const { return uniform ? x[k] : x[k] * z[k]; }
};

// u of a pair, with its square.
template <std::size_t N>
struct HalfAngle {
  Jet<N> u, square;
  explicit HalfAngle(const Jet<N>& of) : u(of), square(of * of) {}
};

// The two parts of (1 − ρ)/2 or (1 + ρ)/2.
template <std::size_t N>
struct Complement {
  Jet<N> ratio, rest;
};

template <std::size_t N>
Jet<N> smaller(const HalfAngle<N>& half, const PairJet<N>& pair) {
  return half.square * pair.ratio + pair.rest;
}

template <std::size_t N>
Jet<N> correlation(const HalfAngle<N>& half, const PairJet<N>& pair) {
  const Jet<N> size = 1.0 - 2.0 * smaller(half, pair);
  return pair.acute ? size : -size;
}

// Makes `m` the smaller complement; a ratio that is not positive goes into the rest.
template <std::size_t N>
void settle(const HalfAngle<N>& half, const Complement<N>& m, bool acute, PairJet<N>& pair);

// √m, and whether m = 0 lies where √m has no derivative (then the derivatives are 0).
template <std::size_t N>
struct Root {
  Jet<N> value;
  bool corner = false;
};
template <std::size_t N>
Root<N> root(const HalfAngle<N>& half, const PairJet<N>& pair);

// t′ = f t + g ρ + h                                                                                        [dense]
template <std::size_t N>
void train(const PairFactors<N>& factors, const HalfAngle<N>& half, PairJet<N>& pair);
// ρ′ = c ρ + s and ρ′ = c ρ₁ + s ρ₂ (`means`: + β ν + ν β) with t′ = ct t₁ + st t₂           [independent-sum; means]
template <std::size_t N>
void add_bias(const PairFactors<N>& factors, const HalfAngle<N>& half, PairJet<N>& pair);
template <std::size_t N>
void add(const PairFactors<N>& factors, bool means, const HalfAngle<N>& half, const PairJet<N>& saved,
         PairJet<N>& pair);

// Activations: activation_jet.cpp.
template <std::size_t N>
void activate(const Step& step, const PairFactors<N>& factors, const HalfAngle<N>& half, PairJet<N>& pair);

}  // namespace resgram::core
