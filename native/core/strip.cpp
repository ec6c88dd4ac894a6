#include "strip.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "denormals.hpp"
#include "run.hpp"

namespace resgram::core {
namespace {

constexpr std::size_t kPlanesPerState = 3;
constexpr std::size_t kSets = 2;  // of factors

std::size_t plane_count(const Program& program) { return kPlanesPerState * (program.stack_depth() + 2); }

}  // namespace

template <class Real>
StripEvaluator<Real>::StripEvaluator(const Program& program, const DualTables& duals, bool uniform, std::size_t rows,
                                     std::size_t cols)
    : program_(program),
      lanes_(lanes<Real>()),
      uniform_(uniform),
      most_rows_(rows),
      most_cols_(cols),
      plane_size_(rows * cols),
      planes_(plane_count(program) * plane_size_),
      holders_(plane_count(program)),
      row_factors_(kSets * kMostFactors * rows),
      col_factors_(kSets * kMostFactors * cols),
      activator_(plane_size_, &duals),
      covariance_(plane_size_),
      tangent_(plane_size_) {}

template <class Real>
std::size_t StripEvaluator<Real>::bytes(const Program& program, std::size_t rows, std::size_t cols) {
  return (plane_count(program) + 2) * rows * cols * sizeof(Real) + Activator<Real>::bytes(rows * cols);
}

template <class Real>
int StripEvaluator<Real>::take() {
  const auto free = std::find(holders_.begin(), holders_.end(), 0);
  *free = 1;
  return static_cast<int>(free - holders_.begin());
}

template <class Real>
void StripEvaluator<Real>::hold(const State& s) {
  for (const int plane : {s.rho, s.m, s.t}) ++holders_[static_cast<std::size_t>(plane)];
}

template <class Real>
void StripEvaluator<Real>::drop(const State& s) {
  for (const int plane : {s.rho, s.m, s.t}) --holders_[static_cast<std::size_t>(plane)];
}

// The plane to write a new value into: the same one unless a pushed state still reads it.
template <class Real>
int StripEvaluator<Real>::writable(int plane) {
  if (holders_[static_cast<std::size_t>(plane)] == 1) return plane;
  --holders_[static_cast<std::size_t>(plane)];
  return take();
}

template <class Real>
MutablePlanes<Real> StripEvaluator<Real>::input(Strip strip) {
  strip_ = strip;
  equal_.clear();
  saved_.clear();
  std::fill(holders_.begin(), holders_.end(), 0);
  current_ = {take(), take(), take(), false};
  std::fill_n(data(current_.t), strip.rows * strip.cols, Real(0));
  return {data(current_.rho), data(current_.m), data(current_.t)};
}

// Columns beyond the last valid one get the last one's factors or those of rows behind it: any finite numbers do.
template <class Real>
void StripEvaluator<Real>::load_factors(std::size_t count, const RowCursor& x, const RowCursor& z) {
  if (count > 0) set_ = (set_ + 1) % kSets;
  for (std::size_t k = 0; k < count; ++k) {
    if (uniform_) {
      factors_[k] = {nullptr, nullptr, static_cast<Real>(x.factor(k, 0))};
      continue;
    }
    const std::size_t slot = set_ * kMostFactors + k;
    const Real *kept_row = x.template kept<Real>(k), *kept_col = z.template kept<Real>(k);
    Real *row = row_factors_.data() + slot * most_rows_, *col = col_factors_.data() + slot * most_cols_;
    if (kept_row == nullptr)
      for (std::size_t i = 0; i < rows_in_use_; ++i) row[i] = static_cast<Real>(x.factor(k, i));
    if (kept_col == nullptr)
      for (std::size_t j = 0; j < strip_.cols; ++j)
        col[j] = static_cast<Real>(z.factor(k, std::min(j, cols_in_use_ - 1)));
    factors_[k] = {kept_row != nullptr ? kept_row : row, kept_col != nullptr ? kept_col : col, Real(0)};
  }
}

// ρ := 0 with an input whose covariance is zero.                                                          [zero-input]
template <class Real>
void StripEvaluator<Real>::fill_zeros(const RowCursor& x, const RowCursor& z) {
  if (uniform_ || !(x.any_zero() || z.any_zero())) return;
  Real *rho = data(current_.rho), *m = data(current_.m);
  const auto clear = [&](std::size_t at) {
    rho[at] = 0;
    m[at] = Real(0.5);
  };
  if (x.any_zero())
    for (std::size_t i = 0; i < rows_in_use_; ++i)
      if (x.zero(i))
        for (std::size_t j = 0; j < strip_.cols; ++j) clear(i * strip_.cols + j);
  if (z.any_zero())
    for (std::size_t j = 0; j < cols_in_use_; ++j)
      if (z.zero(j))
        for (std::size_t i = 0; i < rows_in_use_; ++i) clear(i * strip_.cols + j);
}

// Dense layers wait for the activation behind them, so that planes are read and written once for both. One that makes or
// meets inputs without direction is run at once.
template <class Real>
void StripEvaluator<Real>::affine(const Step& step, const RowCursor& x, const RowCursor& z) {
  const bool biased = step.args[2] > 0 && (step.args[3] != 0 || step.args[4] != 0);
  dense_ = {
      biased ? DenseKind::biased : DenseKind::weights, factors_[0], factors_[1], factors_[2], factors_[3], factors_[4]};
  current_.means = false;
  if (uniform_ || !(x.any_zero() || z.any_zero())) return;
  settle();
  fill_zeros(x, z);
}

// Runs the dense layer that waits.
template <class Real>
void StripEvaluator<Real>::settle() {
  if (dense_.kind == DenseKind::none) return;
  const Dense<Real> dense = std::exchange(dense_, {});
  if (tangent_wanted_) {
    const Planes<Real> in = read(current_);
    current_.t = writable(current_.t);
    lanes_.train(strip_, in, data(current_.t), dense.f, dense.g, dense.h);
  }
  if (dense.kind != DenseKind::biased) return;
  const Planes<Real> in = read(current_);
  current_.rho = writable(current_.rho);
  current_.m = writable(current_.m);
  lanes_.add_bias(strip_, in, write(current_), dense.c, dense.s);
}

template <class Real>
void StripEvaluator<Real>::apply(const Step& step, std::size_t executed, RowCursor& x, RowCursor& z) {
  x.step(step);
  z.step(step);
  const bool fused = is_activation(step.op) && Activator<Real>::fuses(step.op);
  if (!fused && step.op != Op::scale) settle();
  const bool mixes = step.op == Op::add && saved_.back().means && current_.means;
  load_factors(mixes ? kMixFactors : factor_count(step.op), x, z);
  switch (step.op) {
    case Op::affine:
      affine(step, x, z);
      break;
    case Op::relu:
    case Op::erf:
    case Op::gelu:
    case Op::sine:
    case Op::sign:
    case Op::function: {
      const bool all = !fused;  // only fused steps know how to do without t
      const Planes<Real> in = read(current_, all);
      const Dense<Real> before = std::exchange(dense_, {});
      current_ = {writable(current_.rho), writable(current_.m), writable(current_.t), leaves_mean(step)};
      activator_.run(step, strip_, cols_in_use_, in, write(current_, all), factors_, executed, before);
      fill_zeros(x, z);
      break;
    }
    case Op::push:
      saved_.push_back(current_);
      hold(current_);
      break;
    case Op::swap:
      std::swap(saved_.back(), current_);
      break;
    case Op::pop:
      drop(current_);
      current_ = saved_.back();
      saved_.pop_back();
      break;
    case Op::add: {
      const State saved = saved_.back();
      saved_.pop_back();
      const Planes<Real> left = read(saved), right = read(current_);
      current_ = {writable(current_.rho), writable(current_.m), writable(current_.t), saved.means || current_.means};
      const Factors<Real>& f = factors_;
      if (mixes) {
        lanes_.mix(strip_, left, right, write(current_), f[0], f[1], f[2], f[3], f[4], f[5]);
      } else {
        lanes_.add(strip_, left, right, write(current_), f[0], f[1], f[2], f[3]);
      }
      drop(saved);
      fill_zeros(x, z);
      break;
    }
    default:
      break;
  }
}

template <class Real>
void StripEvaluator<Real>::mark_equal(const Diagonal& dx, const Diagonal& dz, const RowRange& x, const RowRange& z,
                                      Real* values) const {
  for (const EqualPair& pair : equal_)
    values[pair.row * strip_.cols + pair.col] =
        static_cast<Real>(equal_value(dx, x.first + pair.row, dz, z.first + pair.col));
}

template <class Real>
void StripEvaluator<Real>::run(const RowRange& x, const RowRange& z, bool want_covariance, bool want_tangent,
                               const Ticket& ticket, const Emit& emit) {
  const FlushDenormals flush;
  rows_in_use_ = x.count;
  cols_in_use_ = z.count;
  tangent_wanted_ = want_tangent;
  dense_ = {};
  RowCursor rows(x.units, *x.cache, x.first, x.count, uniform_);
  RowCursor cols(z.units, *z.cache, z.first, z.count, uniform_);
  std::size_t which = 0, executed = 0;
  core::run(program_, [&](const Step& step) {
    const std::size_t before = executed++;
    if ((executed & 15U) == 0 && ticket.cancelled()) throw Cancelled{};
    if (step.op != Op::emit) {
      apply(step, before, rows, cols);
      return;
    }
    rows.step(step);
    cols.step(step);
    settle();
    const auto amplitudes = [&](const Diagonal& dx, const Diagonal& dz) {
      for (std::size_t i = 0; i < x.count; ++i) row_factors_[i] = static_cast<Real>(dx.root[x.first + i]);
      for (std::size_t j = 0; j < strip_.cols; ++j)
        col_factors_[j] = static_cast<Real>(dz.root[z.first + std::min(j, z.count - 1)]);
      return Factor<Real>{row_factors_.data(), col_factors_.data(), Real(0)};
    };
    const EmitDiagonals &dx = (*x.diagonals)[which], &dz = (*z.diagonals)[which];
    if (want_covariance) {
      lanes_.emit_covariance(strip_, read(current_), amplitudes(dx.covariance, dz.covariance), covariance_.data());
      mark_equal(dx.covariance, dz.covariance, x, z, covariance_.data());
    }
    if (want_tangent) {
      lanes_.emit_tangent(strip_, read(current_), amplitudes(dx.tangent, dz.tangent), tangent_.data());
      mark_equal(dx.tangent, dz.tangent, x, z, tangent_.data());
    }
    emit(which++, covariance_.data(), tangent_.data());
  });
}

template class StripEvaluator<double>;
template class StripEvaluator<float>;

}  // namespace resgram::core
