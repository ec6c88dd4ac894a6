#include "wide_curve.hpp"

#include <cmath>

#include "error.hpp"
#include "rows.hpp"
#include "run.hpp"
#include "scaled.hpp"

namespace resgram::core {
namespace {

using Pair = WideCurve::Pair;

const Wide kZero = 0, kHalf = 0.5, kOne = 1;

Wide correlation(const Pair& s) { return s.high - s.low; }

Wide share(Scaled part, Scaled whole) {
  if (part.zero() || whole.zero()) return kZero;
  const Wide quotient = Wide(part.m, part.low) / Wide(whole.m, whole.low);
  const std::int64_t shift = part.e - whole.e;
  return ldexp(quotient, static_cast<int>(shift < -5000 ? -5000 : shift));
}

// K′ = σ²K + β², T′ = σ²(T + t K) + t β². Shares are made to add up to 1: else the two sides of a right angle would not
// meet.                                                                                                          [dense]
void share_affine(const Step& step, const RowState& before, const RowState& after, std::array<Wide, 4>& out) {
  const bool biased = step.args[2] > 0;
  out = {kZero, kZero, kZero, kOne};
  if (!after.theta[0].zero()) {
    out[0] = share(before.theta[0] * step.args[0], after.theta[0]);
    out[1] = step.args[1] == 0 ? kZero : share(before.q[0] * step.args[0], after.theta[0]);
    if (biased && step.args[4] != 0) out[2] = kOne - out[0] - out[1];
  }
  if (biased && step.args[3] != 0) out[3] = share(before.q[0] * step.args[0], after.q[0]);
}

void affine(const std::array<Wide, 4>& shares, Pair& s) {
  s.tangent = shares[0] * s.tangent + shares[1] * correlation(s) + shares[2];
  s.low = shares[3] * s.low;
  s.high = shares[3] * s.high + (kOne - shares[3]);
}

// As the vector step `relu` of lanes.hpp.                                               [arc-cosine; half-defect; leaky-relu]
void relu(double slope, Pair& s) {
  const Wide a = slope, norm = kOne + a * a;
  const Wide g = (kOne - a) * (kOne - a) / norm, h = Wide(2) * a / norm;
  const bool acute = s.low <= s.high;
  const Wide m = acute ? s.low : s.high;
  const Wide root = sqrt(m), t = Wide(2) * asin(root);
  const SinCos of_t{Wide(2) * root * sqrt(kOne - m), kOne - Wide(2) * m};
  const Wide bend = kHalf * g * sine_excess(t, of_t) / kWidePi;
  const Wide turn = g * t / kWidePi;
  if (acute) {
    s.low = m - bend;
    s.high = kOne - s.low;
    s.tangent = s.tangent * (kOne - turn);
    return;
  }
  const Wide low = (kOne + a) * (kOne + a) / (Wide(2) * norm) - h * m - bend, high = kHalf * g + h * m + bend;
  s.low = low <= high ? low : kOne - high;
  s.high = low <= high ? kOne - low : high;
  s.tangent = s.tangent * (h + turn);
}

// asin x for |x| ≤ 1 from x and 1 − x².
Wide full_asin(Wide x, Wide complement) {
  const Wide size = magnitude(x);
  const Wide value = size * size <= complement ? asin(size) : ldexp(kWidePi, -1) - asin(sqrt(complement));
  return x.high < 0 ? -value : value;
}

// Odd φ: the smaller complement from |ρ|.
void set_odd(Pair& s, bool acute, Wide smaller) {
  s.low = acute ? smaller : kOne - smaller;
  s.high = acute ? kOne - smaller : smaller;
}

// With x = |ρ| y²: asin y² − asin x = asin δ, and δ without cancellation.                                         [erf]
void erf(double variance, Pair& s) {
  const Wide a = variance, y2 = Wide(2) * a / (kOne + Wide(2) * a), e = kOne / (kOne + Wide(2) * a);
  const Wide inner = e * (Wide(2) - e);  // 1 − y⁴
  const bool acute = s.low <= s.high;
  const Wide spread = Wide(4) * s.low * s.high, x = magnitude(correlation(s)) * y2;
  const Wide q = inner + spread * y2 * y2;
  const Wide delta = y2 * y2 * spread / (y2 * sqrt(q) + x * sqrt(inner));
  // 1 − δ² = (√q √inner + x y²)².
  const Wide cosine = sqrt(q) * sqrt(inner) + x * y2;
  const Wide gap = full_asin(delta, cosine * cosine);
  s.tangent = s.tangent * sqrt(inner) / sqrt(q);
  set_odd(s, acute, kHalf * gap / full_asin(y2, inner));
}

struct GeluPair {
  Wide value, derivative;
};

// S/a and Ṡ at correlation r with 1 − r² = spread.                                                              [gelu]
GeluPair gelu_pair(Wide g, Wide e, Wide r, Wide spread) {
  const Wide inner = e * (Wide(2) - e), q = inner + spread * g * g, x = r * g;
  const Wide f = Wide(0.25) + full_asin(x, q) / (Wide(2) * kWidePi);
  const Wide over = kOne / (Wide(2) * kWidePi * sqrt(q));
  return {r * f + g * (spread + Wide(2) * r * r * e) * over, f + x * (Wide(2) * e + e * e / q) * over};
}

void gelu(double variance, Pair& s) {
  const Wide e = kOne / (kOne + Wide(variance)), g = Wide(variance) * e;
  const GeluPair equal = gelu_pair(g, e, kOne, kZero);
  const GeluPair pair = gelu_pair(g, e, correlation(s), Wide(4) * s.low * s.high);
  s.tangent = s.tangent * pair.derivative / equal.derivative;
  s.low = kHalf * (equal.value - pair.value) / equal.value;
  s.high = kOne - s.low;
}

// S = e^{−a} sinh k and Ṡ = e^{−a} cosh k; odd.                                                                   [sine]
void sine(double variance, Pair& s) {
  const bool acute = s.low <= s.high;
  const Wide m = acute ? s.low : s.high, a = variance;
  const Wide fall = expm1(Wide(-2) * a * m);                    // e^{−(a − |k|)} − 1
  const Wide far = expm1(Wide(-2) * a * (kOne - Wide(2) * m));  // e^{−2|k|} − 1
  const Wide whole = expm1(Wide(-2) * a);                       // e^{−2a} − 1
  s.tangent = s.tangent * (kOne + fall) * (Wide(2) + far) / (Wide(2) + whole);
  // 1 − sinh k / sinh a = [whole − (1 + fall) far] / whole, and the bracket is −fall (2 + far + fall) … in e's:
  //   e^{−2a} − 1 − e^{−(a−k)} (e^{−2k} − 1) = (e^{−(a−k)} − 1)(1 + e^{−(a+k)})
  const Wide sum = kOne + (kOne + fall) * (kOne + far);
  set_odd(s, acute, kHalf * (fall * sum) / whole);
}

// κ = (2/π) asin ρ, so (1 − κ)/2 = (2/π) asin √m.                                                                 [sign]
void sign(Pair& s) {
  const bool acute = s.low <= s.high;
  set_odd(s, acute, Wide(2) * asin(sqrt(acute ? s.low : s.high)) / kWidePi);
  s.tangent = kZero;
}

void activate(const WideCurve::Node& node, Pair& s) {
  if (node.variance == 0) {
    s.low = s.high = kHalf;
    return;
  }
  switch (node.op) {
    case Op::relu:
      return relu(node.slope, s);
    case Op::erf:
      return erf(node.variance, s);
    case Op::gelu:
      return gelu(node.variance, s);
    case Op::sine:
      return sine(node.variance, s);
    case Op::sign:
      return sign(s);
    default:
      throw Error(Code::internal, "expected an activation with a closed form");
  }
}

// Independent functions, but for their means, whose share is what is missing from 1.                  [independent-sum; means]
void share_add(const RowState& left, const RowState& right, const RowState& after, std::array<Wide, 4>& out) {
  out = {kZero, kZero, kZero, kZero};
  if (!after.q[0].zero()) {
    out[0] = share(left.q[0], after.q[0]);
    out[1] = left.means && right.means ? share(right.q[0], after.q[0]) : kOne - out[0];
  }
  if (!after.theta[0].zero()) {
    out[2] = share(left.theta[0], after.theta[0]);
    out[3] = kOne - out[2];
  }
}

void add(const std::array<Wide, 4>& shares, const Pair& saved, Pair& s) {
  s.low = shares[0] * saved.low + shares[1] * s.low;
  s.high = shares[0] * saved.high + shares[1] * s.high + (kOne - shares[0] - shares[1]);
  s.tangent = shares[2] * saved.tangent + shares[3] * s.tangent;
}

}  // namespace

bool WideCurve::exists(const Program& program) {
  if (program.image()) return false;
  for (const Step& step : program.steps())
    if (step.op == Op::function) return false;
  return true;
}

WideCurve::WideCurve(const Program& program, double square) {
  const Unit unit{Scaled{square, 0}, false};
  RowRecursion rows({&unit, 1}, false);
  std::vector<RowState> saved;
  run(program, [&](const Step& step) {
    Node node{step.op, 0, 0, {}};
    const RowState before = rows.state();
    rows.step(step);
    switch (step.op) {
      case Op::affine:
        share_affine(step, before, rows.state(), node.shares);
        break;
      case Op::push:
        saved.push_back(before);
        break;
      case Op::swap:
        saved.back() = before;
        break;
      case Op::pop:
        saved.pop_back();
        break;
      case Op::add:
        share_add(saved.back(), before, rows.state(), node.shares);
        saved.pop_back();
        break;
      case Op::emit:
        break;
      default:
        if (!is_activation(step.op)) return;
        node.variance = (before.q[0] * square).value();
        if (step.op == Op::relu) node.slope = step.args[1];
    }
    nodes_.push_back(node);
  });
}

void WideCurve::values(Wide angle, std::span<WideValues> out) const {
  const SinCos half = sin_cos(ldexp(angle, -1));
  Pair pair{half.sin * half.sin, half.cos * half.cos, kZero};
  std::vector<Pair> saved;
  std::size_t which = 0;
  for (const Node& node : nodes_) {
    switch (node.op) {
      case Op::affine:
        affine(node.shares, pair);
        break;
      case Op::push:
        saved.push_back(pair);
        break;
      case Op::swap:
        std::swap(saved.back(), pair);
        break;
      case Op::pop:
        pair = saved.back();
        saved.pop_back();
        break;
      case Op::add:
        add(node.shares, saved.back(), pair);
        saved.pop_back();
        break;
      case Op::emit:
        out[which++] = {correlation(pair), pair.tangent};
        break;
      default:
        activate(node, pair);
    }
  }
}

}  // namespace resgram::core
