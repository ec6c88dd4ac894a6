// The kernel of a φ without a closed form with its derivatives by the logarithm of one variance and by the complement: one
// pair at a time, by quadrature.                                                                    [dual-derivatives]
#pragma once

#include <string>

#include "arcsine_jet.hpp"
#include "error.hpp"
#include "function.hpp"
#include "jet.hpp"

namespace resgram::core {

// What φ does to one variance a, with derivatives by log a.
struct RowTaylor {
  Derivatives square;      // E φ(u)²
  Derivatives slope;       // E φ′(u)²
  Derivatives mean;        // E φ(u)
  Derivatives mean_slope;  // E φ′(u)
};
RowTaylor row_taylor(const Function& phi, double a);

// Of a pair at (a, b, m) as lanes.hpp carries it, with derivatives by log a (0) and by m (1); b is fixed. Where φ′ jumps
// the second variable is √m instead: the kernel has a slope in it, and none in m at 0.
struct PairTaylor {
  bool by_root = false;
  // m · mean + rest: the complement of ρ′ at the end that `parallel` says, (1 − ρ′)/2 where it is true.
  bool parallel = true;
  Jet<2> mean, rest;
  Jet<2> slope;         // Ṡ/√(Ṡ(a,a) Ṡ(b,b))
  bool corner = false;  // one-sided derivatives of `slope` by log a differ; this is their mean
};

// `x`: row_taylor of a; a, b > 0. Throws Error{Code::no_convergence} beginning with `where` if two rules of quadrature do
// not agree.
PairTaylor pair_taylor(const Function& phi, double a, const RowTaylor& x, double b, double m, bool acute,
                       const Where& where);

}  // namespace resgram::core
