// Dense algebra on spans: the only door to BLAS and LAPACK. Symmetric matrices read the same row- and column-major (one
// triangle is read, symmetry is the caller's promise); eigenvectors come back as rows. Every function checks spans
// against the sizes (Error{shape}), sizes against LAPACK's 32-bit integers (Error{range}) and numbers for NaN and
// infinity (Error{not_finite} with row and column, 0-based). Size 0 is a matrix too.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace resgram::linalg {

// Eigenvalues of the symmetric n × n `a`, descending, into `values`. Destroys `a`.
void eigenvalues(std::span<double> a, std::size_t n, std::span<double> values);

// Eigenvalues descending and eigenvectors as rows of `a` (row i belongs to values[i]). Signs are fixed: the component
// of largest magnitude is positive, the first of those that tie.
void eigenpairs(std::span<double> a, std::size_t n, std::span<double> values);

// The `top` largest eigenvalues (not magnitudes), descending; with `vectors` (top × n) non-empty also their
// eigenvectors as rows, signs as in eigenpairs. Destroys `a`. A small part of a large spectrum comes from a block Krylov
// iteration with a fixed start, stopped by its residuals at rounding level; the rest from the direct methods.
void top_eigenpairs(std::span<double> a, std::size_t n, std::size_t top, std::span<double> values,
                    std::span<double> vectors);

// How far the given pairs are from being eigenpairs, relative to max|λ|. Of up to 64 pairs the largest ‖A v − λ v‖₂; of
// more an estimate of √Σ‖A v − λ v‖₂² over all of them, from 16 random combinations, which falls below a quarter of that
// with a probability of 4e-7. `vectors` holds count rows of length n; a is intact. 0 for pairs that are exact, infinity
// for wrong ones with all λ = 0.                                                                     [residual-probes]
double eigen_residual(std::span<const double> a, std::size_t n, std::span<const double> values,
                      std::span<const double> vectors, std::size_t count);

// Lower Cholesky factor of a + ridge·I for the symmetric n × n `a` (row-major lower triangle), in place; the strict
// upper triangle is zeroed. Throws Error{not_positive_definite}, `a` as it was, with details pivot (the first sample,
// 0-based, whose pivot is not positive beyond its own rounding error), size, and suggestedRidge, with which in place of
// `ridge` the same call succeeds.                                                            [chol-pivot; ridge-hint]
void factor(std::span<double> a, std::size_t n, double ridge = 0);

// Solves A X = B in place, given the factor of A; b is n × columns, row-major. Error{range} if X overflows.
void solve(std::span<const double> factor, std::size_t n, std::span<double> b, std::size_t columns);

// ‖b − (A + ridge·I) x‖_F / (‖A + ridge·I‖_F ‖x‖_F + ‖b‖_F): the normwise backward error of a solve.   [backward-error]
double backward_error(std::span<const double> a, std::size_t n, double ridge, std::span<const double> x,
                      std::span<const double> b, std::size_t columns);

// C (rows × columns) = A (rows × inner) · B (inner × columns), all row-major. Error{range} if C overflows.
void multiply(std::span<const double> a, std::span<const double> b, std::span<double> c, std::size_t rows,
              std::size_t inner, std::size_t columns);

// BLAS threads for the calls that follow; process-wide, so only the job runner sets it. Capped at available_cpus().
// Results for different numbers agree to rounding.
void set_threads(int threads);

// How many of `threads` a factorisation of size n is given: 1 below a few hundred rows. BLAS' threads wait for each other
// by spinning; there they gain nothing even on an idle machine, and on a busy one a decomposition of 300 rows took ten
// times as long with two of them.
int blas_threads(int threads, std::size_t n);

// CPUs this process may really use: affinity mask and cgroup quota (rounded down, at least 1).
int available_cpus();

// Threads for a loop whose bodies call this library at the same time, out of those wanted: no more than CPUs, and no more
// than 64. OpenBLAS hands every call a buffer from a table that was sized when it was compiled (for 64 threads in the
// wheel); calls beyond it fail, write past it or end the process.
int side_by_side(int threads);

// Bytes this process may still take: the smallest of what the system, the cgroup and `ulimit -v` leave.
std::size_t available_memory();

// "OpenBLAS 0.3.34 … SkylakeX" or as much of it as the library tells.
std::string blas_description();

}  // namespace resgram::linalg
