// The steps of an image program on one line of pairs.
#include <algorithm>
#include <utility>

#include "image_pairs.hpp"

namespace resgram::core {
template <class Real>
int ImageEvaluator<Real>::take() {
  const auto free = std::find(holders_.begin(), holders_.end(), 0);
  const auto at = free - holders_.begin();
  if (free == holders_.end()) {
    planes_.emplace_back(plan_.largest() * lanes_);
    holders_.push_back(0);
  }
  holders_[static_cast<std::size_t>(at)] = 1;
  return static_cast<int>(at);
}

template <class Real>
typename ImageEvaluator<Real>::State ImageEvaluator<Real>::fresh(const AxisLine& y, const AxisLine& x) {
  State state;
  state.y = y;
  state.x = x;
  state.dead = y.count() <= 0 || x.count() <= 0;
  if (state.dead) return state;
  state.rho = take();
  state.m = take();
  state.t = take();
  return state;
}

template <class Real>
void ImageEvaluator<Real>::hold(const State& state) {
  if (state.dead) return;
  for (const int plane : {state.rho, state.m, state.t}) ++holders_[static_cast<std::size_t>(plane)];
}

template <class Real>
void ImageEvaluator<Real>::drop(State& state) {
  if (!state.dead)
    for (const int plane : {state.rho, state.m, state.t}) --holders_[static_cast<std::size_t>(plane)];
  state.dead = true;
}

// The plane to write a new value into: the same one unless a pushed state still reads it.
template <class Real>
int ImageEvaluator<Real>::writable(int plane) {
  if (holders_[static_cast<std::size_t>(plane)] == 1) return plane;
  --holders_[static_cast<std::size_t>(plane)];
  return take();
}

template <class Real>
MutablePlanes<Real> ImageEvaluator<Real>::planes_at(const State& s, std::size_t position) {
  const std::size_t at = position * lanes_;
  return {data(s.rho) + at, data(s.m) + at, data(s.t) + at};
}

template <class Real>
Planes<Real> ImageEvaluator<Real>::read_at(const State& s, std::size_t position) {
  const MutablePlanes<Real> planes = planes_at(s, position);
  return {planes.rho, planes.m, planes.t};
}

template <class Real>
void ImageEvaluator<Real>::apply(const ImageStep& step, State& state, std::vector<State>& saved) {
  switch (step.op) {
    case Op::push:
      saved.push_back(state);
      hold(state);
      return;
    case Op::swap:
      std::swap(saved.back(), state);
      return;
    case Op::pop:
      drop(state);
      state = saved.back();
      saved.pop_back();
      return;
    case Op::add: {
      State other = saved.back();
      saved.pop_back();
      add(step, state, other);
      return;
    }
    case Op::input:
    case Op::scale:
      return;
    default:
      break;
  }
  if (state.dead) return;
  if (step.op == Op::affine) return affine(step, state);
  if (step.op == Op::patch) return patch(step, state);
  activation(step, state);
}

// t′ = σ²(t + t_w K) + t_b β², and an independent bias in the covariance.                                        [dense]
template <class Real>
void ImageEvaluator<Real>::affine(const ImageStep& step, State& state) {
  std::size_t next = step.factors + 2;
  const int width = step.in.width;
  if (step.moves_t) {
    if (want_tangent_) {
      const Real carried = static_cast<Real>(step.gain * step.step->args[0]) * *x_factor(step.factors);
      const Factor<Real> f{&carried, z_factor(step.factors), Real(0)};
      const Factor<Real> h{x_factor(step.factors + 1), z_factor(step.factors + 1), Real(0)};
      const Real *x_g = x_factor(next), *z_g = z_factor(next);
      const State before = state;
      state.t = writable(state.t);
      for_pairs(state, width, [&](std::size_t at, std::size_t x, std::size_t z) {
        const Planes<Real> in{data(before.rho) + at * lanes_, nullptr, data(before.t) + at * lanes_};
        table_.train({1, lanes_}, in, data(state.t) + at * lanes_, f, {x_g + x, z_g + z * lanes_, Real(0)}, h);
      });
    }
    next += step.in.pixels();
  }
  if (!step.moves_rho) return;
  const State before = state;
  state.rho = writable(state.rho);
  state.m = writable(state.m);
  const Real *x_c = x_factor(next), *z_c = z_factor(next);
  const Real *x_s = x_c + step.in.pixels(), *z_s = z_c + step.in.pixels() * lanes_;
  for_pairs(state, width, [&](std::size_t at, std::size_t x, std::size_t z) {
    table_.add_bias({1, lanes_}, read_at(before, at), planes_at(state, at), {x_c + x, z_c + z * lanes_, Real(0)},
                    {x_s + x, z_s + z * lanes_, Real(0)});
  });
}

// ρ := 0 with a pixel whose variance is zero, wherever that can be told from the result.                    [zero-input]
template <class Real>
void ImageEvaluator<Real>::clear_zeros(const ImageStep& step, const State& state) {
  const bool any_x = *x_factor(step.factors) != Real(0);
  const Real* any = z_factor(step.factors);
  const bool any_z = std::any_of(any, any + lanes_, [](Real flag) { return flag != Real(0); });
  if (plan_.pure() || !(any_x || any_z)) return;
  const Real *x_alive = x_factor(step.factors + 1), *z_alive = z_factor(step.factors + 1);
  for_pairs(state, step.in.width, [&](std::size_t at, std::size_t x, std::size_t z) {
    const MutablePlanes<Real> pair = planes_at(state, at);
    for (std::size_t j = 0; j < lanes_; ++j) {
      if (x_alive[x] != Real(0) && z_alive[z * lanes_ + j] != Real(0)) continue;
      pair.rho[j] = Real(0);
      pair.m[j] = Real(0.5);
    }
  });
}

template <class Real>
void ImageEvaluator<Real>::activation(const ImageStep& step, State& state) {
  const std::size_t pixels = step.in.pixels();
  const State shared = state;
  state.rho = writable(state.rho);
  state.m = writable(state.m);
  state.t = writable(state.t);
  State before = shared;
  const bool clears = !plan_.pure();
  if (clears) {
    // What is cleared must be ours.
    for (const auto& [from, to] : {std::pair{shared.rho, state.rho}, std::pair{shared.m, state.m}})
      if (from != to) std::copy_n(data(from), state.count() * lanes_, data(to));
    before.rho = state.rho;
    before.m = state.m;
    clear_zeros(step, before);
  }
  if (step.op == Op::relu) {
    table_.relu({state.count(), lanes_}, read_at(before, 0), planes_at(state, 0), step.step->args[1],
                {nullptr, nullptr, static_cast<Real>(step.slope_gain)});
    return;
  }
  const std::size_t count = factor_count(step.op);
  for_pairs(state, step.in.width, [&](std::size_t at, std::size_t x, std::size_t z) {
    Factors<Real> factors{};
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t of = step.factors + 1 + pixels * (1 + k);
      factors[k] = {x_factor(of) + x, z_factor(of) + z * lanes_, Real(0)};
    }
    activator_.run(*step.step, {1, lanes_}, z_->used, read_at(before, at), planes_at(state, at), factors,
                   step.executed);
  });
}

template <class Real>
void ImageEvaluator<Real>::add(const ImageStep& step, State& state, State& saved) {
  if (state.dead || saved.dead) {
    drop(saved);
    drop(state);
    return;
  }
  const std::size_t pixels = step.in.pixels();
  const State branch = state;
  state.rho = writable(state.rho);
  state.m = writable(state.m);
  state.t = writable(state.t);
  const Real kept = static_cast<Real>(step.saved_gain) * *x_factor(step.factors);
  const Real grown = static_cast<Real>(step.gain) * *x_factor(step.factors + 1);
  const Factor<Real> ct{&kept, z_factor(step.factors), Real(0)}, st{&grown, z_factor(step.factors + 1), Real(0)};
  const Real *x_c = x_factor(step.factors + 2), *z_c = z_factor(step.factors + 2);
  const Real *x_s = x_c + pixels, *z_s = z_c + pixels * lanes_;
  for_pairs(state, step.in.width, [&](std::size_t at, std::size_t x, std::size_t z) {
    table_.add({1, lanes_}, read_at(saved, at), read_at(branch, at), planes_at(state, at),
               {x_c + x, z_c + z * lanes_, Real(0)}, {x_s + x, z_s + z * lanes_, Real(0)}, ct, st);
  });
  drop(saved);
}

template <class Real>
void ImageEvaluator<Real>::patch(const ImageStep& step, State& state) {
  AxisLine y, x;
  if (!next_line(state.y, step.filter.y, step.out.height, step.wraps.y, y) ||
      !next_line(state.x, step.filter.x, step.out.width, step.wraps.x, x)) {
    drop(state);
    return;
  }
  std::size_t next = step.factors;
  if (!step.filter.x.trivial()) {
    filter_x(step, state, x, next);
    next += static_cast<std::size_t>(step.in.height) * static_cast<std::size_t>(step.in.width + step.out.width);
  }
  if (!step.filter.y.trivial()) filter_y(step, state, y, next);
}

template <class Real>
void ImageEvaluator<Real>::filter_x(const ImageStep& step, State& state, const AxisLine& out, std::size_t factors) {
  taps_.build(step.filter.x, state.x, out);
  State next = fresh(state.y, out);
  const auto in_width = static_cast<std::size_t>(step.in.width), out_width = static_cast<std::size_t>(step.out.width);
  const std::size_t inverse = factors + static_cast<std::size_t>(step.in.height) * in_width;
  const auto in_columns = static_cast<std::size_t>(state.x.count());
  std::size_t position = 0;
  for (int y = 0; y < state.y.count(); ++y) {
    const auto row_x = static_cast<std::size_t>(state.y.x(y)), row_z = static_cast<std::size_t>(state.y.z(y));
    for (int o = 0; o < out.count(); ++o) {
      filter_taps_.clear();
      for (const Tap& tap : taps_.at(o)) {
        const std::size_t source =
            static_cast<std::size_t>(y) * in_columns + static_cast<std::size_t>(std::max(tap.source, 0));
        FilterTap<Real> taken{read_at(state, source), Real(0), zeros_.data()};
        if (tap.source < 0) taken.pairs.t = zeros_.data();
        if (tap.x >= 0) taken.x = *x_factor(factors + row_x * in_width + static_cast<std::size_t>(tap.x));
        if (tap.z >= 0) taken.z = z_factor(factors + row_z * in_width + static_cast<std::size_t>(tap.z));
        filter_taps_.push_back(taken);
      }
      images_.filter(filter_taps_.data(), filter_taps_.size(), lanes_,
                     {x_factor(inverse + row_x * out_width + static_cast<std::size_t>(out.x(o))),
                      z_factor(inverse + row_z * out_width + static_cast<std::size_t>(out.z(o))), Real(0)},
                     planes_at(next, position++));
    }
  }
  drop(state);
  state = next;
}

template <class Real>
void ImageEvaluator<Real>::filter_y(const ImageStep& step, State& state, const AxisLine& out, std::size_t factors) {
  taps_.build(step.filter.y, state.y, out);
  State next = fresh(out, state.x);
  const auto width = static_cast<std::size_t>(step.out.width);
  const std::size_t inverse = factors + static_cast<std::size_t>(step.in.height) * width;
  const auto columns = static_cast<std::size_t>(state.x.count());
  std::size_t position = 0;
  for (int o = 0; o < out.count(); ++o) {
    const auto row_x = static_cast<std::size_t>(out.x(o)), row_z = static_cast<std::size_t>(out.z(o));
    for (int x = 0; x < state.x.count(); ++x) {
      const auto at_x = static_cast<std::size_t>(state.x.x(x)), at_z = static_cast<std::size_t>(state.x.z(x));
      filter_taps_.clear();
      for (const Tap& tap : taps_.at(o)) {
        const std::size_t source =
            static_cast<std::size_t>(std::max(tap.source, 0)) * columns + static_cast<std::size_t>(x);
        FilterTap<Real> taken{read_at(state, source), Real(0), zeros_.data()};
        if (tap.source < 0) taken.pairs.t = zeros_.data();
        if (tap.x >= 0) taken.x = *x_factor(factors + static_cast<std::size_t>(tap.x) * width + at_x);
        if (tap.z >= 0) taken.z = z_factor(factors + static_cast<std::size_t>(tap.z) * width + at_z);
        filter_taps_.push_back(taken);
      }
      images_.filter(filter_taps_.data(), filter_taps_.size(), lanes_,
                     {x_factor(inverse + row_x * width + at_x), z_factor(inverse + row_z * width + at_z), Real(0)},
                     planes_at(next, position++));
    }
  }
  drop(state);
  state = next;
}

template class ImageEvaluator<double>;
template class ImageEvaluator<float>;

}  // namespace resgram::core
