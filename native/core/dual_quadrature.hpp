// S = E φ(u)φ(v) and Ṡ = E φ′(u)φ′(v) of normal u, v by Gauss's rule on panels: split where φ is not smooth, fine where φ
// or the conditional mean of φ changes fast. Slow and right: tables are made from it and checked against it. [dual-panels]
#pragma once

#include <span>
#include <string>

#include "error.hpp"
#include "function.hpp"

namespace resgram::core {

// What φ does to one variance a, for u = √a t with a normal t.
struct DualRow {
  double square;      // E φ(u)²
  double slope;       // E φ′(u)²
  double mean;        // E φ(u)
  double mean_slope;  // E φ′(u)
  double deviation;   // E (φ(u) − E φ(u))²
  double turning;     // lim (1 − ρ′)/2 · 16/(log a − log b)² of parallel inputs; see [dual-parallel]
};
DualRow dual_row(const Function& phi, double a);

// Pairs as lanes.hpp carries them: `m` is the smaller complement, `acute` says of which end.
struct DualPair {
  double w;      // (1 − ρ′)/2
  double v;      // (1 + ρ′)/2
  double slope;  // Ṡ(a, b, ρ)/√(Ṡ(a,a) Ṡ(b,b))
};

// Rules in the order of their cost; the difference of two tells the error of the lesser.
enum class Rule : unsigned char { usual, finer, finest };

// One pass over the plane; `x` and `z` are dual_row of a and b. Good to some 1e-15 absolutely. a, b > 0.
DualPair dual_pass(const Function& phi, double a, double b, double m, bool acute, const DualRow& x, const DualRow& z,
                   Rule rule);

// The slopes alone, for many a and one b at the price of one. `x`: dual_row of every a.
void dual_slopes(const Function& phi, std::span<const double> a, std::span<const DualRow> x, double b, const DualRow& z,
                 double m, bool acute, Rule rule, double* out);

// dual_pass with the relative accuracy of w near parallel inputs and the agreement of two successive rules; `error` is
// their difference. Throws Error{Code::no_convergence} naming `where`, the variances and a remedy if they do not agree.
DualPair dual_pair(const Function& phi, double a, double b, double m, bool acute, const DualRow& x, const DualRow& z,
                   const Where& where, double& error);

// (1 − ρ′)/2 of parallel inputs (opposite: (1 + ρ′)/2 of opposite ones): ¼ E(φ(√a t)/√S_a ∓ φ(±√b t)/√S_b)².
double dual_end(const Function& phi, double a, double b, bool opposite, const DualRow& x, const DualRow& z);

// What helps where a variance is too large for φ, or two variances of it are too far apart.
std::string remedy(const Function& phi, bool unequal);

}  // namespace resgram::core
