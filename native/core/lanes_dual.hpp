// Part of lanes_body.hpp, inside its namespace: kernels from tables.                                         [dual-table]

// out = Σ_p weight_p block_p: a table seen from one row.
inline void combine(std::size_t count, std::size_t length, const double* blocks, const double* weights, double* out) {
  for (std::size_t i = 0; i < length; ++i) out[i] = 0;
  for (std::size_t p = 0; p < count; ++p) {
    const double weight = weights[p];
    const double* __restrict block = blocks + p * length;
    double* __restrict sum = out;
    for (std::size_t i = 0; i < length; ++i) sum[i] = fma(weight, block[i], sum[i]);
  }
}

// Columns taken together: what stays in registers. A divisor of kColumnPadding.
template <class Real>
inline constexpr std::size_t kDualColumns = RESGRAM_DUAL_COLUMNS * (sizeof(double) / sizeof(Real));

// Two sums Σ_k c_k(j) T_k(y_j) whose coefficients c_k(j) = Σ_q table_kq basis_q(j) belong to the column.
template <class Real>
[[gnu::always_inline]] inline void dual_sums(const DualLane<Real>& row, std::size_t side, const Real* __restrict basis,
                                             std::size_t stride, const Real* __restrict y, Real* __restrict mean,
                                             Real* __restrict slope) {
  constexpr std::size_t kWidth = kDualColumns<Real>;
  const Real *of_mean = row.mean[side], *of_slope = row.slope[side];
  Real before[kWidth], now[kWidth];
  for (std::size_t j = 0; j < kWidth; ++j) {
    before[j] = y[j];  // T_{−1} = T_1
    now[j] = 1;
    mean[j] = slope[j] = 0;
  }
  for (std::size_t k = 0; k < row.degrees; ++k) {
    const std::size_t count = row.counts[k];
    Real a[kWidth] = {}, b[kWidth] = {};
    for (std::size_t q = 0; q < count; ++q) {
      const Real m = of_mean[q], s = of_slope[q];
      const Real* __restrict t = basis + q * stride;
      for (std::size_t j = 0; j < kWidth; ++j) {
        a[j] = fma(m, t[j], a[j]);
        b[j] = fma(s, t[j], b[j]);
      }
    }
    of_mean += count;
    of_slope += count;
    for (std::size_t j = 0; j < kWidth; ++j) {
      mean[j] = fma(a[j], now[j], mean[j]);
      slope[j] = fma(b[j], now[j], slope[j]);
      const Real next = fma(Real(2) * y[j], now[j], -before[j]);
      before[j] = now[j];
      now[j] = next;
    }
  }
}

// One row of a strip. The complement that is small follows from its own mean slope; which of the two it is depends on the
// side and on the parity of φ.
template <class Real>
void dual(std::size_t cols, const DualLane<Real>& row, const Real* basis, std::size_t stride, Planes<Real> in,
          MutablePlanes<Real> out) {
  constexpr std::size_t kWidth = kDualColumns<Real>;
  for (std::size_t from = 0; from < cols; from += kWidth) {
    const Real *rho = in.rho + from, *m = in.m + from, *t = in.t + from;
    Real y[kWidth], mean[2][kWidth], slope[2][kWidth];
    bool any[2] = {false, false};
    for (std::size_t j = 0; j < kWidth; ++j) {
      const Real sigma = root(Real(2) * m[j]);
      y[j] = fma(Real(2) * (Real(1) + row.bend), sigma / (sigma + row.bend), Real(-1));
      any[rho[j] < Real(0) && row.both ? 1 : 0] = true;
    }
    for (std::size_t side = 0; side < 2; ++side) {
      if (any[side]) {
        dual_sums(row, side, basis + from, stride, y, mean[side], slope[side]);
      } else {
        for (std::size_t j = 0; j < kWidth; ++j) mean[side][j] = slope[side][j] = 0;
      }
    }
    Real end[kWidth] = {}, far[kWidth] = {};
    for (std::size_t q = 0; q < row.logs; ++q)
      for (std::size_t j = 0; j < kWidth; ++j) {
        end[j] = fma(row.end[q], basis[from + q * stride + j], end[j]);
        far[j] = fma(row.far[q], basis[from + q * stride + j], far[j]);
      }
    Real *rho_out = out.rho + from, *m_out = out.m + from, *t_out = out.t + from;
    for (std::size_t j = 0; j < kWidth; ++j) {
      const bool acute = rho[j] >= Real(0), other = !acute && row.both;
      const Real apart = row.log_variance - row.log_columns[from + j];
      const Real parallel = apart * apart * end[j];
      const Real base = other ? far[j] : parallel;
      const Real raw = fma(m[j], other ? mean[1][j] : mean[0][j], base);
      const Real low = raw > Real(0) ? raw : Real(0);
      const Real part = low < Real(1) ? low : Real(1);
      const bool towards = acute || row.even;  // is `part` (1 − ρ′)/2? else (1 + ρ′)/2
      const Real next = fma(Real(-2), part, Real(1));
      const Real sharp = other ? slope[1][j] : (acute || !row.even ? slope[0][j] : -slope[0][j]);
      rho_out[j] = towards ? next : -next;
      m_out[j] = part < Real(0.5) ? part : Real(1) - part;
      t_out[j] = t[j] * (sharp * (row.factor * row.column_factors[from + j]));
    }
  }
}
