// Dense algebra on spans: the only door to BLAS and LAPACK. Symmetric matrices read the same row- and column-major;
// eigenvectors come back as rows. Every function checks sizes against LAPACK's 32-bit integers before it calls.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace resgram::linalg {

// Eigenvalues of the symmetric n × n `a`, descending, into `values`. Destroys `a`.
void eigenvalues(std::span<double> a, std::size_t n, std::span<double> values);

// Eigenvalues descending and eigenvectors as rows of `a` (row i belongs to values[i]).
void eigenpairs(std::span<double> a, std::size_t n, std::span<double> values);

// The `top` largest eigenvalues, descending; with `vectors` (top × n) non-empty also their eigenvectors as rows.
// Destroys `a`.
void top_eigenpairs(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                    std::span<double> vectors);

// max over the given pairs of ‖A v − λ v‖₂ / max|λ|. `vectors` holds count rows of length n; a is intact.
double eigen_residual(std::span<const double> a, std::size_t n, std::span<const double> values,
                      std::span<const double> vectors, std::size_t count);

// Lower Cholesky factor of the symmetric n × n `a` (row-major lower triangle), in place; the strict upper triangle is
// zeroed. Throws Error{not_positive_definite} with details pivot (the sample), size and suggestedRidge.
void factor(std::span<double> a, std::size_t n);

// Solves A X = B in place, given the factor of A; b is n × columns, row-major.
void solve(std::span<const double> factor, std::size_t n, std::span<double> b, std::size_t columns);

// ‖b − (A + ridge·I) x‖_F / (‖A + ridge·I‖_F ‖x‖_F + ‖b‖_F): the normwise backward error of a solve.
double backward_error(std::span<const double> a, std::size_t n, double ridge, std::span<const double> x,
                      std::span<const double> b, std::size_t columns);

// C (rows × columns) = A (rows × inner) · B (inner × columns), all row-major.
void multiply(std::span<const double> a, std::span<const double> b, std::span<double> c, std::size_t rows,
              std::size_t inner, std::size_t columns);

// BLAS threads for the calls that follow; process-wide, so only the job runner sets it. Capped at available_cpus().
void set_threads(int threads);

// CPUs this process may really use: affinity mask and cgroup quota.
int available_cpus();

// Bytes this process may still take: the smaller of what the system and the cgroup leave.
std::size_t available_memory();

// "OpenBLAS 0.3.34 … SkylakeX" or as much of it as the library tells.
std::string blas_description();

}  // namespace resgram::linalg
