// The activation steps of lanes_body.hpp and near.cpp on jets.
#include <cmath>
#include <limits>
#include <string>

#include "arcsine_jet.hpp"
#include "error.hpp"
#include "pair_jet.hpp"
#include "turning.hpp"

namespace resgram::core {
namespace {

constexpr double kTau = 6.28318530717958647693;
// Up to here a smooth activation's complement is formed from what it falls by, not by subtraction from 1.
constexpr double kNear = 0.125;

template <std::size_t N>
void multiply(const Complement<N>& m, const Jet<N>& factor, double added, const HalfAngle<N>& half, bool acute,
              PairJet<N>& pair) {
  settle(half, Complement<N>{m.ratio * factor, m.rest * factor + added}, acute, pair);
}

// With b = ½ g s P1 the complements of κ are m(1 − b), and beyond a right angle m(h + b) + ½ g or opposite − m(h + b);
// see the vector step.                                                              [arc-cosine; half-defect; leaky-relu]
template <std::size_t N>
void relu(double slope, const PairFactors<N>& f, const HalfAngle<N>& half, PairJet<N>& pair) {
  const double norm = 1 + slope * slope, g = (1 - slope) * (1 - slope) / norm, h = 2 * slope / norm;
  const Jet<N> m = smaller(half, pair);
  const Root<N> s = root(half, pair);
  const Jet<N> bend = 0.5 * g * (s.value * composed(m, half_bend(m.v)));
  const Jet<N> turn = g * (s.value * composed(m, half_angle(m.v)));
  pair.corner = pair.corner || (s.corner && g > 0 && pair.t.v != 0);
  pair.t = pair.t * ((pair.acute ? 1.0 - turn : h + turn) * f.pair(0));
  const Complement<N> parts{pair.ratio, pair.rest};
  if (pair.acute) {
    multiply(parts, 1.0 - bend, 0, half, true, pair);
  } else if (2 * m.v * (h + bend.v) >= h) {
    multiply(parts, -h - bend, (1 + slope) * (1 + slope) / (2 * norm), half, true, pair);
  } else {
    multiply(parts, h + bend, 0.5 * g, half, false, pair);
  }
}

// What the smooth activations have in common; names as in lanes_body.hpp and near.cpp.
template <std::size_t N>
struct Smooth {
  Jet<N> rho, m, reach, sum, product, spread, start, q, inverse;

  Smooth(const PairFactors<N>& f, const HalfAngle<N>& half, const PairJet<N>& pair)
      : rho(correlation(half, pair)),
        m(smaller(half, pair)),
        reach(f.pair(0)),
        sum(f.x[1] + f.z[1]),
        product(f.pair(1)),
        spread(4.0 * m * (1.0 - m)),
        start(sum - product),
        q(start + spread * reach * reach),
        inverse(f.pair(2)) {}
};

// ρ′ of parallel inputs as a function of their lengths.
template <std::size_t N>
Jet<N> parallel(Op op, const Smooth<N>& p) {
  const Jet<N> ratio = arcsine_ratio(p.reach * p.reach, p.start);
  if (op == Op::erf) return p.inverse * ratio;
  return p.inverse * (0.25 + p.reach * ratio / kTau + p.reach * p.sum / (kTau * sqrt(p.start)));
}

// (1 − ρ′)/2 of parallel inputs, x a jet of the logarithm of its length and `parallel` their ρ′: the value without
// cancellation, its derivatives to an ulp of 1. Inputs that are alike have ¼ τ δ², δ that logarithm.        [turning]
template <std::size_t N>
Jet<N> excess(Op op, const Reach& x, const Reach& z, double rate, const Jet<N>& parallel) {
  Jet<N> out;
  if constexpr (N == 2) {
    if (x.variance == z.variance) {
      out.h[0] = 0.5 * turning(op, x, z) * rate * rate;
      return out;
    }
    out = 0.5 * (1.0 - parallel);
    out.v = length_defect(op, x, z);
  }
  return out;
}

// From the factors of a row and, for x, how fast its length grows: y² = 2ae or ae has δ′ = y′/(y e).
template <std::size_t N>
Jet<N> excess(Op op, const PairFactors<N>& f, const Smooth<N>& p) {
  if constexpr (N == 1) return {};
  const auto row = [op](double reach, double e) {
    const double ratio = reach * reach / e;
    return Reach{op == Op::erf ? ratio / 2 : ratio, reach, e};
  };
  const double y = f.x[0].v, e = f.x[1].v;
  return excess(op, row(y, e), row(f.z[0], f.z[1]), f.x[0].d[0] / (y * e), parallel(op, p));
}

// The factor from m to m′ for inputs of equal length.                                                     [near-smooth]
template <std::size_t N>
Jet<N> fall(Op op, const Smooth<N>& p, const Jet<N>& f) {
  const Jet<N> from = sqrt(p.start), to = sqrt(p.q), along = to + (1.0 - 2.0 * p.m) * from;
  const Jet<N> rest = 4.0 * (1.0 - p.m) / along;
  const Jet<N> sine = p.reach * p.m * rest, square = sine * sine;
  if (op == Op::erf) return 0.5 * p.inverse * rest * composed(square, arcsine_ratio(square.v));
  const Jet<N> both = from + to;
  const Jet<N> braces = 2.0 * p.m * from * to / (along * both) + p.sum - p.start * from / both +
                        p.product * (1.0 - p.start) / (from * both);
  const Jet<N> gap = p.reach * rest * square * composed(square, arcsine_gap(square.v));
  return 0.5 * p.inverse * (2.0 * f + gap / kTau + 4.0 * (1.0 - p.m) * p.reach / (kTau * to) * braces);
}

// F = acos(−x)/2π from x and q = 1 − x².
template <std::size_t N>
Jet<N> share(const Jet<N>& x, const Jet<N>& q) {
  const Jet<N> x2 = x * x;
  if (x2.v <= q.v) return 0.25 + x * composed(x2, arcsine_ratio(x2.v)) / kTau;
  const Jet<N> part = sqrt(q) * composed(q, arcsine_ratio(q.v)) / kTau;
  return x.v < 0 ? part : 0.5 - part;
}

// Dual of the pair; see the vector steps.                                                                  [erf; gelu]
template <std::size_t N>
void smooth(Op op, const PairFactors<N>& factors, const HalfAngle<N>& half, PairJet<N>& pair) {
  const Smooth<N> p(factors, half, pair);
  const Jet<N> x = p.rho * p.reach;
  const Jet<N> over = 1.0 / sqrt(p.q);
  const bool erf = op == Op::erf;
  const Jet<N> f = erf ? Jet<N>{} : share(x, p.q);
  const Jet<N> derivative = erf ? over : f + x * (p.sum + p.product / p.q) * over / kTau;
  pair.t = pair.t * (derivative * factors.pair(3));
  if (p.m.v < kNear && (pair.acute || erf) && p.reach.v > 0) {
    const Jet<N> factor = fall(op, p, f);
    settle(half, Complement<N>{pair.ratio * factor, pair.rest * factor + excess(op, factors, p)}, pair.acute, pair);
    return;
  }
  const Jet<N> value =
      erf ? p.rho * arcsine_ratio(x * x, p.q) : p.rho * f + p.reach * (p.spread + p.rho * p.rho * p.sum) * over / kTau;
  const Jet<N> next = value * p.inverse;
  const bool acute = next.v >= 0;
  settle(half, Complement<N>{Jet<N>{}, 0.5 * (1.0 - (acute ? next : -next))}, acute, pair);
}

template <std::size_t N>
Jet<N> exp(const Jet<N>& a) {
  const double f = std::exp(a.v);
  return composed(a, f, f, f);
}

// With κ = √(ab), μ = |ρ|κ and D = ½(√a − √b)² + 2mκ as in the vector step; near ±1 the fall of near.cpp.       [sine]
template <std::size_t N>
void sine(const PairFactors<N>& f, const HalfAngle<N>& half, PairJet<N>& pair) {
  const double length = f.z[0] + f.z[1];
  const Jet<N> kappa = (f.x[0] + f.x[1]) * length, m = smaller(half, pair), size = 1.0 - 2.0 * m;
  const Jet<N> gap = (f.x[0] - f.z[0]) + (f.x[1] - f.z[1]), apart = -0.5 * gap * gap;
  const Jet<N> inverse = f.pair(2), decay = exp(apart - 2.0 * m * kappa);
  pair.t = pair.t * (0.5 * decay * (1.0 + exp(-2.0 * size * kappa)) * f.pair(3));
  if (m.v < kNear && kappa.v > 0) {
    const Jet<N> factor =
        0.5 * inverse * exp(apart) * (1.0 + exp(-2.0 * kappa * (1.0 - m))) * decay_chord(2.0 * kappa * m);
    const double reach = (f.x[0] + f.x[1]).v;
    const Jet<N> added = excess(Op::sine, Reach{reach * reach, reach, 0}, Reach{length * length, length, 0},
                                (f.x[0] + f.x[1]).d[0] / reach, inverse * exp(apart) * decay_chord(2.0 * kappa));
    settle(half, Complement<N>{pair.ratio * factor, pair.rest * factor + added}, pair.acute, pair);
    return;
  }
  const Jet<N> next = size * decay * inverse * decay_chord(2.0 * size * kappa);
  settle(half, Complement<N>{Jet<N>{}, 0.5 * (1.0 - next)}, pair.acute, pair);
}

// m′ = √m P0(m): a corner that later kinks turn into an infinite slope.                                         [sign]
template <std::size_t N>
void sign(const HalfAngle<N>& half, PairJet<N>& pair) {
  const Jet<N> m = smaller(half, pair);
  Root<N> s = root(half, pair);
  if (s.corner) s.value.d.fill(std::numeric_limits<double>::infinity());
  settle(half, Complement<N>{Jet<N>{}, s.value * composed(m, half_angle(m.v))}, pair.acute, pair);
  pair.t = Jet<N>{};
}

}  // namespace

template <std::size_t N>
void activate(const Step& step, const PairFactors<N>& factors, const HalfAngle<N>& half, PairJet<N>& pair) {
  switch (step.op) {
    case Op::relu:
      relu(step.args[1], factors, half, pair);
      break;
    case Op::erf:
    case Op::gelu:
      smooth(step.op, factors, half, pair);
      break;
    case Op::sine:
      sine(factors, half, pair);
      break;
    case Op::sign:
      sign(half, pair);
      break;
    default:
      throw Error(Code::internal, "a step without derivatives");
  }
}

template void activate<1>(const Step&, const PairFactors<1>&, const HalfAngle<1>&, PairJet<1>&);
template void activate<2>(const Step&, const PairFactors<2>&, const HalfAngle<2>&, PairJet<2>&);

}  // namespace resgram::core
