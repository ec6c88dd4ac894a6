// One strip of pairs run through a whole program while its planes stay in cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "activate.hpp"
#include "aligned.hpp"
#include "lanes.hpp"
#include "program.hpp"
#include "sides.hpp"
#include "ticket.hpp"

namespace resgram::core {

// Rows [first, first + count) of one side.
struct RowRange {
  std::span<const Unit> units;
  const FactorCache* cache;
  const std::vector<EmitDiagonals>* diagonals;
  std::size_t first;
  std::size_t count;
};

// Two inputs that are one and the same point: their kernel value is the diagonal's.
struct EqualPair {
  std::uint32_t row, col;
};

template <class Real>
class StripEvaluator {
 public:
  // Scratch for strips of up to rows × cols pairs (cols padded).
  StripEvaluator(const Program& program, const DualTables& duals, bool uniform, std::size_t rows, std::size_t cols);

  // Planes to fill with the correlations of a strip before `run`; t needs no value.
  MutablePlanes<Real> input(Strip strip);
  std::vector<EqualPair>& equal() { return equal_; }

  // values[e] row-major with strip.cols per row, valid during the call only.
  using Emit = std::function<void(std::size_t emit, const Real* covariance, const Real* tangent)>;
  void run(const RowRange& x, const RowRange& z, bool want_covariance, bool want_tangent, const Ticket& ticket,
           const Emit& emit);

  static std::size_t bytes(const Program& program, std::size_t rows, std::size_t cols);

 private:
  struct State {
    int rho, m, t;
    bool means = false;  // as in RowState
  };

  void apply(const Step& step, std::size_t executed, RowCursor& x, RowCursor& z);
  void load_factors(std::size_t count, const RowCursor& x, const RowCursor& z);
  void affine(const Step& step, const RowCursor& x, const RowCursor& z);
  void settle();
  void fill_zeros(const RowCursor& x, const RowCursor& z);
  void mark_equal(const Diagonal& dx, const Diagonal& dz, const RowRange& x, const RowRange& z, Real* values) const;

  // Planes are shared between the current state and pushed ones until written.
  int take();
  void hold(const State& state);
  void drop(const State& state);
  int writable(int plane);
  Real* data(int plane) { return planes_.data() + static_cast<std::size_t>(plane) * plane_size_; }
  Planes<Real> read(const State& s, bool all = false) {
    return {data(s.rho), data(s.m), all || tangent_wanted_ ? data(s.t) : nullptr};
  }
  MutablePlanes<Real> write(const State& s, bool all = false) {
    return {data(s.rho), data(s.m), all || tangent_wanted_ ? data(s.t) : nullptr};
  }

  const Program& program_;
  const LaneTable<Real>& lanes_;
  bool uniform_;
  std::size_t most_rows_, most_cols_, plane_size_;
  bool tangent_wanted_ = true;
  Strip strip_;
  AlignedVector<Real> planes_;
  std::vector<int> holders_;
  State current_{};
  std::vector<State> saved_;
  std::vector<EqualPair> equal_;
  // The factors of the last step, and copies of those that no cache keeps: two sets, so that those of a dense layer live
  // until the activation behind it.
  Factors<Real> factors_{};
  AlignedVector<Real> row_factors_, col_factors_;
  std::size_t set_ = 0;
  Dense<Real> dense_;  // a dense layer that has not been run yet
  Activator<Real> activator_;
  AlignedVector<Real> covariance_, tangent_;
  std::size_t rows_in_use_ = 0, cols_in_use_ = 0;
};

}  // namespace resgram::core
