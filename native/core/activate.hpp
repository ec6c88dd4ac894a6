// One activation applied to a strip of pairs: the vector step, and what single pairs need beside it. Strips of one row
// with one number as row factor serve images (a pixel of x against the pixels of many z).
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "aligned.hpp"
#include "dual_strip.hpp"
#include "dual_tables.hpp"
#include "lanes.hpp"
#include "program.hpp"

namespace resgram::core {

template <class Real>
using Factors = std::array<Factor<Real>, kMostFactors>;

template <class Real>
class Activator {
 public:
  // Scratch for strips of up to `pairs` pairs (padded columns counted). `duals`: the tables of this run, made from the
  // variances of all rows; wanted where the program has steps without a closed form (Op::function).
  explicit Activator(std::size_t pairs, const DualTables* duals = nullptr);

  // Applies an activation step to the first `cols_in_use` columns of a strip (the padding gets something finite).
  // factors[k] are those of activation_row for the rows of both sides; a uniform factor is allowed for relu alone.
  // `out` may be `in`, plane by plane. Rows of variance zero come with ρ = 0 and leave with ρ = 0
  // unless φ(0) ≠ 0.
  // `executed`: how many steps the program executed before this one; it names the step where it is repeated.
  // `before`: a dense layer to run in the same pass, where `fuses` allows it and no row is a zero vector behind it. Its
  // factors are uniform if those of the activation are. Null `in.t`: no tangent kernel is carried.
  void run(const Step& step, Strip strip, std::size_t cols_in_use, Planes<Real> in, MutablePlanes<Real> out,
           const Factors<Real>& factors, std::size_t executed, const Dense<Real>& before = {});
  static bool fuses(Op op);

  static std::size_t bytes(std::size_t pairs) { return pairs * (2 * sizeof(Real) + 1); }

 private:
  void fix_near(Op op, Strip strip, std::size_t cols_in_use, MutablePlanes<Real> out, const Factors<Real>& factors);

  const LaneTable<Real>& lanes_;
  const DualTables* duals_;
  DualStrip<Real> dual_;
  AlignedVector<Real> before_rho_, before_m_;
  std::vector<unsigned char> near_;  // a flag per block of columns
};

}  // namespace resgram::core
