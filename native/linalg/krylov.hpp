// A block Krylov basis with full reorthogonalisation, and the largest eigenpairs from it. Internal to native/linalg.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "workspace.hpp"

namespace resgram::linalg {

// image (n × columns) = A · block for a symmetric A; both column-major.
using Operator = std::function<void(const double* block, double* image, int columns)>;

// Grows an orthonormal basis V of span{S, AS, A²S, …} for a fixed random block S, together with T = VᵀAV, whose
// eigenpairs (θ, s) are the Ritz pairs (θ, Vs) of A. Only products with A are used; A stays as it is.
class BlockKrylov {
 public:
  // `a` is symmetric, n × n, and outlives this. The basis may grow to `capacity` columns, capacity ≤ n / 2.
  BlockKrylov(std::span<const double> a, std::size_t n, std::size_t block, std::size_t capacity);
  // Of an A that is known by its products.
  BlockKrylov(Operator product, std::size_t n, std::size_t block, std::size_t capacity);

  // Whether one more block fits.
  [[nodiscard]] bool can_expand() const;

  // One product of A with a block, and the next block from it.
  void expand();

  // Solves the projected problem: fills values() and residuals().
  void project();

  // Columns of V that T knows: the size of the projected problem.
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(projected_); }

  // Ritz values, descending.
  [[nodiscard]] std::span<const double> values() const { return values_; }

  // ‖A x − θ x‖ of the i-th Ritz pair by the Krylov relation; no product with A.
  [[nodiscard]] double residual(std::size_t i) const;

  // The `top` first Ritz vectors as rows (top × n).
  void vectors(std::size_t top, std::span<double> rows) const;

 private:
  [[nodiscard]] double* column(int index) const { return basis_.get() + static_cast<std::size_t>(index) * stride(); }
  [[nodiscard]] std::size_t stride() const { return static_cast<std::size_t>(n_); }
  void orthonormalise(double* block, double* r);
  void subtract_projection(double* block, double* coefficients);

  Operator product_;
  int n_;
  int block_;
  int capacity_;
  int columns_ = 0;    // of the basis, the newest block included
  int projected_ = 0;  // columns_ − block_ once there is a T

  Room<double> basis_;            // n × (capacity + block), column-major
  std::vector<double> t_;         // capacity × capacity, upper triangle
  std::vector<double> coupling_;  // block × block: A V_last = V T_last + V_next · coupling
  std::vector<double> values_;
  std::vector<double> ritz_;  // eigenvectors of T as columns, ascending values
};

// The `top` largest eigenpairs of the symmetric n × n `a` (finite, of moderate size), which is left as it was: values
// descending, vectors as rows (top × n) or empty. Their eigen_residual, or nothing if the basis fills up, or is on its
// way to fill up, before every pair has converged.
[[nodiscard]] std::optional<double> krylov_eigenpairs(std::span<const double> a, std::size_t n, std::size_t top,
                                                      std::span<double> values, std::span<double> vectors);

// Where that beats the direct way, as measured on kernel matrices: their top eigenvalues stand apart.
[[nodiscard]] bool krylov_pays(std::size_t n, std::size_t top);

}  // namespace resgram::linalg
