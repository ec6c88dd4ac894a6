// Block Lanczos, written as block Arnoldi because every block is orthogonalised against all before it: the three-term
// recurrence holds in exact arithmetic only, and n·k² more operations buy a basis that is orthonormal to rounding.
//
//   A V_j = Σ_{i ≤ j} V_i T_ij + V_{j+1} B_j ,   V_{j+1} B_j the QR factorisation of what V leaves over,
//                                                                                                     [block-lanczos]
//
// so that ‖A x − θ x‖ = ‖B_j s_j‖ for x = Vs with s_j the last block of s. Because the start block is generic, an
// eigenvalue of multiplicity m appears min(m, block) times: whoever wants `top` pairs takes block ≥ top.
#include "krylov.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "checks.hpp"
#include "core/error.hpp"
#include "generator.hpp"
#include "lapack.hpp"
#include "residual.hpp"
#include "workspace.hpp"

namespace resgram::linalg {
namespace {

constexpr double kOne = 1;
constexpr double kZero = 0;
constexpr double kMinusOne = -1;

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

// At least `top`, so that no multiplicity is missed. A surplus widens the gap that convergence depends on, and costs as
// much as it gains beyond a few: top 20 of 4000 take 9 steps with blocks of 24 to 40.
std::size_t krylov_block(std::size_t top) { return (top + 2 + 3) / 4 * 4; }

// How many blocks to wait before looking again, which costs as much as one of them. Residuals keep falling at least as
// fast as they did so far, so that the number that this speed would take is an upper bound.
std::size_t blocks_to_go(double worst, double wanted, double norm, std::size_t blocks) {
  const double gained = std::log(norm / worst);
  const double missing = std::log(worst / wanted);
  if (!(gained > 0 && missing > 0)) return 1;
  const double so_far = static_cast<double>(blocks);
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::min(0.8 * so_far * missing / gained, 0.75 * so_far)));
}

}  // namespace

BlockKrylov::BlockKrylov(std::span<const double> a, std::size_t n, std::size_t block, std::size_t capacity)
    : BlockKrylov(
          [a, order = lapack_int(n, "matrix size")](const double* from, double* image, int columns) {
            RESGRAM_FORTRAN(dgemm)("N", "N", &order, &columns, &order, &kOne, a.data(), &order, from, &order, &kZero,
                                   image, &order, 1, 1);
          },
          n, block, capacity) {}

BlockKrylov::BlockKrylov(Operator product, std::size_t n, std::size_t block, std::size_t capacity)
    : product_(std::move(product)),
      n_(lapack_int(n, "matrix size")),
      block_(lapack_int(block, "block size")),
      capacity_(lapack_int(capacity, "basis size")),
      basis_(workspace(n * (capacity + block))),
      t_(capacity * capacity),
      coupling_(block * block) {
  Generator uniform;
  std::generate(column(0), column(0) + n * block, uniform);
  orthonormalise(column(0), coupling_.data());
  columns_ = block_;
}

bool BlockKrylov::can_expand() const { return columns_ <= capacity_; }

// block = Q R in place; R upper triangular with leading dimension block_, zeros below.
void BlockKrylov::orthonormalise(double* block, double* r) {
  std::vector<double> tau(static_cast<std::size_t>(block_));
  double query = 0;
  int lwork = -1;
  int info = 0;
  RESGRAM_FORTRAN(dgeqrf)(&n_, &block_, block, &n_, tau.data(), &query, &lwork, &info);
  lwork = std::max(static_cast<int>(query), block_);
  double second_query = 0;
  const int ask = -1;
  RESGRAM_FORTRAN(dorgqr)(&n_, &block_, &block_, block, &n_, tau.data(), &second_query, &ask, &info);
  lwork = std::max(lwork, static_cast<int>(second_query));
  std::vector<double> work(static_cast<std::size_t>(lwork));
  RESGRAM_FORTRAN(dgeqrf)(&n_, &block_, block, &n_, tau.data(), work.data(), &lwork, &info);
  require_accepted(info, "dgeqrf");
  for (int j = 0; j < block_; ++j) {
    for (int i = 0; i < block_; ++i) {
      r[j * block_ + i] = i <= j ? block[static_cast<std::size_t>(j) * stride() + static_cast<std::size_t>(i)] : 0;
    }
  }
  RESGRAM_FORTRAN(dorgqr)(&n_, &block_, &block_, block, &n_, tau.data(), work.data(), &lwork, &info);
  require_accepted(info, "dorgqr");
}

// coefficients = Vᵀ block (leading dimension capacity_), then block −= V · coefficients.
void BlockKrylov::subtract_projection(double* block, double* coefficients) {
  RESGRAM_FORTRAN(dgemm)("T", "N", &columns_, &block_, &n_, &kOne, column(0), &n_, block, &n_, &kZero, coefficients,
                         &capacity_, 1, 1);
  RESGRAM_FORTRAN(dgemm)("N", "N", &n_, &block_, &columns_, &kMinusOne, column(0), &n_, coefficients, &capacity_, &kOne,
                         block, &n_, 1, 1);
}

void BlockKrylov::expand() {
  const std::size_t block = static_cast<std::size_t>(block_);
  double* next = column(columns_);
  product_(column(columns_ - block_), next, block_);
  double* t_column = t_.data() + static_cast<std::size_t>(columns_ - block_) * static_cast<std::size_t>(capacity_);
  subtract_projection(next, t_column);
  orthonormalise(next, coupling_.data());

  // What is left of a block that lay almost within the span is rounding noise, which QR blows up to unit length; where
  // nothing at all is left QR invents directions. Both may lean on V. Project again until that changes no length.
  constexpr int kPasses = 6;
  std::vector<double> r(block * block);
  std::vector<double> product(block * block);
  std::vector<double> ignored(static_cast<std::size_t>(capacity_) * block);
  double shortest = 0;
  for (int pass = 0; pass < kPasses && shortest < 0.7; ++pass) {
    subtract_projection(next, ignored.data());
    orthonormalise(next, r.data());
    RESGRAM_FORTRAN(dgemm)("N", "N", &block_, &block_, &block_, &kOne, r.data(), &block_, coupling_.data(), &block_,
                           &kZero, product.data(), &block_, 1, 1);
    coupling_.swap(product);
    shortest = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < block; ++i) shortest = std::min(shortest, std::fabs(r[i * block + i]));
  }
  projected_ = columns_;
  columns_ += block_;
}

void BlockKrylov::project() {
  const std::size_t m = size();
  const std::size_t capacity = static_cast<std::size_t>(capacity_);
  ritz_.resize(m * m);
  for (std::size_t j = 0; j < m; ++j) {
    std::copy_n(t_.begin() + static_cast<std::ptrdiff_t>(j * capacity), j + 1,
                ritz_.begin() + static_cast<std::ptrdiff_t>(j * m));
  }
  values_.resize(m);
  double query = 0;
  int integer_query = 0;
  int lwork = -1;
  int liwork = -1;
  int info = 0;
  RESGRAM_FORTRAN(dsyevd)("V", "U", &projected_, ritz_.data(), &projected_, values_.data(), &query, &lwork,
                          &integer_query, &liwork, &info, 1, 1);
  lwork = static_cast<int>(query);
  liwork = integer_query;
  std::vector<double> work(static_cast<std::size_t>(lwork));
  std::vector<int> integers(static_cast<std::size_t>(liwork));
  RESGRAM_FORTRAN(dsyevd)("V", "U", &projected_, ritz_.data(), &projected_, values_.data(), work.data(), &lwork,
                          integers.data(), &liwork, &info, 1, 1);
  require_accepted(info, "dsyevd");
  if (info > 0) {
    throw Error(Code::no_convergence, "the eigenvalues of a projected matrix of size " + std::to_string(m) +
                                          " did not converge; please report it");
  }
  std::reverse(values_.begin(), values_.end());
}

double BlockKrylov::residual(std::size_t i) const {
  const std::size_t m = size();
  const std::size_t block = static_cast<std::size_t>(block_);
  const double* last = ritz_.data() + (m - 1 - i) * m + (m - block);
  double length = 0;
  for (std::size_t row = 0; row < block; ++row) {
    double entry = 0;
    for (std::size_t k = 0; k < block; ++k) entry += coupling_[k * block + row] * last[k];
    length = std::hypot(length, entry);
  }
  return length;
}

void BlockKrylov::vectors(std::size_t top, std::span<double> rows) const {
  const std::size_t m = size();
  std::vector<double> wanted(m * top);
  for (std::size_t i = 0; i < top; ++i) {
    std::copy_n(ritz_.begin() + static_cast<std::ptrdiff_t>((m - 1 - i) * m), m,
                wanted.begin() + static_cast<std::ptrdiff_t>(i * m));
  }
  const int count = static_cast<int>(top);
  RESGRAM_FORTRAN(dgemm)("N", "N", &n_, &count, &projected_, &kOne, column(0), &n_, wanted.data(), &projected_, &kZero,
                         rows.data(), &n_, 1, 1);
}

bool krylov_pays(std::size_t n, std::size_t top) { return n >= 500 && krylov_block(top) <= n / 40; }

std::optional<double> krylov_eigenpairs(std::span<const double> a, std::size_t n, std::size_t top,
                                        std::span<double> values, std::span<double> vectors) {
  constexpr std::size_t kMostBlocks = 64;
  const std::size_t block = krylov_block(top);
  const std::size_t capacity = std::min(n / 3 / block, kMostBlocks) * block;
  // A residual r moves an eigenvalue by r at most, and by r²/gap if others are that far away. n·eps·‖A‖ is the size of
  // LAPACK's own backward error.                                                                              [weyl]
  const double tolerance = 0.25 * kEpsilon * static_cast<double>(n);
  BlockKrylov krylov(a, n, block, capacity);
  const Room<double> own = workspace(vectors.empty() ? top * n : 0);
  const std::span<double> rows = vectors.empty() ? std::span(own.get(), top * n) : vectors;
  std::size_t next_check = 4 * block;
  while (krylov.can_expand()) {
    krylov.expand();
    if (krylov.size() < next_check && krylov.can_expand()) continue;
    krylov.project();
    const std::span<const double> ritz = krylov.values();
    if (ritz.size() < top) continue;
    const double norm = std::max(std::fabs(ritz.front()), std::fabs(ritz.back()));
    double worst = 0;
    for (std::size_t i = 0; i < top; ++i) worst = std::max(worst, krylov.residual(i));
    if (worst <= tolerance * norm) {
      // The Krylov relation holds to rounding only, so the last word has the definition.
      krylov.vectors(top, rows);
      std::copy_n(ritz.begin(), top, values.begin());
      const std::span<const double> found = values.first(top);
      const double residual = pair_residual(a, n, found, rows, top);
      const double together = top > kOneByOne ? std::sqrt(static_cast<double>(top)) : 1;
      if (residual * largest_magnitude(found) <= 4 * tolerance * norm * together) return residual;
    }
    // Convergence quickens with every step: whoever has not half of the digits after half of the room will not arrive.
    if (2 * krylov.size() >= capacity && worst > std::sqrt(tolerance) * norm) return std::nullopt;
    next_check = krylov.size() + block * blocks_to_go(worst, tolerance * norm, norm, krylov.size() / block);
  }
  return std::nullopt;
}

}  // namespace resgram::linalg
