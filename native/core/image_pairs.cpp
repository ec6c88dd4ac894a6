#include "image_pairs.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "denormals.hpp"
#include "error.hpp"

namespace resgram::core {
namespace {

bool is_head(Op op) { return op == Op::pixel || op == Op::trace || op == Op::mean; }

// Below these m the difference of two unit vectors has lost digits, and the pixels themselves are compared.
template <class Real>
constexpr double kCloseDefect = sizeof(Real) == 8 ? 0x1p-26 : 0x1p-13;

// A correlation and its smaller complement from a quotient that rounding may have pushed beyond 1. `most` is an upper
// bound of (1 − ρ)/2.                                                                                    [image-average]
template <class Real>
void correlation(double quotient, double most, Real& rho, Real& m) {
  const double size = std::min(1.0, std::fabs(quotient));
  double small = 0.5 * (1 - size);
  if (quotient >= 0) small = std::min(small, most);
  const double outer = small < 0.25 ? 1 - 2 * small : size;
  rho = static_cast<Real>(quotient < 0 ? -outer : outer);
  m = static_cast<Real>(small);
}

}  // namespace

template <class Real>
ImageEvaluator<Real>::ImageEvaluator(const ImagePlan& plan, const ImagePasses* passes, const DualTables& duals,
                                     std::size_t lanes, bool want_tangent)
    : plan_(plan),
      passes_(passes),
      runner_(passes == nullptr ? nullptr : std::make_unique<PassRunner<Real>>(plan, *passes)),
      table_(core::lanes<Real>()),
      images_(image_lanes<Real>()),
      lanes_(lanes),
      want_tangent_(want_tangent),
      activator_(lanes, &duals),
      readings_(plan.heads().size()),
      zeros_(lanes, Real(0)),
      ones_(lanes, Real(1)),
      row_(5 * lanes) {
  for (std::size_t level = 0; level < plan.levels().size(); ++level) lines_.push_back(plan.lines(level));
}

// The innermost level has its states, a new one and one between the two passes of a filter; the outer ones their sums.
template <class Real>
std::size_t ImageEvaluator<Real>::bytes(const ImagePlan& plan, const ImagePasses* passes, std::size_t lanes) {
  const std::size_t more = passes == nullptr ? 0 : PassRunner<Real>::bytes(plan, *passes);
  const std::size_t planes = 3 * (plan.stack_depth() + 3) + 3 * plan.levels().size();
  return more + (planes * plan.largest() + 16) * lanes * sizeof(Real) +
         5 * plan.heads().size() * lanes * sizeof(double);
}

template <class Real>
void ImageEvaluator<Real>::clear_readings() {
  for (Reading& reading : readings_)
    for (auto* numbers : {&reading.covariance, &reading.lower, &reading.upper, &reading.tangent, &reading.gap})
      numbers->assign(lanes_, 0.0);
}

template <class Real>
void ImageEvaluator<Real>::run(const ImageBlock<Real>& x, const ImageBlock<Real>& z, Ticket& ticket, const Emit& emit) {
  const FlushDenormals flush;
  x_ = &x;
  z_ = &z;
  ticket_ = &ticket;
  clear_readings();
  std::fill(holders_.begin(), holders_.end(), 0);
  const bool passes = runner_ != nullptr && x.fits[0] != 0;
  const bool any = passes && std::find(z.fits.begin(), z.fits.end(), 1) != z.fits.end();
  const bool all = passes && std::find(z.fits.begin(), z.fits.end(), 0) == z.fits.end();
  if (any) run_passes(x, ticket);
  if (!all) {
    // An image of too wide a range takes single steps; which way a pair goes depends on the pair alone.
    const std::vector<Reading> taken = readings_;
    clear_readings();
    run_lines(ticket, !any);
    for (std::size_t h = 0; any && h < taken.size(); ++h)
      for (std::size_t j = 0; j < lanes_; ++j)
        if (z.fits[j] != 0)
          for (auto part : {&Reading::covariance, &Reading::lower, &Reading::upper, &Reading::tangent, &Reading::gap})
            (readings_[h].*part)[j] = (taken[h].*part)[j];
  }
  read_tails(emit);
}

template <class Real>
void ImageEvaluator<Real>::read_tails(const Emit& emit) {
  std::vector<State> saved;
  for (const Head& head : plan_.heads()) {
    State state = reading_of(head);
    for (const ImageStep& step : head.tail) {
      if (step.op == Op::emit) {
        emit(step.which, data(state.rho), data(state.t), step.gain);
      } else {
        apply(step, state, saved);
      }
    }
    drop(state);
  }
}

template <class Real>
void ImageEvaluator<Real>::run_lines(Ticket& ticket, bool counts) {
  for (std::size_t level = 0; level < lines_.size(); ++level)
    for (const Line start : lines_[level]) {
      State end = run_level(level, start, true, plan_.trunk().size());
      drop(end);
      if (counts) ticket.checkpoint();
    }
}

template <class Real>
OwnState ImageEvaluator<Real>::own_average(std::size_t trunk_index, const ImageBlock<Real>& x,
                                           const ImageBlock<Real>& z, const OwnState& before, const Ticket& ticket) {
  const FlushDenormals flush;
  x_ = &x;
  z_ = &z;
  ticket_ = &ticket;
  std::fill(holders_.begin(), holders_.end(), 0);
  const ImageStep& step = plan_.trunk()[trunk_index];
  OwnState means{{{}, before.q.e}, {{}, before.theta.e}};
  const auto put = [&](double covariance, double tangent, double count) {
    means.q.v.push_back(std::max(0.0, covariance / (count * count)));
    means.theta.v.push_back(std::max(0.0, step.gain * tangent / (count * count)));
  };
  if (step.op == Op::mean) {
    clear_readings();
    const Head& head = plan_.heads()[step.which];
    for (const Line start : lines_[head.level]) {
      if (!plan_.reads(head, start)) continue;
      State end = run_level(head.level, start, true, trunk_index + 1);
      drop(end);
    }
    const Reading& reading = readings_[step.which];
    put(reading.covariance[0], reading.tangent[0], static_cast<double>(step.in.pixels()));
    return means;
  }
  State sums = gather(step.which, {0, 0});
  const Real *covariance = data(sums.rho), *tangent = data(sums.t);
  for (std::size_t j = 0; j < sums.count(); ++j)
    put(static_cast<double>(covariance[j * lanes_]), static_cast<double>(tangent[j * lanes_]),
        static_cast<double>(step.window.y) * step.window.x);
  drop(sums);
  return means;
}

template <class Real>
typename ImageEvaluator<Real>::State ImageEvaluator<Real>::run_level(std::size_t level, Line start, bool read,
                                                                     std::size_t end) {
  State state;
  if (level == 0) {
    state = measure(start);
  } else {
    const ImageStep& pooling = plan_.trunk()[plan_.levels()[level].first - 1];
    state = gather(level, start);
    normalise(pooling, state, data(state.m));
  }
  std::vector<State> saved;
  const Level& here = plan_.levels()[level];
  for (std::size_t i = here.first; i < std::min(here.last, end); ++i) {
    if (ticket_->cancelled()) throw Cancelled{};
    const ImageStep& step = plan_.trunk()[i];
    if (!is_head(step.op)) {
      apply(step, state, saved);
      continue;
    }
    if (read && !state.dead && plan_.reads(plan_.heads()[step.which], start)) read_heads(step, state);
    drop(state);
  }
  for (State& left : saved) drop(left);  // only where a run ends early
  return state;
}

// Correlations of the line's pixels: inner products and differences of unit vectors, then small angles again from the
// pixels themselves.                                                                                       [small-angle]
template <class Real>
typename ImageEvaluator<Real>::State ImageEvaluator<Real>::measure(Line start) {
  const Level& here = plan_.levels().front();
  State state =
      fresh({here.start.height, start.y, here.start_wraps.y}, {here.start.width, start.x, here.start_wraps.x});
  if (state.dead) return state;
  const std::size_t channels = plan_.grid().channels, pixels = here.start.pixels();
  const auto limit = static_cast<Real>(kCloseDefect<Real>);
  for_pairs(state, here.start.width, [&](std::size_t at, std::size_t x, std::size_t z) {
    const MutablePlanes<Real> out = planes_at(state, at);
    images_.correlate(x_->units.data() + x * channels, z_->units.data() + z * channels * lanes_, channels, lanes_, out);
    if (channels == 1) return;  // numbers have no angle between 0 and π
    for (std::size_t j = 0; j < z_->used; ++j) {
      if (!(out.m[j] < limit)) continue;
      const bool opposite = out.rho[j] < Real(0);
      const double defect =
          half_defect(*x_->pixels, x_->first * pixels + x, *z_->pixels, (z_->first + j) * pixels + z, opposite);
      out.m[j] = static_cast<Real>(defect);
      out.rho[j] = static_cast<Real>(opposite ? 2 * defect - 1 : 1 - 2 * defect);
    }
  });
  return state;
}

// Raw sums over the windows of each pair of the pooled line: covariance in `rho`, tangent in `t`, and in `m` the sum of
// the distances between the functions at the same place of both windows.                                [image-average]
template <class Real>
typename ImageEvaluator<Real>::State ImageEvaluator<Real>::gather(std::size_t level, Line start) {
  const Level &here = plan_.levels()[level], &before = plan_.levels()[level - 1];
  const ImageStep& pooling = plan_.trunk()[here.first - 1];
  State sums = fresh({here.start.height, start.y, here.start_wraps.y}, {here.start.width, start.x, here.start_wraps.x});
  if (sums.dead) return sums;
  for (const int plane : {sums.rho, sums.m, sums.t}) std::fill_n(data(plane), sums.count() * lanes_, Real(0));
  const auto along_y = ImagePlan::gather(sums.y, pooling.window.y, before.end.height, before.end_wraps.y);
  const auto along_x = ImagePlan::gather(sums.x, pooling.window.x, before.end.width, before.end_wraps.x);
  const Real *x_amplitude = x_factor(pooling.factors), *z_amplitude = z_factor(pooling.factors);
  const auto width = static_cast<std::size_t>(before.end.width);
  for (const auto& [shift_y, pairs_y] : along_y)
    for (const auto& [shift_x, pairs_x] : along_x) {
      State line =
          run_level(level - 1, {shift_y * before.stride.y, shift_x * before.stride.x}, false, plan_.trunk().size());
      if (line.dead) throw Error(Code::internal, "a pooled line lacks one of its parts");
      for (const GatherPair& y : pairs_y)
        for (const GatherPair& x : pairs_x) {
          const auto in = static_cast<std::size_t>(y.in) * static_cast<std::size_t>(line.x.count()) +
                          static_cast<std::size_t>(x.in);
          const auto out = static_cast<std::size_t>(y.out) * static_cast<std::size_t>(sums.x.count()) +
                           static_cast<std::size_t>(x.out);
          const std::size_t at_x = static_cast<std::size_t>(y.x) * width + static_cast<std::size_t>(x.x);
          const std::size_t at_z = static_cast<std::size_t>(y.z) * width + static_cast<std::size_t>(x.z);
          const MutablePlanes<Real> to = planes_at(sums, out);
          images_.collect(lanes_, read_at(line, in), {x_amplitude + at_x, z_amplitude + at_z * lanes_, Real(0)}, to.rho,
                          to.t, y.same_place && x.same_place ? to.m : nullptr);
        }
      drop(line);
    }
  return sums;
}

// ρ̄ from the sums. For functions f_δ of two windows, ‖Σ f_δ(x) − Σ f_δ(z)‖ ≤ Σ ‖f_δ(x) − f_δ(z)‖ bounds 1 − ρ̄ from above:
// equal windows get exactly ρ̄ = 1.                                                                     [image-average]
template <class Real>
void ImageEvaluator<Real>::normalise(const ImageStep& pooling, State& sums, const Real* gap) {
  if (sums.dead) return;
  const Real* x_inverse = x_factor(pooling.factors + pooling.in.pixels());
  const Real* z_inverse = z_factor(pooling.factors + pooling.in.pixels());
  for_pairs(sums, pooling.out.width, [&](std::size_t at, std::size_t x, std::size_t z) {
    const MutablePlanes<Real> pair = planes_at(sums, at);
    for (std::size_t j = 0; j < lanes_; ++j) {
      const double inverse = static_cast<double>(x_inverse[x]) * static_cast<double>(z_inverse[z * lanes_ + j]);
      const double apart = static_cast<double>(gap[at * lanes_ + j]);
      correlation(static_cast<double>(pair.rho[j]) * inverse, 0.25 * apart * apart * inverse, pair.rho[j], pair.m[j]);
    }
  });
}

template <class Real>
void ImageEvaluator<Real>::read_heads(const ImageStep& step, const State& state) {
  Reading& reading = readings_[step.which];
  if (step.op == Op::pixel) {
    const auto at = static_cast<std::size_t>(step.step->args[0] * step.in.width + step.step->args[1]);
    const Planes<Real> pair = read_at(state, at);
    for (std::size_t j = 0; j < lanes_; ++j) {
      reading.covariance[j] = static_cast<double>(pair.rho[j]);
      reading.lower[j] = reading.upper[j] = static_cast<double>(pair.m[j]);
      reading.tangent[j] = static_cast<double>(pair.t[j]);
    }
    return;
  }
  // Rows are summed in the precision of the pairs, the rows' sums in double.
  Real* const sums[] = {row_.data(), row_.data() + lanes_, row_.data() + 2 * lanes_, row_.data() + 3 * lanes_};
  const bool same_place = state.y.shift == 0 && state.x.shift == 0;
  const Real *x_weights = x_factor(step.factors), *z_weights = z_factor(step.factors);
  const int columns = state.x.count();
  for (int y = 0; y < state.y.count(); ++y) {
    std::fill(row_.begin(), row_.end(), Real(0));
    for (int x = 0; x < columns; ++x) {
      const auto at = static_cast<std::size_t>(y) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(x);
      const auto at_x = static_cast<std::size_t>(state.y.x(y) * step.in.width + state.x.x(x));
      const auto at_z = static_cast<std::size_t>(state.y.z(y) * step.in.width + state.x.z(x));
      const Factor<Real> weight{x_weights + at_x, z_weights + at_z * lanes_, Real(0)};
      if (step.op == Op::trace) {
        images_.collect_independent(lanes_, read_at(state, at), weight, sums[0], sums[1], sums[2], sums[3]);
      } else {
        images_.collect(lanes_, read_at(state, at), weight, sums[0], sums[3], same_place ? sums[1] : nullptr);
      }
    }
    for (std::size_t j = 0; j < lanes_; ++j) {
      reading.covariance[j] += static_cast<double>(sums[0][j]);
      (step.op == Op::trace ? reading.lower : reading.gap)[j] += static_cast<double>(sums[1][j]);
      reading.upper[j] += static_cast<double>(sums[2][j]);
      reading.tangent[j] += static_cast<double>(sums[3][j]);
    }
  }
}

template <class Real>
typename ImageEvaluator<Real>::State ImageEvaluator<Real>::reading_of(const Head& head) {
  const ImageStep& step = plan_.trunk()[head.at];
  const Reading& reading = readings_[step.which];
  State state = fresh({}, {});
  const MutablePlanes<Real> out = planes_at(state, 0);
  for (std::size_t j = 0; j < lanes_; ++j) {
    out.t[j] = static_cast<Real>(reading.tangent[j]);
    if (step.op == Op::mean) {
      const std::size_t at = step.factors + step.in.pixels();
      const double inverse = static_cast<double>(*x_factor(at)) * static_cast<double>(z_factor(at)[j]);
      correlation(reading.covariance[j] * inverse, 0.25 * reading.gap[j] * reading.gap[j] * inverse, out.rho[j],
                  out.m[j]);
      continue;
    }
    const double rho = reading.covariance[j], small = rho >= 0 ? reading.lower[j] : reading.upper[j];
    const double outer = small < 0.25 ? 1 - 2 * small : std::fabs(rho);
    out.rho[j] = static_cast<Real>(rho < 0 ? -outer : outer);
    out.m[j] = static_cast<Real>(small);
  }
  return state;
}

template class ImageEvaluator<double>;
template class ImageEvaluator<float>;

}  // namespace resgram::core
