// Ṡ of a smooth φ by Mehler's series: one line integral per term and variance in place of one over the plane per pair of
// variances and angle.                                                                                    [hermite-slopes]
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "dual_quadrature.hpp"
#include "function.hpp"
#include "ticket.hpp"

namespace resgram::core {

class HermiteSlopes {
 public:
  // `rows`: dual_row of every variance. Nothing where φ is not smooth or the series of some variance is too long. Throws
  // Cancelled.
  static std::optional<HermiteSlopes> of(const Function& phi, std::span<const double> variances,
                                         std::span<const DualRow> rows, int threads, const Ticket& ticket);

  // Ṡ(a, b, ρ)/√(Ṡ(a,a) Ṡ(b,b)) for every variance a and the one numbered q, as dual_slopes has them.
  void slopes(std::size_t q, double m, bool acute, double* out) const;

  [[nodiscard]] std::size_t terms() const { return terms_; }

 private:
  explicit HermiteSlopes(std::size_t variances) : variances_(variances) {}

  std::size_t variances_;
  std::size_t terms_ = 0;
  std::vector<double> c_;  // [variance][term], of φ′/√E φ′²
};

}  // namespace resgram::core
