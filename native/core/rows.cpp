#include "rows.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "arcsine.hpp"
#include "error.hpp"

namespace resgram::core {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kHalfPi = kPi / 2;

double p0(double w) {
  double sum = 0;
  for (std::size_t k = std::size(Arcsine<double>::kP0); k-- > 0;) sum = sum * w + Arcsine<double>::kP0[k];
  return sum;
}

// asin(x)/x from x² and 1 − x², both given without cancellation.
double asin_ratio(double x2, double complement) {
  if (x2 <= complement) return kHalfPi * p0(x2);
  return (kHalfPi - std::sqrt(complement) * kHalfPi * p0(complement)) / std::sqrt(x2);
}

}  // namespace

double variance_factor(double scale) {
  const double root = std::fabs(scale);
  const double square = root * root;
  const auto trailing_zeros = [](double value) {
    int exponent = 0;
    double m = std::frexp(value, &exponent);
    int bits = 0;
    while (m != std::floor(m)) {
      m *= 2;
      ++bits;
    }
    return 53 - bits;
  };
  double best = square;
  for (const double candidate :
       {std::nextafter(square, 0.0), std::nextafter(square, std::numeric_limits<double>::infinity())})
    if (std::sqrt(candidate) == root && trailing_zeros(candidate) > trailing_zeros(best)) best = candidate;
  return best;
}

bool is_uniform(const Program& program) {
  for (const Step& step : program.steps()) {
    if (step.op == Op::erf || step.op == Op::gelu) return false;
    if (step.op == Op::affine && step.args[2] > 0 && (step.args[3] != 0 || step.args[4] != 0)) return false;
  }
  return true;
}

std::size_t factor_count(Op op) {
  switch (op) {
    case Op::affine:
      return 5;
    case Op::relu:
      return 1;
    case Op::erf:
    case Op::gelu:
    case Op::add:
      return 4;
    default:
      return 0;
  }
}

SmoothRow erf_row(double a) {
  const double e = 1 / (1 + 2 * a);
  const double y2 = 2 * a * e;
  const double ratio = asin_ratio(y2 * y2, e * (2 - e));  // asin(y²)/y²
  return {std::sqrt(y2), e, 1 / std::sqrt(ratio), 4 / kPi * e * ratio, 4 / kPi * std::sqrt(e / (2 - e))};
}

SmoothRow gelu_row(double a) {
  const double e = 1 / (1 + a);
  const double g2 = a * e;
  const double q = e * (2 - e);
  const double angle = asin_ratio(g2 * g2, q) * g2;  // asin(g²)
  const double f = 0.25 + angle / (2 * kPi);
  const double inverse = 1 / (2 * kPi * std::sqrt(q));
  const double gain = f + 2 * e * g2 * inverse;
  const double derivative = f + g2 * (2 * e + e * e / q) * inverse;
  return {std::sqrt(g2), e, 1 / std::sqrt(gain), gain, derivative};
}

RowRecursion::RowRecursion(std::span<const Unit> units, bool uniform, std::size_t first)
    : units_(units), uniform_(uniform), first_(first) {
  for (auto& f : factors_) f.resize(units.size());
}

void RowRecursion::note_zeros() {
  any_zero_ = false;
  if (uniform_) return;  // zero vectors of homogeneous networks are handled by their amplitude alone
  for (const Scaled& q : current_.q) any_zero_ = any_zero_ || q.zero();
}

void RowRecursion::step(const Step& step) {
  switch (step.op) {
    case Op::input:
      current_.q.resize(units_.size());
      current_.theta.assign(units_.size(), Scaled{});
      for (std::size_t i = 0; i < units_.size(); ++i) current_.q[i] = units_[i].zero ? Scaled{} : Scaled{1, 0};
      break;
    case Op::affine:
      affine(step);
      break;
    case Op::relu:
      relu(step.args[0], step.args[1]);
      break;
    case Op::erf:
    case Op::gelu:
      smooth(step);
      break;
    case Op::scale: {
      const double factor = step.args[0];
      for (Scaled& q : current_.q) q = q * factor * factor;
      for (Scaled& theta : current_.theta) theta = theta * factor * factor;
      break;
    }
    case Op::push:
      saved_.push_back(current_);
      break;
    case Op::swap:
      std::swap(saved_.back(), current_);
      break;
    case Op::pop:
      current_ = std::move(saved_.back());
      saved_.pop_back();
      break;
    case Op::add:
      add();
      break;
    default:
      break;
  }
  note_zeros();
}

// K′ = σ²K + β²,  T′ = σ²(T + t_w K) + t_b β²                                                                    [dense]
void RowRecursion::affine(const Step& step) {
  const double weight = step.args[0], train_weights = step.args[1], bias = step.args[2];
  const bool in_covariance = step.args[3] != 0, train_bias = step.args[4] != 0;
  for (std::size_t i = 0; i < rows(); ++i) {
    const Scaled q = current_.q[i] * weight;
    const Scaled carried = current_.theta[i] * weight;
    const Scaled own = q * train_weights;
    const Scaled unit = units_[i].square;
    const Scaled beta = Scaled{bias / unit.m, -unit.e}.settled();
    const Scaled theta = carried + own + (train_bias ? beta : Scaled{});
    slot(0, i) = share(ratio(carried, theta));
    slot(1, i) = share(ratio(own, theta));
    slot(2, i) = train_bias ? share(ratio(beta, theta)) : 0;
    const Scaled sum = in_covariance ? q + beta : q;
    slot(3, i) = share(ratio(q, sum));
    slot(4, i) = in_covariance ? share(ratio(beta, sum)) : 0;
    current_.q[i] = sum;
    current_.theta[i] = theta;
  }
}

// On the diagonal S = c(1 + a²)/2 · Q and Ṡ = c(1 + a²)/2; a zero vector has ρ := 0, so Ṡ = c(1 + a)²/4.
void RowRecursion::relu(double scale, double slope) {
  const double c = variance_factor(scale), both = (1 + slope * slope) / 2, at_zero = (1 + slope) * (1 + slope) / 4;
  const Scaled gain = (Scaled{1, 0} + Scaled{1, 0} * slope * slope) * 0.5 * c;
  for (std::size_t i = 0; i < rows(); ++i) {
    const bool zero = current_.q[i].zero() && !uniform_;
    const double derivative = zero ? at_zero : both;
    // The pair step has Ṡ in units of c(1 + a²)/2 already, so the factor of all other rows is 1 without rounding.
    slot(0, i) = current_.theta[i].zero() || derivative == 0 ? 0 : share(both / derivative);
    current_.q[i] = zero ? Scaled{} : current_.q[i] * gain;
    current_.theta[i] = zero ? current_.theta[i] * c * derivative : current_.theta[i] * gain;
  }
}

void RowRecursion::smooth(const Step& step) {
  const bool erf = step.op == Op::erf;
  const double c = variance_factor(step.args[0]);
  for (std::size_t i = 0; i < rows(); ++i) {
    const double variance = (current_.q[i] * units_[i].square).value();
    if (!(variance <= 1e290))
      throw Error(Code::range,
                  "the variance of row " + std::to_string(first_ + i) +
                      " leaves the range of doubles before an erf or GELU layer; smaller weights or "
                      "inputs would help",
                  {{"row", static_cast<double>(first_ + i)}});
    const SmoothRow row = erf ? erf_row(variance) : gelu_row(variance);
    const bool zero = current_.q[i].zero();
    slot(0, i) = row.reach;
    slot(1, i) = row.complement;
    slot(2, i) = zero ? 0 : row.inverse;
    // The pair step computes Ṡ up to the row's own factor: √(e_i e_j)/√q for erf, all of it for GELU.
    const double own = erf ? std::sqrt(row.complement * (2 - row.complement)) : 1 / row.derivative;
    slot(3, i) = current_.theta[i].zero() ? 0 : std::sqrt(own);
    current_.q[i] = current_.q[i] * c * row.gain;
    current_.theta[i] = current_.theta[i] * c * row.derivative;
  }
}

void RowRecursion::add() {
  const RowState& saved = saved_.back();
  for (std::size_t i = 0; i < rows(); ++i) {
    const Scaled q = saved.q[i] + current_.q[i];
    const Scaled theta = saved.theta[i] + current_.theta[i];
    slot(0, i) = share(ratio(saved.q[i], q));
    slot(1, i) = share(ratio(current_.q[i], q));
    slot(2, i) = share(ratio(saved.theta[i], theta));
    slot(3, i) = share(ratio(current_.theta[i], theta));
    current_.q[i] = q;
    current_.theta[i] = theta;
  }
  saved_.pop_back();
}

}  // namespace resgram::core
