// The side of the recursion that belongs to one input alone: its variances Q = K(x,x) and Θ = T(x,x) at every step,
// exactly (θ = 0, never read off a pair), and the factors that the vector steps multiply into pairs.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "activation_row.hpp"
#include "program.hpp"
#include "scaled.hpp"

namespace resgram::core {

// ‖x‖² (divided by the number of inputs where the program says so). A zero vector has square 1 and zero = true: its
// variances are then kept in units of 1.
struct Unit {
  Scaled square{1, 0};
  bool zero = false;
};

// Q and Θ in units of the row's square, and the mean b of the function over the weights in units of its length.     [means]
struct RowState {
  std::vector<Scaled> q;
  std::vector<Scaled> theta;
  std::vector<Scaled> b;
  bool means = false;  // may b be other than 0?
};

class RowRecursion {
 public:
  // `uniform`: one representative stands for all rows and `factor` holds products of pairs; see is_uniform.
  // `first`: the number of the first of these rows, for messages.
  RowRecursion(std::span<const Unit> units, bool uniform, std::size_t first = 0);

  void step(const Step& step);

  // Factors made by the last step, one value per row (uniform: one value). Their order is that of lanes.hpp:
  //   affine  f g h | c s     relu  f     erf  y e m f m/y     gelu  g e m f     sine  high low m f
  //   add  c s ct st, and β ν where both functions have means
  [[nodiscard]] std::span<const double> factor(std::size_t k) const { return factors_[k]; }
  [[nodiscard]] std::size_t factor_count() const { return made_; }

  // Rows whose covariance is zero now; their correlation with anything is defined as 0 (ρ = 0, m = ½).         [zero-input]
  [[nodiscard]] bool any_zero() const { return any_zero_; }
  [[nodiscard]] const RowState& state() const { return current_; }
  [[nodiscard]] bool uniform() const { return uniform_; }
  [[nodiscard]] std::size_t rows() const { return units_.size(); }

 private:
  void affine(const Step& step);
  void activation(const Step& step);
  void add();
  void note_zeros();
  double& slot(std::size_t k, std::size_t row) { return factors_[k][row]; }
  // A factor of a row is the root of its share; in the uniform case the share itself is the product of a pair.
  [[nodiscard]] double share(double square) const { return uniform_ ? square : std::sqrt(square); }

  std::span<const Unit> units_;
  bool uniform_;
  std::size_t first_;
  bool any_zero_ = false;
  std::size_t made_ = 0;
  RowState current_;
  std::vector<RowState> saved_;
  std::array<std::vector<double>, kMostFactors> factors_;
};

// No biases and only homogeneous activations: then every ratio of variances is the same for all rows.
bool is_uniform(const Program& program);

// How many factor arrays a step makes; `add` where not both functions have means.
std::size_t factor_count(Op op);
inline constexpr std::size_t kMixFactors = 6;

}  // namespace resgram::core
