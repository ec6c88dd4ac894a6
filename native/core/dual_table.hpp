// The kernel of a φ without a closed form, tabulated for a range of variances: Chebyshev polynomials in the logarithms of
// both variances and in a stretched √m, on both sides of ρ = 0.                                              [dual-table]
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "dual_quadrature.hpp"
#include "function.hpp"
#include "ticket.hpp"

namespace resgram::core {

// Where one block of coefficients keeps what; see `DualTable::block`.
struct DualShape {
  std::size_t logs = 1;               // coefficients along a logarithm of a variance; 1: all rows have the same one
  std::vector<std::uint32_t> counts;  // per degree in y: how many of them are not negligible
  std::size_t size = 0;               // sum of the counts
  bool both = false;                  // acute and obtuse pairs have tables of their own
  [[nodiscard]] std::size_t mean(bool acute) const { return acute || !both ? 0 : 2 * size; }
  [[nodiscard]] std::size_t slope(bool acute) const { return mean(acute) + size; }
  [[nodiscard]] std::size_t end() const { return (both ? 4 : 2) * size; }
  [[nodiscard]] std::size_t far() const { return end() + logs; }
  [[nodiscard]] std::size_t length() const { return far() + logs; }
};

class DualTable {
 public:
  // For variances e^lo … e^hi; lo = hi makes a table of one variance. Throws Cancelled; Error{Code::no_convergence}
  // beginning with `where` if no table of acceptable size is good to 3e-14. `progress` hears what share is done, from one
  // thread.
  using Progress = std::function<void(double share)>;
  static std::shared_ptr<const DualTable> build(const Function& phi, double lo, double hi, int threads,
                                                const Ticket& ticket, const Where& where,
                                                const Progress& progress = {});

  // Can a table of this range be made? Kinks away from 0 meet, seen by two inputs of different variance, at an angle that
  // vanishes with ρ → 1 and is not a power series in any one variable there.
  static bool possible(const Function& phi, double lo, double hi);

  [[nodiscard]] double lo() const { return lo_; }
  [[nodiscard]] double hi() const { return hi_; }
  [[nodiscard]] const DualShape& shape() const { return shape_; }
  [[nodiscard]] double bend() const { return bend_; }
  // Largest deviation from a finer quadrature at points between the nodes: of w′ and of Ṡ/√(Ṡ(a,a)Ṡ(b,b)).
  [[nodiscard]] double error() const { return error_; }
  [[nodiscard]] std::size_t bytes() const { return blocks_.size() * sizeof(double); }

  // T_0 … T_{logs−1} at a logarithm of a variance, clamped into the range.
  void basis(double log_variance, double* out) const;
  // Coefficients of degree p along the first variance: mean and slope of the acute side (and of the obtuse one), each
  // counts[k] numbers for every degree k in y, then those of the ends of unequal lengths and of opposite inputs.
  [[nodiscard]] const double* block(std::size_t p) const { return blocks_.data() + p * shape_.length(); }

  // One pair, by the same formulas as the vector step; for checks.
  [[nodiscard]] DualPair at(double log_a, double log_b, double m, bool acute, Parity parity) const;

 private:
  DualTable(double lo, double hi) : lo_(lo), hi_(hi) {}
  void fill(const Function& phi, std::size_t logs, std::size_t degrees, bool series, int threads, const Ticket& ticket,
            const Progress& progress);
  double check(const Function& phi, int threads, const Ticket& ticket) const;

  double lo_, hi_;
  double bend_ = 1;
  double error_ = 0;
  DualShape shape_;
  std::vector<double> blocks_;
};

}  // namespace resgram::core
