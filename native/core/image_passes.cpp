#include "image_passes.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "image_own.hpp"
#include "image_rows.hpp"

namespace resgram::core {
namespace {

bool taken(const AxisFilter& filter) { return filter.size <= static_cast<int>(kMostRowTaps); }

// Behind an activation or a filter that no pass has taken up yet.
struct Pending {
  Pass pass;
  double k = 1, t = 1, own = 0;  // K = k Σ K, T = t Σ T + own Σ K
  bool filtered = false;
};

struct State {
  Folded at;                       // a field,
  std::optional<Pending> pending;  // or what is to be made of one
};

}  // namespace

class PassBuilder {
 public:
  PassBuilder(const ImagePlan& plan, ImagePasses& out) : plan_(plan), out_(out) {}

  bool build() {
    for (std::size_t i = 0; i < plan_.trunk().size(); ++i)
      if (!take(plan_.trunk()[i], i)) return false;
    return true;
  }

 private:
  bool take(const ImageStep& step, std::size_t at) {
    switch (step.op) {
      case Op::input:
        out_.fields_.push_back({step.out, at, 0, 0, 0, true, 0});
        now_ = {};
        return true;
      case Op::affine:
        return affine(step, at);
      case Op::scale: {
        const double square = step.step->args[0] * step.step->args[0];
        multiply(square, at);
        return square > 0;
      }
      case Op::relu: {
        settle(now_);
        const Folded& from = now_.at;
        Pending next;
        next.pass.relu = true;
        next.pass.slope = step.step->args[1];
        next.pass.a = from.own / from.t;
        next.k = step.slope_gain * from.k;
        next.t = step.slope_gain * from.t;
        begin(next, step, at);
        return step.slope_gain > 0;
      }
      case Op::patch: {
        if (step.filter.x.trivial() && step.filter.y.trivial()) return true;
        if (!taken(step.filter.x) || !taken(step.filter.y)) return false;
        if (now_.pending && now_.pending->filtered) settle(now_);
        if (!now_.pending) {
          Pending next;
          next.k = now_.at.k;
          next.t = now_.at.t;
          next.own = now_.at.own;
          begin(next, step, at);
        }
        Pending& pending = *now_.pending;
        pending.filtered = true;
        pending.pass.filter = step.filter;
        pending.pass.out = step.out;
        pending.pass.wraps = step.wraps;
        multiply(1 / (static_cast<double>(step.filter.x.size) * step.filter.y.size), at);
        return true;
      }
      case Op::push:
        settle(now_);
        saved_.push_back(now_);
        return true;
      case Op::swap:
        std::swap(saved_.back(), now_);
        return true;
      case Op::pop:
        now_ = saved_.back();
        saved_.pop_back();
        return true;
      case Op::add:
        return add(at);
      case Op::pixel:
      case Op::trace:
      case Op::mean:
        settle(now_);
        use(now_.at.field, out_.passes_.size());
        out_.readings_.push_back({step.which, now_.at});
        return true;
      default:
        return false;
    }
  }

  void begin(Pending next, const ImageStep& step, std::size_t at) {
    next.pass.from = {now_.at.field, 1, 1, 0};
    next.pass.in = step.in;
    next.pass.out = step.out;
    next.pass.wraps = step.wraps;
    next.pass.last = at;
    now_.pending = next;
  }

  void multiply(double factor, std::size_t at) {
    if (now_.pending) {
      now_.pending->k *= factor;
      now_.pending->t *= factor;
      now_.pending->own *= factor;
      now_.pending->pass.last = at;
    } else {
      now_.at.k *= factor;
      now_.at.t *= factor;
      now_.at.own *= factor;
    }
  }

  // T′ = σ²(T + t K), K′ = σ²K                                                                                    [dense]
  bool affine(const ImageStep& step, std::size_t at) {
    if (step.moves_rho) return false;
    const double weight = step.step->args[0], trained = step.step->args[1];
    if (now_.pending) {
      now_.pending->own += trained * now_.pending->k;
    } else {
      now_.at.own += trained * now_.at.k;
    }
    multiply(weight, at);
    return weight > 0;
  }

  bool add(std::size_t at) {
    State other = saved_.back();
    saved_.pop_back();
    if (!now_.pending) std::swap(now_, other);
    if (!now_.pending) return false;  // nothing between the two
    settle(other);
    now_.pending->pass.last = at;
    finish(now_, other.at);
    return true;
  }

  void use(std::size_t field, std::size_t pass) {
    out_.fields_[field].last_use = std::max(out_.fields_[field].last_use, pass);
  }

  void settle(State& state) {
    if (state.pending) finish(state, std::nullopt);
  }

  void finish(State& state, const std::optional<Folded>& saved) {
    Pass pass = state.pending->pass;
    pass.from.k = state.pending->k;
    pass.from.t = state.pending->t;
    pass.b = state.pending->own / state.pending->t;
    pass.saved = saved;
    const std::size_t index = out_.passes_.size();
    use(pass.from.field, index);
    if (saved) use(saved->field, index);
    out_.fields_.push_back({pass.out, pass.last, 0, 0, index, true, 0});
    state = {};
    state.at.field = index + 1;
    out_.passes_.push_back(std::move(pass));
  }

  const ImagePlan& plan_;
  ImagePasses& out_;
  State now_;
  std::vector<State> saved_;
};

std::optional<ImagePasses> ImagePasses::of(const ImagePlan& plan) {
  if (!plan.pure() || plan.levels().size() != 1) return std::nullopt;
  ImagePasses passes;
  if (!PassBuilder(plan, passes).build()) return std::nullopt;
  passes.place();
  passes.field_behind_.assign(plan.trunk().size(), kNoField);
  for (std::size_t f = 0; f < passes.fields_.size(); ++f) passes.field_behind_[passes.fields_[f].after] = f;
  passes.measure(plan);
  return passes;
}

// Where fields are kept, among planes and among amplitudes.
void ImagePasses::place() {
  std::vector<std::size_t> until;  // the pass that last reads what a plane holds
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    Field& field = fields_[f];
    // Written by pass f − 1, whose own inputs must not be written over.
    const auto free = std::find_if(until.begin(), until.end(), [&](std::size_t last) { return f > 0 && last + 1 < f; });
    field.plane = static_cast<std::size_t>(free - until.begin());
    if (free == until.end()) until.push_back(0);
    until[field.plane] = field.last_use;
    field.amplitudes = amplitudes_;
    amplitudes_ += kAmplitudeNumbers * field.grid.pixels();
  }
  planes_ = until.size();
}

// Q of an image of ones bounds that of every image whose pixels have at most that length, at every step: the recursion is
// linear and all of its factors are positive. So do Q and Θ of pairs.
void ImagePasses::measure(const ImagePlan& plan) {
  const std::vector<Unit> ones(plan.trunk().front().in.pixels());
  const std::vector<OwnState> means(plan.own_averages(), OwnState{{{1}, 0}, {{1}, 0}});
  std::vector<double> ratios;
  OwnRecursion own(plan, ones, means, 0);
  own.watch([&](std::size_t after, const OwnState& state) {
    if (field_behind_[after] == kNoField) return;
    const double most = *std::max_element(state.q.v.begin(), state.q.v.end());
    if (most == 0) return;
    fields_[field_behind_[after]].exponent = 2 * static_cast<int>(state.q.e) + std::ilogb(most);
    const double theta = *std::max_element(state.theta.v.begin(), state.theta.v.end());
    ratios.push_back(std::ldexp(theta / most, static_cast<int>(2 * (state.theta.e - state.q.e))));
  });
  own.run<double>(nullptr, 1);
  // Squares of pixels are below 16 in their image's unit, those of ones below 4 in the field's.
  covariance_bound_ = 64;
  tangent_bound_ = covariance_bound_;
  for (const double ratio : ratios) tangent_bound_ = std::max(tangent_bound_, 4 * covariance_bound_ * ratio);
  const auto in_field = [&](Folded& from, int exponent) {
    const double unit = std::ldexp(1.0, fields_[from.field].exponent - exponent);
    from.k *= unit;
    from.t *= unit;
    from.own *= unit;
  };
  for (std::size_t i = 0; i < passes_.size(); ++i) {
    in_field(passes_[i].from, fields_[i + 1].exponent);
    if (passes_[i].saved) in_field(*passes_[i].saved, fields_[i + 1].exponent);
  }
  // Opposite pixels have ρ = −1 at the input. Filters keep what is above, an activation leaves 1 + ρ ≥ g, and a shortcut
  // its share of it: where too little is left for 4S − X to resolve, S (1 + ρ) is carried.
  constexpr double kLeastShare = 0x1p-10, kLeastBend = 0x1p-4;
  for (std::size_t i = 0; i < passes_.size(); ++i) {
    Pass& pass = passes_[i];
    const double g = (1 - pass.slope) * (1 - pass.slope) / (1 + pass.slope * pass.slope);
    pass.both = fields_[pass.from.field].both && (!pass.relu || g < kLeastBend);
    if (pass.saved && fields_[pass.saved->field].both) {
      const double outputs = static_cast<double>(pass.filter.x.size) * pass.filter.y.size * pass.from.k;
      pass.both = pass.both || outputs < kLeastShare * pass.saved->k;
    }
    fields_[i + 1].both = pass.both;
  }
}

}  // namespace resgram::core
