#include "activate.hpp"

#include <algorithm>

#include "error.hpp"
#include "near.hpp"

namespace resgram::core {

template <class Real>
Activator<Real>::Activator(std::size_t pairs, const DualTables* duals)
    : lanes_(lanes<Real>()), duals_(duals), before_rho_(pairs), before_m_(pairs), near_(pairs) {}

// Almost parallel pairs (for the odd erf and sine also almost opposite ones) get their complement from near.hpp.
template <class Real>
void Activator<Real>::fix_near(Op op, Strip strip, std::size_t cols_in_use, MutablePlanes<Real> out,
                               const Factors<Real>& factors) {
  const auto row_factor = [&](std::size_t k, std::size_t i) { return static_cast<double>(factors[k].row[i]); };
  const auto col_factor = [&](std::size_t k, std::size_t j) { return static_cast<double>(factors[k].col[j]); };
  const auto limit = static_cast<Real>(kNearDefect);
  const unsigned char* found = near_.data();
  for (std::size_t i = 0; i < strip.rows; ++i)
    for (std::size_t from = 0; from < strip.cols; from += kColumnPadding) {
      if (*found++ == 0) continue;
      for (std::size_t j = from; j < std::min(from + kColumnPadding, cols_in_use); ++j) {
        const std::size_t at = i * strip.cols + j;
        const Real rho = before_rho_[at], m = before_m_[at];
        if (m >= limit || (rho < 0 && op == Op::gelu)) continue;
        const bool pieces = op == Op::sine;  // √a comes in two
        const double reach_i = row_factor(0, i) + (pieces ? row_factor(1, i) : 0);
        const double reach_j = col_factor(0, j) + (pieces ? col_factor(1, j) : 0);
        const double defect = near_defect(op, {static_cast<double>(m), reach_i, reach_j, row_factor(1, i),
                                               col_factor(1, j), row_factor(2, i), col_factor(2, j)});
        out.m[at] = static_cast<Real>(defect);
        out.rho[at] = static_cast<Real>(rho < 0 ? 2 * defect - 1 : 1 - 2 * defect);
      }
    }
}

template <class Real>
bool Activator<Real>::fuses(Op op) {
  return op != Op::sign && op != Op::function;
}

template <class Real>
void Activator<Real>::run(const Step& step, Strip strip, std::size_t cols_in_use, Planes<Real> in,
                          MutablePlanes<Real> out, const Factors<Real>& factors, std::size_t executed,
                          const Dense<Real>& before) {
  if (step.op == Op::relu) {
    lanes_.dense_relu(strip, before, in, out, step.args[1], factors[0]);
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
  const auto kernel = step.op == Op::erf ? lanes_.erf : (step.op == Op::gelu ? lanes_.gelu : lanes_.sine);
  kernel(strip, before, in, out, {factors[0], factors[1], factors[2], factors[3], factors[4]},
         {near_.data(), before_rho_.data(), before_m_.data(), static_cast<Real>(kNearDefect)});
  fix_near(step.op, strip, cols_in_use, out, factors);
}

template class Activator<double>;
template class Activator<float>;

}  // namespace resgram::core
