#include "activate.hpp"

#include "error.hpp"
#include "near.hpp"

namespace resgram::core {

template <class Real>
Activator<Real>::Activator(std::size_t pairs, const DualTables* duals) : lanes_(lanes<Real>()), duals_(duals) {
  before_rho_.reserve(pairs);
  before_m_.reserve(pairs);
}

// Almost parallel pairs (for the odd erf and sine also almost opposite ones) get their complement from near.hpp.
template <class Real>
void Activator<Real>::fix_near(Op op, Strip strip, std::size_t cols_in_use, MutablePlanes<Real> out,
                               const Factors<Real>& factors) {
  const auto row_factor = [&](std::size_t k, std::size_t i) { return static_cast<double>(factors[k].row[i]); };
  const auto col_factor = [&](std::size_t k, std::size_t j) { return static_cast<double>(factors[k].col[j]); };
  const auto limit = static_cast<Real>(kNearDefect);
  for (std::size_t i = 0; i < strip.rows; ++i) {
    const Real *rho = before_rho_.data() + i * strip.cols, *m = before_m_.data() + i * strip.cols;
    Real smallest = 1;
    for (std::size_t j = 0; j < strip.cols; ++j) smallest = m[j] < smallest ? m[j] : smallest;
    if (smallest >= limit) continue;
    for (std::size_t j = 0; j < cols_in_use; ++j) {
      if (m[j] >= limit || (rho[j] < 0 && op == Op::gelu)) continue;
      const bool pieces = op == Op::sine;  // √a comes in two
      const double reach_i = row_factor(0, i) + (pieces ? row_factor(1, i) : 0);
      const double reach_j = col_factor(0, j) + (pieces ? col_factor(1, j) : 0);
      const double defect = near_defect(op, {static_cast<double>(m[j]), reach_i, reach_j, row_factor(1, i),
                                             col_factor(1, j), row_factor(2, i), col_factor(2, j)});
      const std::size_t at = i * strip.cols + j;
      out.m[at] = static_cast<Real>(defect);
      out.rho[at] = static_cast<Real>(rho[j] < 0 ? 2 * defect - 1 : 1 - 2 * defect);
    }
  }
}

template <class Real>
void Activator<Real>::run(const Step& step, Strip strip, std::size_t cols_in_use, Planes<Real> in,
                          MutablePlanes<Real> out, const Factors<Real>& factors, std::size_t executed) {
  if (step.op == Op::relu) {
    lanes_.relu(strip, in, out, step.args[1], factors[0]);
    return;
  }
  if (step.op == Op::sign) {
    lanes_.sign(strip, in, out);
    return;
  }
  if (step.op == Op::function) {
    if (duals_ == nullptr)
      throw Error(Code::internal, "expected the tables of " + step.function->name() + ", got none");
    dual_.run(step, *duals_, strip, cols_in_use, in, out, factors, executed);
    return;
  }
  // The corrections need the pairs from before the step, which may run in place.
  const std::size_t count = strip.rows * strip.cols;
  before_rho_.assign(in.rho, in.rho + count);
  before_m_.assign(in.m, in.m + count);
  const auto kernel = step.op == Op::erf ? lanes_.erf : (step.op == Op::gelu ? lanes_.gelu : lanes_.sine);
  kernel(strip, in, out, factors[0], factors[1], factors[2], factors[3]);
  fix_near(step.op, strip, cols_in_use, out, factors);
}

template class Activator<double>;
template class Activator<float>;

}  // namespace resgram::core
