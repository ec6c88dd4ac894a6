#include "dual_strip.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "dual_pairs.hpp"

namespace resgram::core {
namespace {

template <class Real>
bool is_zero(Real log_variance) {
  return std::isinf(log_variance);
}

template <class Real>
bool any_zero(const Real* logs, std::size_t count) {
  return std::any_of(logs, logs + count, is_zero<Real>);
}

}  // namespace

template <class Real>
void DualStrip<Real>::from_table(const Function& phi, const DualTable& table, Strip strip, Planes<Real> in,
                                 MutablePlanes<Real> out, const Factors& factors) {
  const DualShape& shape = table.shape();
  const std::size_t logs = shape.logs, cols = strip.cols;
  weights_.resize(logs);
  basis_.resize(logs * cols);
  for (std::size_t j = 0; j < cols; ++j) {
    table.basis(static_cast<double>(factors[0].col[j]), weights_.data());
    for (std::size_t q = 0; q < logs; ++q) basis_[q * cols + j] = static_cast<Real>(weights_[q]);
  }
  block_.resize(shape.length());
  row_.resize(shape.length());
  const Real* base = row_.data();
  DualLane<Real> lane{{base + shape.mean(true), base + shape.mean(false)},
                      {base + shape.slope(true), base + shape.slope(false)},
                      base + shape.end(),
                      base + shape.far(),
                      shape.counts.data(),
                      shape.counts.size(),
                      logs,
                      static_cast<Real>(table.bend()),
                      shape.both,
                      phi.parity() == Parity::even,
                      0,
                      0,
                      factors[0].col,
                      factors[4].col};
  for (std::size_t i = 0; i < strip.rows; ++i) {
    table.basis(static_cast<double>(factors[0].row[i]), weights_.data());
    lanes_.combine(logs, shape.length(), table.block(0), weights_.data(), block_.data());
    for (std::size_t k = 0; k < block_.size(); ++k) row_[k] = static_cast<Real>(block_[k]);
    lane.log_variance = factors[0].row[i];
    lane.factor = factors[4].row[i];
    const std::size_t at = i * cols;
    lanes_.dual(cols, lane, basis_.data(), cols, {in.rho + at, in.m + at, in.t + at},
                {out.rho + at, out.m + at, out.t + at});
  }
}

template <class Real>
void DualStrip<Real>::pair_by_pair(const Step& step, Strip strip, std::size_t cols_in_use, Planes<Real> in,
                                   MutablePlanes<Real> out, const Factors& factors, const DualTables& tables) {
  const Function& phi = *step.function;
  const auto of = [&phi](Real log) { return is_zero(log) ? DualInput{} : DualInput(phi, std::exp(double{log})); };
  std::vector<DualInput> columns(cols_in_use);
  for (std::size_t j = 0; j < cols_in_use; ++j) columns[j] = of(factors[0].col[j]);
  const Where at_step = where(step);
  for (std::size_t i = 0; i < strip.rows; ++i) {
    const DualInput row = of(factors[0].row[i]);
    for (std::size_t j = 0; j < strip.cols; ++j) {
      const std::size_t at = i * strip.cols + j;
      const Real rho = in.rho[at], m = in.m[at], t = in.t[at];
      out.rho[at] = 0;
      out.m[at] = Real(0.5);
      out.t[at] = 0;
      if (j >= cols_in_use || row.variance == 0 || columns[j].variance == 0) continue;
      if (tables.cancelled()) throw Cancelled{};
      const DualPair pair = integrated_pair(phi, row, columns[j], static_cast<double>(m), rho >= Real(0), at_step);
      out.rho[at] = static_cast<Real>(pair.w <= pair.v ? 1 - 2 * pair.w : 2 * pair.v - 1);
      out.m[at] = static_cast<Real>(std::min(pair.w, pair.v));
      out.t[at] = t * static_cast<Real>(pair.slope) * (factors[4].row[i] * factors[4].col[j]);
    }
    tables.integrated(cols_in_use);
  }
}

// A zero vector gives the constant φ(0), of correlation E φ/√S with any other unit; so does the derivative. Two of them
// are equal if φ(0) ≠ 0.                                                                                 [zero-input]
template <class Real>
void DualStrip<Real>::zero_pairs(Strip strip, std::size_t cols_in_use, MutablePlanes<Real> out,
                                 const Factors& factors) {
  for (std::size_t i = 0; i < strip.rows; ++i) {
    const bool row_zero = is_zero(factors[0].row[i]);
    for (std::size_t j = 0; j < cols_in_use; ++j) {
      if (!row_zero && !is_zero(factors[0].col[j])) continue;
      const std::size_t at = i * strip.cols + j;
      const double rho = double{factors[1].row[i]} * double{factors[1].col[j]};
      // 1 − r² is known of the row that is not zero; of a zero row it is 0 or, where φ(0) = 0, 1.
      const double rest = std::max(double{factors[2].row[i]}, double{factors[2].col[j]});
      out.rho[at] = static_cast<Real>(rho);
      out.m[at] = static_cast<Real>(0.5 * rest / (1 + std::fabs(rho)));
      const Real slope = factors[3].row[i] * factors[3].col[j];
      out.t[at] = before_t_[at] * slope * (factors[4].row[i] * factors[4].col[j]);
    }
  }
}

template <class Real>
void DualStrip<Real>::run(const Step& step, const DualTables& tables, Strip strip, std::size_t cols_in_use,
                          Planes<Real> in, MutablePlanes<Real> out, const Factors& factors, std::size_t executed) {
  const bool zeros = any_zero(factors[0].row, strip.rows) || any_zero(factors[0].col, cols_in_use);
  if (zeros) before_t_.assign(in.t, in.t + strip.rows * strip.cols);
  if (const DualTable* table = tables.at(executed)) {
    from_table(*step.function, *table, strip, in, out, factors);
  } else {
    pair_by_pair(step, strip, cols_in_use, in, out, factors, tables);
  }
  if (zeros) zero_pairs(strip, cols_in_use, out, factors);
}

template class DualStrip<double>;
template class DualStrip<float>;

}  // namespace resgram::core
