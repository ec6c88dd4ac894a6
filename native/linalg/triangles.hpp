// A symmetric matrix and its Cholesky factor in the room of one. Internal to native/linalg.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace resgram::linalg {

// A = a + ridge·I. Products read the upper triangle (row-major), which nothing here writes to; `factor` puts the factor
// into the lower one; the diagonal shows whichever of the two is at work. Blocks of vectors are column-major, n long.
class Triangles {
 public:
  // `a` is symmetric, n × n, and outlives this; `mirrored`: to the bit, so that either triangle says the same. Error{range}
  // if a ridge takes its diagonal out of the range of doubles.
  Triangles(std::span<double> a, std::size_t n, double ridge, bool mirrored);

  // images = A · block
  void multiply(const double* block, double* images, int columns);

  // Factorises A + shift·I; otherwise says where that stopped being positive definite, see factor_lower.
  [[nodiscard]] std::optional<std::size_t> factor(double shift = 0);

  // Factorises A or throws Error{not_positive_definite} with a ridge that would do.
  void factor_or_explain();

  // block ← (A + shift·I)⁻¹ · block, once `factor` has succeeded.
  void solve(double* block, int columns);

  // The matrix as it was, with the ridge.
  void restore();

  // ‖A‖_F
  [[nodiscard]] double norm();

  // That of A.
  [[nodiscard]] std::vector<double> ridged_diagonal() const;

 private:
  enum class Shown { matrix, factor };
  void show(Shown what);
  void take_factor();

  std::span<double> a_;
  int n_;
  double ridge_;
  std::vector<double> diagonal_;
  std::vector<double> factor_diagonal_;
  Shown shown_ = Shown::matrix;
  bool mirrored_;  // does the lower triangle hold the matrix?
};

}  // namespace resgram::linalg
