#include "smo.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "error.hpp"
#include "lanes.hpp"
#include "smo_lanes.hpp"

namespace resgram::core {
namespace {

constexpr double kClosed = -std::numeric_limits<double>::infinity();

// How often to look for samples that can be left out, and for somebody who has cancelled.
constexpr std::uint64_t kTurn = 1000;

// Every step adds a rounding error to f. After so many of them f is computed anew before it is believed to be optimal.
constexpr std::uint64_t kDrift = 1 << 16;

[[noreturn]] void leave_range(double cost) {
  throw Error(Code::range,
              "the optimisation with C = " + shown(cost) +
                  " leaves the range of doubles; a smaller C or a matrix of smaller numbers helps",
              {{"c", cost}});
}

// What a step costs beside the multiplications of a factorisation, per sample that is looked at.
constexpr double kStepWork = 8;

std::size_t padded(std::size_t count) { return (count + kColumnPadding - 1) / kColumnPadding * kColumnPadding; }

}  // namespace

void Smo::Face::resize(std::size_t count) {
  size = count;
  stride = padded(count);
  for (AlignedVector<double>* each : {&f, &diagonal, &beta, &sign}) each->assign(stride, 0.0);
  for (AlignedVector<double>* each : {&grow, &drop}) each->assign(stride, kClosed);
  index.resize(count);
}

void Smo::Face::limit(std::size_t t, double cost) {
  const double high = sign[t] > 0 ? cost : 0, low = sign[t] > 0 ? 0 : -cost;
  grow[t] = beta[t] < high ? 0 : kClosed;
  drop[t] = beta[t] > low ? 0 : kClosed;
}

Smo::Smo(const double* matrix, std::size_t width, std::span<const std::uint32_t> rows, std::size_t positive)
    : size_(rows.size()), stride_(padded(size_)), positive_(positive), kernel_(size_ * stride_, 0.0) {
  for (std::size_t i = 0; i < size_; ++i) {
    const double* from = matrix + std::size_t{rows[i]} * width;
    double* to = kernel_.data() + i * stride_;
    for (std::size_t j = 0; j < size_; ++j) to[j] = from[rows[j]];
  }
  diagonal_.resize(size_);
  for (std::size_t i = 0; i < size_; ++i) diagonal_[i] = kernel_[i * stride_ + i];
  restart();
}

void Smo::restart() {
  beta_.assign(stride_, 0.0);
  f_.assign(stride_, 0.0);
  for (std::size_t t = 0; t < size_; ++t) f_[t] = t < positive_ ? -1 : 1;
  cost_ = 0;
}

// All samples with the β and f that stand for them.
void Smo::take_all(double cost) {
  face_.resize(size_);
  face_.kernel = kernel_.data();
  for (std::size_t t = 0; t < size_; ++t) {
    face_.index[t] = static_cast<std::uint32_t>(t);
    face_.sign[t] = t < positive_ ? 1 : -1;
    face_.diagonal[t] = diagonal_[t];
    face_.beta[t] = beta_[t];
    face_.f[t] = f_[t];
    face_.limit(t, cost);
  }
}

void Smo::keep_betas() {
  for (std::size_t t = 0; t < face_.size; ++t) beta_[face_.index[t]] = face_.beta[t];
}

// f = Kβ − y from nothing but β.
void Smo::differentiate() {
  for (std::size_t t = 0; t < size_; ++t) f_[t] = t < positive_ ? -1 : 1;
  for (std::size_t s = 0; s < size_; ++s) {
    if (beta_[s] != 0) smo_lanes().add(stride_, beta_[s], kernel_.data() + s * stride_, f_.data());
  }
}

// Leaves out samples at a bound that all others would have to pass before they left it. True if the face became smaller.
bool Smo::shrink(double cost) {
  std::vector<std::uint32_t> kept;
  for (std::size_t t = 0; t < face_.size; ++t) {
    const bool only_grows = face_.drop[t] != 0, only_drops = face_.grow[t] != 0;
    if ((only_grows && face_.f[t] > low_) || (only_drops && -face_.f[t] > top_)) continue;
    kept.push_back(static_cast<std::uint32_t>(t));
  }
  // Packing the matrix anew costs as much as a good many iterations.
  if (kept.size() < 2 || 4 * kept.size() > 3 * face_.size) return false;
  keep_betas();
  Face next;
  next.resize(kept.size());
  next.packed.assign(next.size * next.stride, 0.0);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const std::size_t t = kept[i];
    next.index[i] = face_.index[t];
    next.sign[i] = face_.sign[t];
    next.diagonal[i] = face_.diagonal[t];
    next.beta[i] = face_.beta[t];
    next.f[i] = face_.f[t];
    next.limit(i, cost);
    const double* from = kernel_.data() + std::size_t{next.index[i]} * stride_;
    double* to = next.packed.data() + i * next.stride;
    for (std::size_t j = 0; j < kept.size(); ++j) to[j] = from[face_.index[kept[j]]];
  }
  next.kernel = next.packed.data();
  face_ = std::move(next);
  return true;
}

void Smo::look() {
  const double* any = face_.row(0);
  const Peak top =
      smo_lanes().move(face_.stride, 0, any, any, face_.f.data(), {face_.grow.data(), face_.drop.data()}, &low_);
  top_ = top.value;
  first_ = top.index;
}

// One iteration: β_i grows and β_j shrinks by the δ with f_i + δ(K_ii − K_ij) = f_j + δ(K_ij − K_jj), or less at a bound.
void Smo::step(double cost) {
  const std::size_t i = first_;
  const double* ki = face_.row(i);
  const Peak best = smo_lanes().partner(face_.stride, top_, face_.diagonal[i], ki, face_.diagonal.data(),
                                        face_.f.data(), face_.drop.data());
  const std::size_t j = best.index;
  const double* kj = face_.row(j);
  const double curvature = std::max(face_.diagonal[i] + face_.diagonal[j] - 2 * ki[j], kLeastCurvature);
  // With an infinite one no step would change anything.
  if (!std::isfinite(curvature)) leave_range(cost);
  const double high = face_.sign[i] > 0 ? cost : 0, low = face_.sign[j] > 0 ? 0 : -cost;
  const double room_up = high - face_.beta[i], room_down = face_.beta[j] - low;
  double delta = (face_.f[j] - face_.f[i]) / curvature;
  // Bounds are reached exactly: what lies at one is recognised by being equal to it.
  if (delta < room_up && delta < room_down) {
    face_.beta[i] += delta;
    face_.beta[j] -= delta;
  } else if (room_up <= room_down) {
    delta = room_up;
    face_.beta[i] = high;
    face_.beta[j] = room_up == room_down ? low : face_.beta[j] - delta;
  } else {
    delta = room_down;
    face_.beta[i] += delta;
    face_.beta[j] = low;
  }
  face_.limit(i, cost);
  face_.limit(j, cost);
  const Peak top =
      smo_lanes().move(face_.stride, delta, ki, kj, face_.f.data(), {face_.grow.data(), face_.drop.data()}, &low_);
  top_ = top.value;
  first_ = top.index;
}

// Moves all samples between their bounds at once, where that lowers the value. Returns how many took part, 0 where it did
// not help, and nothing where it was not tried because it takes more than `credit` multiplications.          [smo-leap]
std::optional<std::size_t> Smo::leap(double cost, double credit) {
  std::vector<std::size_t> free;
  for (std::size_t t = 0; t < face_.size && free.size() <= Leap::kMost; ++t) {
    if (face_.free(t)) free.push_back(t);
  }
  const double count = static_cast<double>(free.size());
  if (count < 2 || free.size() > Leap::kMost) return std::nullopt;
  if (count * count * (count / 3 + 40) + 2 * count * static_cast<double>(face_.stride) > credit) return std::nullopt;
  leap_.resize(free.size());
  std::vector<double> f, low, high, beta;
  for (std::size_t i = 0; i < free.size(); ++i) {
    const std::size_t t = free[i];
    for (std::size_t j = i; j < free.size(); ++j) leap_.row(i)[j] = face_.row(t)[free[j]];
    f.push_back(face_.f[t]);
    low.push_back(face_.sign[t] > 0 ? 0 : -cost);
    high.push_back(face_.sign[t] > 0 ? cost : 0);
    beta.push_back(face_.beta[t]);
  }
  if (!leap_.run(f, low, high, beta)) return 0;
  AlignedVector<double> moved = face_.f;
  for (std::size_t i = 0; i < free.size(); ++i) {
    const double by = beta[i] - face_.beta[free[i]];
    if (by != 0) smo_lanes().add(face_.stride, by, face_.row(free[i]), moved.data());
  }
  // fᵀd + ½ dᵀKd = ½ dᵀ(f + f + Kd)
  double change = 0;
  for (std::size_t i = 0; i < free.size(); ++i) change += (beta[i] - face_.beta[free[i]]) * (f[i] + moved[free[i]]);
  if (!(change < 0)) return 0;
  face_.f = std::move(moved);
  for (std::size_t i = 0; i < free.size(); ++i) {
    face_.beta[free[i]] = beta[i];
    face_.limit(free[i], cost);
  }
  look();
  return free.size();
}

SmoOutcome Smo::solve(double cost, const SmoSettings& settings, Ticket& ticket) {
  // Where no β is at its bound the bounds do not matter, and a larger C changes nothing.
  const bool bound = std::any_of(beta_.begin(), beta_.end(), [&](double b) { return std::abs(b) == cost_; });
  if (cost_ > 0 && (cost < cost_ || bound)) {
    const double ratio = cost / cost_;
    for (std::size_t t = 0; t < size_; ++t) {
      const double y = t < positive_ ? 1 : -1;
      // At a bound it stays there to the last bit.
      beta_[t] = std::abs(beta_[t]) == cost_ ? y * cost : ratio * beta_[t];
      f_[t] = ratio * (f_[t] + y) - y;
    }
  }
  cost_ = cost;
  take_all(cost);
  look();
  SmoOutcome outcome;
  std::uint64_t since_exact = 0, countdown = std::min<std::uint64_t>(size_, kTurn);
  bool opened = false;
  double credit = 0, price = 1;  // multiplications that a leap may take, and how many times that must be saved up
  std::uint64_t paid = 0;
  const auto open = [&] {
    keep_betas();
    differentiate();
    take_all(cost);
    look();
    since_exact = 0;
  };
  for (;;) {
    if (violation() <= settings.tolerance) {
      if (face_.size == size_ && since_exact < kDrift) break;
      open();
      if (violation() <= settings.tolerance) break;
      countdown = 1;
    }
    if (--countdown == 0) {
      countdown = std::min<std::uint64_t>(size_, kTurn);
      ticket.checkpoint(0);
      if (settings.shrinking) {
        // Near the end all are looked at once more, for those that were left out too early.
        if (!opened && violation() <= 10 * settings.tolerance) {
          opened = true;
          if (face_.size < size_) open();
        }
        if (shrink(cost)) look();
      }
      // As much work as the steps since the last one; twice as many each time it does not help.
      credit += kStepWork * static_cast<double>(face_.stride * (outcome.iterations - paid));
      paid = outcome.iterations;
      if (const std::optional<std::size_t> took = leap(cost, credit / price)) {
        credit = 0;
        price = *took > 0 ? 1 : 2 * price;
        since_exact += *took;
      }
      if (violation() <= settings.tolerance) continue;
    }
    if (outcome.iterations >= settings.most_iterations) {
      throw Error(
          Code::no_convergence,
          "after " + std::to_string(outcome.iterations) + " iterations with C = " + shown(cost) +
              " the optimality conditions are violated by " + shown(violation()) + ", more than the tolerance " +
              shown(settings.tolerance) +
              "; a smaller C, a list of C that leads up to this one, more iterations or another kernel may help",
          {{"iterations", static_cast<double>(outcome.iterations)}, {"violation", violation()}});
    }
    step(cost);
    ++outcome.iterations;
    ++since_exact;
  }
  keep_betas();
  std::copy(face_.f.begin(), face_.f.end(), f_.begin());
  outcome.bias = bias();
  outcome.objective = objective();
  // No peak is found among numbers that are not, so that they look optimal; any f that is not finite is in the objective.
  for (const double one : {violation(), outcome.bias, outcome.objective}) {
    if (!std::isfinite(one)) leave_range(cost);
  }
  outcome.violation = std::max(0.0, violation());
  face_ = Face{};
  return outcome;
}

// A sample between its bounds lies on the margin, where f + y + bias = y; without one, anywhere between the bounds.
double Smo::bias() const {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t t = 0; t < face_.size; ++t) {
    if (!face_.free(t)) continue;
    sum += face_.f[t];
    ++count;
  }
  return count > 0 ? 0 - sum / static_cast<double>(count) : (top_ - low_) / 2;
}

// ½ βᵀKβ − yᵀβ = ½ Σ β (f − y), because Kβ = f + y.
double Smo::objective() const {
  double sum = 0;
  for (std::size_t t = 0; t < face_.size; ++t) sum += face_.beta[t] * (face_.f[t] - face_.sign[t]);
  return sum / 2;
}

}  // namespace resgram::core
