#include "image_own.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "activation_row.hpp"

namespace resgram::core {
namespace {

constexpr std::int64_t kNoLevel = std::numeric_limits<std::int64_t>::min() / 4;

// 4^shift, 2^shift for shifts that may be far out of range.
double two_to(std::int64_t shift) {
  return std::ldexp(1.0, static_cast<int>(std::clamp<std::int64_t>(shift, -2000, 2000)));
}
double four_to(std::int64_t shift) { return two_to(2 * std::clamp<std::int64_t>(shift, -1000, 1000)); }

// The exponent at which the field's largest number is about 1.
std::int64_t level_of(const Field& field, double factor = 1) {
  const double most = field.v.empty() ? 0 : *std::max_element(field.v.begin(), field.v.end());
  if (most == 0 || factor == 0) return kNoLevel;
  return field.e + (std::ilogb(most) + std::ilogb(factor)) / 2;
}

std::int64_t level_of(double value) { return value == 0 ? kNoLevel : std::ilogb(value) / 2; }

// What numbers of a field, or their roots, are multiplied by to be in units of 4^e, 2^e. A field of zeros has whatever
// exponent it had last: 0, not 0 · ∞.
double carried_to(const Field& field, std::int64_t e) { return level_of(field) == kNoLevel ? 0 : four_to(field.e - e); }
double root_carried_to(const Field& field, std::int64_t e) {
  return level_of(field) == kNoLevel ? 0 : two_to(field.e - e);
}

// A number in units of 4^e, however far e is from 0.
double in_units(double value, std::int64_t e) {
  return std::ldexp(value, static_cast<int>(std::clamp<std::int64_t>(-2 * e, -5000, 5000)));
}

// Keeps an exponent that will do: factors stay 1, and t need not move.
std::int64_t chosen(std::int64_t now, std::int64_t wanted) {
  constexpr std::int64_t kSlack = 8;
  if (wanted <= kNoLevel / 2) return now;
  return wanted - now <= kSlack && now - wanted <= kSlack ? now : wanted;
}

void multiply(Field& field, double factor) {
  for (double& v : field.v) v *= factor;
}

// For fields whose exponent means nothing to pairs.
void settle(Field& field) {
  const std::int64_t e = chosen(field.e, level_of(field));
  if (e == field.e) return;
  multiply(field, four_to(field.e - e));
  field.e = e;
}

double inverse_root(double v) { return v > 0 ? 1 / std::sqrt(v) : 0; }

// √(part/whole)
double share(double part, double whole) { return whole > 0 ? std::sqrt(part / whole) : 0; }

// Sums over the taps of a filter along x (step = 1) or y (step = width).
std::vector<double> filtered(const std::vector<double>& v, const AxisFilter& filter, int lines, int in, int out,
                             std::size_t line_step, std::size_t in_step, std::size_t out_line, std::size_t out_step) {
  std::vector<double> sums(static_cast<std::size_t>(lines) * static_cast<std::size_t>(out), 0.0);
  for (int o = 0; o < out; ++o)
    for (int k = 0; k < filter.size; ++k) {
      const int at = filter.tap(o, k, in);
      if (at < 0) continue;
      for (std::size_t l = 0; l < static_cast<std::size_t>(lines); ++l)
        sums[l * out_line + static_cast<std::size_t>(o) * out_step] +=
            v[l * line_step + static_cast<std::size_t>(at) * in_step];
    }
  return sums;
}

std::vector<double> filtered_x(const std::vector<double>& v, const ImageStep& step) {
  const auto in = static_cast<std::size_t>(step.in.width), out = static_cast<std::size_t>(step.out.width);
  return filtered(v, step.filter.x, step.in.height, step.in.width, step.out.width, in, 1, out, 1);
}

std::vector<double> filtered_y(const std::vector<double>& v, const ImageStep& step) {
  const auto width = static_cast<std::size_t>(step.out.width);
  return filtered(v, step.filter.y, step.out.width, step.in.height, step.out.height, 1, width, 1, width);
}

double sum_of(const std::vector<double>& v) {
  double sum = 0;
  for (const double x : v) sum += x;
  return sum;
}

}  // namespace

OwnRecursion::OwnRecursion(const ImagePlan& plan, std::span<const Unit> pixels, const std::vector<OwnState>& averages,
                           std::size_t image)
    : plan_(plan), pixels_(pixels), averages_(averages), image_(image) {}

template <class Real>
std::size_t OwnRecursion::run(Real* out, std::size_t stride, LogRanges* ranges) {
  ranges_ = ranges;
  const Out<Real> to{out, stride};
  for (std::size_t i = 0; i < plan_.trunk().size(); ++i) {
    const ImageStep& step = plan_.trunk()[i];
    if (!apply(step, to)) return i;
    if (watch_) watch_(i, state_);
    if (step.op != Op::pixel && step.op != Op::trace && step.op != Op::mean) continue;
    for (const ImageStep& next : plan_.heads()[step.which].tail) apply(next, to);
  }
  return plan_.trunk().size();
}

template <class Real>
bool OwnRecursion::apply(const ImageStep& step, const Out<Real>& out) {
  switch (step.op) {
    case Op::input: {
      std::int64_t most = kNoLevel;
      for (const Unit& pixel : pixels_)
        if (!pixel.zero) most = std::max(most, (pixel.square.e + std::ilogb(pixel.square.m)) / 2);
      Field& q = state_.q;
      q.e = most == kNoLevel ? 0 : most;
      q.v.assign(pixels_.size(), 0.0);
      for (std::size_t j = 0; j < pixels_.size(); ++j)
        if (!pixels_[j].zero) q.v[j] = Scaled{pixels_[j].square.m, pixels_[j].square.e - 2 * q.e}.value();
      state_.theta = {std::vector<double>(pixels_.size(), 0.0), q.e};
      return true;
    }
    case Op::affine:
      affine(step, out);
      return true;
    case Op::scale:
      multiply(state_.q, step.step->args[0] * step.step->args[0]);
      multiply(state_.theta, step.step->args[0] * step.step->args[0]);
      return true;
    case Op::push:
      saved_.push_back(state_);
      return true;
    case Op::swap:
      std::swap(saved_.back(), state_);
      return true;
    case Op::pop:
      state_ = std::move(saved_.back());
      saved_.pop_back();
      return true;
    case Op::add:
      add(step, out);
      return true;
    case Op::patch:
      patch(step, out);
      return true;
    case Op::average:
    case Op::mean:
      return average(step, out);
    case Op::trace:
      trace(step, out);
      return true;
    case Op::pixel: {
      const auto at = static_cast<std::size_t>(step.step->args[0] * step.in.width + step.step->args[1]);
      state_.q.v = {state_.q.v[at]};
      state_.theta.v = {state_.theta.v[at]};
      return true;
    }
    case Op::emit:
      emits_.push_back({Scaled{state_.q.v[0], 2 * state_.q.e}.settled(),
                        Scaled{state_.theta.v[0], 2 * state_.theta.e}.settled(), state_.theta.e});
      return true;
    default:
      activation(step, out);
      return true;
  }
}

// K′ = σ²K + β²,  T′ = σ²(T + t_w K) + t_b β²                                                                    [dense]
template <class Real>
void OwnRecursion::affine(const ImageStep& step, const Out<Real>& out) {
  const double* args = step.step->args;
  const double weight = args[0], trained = weight * args[1], bias = args[2], trained_bias = bias * args[4];
  Field &q = state_.q, &theta = state_.theta;
  const std::size_t n = q.v.size();
  std::size_t next = step.factors + 2;
  if (!step.moves_t) {
    multiply(theta, weight);
  } else {
    const std::int64_t e =
        chosen(theta.e, std::max({level_of(theta, weight), level_of(q, trained), level_of(trained_bias)}));
    const double carried = weight * carried_to(theta, e), own = trained == 0 ? 0 : trained * carried_to(q, e);
    const double beta = in_units(trained_bias, e);
    const double g = trained == 0 ? 0 : std::sqrt(trained) * root_carried_to(q, e);
    out.put(step.factors, root_carried_to(theta, e));
    out.put(step.factors + 1, std::sqrt(beta));
    for (std::size_t j = 0; j < n; ++j) {
      out.put(next + j, g * std::sqrt(q.v[j]));
      theta.v[j] = carried * theta.v[j] + own * q.v[j] + beta;
    }
    next += n;
    theta.e = e;
  }
  if (!step.moves_rho) {
    multiply(q, weight);
  } else {
    const std::int64_t e = chosen(q.e, std::max(level_of(q, weight), level_of(bias)));
    const double carried = weight * carried_to(q, e), beta = in_units(bias, e);
    for (std::size_t j = 0; j < n; ++j) {
      const double part = carried * q.v[j], whole = part + beta;
      out.put(next + j, share(part, whole));
      out.put(next + n + j, share(beta, whole));
      q.v[j] = whole;
    }
    q.e = e;
  }
  settle(q);
}

template <class Real>
void OwnRecursion::activation(const ImageStep& step, const Out<Real>& out) {
  Field &q = state_.q, &theta = state_.theta;
  const std::size_t n = q.v.size(), count = step.op == Op::relu ? 0 : factor_count(step.op);
  const bool homogeneous = step.op == Op::relu;
  const ActivationRow one = homogeneous ? activation_row(*step.step, Scaled{1, 0}, false) : ActivationRow{};
  const ActivationRow none = activation_row(*step.step, Scaled{}, false);
  const double unit_gain = one.gain.value(), at_zero = in_units(none.at_zero.value(), q.e);
  bool any_zero = false;
  for (std::size_t j = 0; j < n; ++j) {
    const bool zero = q.v[j] == 0;
    any_zero = any_zero || zero;
    out.put(step.factors + 1 + j, zero ? 0 : 1);
    if (homogeneous) {
      theta.v[j] *= zero ? none.derivative.value() : unit_gain;
      q.v[j] *= unit_gain;
      continue;
    }
    const Scaled variance{q.v[j], 2 * q.e};
    check_variance(*step.step, variance, image_);
    if (ranges_ != nullptr && step.op == Op::function) (*ranges_)[step.executed].include(variance);
    const ActivationRow row = zero ? none : activation_row(*step.step, variance, false);
    for (std::size_t k = 0; k < count; ++k) {
      // t comes out absolute: its factor is that of t/√(Θ Θ) times √Ṡ(a,a).
      const double own = k == (step.op == Op::function ? 4U : 3U) ? std::sqrt(row.derivative.value()) : 1;
      out.put(step.factors + 1 + n * (1 + k) + j, row.factors[k] * own);
    }
    q.v[j] = zero ? at_zero : (Scaled{q.v[j], 0} * row.gain).value();
    theta.v[j] *= row.derivative.value();
  }
  out.put(step.factors, any_zero ? 1 : 0);
  settle(q);
}

template <class Real>
void OwnRecursion::add(const ImageStep& step, const Out<Real>& out) {
  const OwnState saved = std::move(saved_.back());
  saved_.pop_back();
  Field &q = state_.q, &theta = state_.theta;
  const std::size_t n = q.v.size();
  const std::int64_t e = chosen(saved.q.e, std::max(level_of(saved.q), level_of(q)));
  const double left = carried_to(saved.q, e), right = carried_to(q, e);
  for (std::size_t j = 0; j < n; ++j) {
    const double a = left * saved.q.v[j], b = right * q.v[j];
    q.v[j] = a + b;
    out.put(step.factors + 2 + j, share(a, a + b));
    out.put(step.factors + 2 + n + j, share(b, a + b));
  }
  q.e = e;
  const std::int64_t e_t = chosen(saved.theta.e, std::max(level_of(saved.theta), level_of(theta)));
  const double left_t = carried_to(saved.theta, e_t), right_t = carried_to(theta, e_t);
  out.put(step.factors, root_carried_to(saved.theta, e_t));
  out.put(step.factors + 1, root_carried_to(theta, e_t));
  for (std::size_t j = 0; j < n; ++j) theta.v[j] = left_t * saved.theta.v[j] + right_t * theta.v[j];
  theta.e = e_t;
  settle(q);
}

// Q′ = q^−D Σ_k Q_{j+k}, first along x, then along y.                                                            [patch]
template <class Real>
void OwnRecursion::patch(const ImageStep& step, const Out<Real>& out) {
  std::size_t next = step.factors;
  const auto pass = [&](std::vector<double> (*filter)(const std::vector<double>&, const ImageStep&)) {
    for (const double v : state_.q.v) out.put(next++, std::sqrt(v));
    state_.q.v = filter(state_.q.v, step);
    for (const double v : state_.q.v) out.put(next++, inverse_root(v));
    state_.theta.v = filter(state_.theta.v, step);
  };
  if (!step.filter.x.trivial()) pass(filtered_x);
  if (!step.filter.y.trivial()) pass(filtered_y);
  const double taps = static_cast<double>(step.filter.x.size) * step.filter.y.size;
  multiply(state_.q, 1 / taps);
  multiply(state_.theta, 1 / taps);
  settle(state_.q);
}

template <class Real>
bool OwnRecursion::average(const ImageStep& step, const Out<Real>& out) {
  const bool whole = step.op == Op::mean;
  const double count = whole ? static_cast<double>(step.in.pixels())
                             : static_cast<double>(step.window.y) * static_cast<double>(step.window.x);
  std::size_t at = step.factors;
  for (const double v : state_.q.v) out.put(at++, std::sqrt(v));  // needed to find out what comes next
  OwnState next = state_;
  if (whole || count > 1) {
    if (next_average_ == averages_.size()) return false;
    next = averages_[next_average_++];
  }
  for (const double v : next.q.v) out.put(at++, inverse_root(v) * two_to(state_.q.e - next.q.e) / count);
  state_ = std::move(next);
  settle(state_.q);
  return true;
}

template <class Real>
void OwnRecursion::trace(const ImageStep& step, const Out<Real>& out) {
  const double sum = sum_of(state_.q.v), count = static_cast<double>(step.in.pixels());
  for (std::size_t j = 0; j < state_.q.v.size(); ++j) out.put(step.factors + j, share(state_.q.v[j], sum));
  state_.q.v = {sum / count};
  state_.theta.v = {sum_of(state_.theta.v) / count};
}

template std::size_t OwnRecursion::run<double>(double*, std::size_t, LogRanges*);
template std::size_t OwnRecursion::run<float>(float*, std::size_t, LogRanges*);

}  // namespace resgram::core
