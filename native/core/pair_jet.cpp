#include "pair_jet.hpp"

#include <cmath>
#include <limits>

namespace resgram::core {
namespace {

template <std::size_t N>
Complement<N> lower(const PairJet<N>& pair) {
  if (pair.acute) return {pair.ratio, pair.rest};
  return {-pair.ratio, 1.0 - pair.rest};
}

template <std::size_t N>
Complement<N> upper(const PairJet<N>& pair) {
  if (!pair.acute) return {pair.ratio, pair.rest};
  return {-pair.ratio, 1.0 - pair.rest};
}

// What a sum adds to the complements: 1 − ρ′ = … + 2 excess, 1 + ρ′ = … + 2 excess + 2 cross.
template <std::size_t N>
struct Added {
  Jet<N> excess, cross;
};

// ρ′ = c ρ₁ + s ρ₂ + cross where each row has a unit vector (c, s), factors k and k + 1: the complements are sums of
// terms that do not cancel.                                                                 [independent-sum; means]
template <std::size_t N>
void combine(const PairFactors<N>& f, std::size_t k, const Added<N>& added, const HalfAngle<N>& half,
             const PairJet<N>& a, const PairJet<N>& b, PairJet<N>& out) {
  const Jet<N> c = f.pair(k), s = f.pair(k + 1);
  const bool acute = (c * correlation(half, a) + s * correlation(half, b) + added.cross).v >= 0;
  const Complement<N> p = acute ? lower(a) : upper(a), q = acute ? lower(b) : upper(b);
  const Jet<N> rest = acute ? added.excess : added.excess + added.cross;
  settle(half, Complement<N>{c * p.ratio + s * q.ratio, c * p.rest + (s * q.rest + rest)}, acute, out);
}

// ½ d²/(1 + cos) of two such vectors at an angle.                                               [independent-sum]
template <std::size_t N>
Added<N> apart(const PairFactors<N>& f, std::size_t k) {
  if (f.uniform) return {};
  const Jet<N> d = f.x[k + 1] * f.z[k] - f.x[k] * f.z[k + 1];
  return {0.5 * d * d / (1.0 + (f.pair(k) + f.pair(k + 1))), Jet<N>{}};
}

// With means β and ν, factors 4 and 5.                                                                   [means]
template <std::size_t N>
Added<N> mixed(const PairFactors<N>& f) {
  if (f.uniform) return {Jet<N>{}, f.x[4]};
  const auto gap = [&](std::size_t k) { return f.x[k] - f.z[k]; };
  const Jet<N> c = gap(0), s = gap(1);
  return {0.25 * (c * c + s * s) + 0.5 * (gap(4) * gap(5)), f.x[4] * f.z[5] + f.x[5] * f.z[4]};
}

}  // namespace

template <std::size_t N>
void settle(const HalfAngle<N>& half, const Complement<N>& m, bool acute, PairJet<N>& pair) {
  pair.acute = acute;
  if (m.ratio.v > 0 && m.rest.v >= 0) {
    pair.ratio = m.ratio;
    pair.rest = m.rest;
    return;
  }
  pair.ratio = Jet<N>{};
  pair.rest = half.square * m.ratio + m.rest;
  if (pair.rest.v < 0) pair.rest.v = 0;
}

// q = √m with m = p² + e, p = u √ratio: q q_i = p p_i + e_i/2, and once more
//   q q_ij = (p_i p_j − q_i q_j) + p p_ij + e_ij/2
// which is p_ij exactly where e = 0.                                                                      [jets]
template <std::size_t N>
Root<N> root(const HalfAngle<N>& half, const PairJet<N>& pair) {
  const Jet<N> p = pair.ratio.v > 0 ? half.u * sqrt(pair.ratio) : Jet<N>{};
  const Jet<N>& e = pair.rest;
  if (e.vanishes()) return {p};
  const double m = p.v * p.v + e.v;
  if (m == 0) {
    // √m has a slope in both directions, of mean 0; where m itself has a slope, √m rises infinitely fast.
    Root<N> none{Jet<N>{}, true};
    for (const double slope : e.d)
      if (slope != 0) none.value.h.fill(std::numeric_limits<double>::infinity());
    return none;
  }
  Jet<N> q(std::sqrt(m));
  for (std::size_t i = 0; i < N; ++i) q.d[i] = (p.v * p.d[i] + 0.5 * e.d[i]) / q.v;
  std::size_t at = 0;
  for (std::size_t i = 0; i < N; ++i)
    for (std::size_t j = i; j < N; ++j, ++at)
      q.h[at] = ((p.d[i] * p.d[j] - q.d[i] * q.d[j]) + p.v * p.h[at] + 0.5 * e.h[at]) / q.v;
  return {q};
}

template <std::size_t N>
void train(const PairFactors<N>& f, const HalfAngle<N>& half, PairJet<N>& pair) {
  pair.t = f.pair(0) * pair.t + f.pair(1) * correlation(half, pair) + f.pair(2);
}

template <std::size_t N>
void add_bias(const PairFactors<N>& f, const HalfAngle<N>& half, PairJet<N>& pair) {
  PairJet<N> bias;  // parallel to itself
  bias.ratio = Jet<N>{};
  combine(f, 3, apart(f, 3), half, PairJet<N>(pair), bias, pair);
}

template <std::size_t N>
void add(const PairFactors<N>& f, bool means, const HalfAngle<N>& half, const PairJet<N>& saved, PairJet<N>& pair) {
  pair.corner = pair.corner || saved.corner;
  pair.t = f.pair(2) * saved.t + f.pair(3) * pair.t;
  combine(f, 0, means ? mixed(f) : apart(f, 0), half, saved, PairJet<N>(pair), pair);
}

template void settle<1>(const HalfAngle<1>&, const Complement<1>&, bool, PairJet<1>&);
template void settle<2>(const HalfAngle<2>&, const Complement<2>&, bool, PairJet<2>&);
template Root<1> root<1>(const HalfAngle<1>&, const PairJet<1>&);
template Root<2> root<2>(const HalfAngle<2>&, const PairJet<2>&);
template void train<1>(const PairFactors<1>&, const HalfAngle<1>&, PairJet<1>&);
template void train<2>(const PairFactors<2>&, const HalfAngle<2>&, PairJet<2>&);
template void add_bias<1>(const PairFactors<1>&, const HalfAngle<1>&, PairJet<1>&);
template void add_bias<2>(const PairFactors<2>&, const HalfAngle<2>&, PairJet<2>&);
template void add<1>(const PairFactors<1>&, bool, const HalfAngle<1>&, const PairJet<1>&, PairJet<1>&);
template void add<2>(const PairFactors<2>&, bool, const HalfAngle<2>&, const PairJet<2>&, PairJet<2>&);

}  // namespace resgram::core
