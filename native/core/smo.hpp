// The support vector machine of two classes on a kernel matrix, by sequential minimal optimisation.
//
// With y = ±1 and β = yα the dual problem is                                                                     [smo]
//   min ½ βᵀKβ − yᵀβ   with   Σβ = 0   and   0 ≤ yβ ≤ C ,
// its gradient f = Kβ − y, and the decision for x is Σ β_t k(x, x_t) + bias. β is optimal where no step δ > 0 along
// e_i − e_j helps: where no f_j exceeds an f_i for i that may still grow and j that may still shrink. Each iteration takes
// the i with the least f, the j that promises most, and the best step, which is known exactly. Where that takes long, all
// samples between their bounds are moved at once from time to time.                                         [smo-leap]
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "aligned.hpp"
#include "smo_leap.hpp"
#include "ticket.hpp"

namespace resgram::core {

struct SmoSettings {
  double tolerance = 1e-3;  // of f_j − f_i, in the unit of y
  std::uint64_t most_iterations = 0;
  bool shrinking = true;
};

struct SmoOutcome {
  double bias = 0;
  double objective = 0;          // ½ βᵀKβ − yᵀβ
  double violation = 0;          // the largest f_j − f_i that is left, at most the tolerance; 0 where none is positive
  std::uint64_t iterations = 0;  // steps of two samples
};

class Smo {
 public:
  // Samples `rows` of a symmetric matrix `width` wide, the first `positive` of them of the class +1.
  Smo(const double* matrix, std::size_t width, std::span<const std::uint32_t> rows, std::size_t positive);

  // Goes on from the β of the last call, which is 0 before the first: scaled by the ratio of the costs, it is allowed
  // and often nearly right. Error{no_convergence} after settings.most_iterations, Error{range} where numbers overflow.
  SmoOutcome solve(double cost, const SmoSettings& settings, Ticket& ticket);
  void restart();

  [[nodiscard]] std::span<const double> beta() const { return {beta_.data(), size_}; }

 private:
  // The samples that are looked at, packed: all of them, or those that shrinking has left.
  struct Face {
    std::size_t size = 0, stride = 0;
    const double* kernel = nullptr;  // size × stride
    AlignedVector<double> packed;    // its memory, where it is not that of all samples
    AlignedVector<double> f, grow, drop, diagonal, beta, sign;
    std::vector<std::uint32_t> index;

    void resize(std::size_t count);
    void limit(std::size_t t, double cost);
    [[nodiscard]] const double* row(std::size_t t) const { return kernel + t * stride; }
    [[nodiscard]] bool free(std::size_t t) const { return grow[t] == 0 && drop[t] == 0; }
  };

  void take_all(double cost);
  void keep_betas();
  void differentiate();
  bool shrink(double cost);
  void look();
  void step(double cost);
  std::optional<std::size_t> leap(double cost, double credit);
  [[nodiscard]] double violation() const { return top_ + low_; }
  [[nodiscard]] double bias() const;
  [[nodiscard]] double objective() const;

  std::size_t size_, stride_, positive_;
  AlignedVector<double> kernel_, diagonal_, beta_, f_;
  double cost_ = 0;
  Face face_;
  Leap leap_;
  double top_ = 0, low_ = 0;  // max −f over what may grow, max f over what may shrink
  std::size_t first_ = 0;     // where −f is largest
};

}  // namespace resgram::core
