#include "row_jet.hpp"

#include <cmath>
#include <utility>

#include "activation_row.hpp"
#include "arcsine_jet.hpp"
#include "dual_taylor.hpp"

namespace resgram::core {
namespace {

constexpr double kPi = 3.14159265358979323846;

// Factors of a smooth activation and its S/a and Ṡ as functions of the variance a.
struct SmoothJets {
  Jet<1> reach, complement, inverse, own, gain, derivative;
};

// As erf_row and gelu_row have them.                                                                        [erf; gelu]
SmoothJets erf_jets(const Jet<1>& a) {
  const Jet<1> e = 1.0 / (1.0 + 2.0 * a), y2 = 2.0 * a * e;
  const Jet<1> ratio = arcsine_ratio(y2 * y2, e * (2.0 - e));
  return {sqrt(y2), e, 1.0 / sqrt(ratio), sqrt(sqrt(e * (2.0 - e))), e * ratio, sqrt(e / (2.0 - e))};
}

SmoothJets gelu_jets(const Jet<1>& a) {
  const Jet<1> e = 1.0 / (1.0 + a), g2 = a * e, q = e * (2.0 - e);
  const Jet<1> f = 0.25 + g2 * arcsine_ratio(g2 * g2, q) / (2 * kPi);
  const Jet<1> over = 1.0 / (2 * kPi * sqrt(q));
  const Jet<1> gain = f + 2.0 * e * g2 * over;
  const Jet<1> derivative = f + g2 * (2.0 * e + e * e / q) * over;
  return {sqrt(g2), e, 1.0 / sqrt(gain), 1.0 / sqrt(derivative), gain, derivative};
}

// S(a,a) = (1 − e^{−2a})/2, Ṡ(a,a) = (1 + e^{−2a})/2; the length stands in for both of its pieces.               [sine]
SmoothJets sine_jets(const Jet<1>& a) {
  const double rest = std::exp(-2 * a.v);
  const Jet<1> gain = decay_chord(2.0 * a);
  const Jet<1> derivative = composed(a, 0.5 * (1 + rest), -rest, 2 * rest);
  return {sqrt(a), Jet<1>{}, 1.0 / sqrt(gain), 1.0 / sqrt(derivative), gain, derivative};
}

SmoothJets smooth_jets(Op op, const Jet<1>& a) {
  if (op == Op::erf) return erf_jets(a);
  return op == Op::gelu ? gelu_jets(a) : sine_jets(a);
}

Jet<1> relative(const Jet<1>& a) { return a / a.v; }

}  // namespace

Jet<2> by_length(const Jet<1>& a) {
  Jet<2> out(a.v);
  out.d[0] = a.d[0];
  out.h[0] = a.h[0];
  return out;
}

RowJets::RowJets(const Unit& unit) : unit_(unit), rows_({&unit_, 1}, false) {
  state_.q.d[0] = 2;  // Q = e^{2s}
  state_.q.h[0] = 4;
}

void RowJets::put_factor(std::size_t k, const Jet<1>& factor) {
  Jet<2> out = by_length(factor);
  out.v = value(k);
  factors_[k] = out;
}

void RowJets::put(std::size_t k, const Jet<1>& square) { put_factor(k, value(k) * sqrt(square)); }

void RowJets::step(const Step& step) {
  const Scaled variance = rows_.state().q.empty() ? Scaled{} : rows_.state().q[0] * unit_.square;
  const bool tangent_zero = rows_.state().theta.empty() || rows_.state().theta[0].zero();
  rows_.step(step);
  factors_ = {};
  switch (step.op) {
    case Op::affine:
      affine();
      break;
    case Op::scale:
      if (step.args[0] < 0) state_.mean = -state_.mean;
      break;
    case Op::push:
      saved_.push_back(state_);
      break;
    case Op::swap:
      std::swap(saved_.back(), state_);
      break;
    case Op::pop:
      state_ = saved_.back();
      saved_.pop_back();
      break;
    case Op::add: {
      const State saved = saved_.back();
      saved_.pop_back();
      add(saved, rows_.factor_count() == kMixFactors);
      break;
    }
    default:
      if (is_activation(step.op)) activation(step, variance.value(), tangent_zero);
      break;
  }
}

// The shares are the squares of the factors, and a bias does not grow with the input.
void RowJets::affine() {
  const auto share = [this](std::size_t k) { return value(k) * value(k); };
  const Jet<1> q = state_.q;
  if (share(0) + share(1) + share(2) > 0) {
    const Jet<1> theta = relative(share(0) * state_.theta + share(1) * q + share(2));
    put(0, state_.theta / theta);
    put(1, q / theta);
    put(2, 1.0 / theta);
    state_.theta = theta;
  }
  if (share(3) + share(4) > 0) state_.q = relative(share(3) * q + share(4));
  put(3, q / state_.q);
  put(4, 1.0 / state_.q);
  state_.mean = Jet<1>{};
}

void RowJets::activation(const Step& step, double variance, bool tangent_zero) {
  for (std::size_t k = 0; k < factor_count(step.op); ++k) factors_[k] = Jet<2>(value(k));
  const ActivationRow row = activation_row(step, Scaled{variance, 0}, tangent_zero);
  state_.mean = Jet<1>(row.mean);
  if (step.op == Op::function) {
    function(step, variance);
    return;
  }
  if (step.op == Op::relu || variance == 0) return;
  if (step.op == Op::sign) {
    state_.q = Jet<1>(1);
    return;
  }
  const SmoothJets smooth = smooth_jets(step.op, variance * state_.q);
  put_factor(0, smooth.reach);
  put_factor(1, smooth.complement);
  put_factor(2, smooth.inverse);
  if (!tangent_zero) put_factor(3, smooth.own);
  if (step.op == Op::gelu) state_.mean = row.mean * relative(smooth.reach * smooth.inverse);
  state_.q = state_.q * relative(smooth.gain);
  state_.theta = state_.theta * relative(smooth.derivative);
}

// Q = E φ², Θ ∝ E φ′² and the mean of φ by the logarithm of the variance.                               [dual-derivatives]
void RowJets::function(const Step& step, double variance) {
  if (variance == 0) {
    state_.q = Jet<1>(1);  // the constant φ(0)
    return;
  }
  const RowTaylor row = row_taylor(*step.function, variance);
  const Jet<1> log = composed(state_.q, value(0), 1, -1);
  const auto of = [&log](const Derivatives& f) { return composed(log, f); };
  put_factor(0, log);
  state_.q = row.square.value == 0 ? Jet<1>(1) : relative(of(row.square));
  if (row.slope.value > 0) {
    put_factor(3, of(row.mean_slope) / sqrt(of(row.slope)));
    state_.theta = state_.theta * relative(of(row.slope));
  }
  if (row.square.value == 0) return;
  const Jet<1> mean = of(row.mean) / sqrt(of(row.square));
  put_factor(1, mean);
  const double value = state_.mean.v;
  state_.mean = step.args[0] < 0 ? -mean : mean;
  state_.mean.v = value;
}

void RowJets::add(const State& saved, bool mixes) {
  const auto share = [this](std::size_t k) { return value(k) * value(k); };
  const State branch = state_;
  if (zero()) return;
  // Of the means in units of the root of the sum only the derivatives are missing.
  const auto part = [](const State& of, double root) { return root * of.mean * sqrt(of.q); };
  Jet<1> q = share(0) * saved.q + share(1) * branch.q;
  if (mixes) q = q + 2.0 * part(saved, value(0)) * part(branch, value(1));
  state_.q = relative(q);
  put(0, saved.q / state_.q);
  put(1, branch.q / state_.q);
  const Jet<1> first = part(saved, value(0)) / sqrt(state_.q), second = part(branch, value(1)) / sqrt(state_.q);
  if (mixes) {
    put_factor(4, first);
    put_factor(5, second);
  }
  state_.mean = first + second;
  if (share(2) + share(3) > 0) {
    state_.theta = relative(share(2) * saved.theta + share(3) * branch.theta);
    put(2, saved.theta / state_.theta);
    put(3, branch.theta / state_.theta);
  }
}

}  // namespace resgram::core
