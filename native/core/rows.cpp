#include "rows.hpp"

#include <cmath>
#include <utility>

namespace resgram::core {

bool is_uniform(const Program& program) {
  for (const Step& step : program.steps()) {
    if (is_activation(step.op) && step.op != Op::relu) return false;  // sign is homogeneous, but of degree 0
    if (step.op == Op::affine && step.args[2] > 0 && (step.args[3] != 0 || step.args[4] != 0)) return false;
  }
  return true;
}

std::size_t factor_count(Op op) {
  switch (op) {
    case Op::affine:
    case Op::erf:
    case Op::function:
      return 5;
    case Op::relu:
      return 1;
    case Op::gelu:
    case Op::sine:
    case Op::add:
      return 4;
    default:
      return 0;
  }
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
  made_ = core::factor_count(step.op);
  switch (step.op) {
    case Op::input:
      current_.q.resize(units_.size());
      current_.theta.assign(units_.size(), Scaled{});
      current_.b.assign(units_.size(), Scaled{});
      for (std::size_t i = 0; i < units_.size(); ++i) current_.q[i] = units_[i].zero ? Scaled{} : Scaled{1, 0};
      break;
    case Op::affine:
      affine(step);
      break;
    case Op::relu:
    case Op::erf:
    case Op::gelu:
    case Op::sine:
    case Op::sign:
    case Op::function:
      activation(step);
      break;
    case Op::scale: {
      const double factor = step.args[0];
      for (Scaled& q : current_.q) q = q * factor * factor;
      for (Scaled& theta : current_.theta) theta = theta * factor * factor;
      if (current_.means)
        for (Scaled& b : current_.b) b = b * factor;
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
  if (current_.means) current_.b.assign(rows(), Scaled{});
  current_.means = false;
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

// In the uniform case one row stands for vectors of every length but zero, whatever its own variance.
void RowRecursion::activation(const Step& step) {
  const std::size_t count = core::factor_count(step.op);
  current_.means = leaves_mean(step);
  for (std::size_t i = 0; i < rows(); ++i) {
    const Scaled variance = uniform_ ? Scaled{1, 0} : current_.q[i] * units_[i].square;
    check_variance(step, variance, first_ + i);
    const ActivationRow row = activation_row(step, variance, current_.theta[i].zero());
    for (std::size_t k = 0; k < count; ++k) slot(k, i) = row.factors[k];
    const Scaled unit = units_[i].square;
    current_.q[i] = variance.zero() ? row.at_zero * Scaled{1 / unit.m, -unit.e} : current_.q[i] * row.gain;
    current_.theta[i] = current_.theta[i] * row.derivative;
    current_.b[i] = current_.means ? root(current_.q[i]) * row.mean : Scaled{};
  }
}

// K′ = K₁ + K₂ + b₁(x) b₂(z) + b₂(x) b₁(z): independent but for their means.                                       [means]
void RowRecursion::add() {
  const RowState& saved = saved_.back();
  const bool mixes = saved.means && current_.means;
  if (mixes) made_ = kMixFactors;
  for (std::size_t i = 0; i < rows(); ++i) {
    Scaled q = saved.q[i] + current_.q[i];
    if (mixes) {
      const Scaled common = saved.b[i] * current_.b[i] * 2;
      q = q + common;
      if (q.m < 0) q = Scaled{};  // functions that cancel, to the last rounding
      const auto part = [&q](Scaled b) { return std::copysign(std::sqrt(ratio(b * b, q)), b.m); };
      slot(4, i) = uniform_ ? ratio(common, q) : part(saved.b[i]);
      slot(5, i) = uniform_ ? 1 : part(current_.b[i]);
    }
    const Scaled theta = saved.theta[i] + current_.theta[i];
    slot(0, i) = share(ratio(saved.q[i], q));
    slot(1, i) = share(ratio(current_.q[i], q));
    slot(2, i) = share(ratio(saved.theta[i], theta));
    slot(3, i) = share(ratio(current_.theta[i], theta));
    current_.q[i] = q;
    current_.theta[i] = theta;
    current_.b[i] = saved.b[i] + current_.b[i];
  }
  current_.means = saved.means || current_.means;
  saved_.pop_back();
}

}  // namespace resgram::core
