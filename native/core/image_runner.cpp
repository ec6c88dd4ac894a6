#include "image_runner.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "error.hpp"

namespace resgram::core {
namespace {

constexpr std::size_t kNoSlot = static_cast<std::size_t>(-1);

// Below these (1 ∓ ρ)/2 the difference of two unit vectors has lost digits, and the pixels themselves are compared.
template <class Real>
constexpr double kCloseDefect = sizeof(Real) == 8 ? 0x1p-26 : 0x1p-13;

// Each part holds `count` numbers of up to half the unit of the part before, the first one numbers up to `bound`.
SumForm cuts(double bound, double count) {
  SumForm form{};
  const double room = std::exp2(std::ceil(std::log2(std::max(count, 4.0))) + 1);
  double most = std::exp2(std::ceil(std::log2(bound)));
  for (double& cut : form.cut) {
    const double unit = most * room * 0x1p-53;
    cut = 1.5 * 0x1p52 * unit;
    most = unit;
  }
  return form;
}

auto key(const AxisFilter& filter, const AxisLine& in, const AxisLine& out) {
  return std::tuple(filter.size, filter.stride, filter.padding, in.size, in.wraps, out.size, out.wraps);
}

}  // namespace

template <class Real>
PassRunner<Real>::PassRunner(const ImagePlan& plan, const ImagePasses& passes)
    : plan_(plan),
      passes_(passes),
      rows_(image_rows<Real>()),
      fields_(passes.fields().size()),
      readings_(fields_.size()) {
  std::vector<std::size_t> numbers(passes.planes(), 0);
  for (const ImagePasses::Field& field : passes.fields())
    numbers[field.plane] = std::max(numbers[field.plane], pair_numbers(field.both));
  for (const std::size_t each : numbers) planes_.emplace_back(plan.largest() * each * kLanes);
  for (std::size_t r = 0; r < passes.readings().size(); ++r) readings_[passes.readings()[r].from.field].push_back(r);
  std::map<std::tuple<int, int, Padding, int, bool, int, bool>, std::size_t> known;
  const Axes<bool> wraps = plan.levels().front().start_wraps;
  std::vector<Axes<bool>> behind{wraps};
  const auto axis = [&](const AxisFilter& filter, int in, bool in_wraps, int out, bool out_wraps) {
    const auto [entry, fresh] = known.try_emplace(key(filter, {in, 0, in_wraps}, {out, 0, out_wraps}), taps_.size());
    if (fresh) taps_.emplace_back(std::min(static_cast<std::size_t>(2 * in + 1), kMostTaps));
    return entry->second;
  };
  const auto as_it_is = [&](Extent grid, bool wrapped) {
    along_.push_back(axis({}, grid.width, wrapped, grid.width, wrapped));
  };
  as_it_is(plan.levels().front().start, wraps.x);
  for (const Pass& pass : passes.passes()) {
    const Axes<bool> before = behind[pass.from.field];
    as_it_is(pass.out, pass.wraps.x);
    axes_.push_back({axis(pass.filter.y, pass.in.height, before.y, pass.out.height, pass.wraps.y),
                     axis(pass.filter.x, pass.in.width, before.x, pass.out.width, pass.wraps.x)});
    behind.push_back(pass.wraps);
  }
  const auto pixels = static_cast<double>(plan.largest());
  covariance_cuts_ = cuts(passes.covariance_bound(), 4 * pixels * pixels);
  tangent_cuts_ = cuts(passes.tangent_bound(), 4 * pixels * pixels);
  clear();
}

template <class Real>
std::size_t PassRunner<Real>::bytes(const ImagePlan& plan, const ImagePasses& passes) {
  std::size_t widest = 0, taps = 1;
  for (const Pass& pass : passes.passes()) {
    const auto size = static_cast<std::size_t>(std::max(pass.filter.x.size, pass.filter.y.size));
    widest =
        std::max(widest, static_cast<std::size_t>(pass.in.width) * (pass.filter.x.stride > 1 ? size : 1) + 2 * size);
    taps = std::max(taps, size);
  }
  const std::size_t rows = 2 * pair_numbers(true) * (2 * taps + 1) * widest;
  // Some ten small numbers per position of the kept taps along an axis; layers of one size share theirs.
  std::set<std::tuple<int, int, int>> axes;
  for (const Pass& pass : passes.passes()) {
    axes.insert({pass.filter.x.size, pass.in.width, pass.out.width});
    axes.insert({pass.filter.y.size, pass.in.height, pass.out.height});
    axes.insert({0, pass.out.width, pass.out.width});
  }
  std::size_t kept = 0;
  for (const auto& [size, in, out] : axes)
    kept += std::min(static_cast<std::size_t>(2 * in + 1), kMostTaps) * static_cast<std::size_t>(in + 2 * size) * 64;
  const std::size_t sums = 2 * kSumParts * passes.readings().size() * sizeof(double);
  return ((pair_numbers(true) * passes.planes() * plan.largest() + rows) * sizeof(Real) + sums) * kLanes +
         passes.fields().size() * (sizeof(Field) + 64) + kept;
}

template <class Real>
void PassRunner<Real>::clear() {
  sums_.assign(2 * kSumParts * passes_.readings().size() * kLanes, 0.0);
}

template <class Real>
typename PassRunner<Real>::Sums PassRunner<Real>::sums(std::size_t reading, std::size_t lane) const {
  const double* covariance = sums_.data() + 2 * kSumParts * reading * kLanes + lane;
  const double* tangent = covariance + kSumParts * kLanes;
  const auto whole = [](const double* parts) { return parts[0] + (parts[kLanes] + parts[2 * kLanes]); };
  const Folded& from = passes_.readings()[reading].from;
  const double k = whole(covariance), t = whole(tangent);
  return {from.k * k, from.t * t + from.own * k, passes_.fields()[from.field].exponent};
}

template <class Real>
Amplitudes<Real> PassRunner<Real>::amplitude(std::size_t field, std::size_t pixel_x, std::size_t pixel_z) const {
  const std::size_t offset = passes_.fields()[field].amplitudes;
  return {x_->amplitudes.data() + (offset + pixel_x * kAmplitudeNumbers) * x_->lanes,
          z_->amplitudes.data() + (offset + pixel_z * kAmplitudeNumbers) * kLanes};
}

template <class Real>
std::shared_ptr<const SlidingTaps> PassRunner<Real>::taps(std::size_t axis, const AxisFilter& filter,
                                                          const AxisLine& in, const AxisLine& out) {
  const auto displacement = static_cast<std::size_t>(in.shift + in.size);
  KeptTaps& kept = taps_[axis][displacement % taps_[axis].size()];
  if (!kept.taps || kept.displacement != displacement)
    kept = {displacement, std::make_shared<const SlidingTaps>(filter, in, out)};
  return kept.taps;
}

template <class Real>
void PassRunner<Real>::run(const ImageBlock<Real>& x, const ImageBlock<Real>& z, Line start, const Ticket& ticket,
                           const Reader& reader) {
  x_ = &x;
  z_ = &z;
  lanes_of_x_ = x.lanes > 1;
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    if (ticket.cancelled()) throw Cancelled{};
    fields_[f].pairs = planes_[passes_.fields()[f].plane].data();
    fields_[f].both = passes_.fields()[f].both;
    if (f == 0) {
      measure(start);
    } else {
      pass(f - 1);
    }
    if (fields_[f].dead) continue;
    for (const std::size_t reading : readings_[f])
      if (plan_.reads(plan_.heads()[passes_.readings()[reading].head], start)) reader(reading, fields_[f]);
  }
}

// Correlations of the line's pixels: inner products and differences of unit vectors, then small angles again from the
// pixels themselves. Equal unit vectors differ by less than their rounding.                                [small-angle]
template <class Real>
void PassRunner<Real>::measure(Line start) {
  const Level& level = plan_.levels().front();
  Field& field = fields_[0];
  field.y = {level.start.height, start.y, level.start_wraps.y};
  field.x = {level.start.width, start.x, level.start_wraps.x};
  field.dead = field.y.count() <= 0 || field.x.count() <= 0;
  if (field.dead) return;
  const std::size_t channels = plan_.grid().channels, pixels = level.start.pixels();
  const auto width = static_cast<std::size_t>(level.start.width), columns = static_cast<std::size_t>(field.x.count());
  const auto limit = static_cast<Real>(kCloseDefect<Real>);
  const auto whole = taps(along_[0], {}, field.x, field.x);
  for (int y = 0; y < field.y.count(); ++y)
    for (const SlidingTaps::Piece& piece : whole->pieces) {
      const std::size_t x_at = static_cast<std::size_t>(field.y.x(y)) * width + static_cast<std::size_t>(piece.x);
      const std::size_t z_at = static_cast<std::size_t>(field.y.z(y)) * width + static_cast<std::size_t>(piece.z);
      Real* out = field.pairs + (static_cast<std::size_t>(y) * columns + piece.out) * pair_numbers(true) * kLanes;
      const Amplitudes<Real> of = amplitude(0, x_at, z_at);
      const Real least = rows_.measure(lanes_of_x_, x_->units.data() + x_at * channels * x_->lanes,
                                       z_->units.data() + z_at * channels * kLanes, of, channels, piece.count, out);
      if (channels == 1 || !(least < 4 * limit)) continue;  // numbers have no angle between 0 and π
      for (std::size_t k = 0; k < piece.count * kLanes; ++k) {
        const std::size_t lane = k % kLanes, pixel = k / kLanes, at = pixel * kAmplitudeNumbers;
        const Real size = 4 * of.x[lanes_of_x_ ? at * kLanes + lane : at] * of.z[at * kLanes + lane];
        for (const bool opposite : {false, true}) {
          Real& number = out[(pixel * pair_numbers(true) + (opposite ? 2 : 0)) * kLanes + lane];
          if (!(number < limit * size) || number == 0) continue;
          number = size * static_cast<Real>(
                              half_defect(*x_->pixels, x_->images[lanes_of_x_ ? lane : 0] * pixels + x_at + pixel,
                                          *z_->pixels, z_->images[lane] * pixels + z_at + pixel, opposite));
        }
      }
    }
}

// One row of linear sums behind the activation and the box along x. `apart`: of X and Y alone.
template <class Real>
void PassRunner<Real>::lift(const Pass& pass, const SlidingTaps::Entry& row, bool apart, Scratch& out) {
  const SlidingTaps& x = *taps_x_;
  const Field& from = fields_[pass.from.field];
  const auto width = static_cast<std::size_t>(pass.in.width);
  const bool boxed = x.size > 1 || !x.lone.empty() || x.sums.size() != 1 || x.sums.front().step != 1;
  Scratch& to = boxed ? lifted_ : out;
  to.fit(x.entries.size(), pass.both);
  out.fit(x.base.size(), pass.both);
  const auto alone = [&](std::size_t entry, int at_x, int at_z) {
    const bool in_x = row.x >= 0 && at_x >= 0 && !apart, in_z = row.z >= 0 && at_z >= 0 && !apart;
    const auto pixel = [&](int y, int column) {
      return static_cast<std::size_t>(y) * width + static_cast<std::size_t>(column);
    };
    const Amplitudes<Real> of =
        amplitude(pass.from.field, in_x ? pixel(row.x, at_x) : 0, in_z ? pixel(row.z, at_z) : 0);
    rows_.lone(lanes_of_x_, {in_x ? of.x : nullptr, in_z ? of.z : nullptr}, pass.both, to.at(entry));
  };
  if (row.source < 0) {
    for (std::size_t e = 0; e < x.entries.size(); ++e) alone(e, x.entries[e].x, x.entries[e].z);
  } else {
    const LiftForm<Real> form{
        pass.relu, from.both, pass.both, pass.slope, static_cast<Real>(pass.a), static_cast<Real>(pass.b)};
    const std::size_t line = static_cast<std::size_t>(row.source) * static_cast<std::size_t>(from.x.count());
    for (const SlidingTaps::Run& run : x.runs) {
      const Amplitudes<Real> of =
          amplitude(pass.from.field, static_cast<std::size_t>(row.x) * width + static_cast<std::size_t>(run.x),
                    static_cast<std::size_t>(row.z) * width + static_cast<std::size_t>(run.z));
      const Real* pairs = from.pairs + (line + static_cast<std::size_t>(run.source)) * pair_numbers(from.both) * kLanes;
      (apart ? rows_.lift_apart : rows_.lift)(lanes_of_x_, {run.count, pairs, of, to.at(run.entry)}, form);
    }
    for (const std::size_t entry : x.lone) alone(entry, x.entries[entry].x, x.entries[entry].z);
    for (const std::size_t entry : x.repeated)
      std::copy_n(to.at(static_cast<std::size_t>(x.entries[entry].same)), to.stride, to.at(entry));
  }
  if (!boxed) return;
  for (const SlidingTaps::Sums& sums : x.sums)
    rows_.box(to.at(sums.entry), sums.count, pair_numbers(pass.both), x.size, sums.step, out.at(sums.out));
}

template <class Real>
void PassRunner<Real>::pass(std::size_t index) {
  const Pass& pass = passes_.passes()[index];
  const Field& from = fields_[pass.from.field];
  Field& to = fields_[index + 1];
  to.dead = from.dead || (pass.saved && fields_[pass.saved->field].dead) ||
            !next_line(from.y, pass.filter.y, pass.out.height, pass.wraps.y, to.y) ||
            !next_line(from.x, pass.filter.x, pass.out.width, pass.wraps.x, to.x);
  to.dead = to.dead || to.y.count() <= 0 || to.x.count() <= 0;
  if (to.dead) return;
  taps_y_ = taps(axes_[index].y, pass.filter.y, from.y, to.y);
  taps_x_ = taps(axes_[index].x, pass.filter.x, from.x, to.x);
  const SlidingTaps& y = *taps_y_;
  slot_of_.assign(y.entries.size(), kNoSlot);
  free_.clear();
  for (std::size_t slot = slots_.size(); slot-- > 0;) free_.push_back(slot);
  std::size_t oldest = 0;  // entries before are done with, but for those read around the edge
  for (std::size_t row = 0; row < y.base.size(); ++row) {
    const auto first = static_cast<std::size_t>(y.base[row]);
    for (std::size_t entry = first; entry < first + y.size; ++entry) {
      const std::size_t source = y.entries[entry].same < 0 ? entry : static_cast<std::size_t>(y.entries[entry].same);
      if (slot_of_[source] == kNoSlot) {
        if (free_.empty()) {
          free_.push_back(slots_.size());
          slots_.emplace_back();
        }
        slot_of_[source] = free_.back();
        free_.pop_back();
        Slot& slot = slots_[slot_of_[source]];
        lift(pass, y.entries[source], false, slot.sums);
        slot.parted = false;
      }
      slot_of_[entry] = slot_of_[source];
    }
    close(pass, index, row);
    for (std::size_t entry = oldest; entry < first + y.size; ++entry)
      if (y.entries[entry].same < 0 && y.last[entry] == row) free_.push_back(slot_of_[entry]);
    const std::size_t next = row + 1 < y.base.size() ? static_cast<std::size_t>(y.base[row + 1]) : first;
    if (y.repeated.empty()) oldest = next;
  }
}

template <class Real>
void PassRunner<Real>::close(const Pass& pass, std::size_t index, std::size_t row) {
  const SlidingTaps &x = *taps_x_, &y = *taps_y_;
  Field& to = fields_[index + 1];
  CloseForm<Real> form{};
  form.gamma = static_cast<Real>(pass.from.k);
  form.phi = static_cast<Real>(pass.from.t);
  form.saved = pass.saved.has_value();
  form.both = pass.both;
  if (pass.saved) {
    form.saved_both = fields_[pass.saved->field].both;
    form.keep = static_cast<Real>(pass.saved->k);
    form.keep_t = static_cast<Real>(pass.saved->t);
    form.keep_k = static_cast<Real>(pass.saved->own);
  }
  const auto first = static_cast<std::size_t>(y.base[row]);
  const auto width = static_cast<std::size_t>(pass.out.width), columns = x.base.size();
  const auto row_x = static_cast<std::size_t>(to.y.x(static_cast<int>(row)));
  const auto row_z = static_cast<std::size_t>(to.y.z(static_cast<int>(row)));
  CloseRow<Real> one;  // not cleared: this runs once for every few pixels
  one.taps = y.size;
  one.saved = nullptr;
  for (const SlidingTaps::Piece& piece : x.pieces) {
    const std::size_t x_at = row_x * width + static_cast<std::size_t>(piece.x);
    const std::size_t z_at = row_z * width + static_cast<std::size_t>(piece.z);
    const std::size_t at = (row * columns + piece.out) * kLanes;
    one.count = piece.count;
    for (std::size_t k = 0; k < y.size; ++k) one.rows[k] = slots_[slot_of_[first + k]].sums.at(piece.out);
    if (pass.saved) {
      one.saved = fields_[pass.saved->field].pairs + at * pair_numbers(form.saved_both);
      one.of_saved = amplitude(pass.saved->field, x_at, z_at);
    }
    one.of_out = amplitude(index + 1, x_at, z_at);
    one.out = to.pairs + at * pair_numbers(pass.both);
    if (rows_.close(lanes_of_x_, one, form)) close_again(pass, row, piece, one, form);
  }
}

// Rows whose activations are done again are kept with the others: neighbouring rows of output share them.
template <class Real>
void PassRunner<Real>::close_again(const Pass& pass, std::size_t row, const SlidingTaps::Piece& piece,
                                   CloseRow<Real> one, const CloseForm<Real>& form) {
  const SlidingTaps &x = *taps_x_, &y = *taps_y_;
  const auto first = static_cast<std::size_t>(y.base[row]);
  for (std::size_t k = 0; k < y.size; ++k) {
    Slot& slot = slots_[slot_of_[first + k]];
    if (!slot.parted) lift(pass, y.entries[first + k], true, slot.apart);
    slot.parted = true;
    one.rows[k] = slot.apart.at(piece.out);
  }
  const TapPlaces<Real> places{amplitude(pass.from.field, 0, 0),
                               static_cast<std::size_t>(pass.in.width),
                               y.x.data() + first,
                               y.z.data() + first,
                               x.x.data(),
                               x.z.data(),
                               x.base.data() + piece.out,
                               x.size};
  rows_.close_again(lanes_of_x_, one, places, form);
}

template <class Real>
void PassRunner<Real>::sum(const ImageBlock<Real>& x, const ImageBlock<Real>& z, std::size_t reading,
                           const Field& field, double weight) {
  x_ = &x;
  z_ = &z;
  const Folded& from = passes_.readings()[reading].from;
  const auto width = static_cast<std::size_t>(passes_.fields()[from.field].grid.width);
  const auto columns = static_cast<std::size_t>(field.x.count());
  double* covariance = sums_.data() + 2 * kSumParts * reading * kLanes;
  const auto whole = taps(along_[from.field], {}, field.x, field.x);
  for (int y = 0; y < field.y.count(); ++y)
    for (const SlidingTaps::Piece& piece : whole->pieces) {
      const std::size_t at = (static_cast<std::size_t>(y) * columns + piece.out) * pair_numbers(field.both) * kLanes;
      const Amplitudes<Real> of =
          amplitude(from.field, static_cast<std::size_t>(field.y.x(y)) * width + static_cast<std::size_t>(piece.x),
                    static_cast<std::size_t>(field.y.z(y)) * width + static_cast<std::size_t>(piece.z));
      rows_.read(x.lanes > 1,
                 {piece.count, field.pairs + at, field.both, of, weight, covariance, covariance + kSumParts * kLanes},
                 covariance_cuts_, tangent_cuts_);
    }
}

template class PassRunner<double>;
template class PassRunner<float>;

}  // namespace resgram::core
