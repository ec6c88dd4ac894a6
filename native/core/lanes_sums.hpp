// Part of lanes_body.hpp, inside its namespace: dense layers, sums of branches and biases.

template <class Real>
void train(Strip strip, Planes<Real> in, Real* t_out, Factor<Real> f, Factor<Real> g, Factor<Real> h) {
  for_rows<Real>(strip, f.row == nullptr,
                 [&]<bool kUniform>(std::size_t i, std::size_t at) __attribute__((always_inline)) {
                   const RowFactor<kUniform, Real> fi(f, i), gi(g, i), hi(h, i);
                   const Real* rho = in.rho + at;
                   const Real* t = in.t + at;
                   Real* out = t_out + at;
                   RESGRAM_INDEPENDENT
                   for (std::size_t j = 0; j < strip.cols; ++j)
                     out[j] = fma(fi.at(j), t[j], fma(gi.at(j), rho[j], hi.at(j)));
                 });
}

// Two unit vectors (c, s) at an angle: c_i c_j + s_i s_j = cos of it, and 1 − cos = ½|(c, s)_i − (c, s)_j|². So both
// complements of ρ′ = cc ρ₁ + ss ρ₂ are sums of non-negative terms:                                   [independent-sum]
//   1 − ρ′ = cc(1 − ρ₁) + ss(1 − ρ₂) + ½(c_i − c_j)² + ½(s_i − s_j)²    and the same with 1 + ρ.
// The differences vanish exactly for equal rows and change sign under exchange.
template <bool kUniform, class Real>
[[gnu::always_inline]] inline Real half_excess(const RowFactor<kUniform, Real>& c, const RowFactor<kUniform, Real>& s,
                                               std::size_t j) {
  if constexpr (kUniform) return Real(0);
  const Real dc = c.head - c.col[j], ds = s.head - s.col[j];
  return Real(0.25) * fma(dc, dc, ds * ds);
}

template <class Real>
void add(Strip strip, Planes<Real> a, Planes<Real> b, MutablePlanes<Real> out, Factor<Real> c, Factor<Real> s,
         Factor<Real> ct, Factor<Real> st) {
  for_rows<Real>(strip, c.row == nullptr,
                 [&]<bool kUniform>(std::size_t i, std::size_t at) __attribute__((always_inline)) {
                   const RowFactor<kUniform, Real> ci(c, i), si(s, i), cti(ct, i), sti(st, i);
                   const Real *a_rho = a.rho + at, *a_m = a.m + at, *a_t = from(a.t, at);
                   const Real *b_rho = b.rho + at, *b_m = b.m + at, *b_t = from(b.t, at);
                   Real *rho = out.rho + at, *m = out.m + at, *t = from(out.t, at);
                   RESGRAM_INDEPENDENT
                   for (std::size_t j = 0; j < strip.cols; ++j) {
                     const Real cc = ci.at(j), ss = si.at(j);
                     const Real excess = half_excess(ci, si, j);
                     const Real aw = lower(a_rho[j], a_m[j]), bw = lower(b_rho[j], b_m[j]);
                     const Real av = lower(-a_rho[j], a_m[j]), bv = lower(-b_rho[j], b_m[j]);
                     const Real next = fma(cc, a_rho[j], ss * b_rho[j]);
                     const Real w = fma(cc, aw, fma(ss, bw, excess));
                     const Real v = fma(cc, av, fma(ss, bv, excess));
                     if (t != nullptr) t[j] = fma(cti.at(j), a_t[j], sti.at(j) * b_t[j]);
                     const Real small_next = next >= Real(0) ? w : v;
                     rho[j] = agreed(next, small_next);
                     m[j] = small_next;
                   }
                 });
}

// A bias that enters the covariance is a branch with ρ₂ = 1.
template <class Real>
[[gnu::always_inline]] inline void bias_pair(Real& rho, Real& m, const RowFactor<false, Real>& c,
                                             const RowFactor<false, Real>& s, std::size_t j) {
  const Real cc = c.at(j), ss = s.at(j);
  const Real excess = half_excess(c, s, j);
  const Real next = fma(cc, rho, ss);
  const Real w = fma(cc, lower(rho, m), excess);
  const Real v = fma(cc, lower(-rho, m), ss + excess);
  m = next >= Real(0) ? w : v;
  rho = agreed(next, m);
}

template <class Real>
void add_bias(Strip strip, Planes<Real> in, MutablePlanes<Real> out, Factor<Real> c, Factor<Real> s) {
  for_rows<Real>(strip, false, [&]<bool kUniform>(std::size_t i, std::size_t at) __attribute__((always_inline)) {
    const RowFactor<false, Real> ci(c, i), si(s, i);
    const Real *in_rho = in.rho + at, *in_m = in.m + at;
    Real *rho = out.rho + at, *m = out.m + at;
    RESGRAM_INDEPENDENT
    for (std::size_t j = 0; j < strip.cols; ++j) {
      Real r = in_rho[j], small = in_m[j];
      bias_pair(r, small, ci, si, j);
      rho[j] = r;
      m[j] = small;
    }
  });
}

// ρ′ = cc ρ₁ + ss ρ₂ + β_i ν_j + ν_i β_j of branches whose functions have the means b₁ and b₂; per row c² + s² + 2βν = 1, so
//   1 − ρ′ = cc(1 − ρ₁) + ss(1 − ρ₂) + e,    e = ½(c_i − c_j)² + ½(s_i − s_j)² + (β_i − β_j)(ν_i − ν_j),
//   1 + ρ′ = cc(1 + ρ₁) + ss(1 + ρ₂) + e + 2(β_i ν_j + ν_i β_j).                                            [means]
// Where all rows share their factors, e = 0 and `beta` is the whole of 2βν. The one product that may be negative can
// leave a −ε² where nothing is left, which no root takes. No fused multiply-add in what must not know the order of the
// two rows.
template <class Real>
void mix(Strip strip, Planes<Real> a, Planes<Real> b, MutablePlanes<Real> out, Factor<Real> c, Factor<Real> s,
         Factor<Real> ct, Factor<Real> st, Factor<Real> beta, Factor<Real> nu) {
  for_rows<Real>(strip, c.row == nullptr,
                 [&]<bool kUniform>(std::size_t i, std::size_t at) __attribute__((always_inline)) {
                   const RowFactor<kUniform, Real> ci(c, i), si(s, i), cti(ct, i), sti(st, i), bi(beta, i), ni(nu, i);
                   const Real *a_rho = a.rho + at, *a_m = a.m + at, *a_t = from(a.t, at);
                   const Real *b_rho = b.rho + at, *b_m = b.m + at, *b_t = from(b.t, at);
                   Real *rho = out.rho + at, *m = out.m + at, *t = from(out.t, at);
                   RESGRAM_INDEPENDENT
                   for (std::size_t j = 0; j < strip.cols; ++j) {
                     const Real cc = ci.at(j), ss = si.at(j);
                     Real cross = bi.head, excess = Real(0);
                     if constexpr (!kUniform) {
                       const Real left = bi.head * ni.col[j], right = ni.head * bi.col[j];
                       const Real dc = ci.head - ci.col[j], ds = si.head - si.col[j];
                       const Real db = bi.head - bi.col[j], dn = ni.head - ni.col[j];
                       const Real squares = dc * dc + ds * ds, product = db * dn;
                       cross = left + right;
                       excess = Real(0.25) * squares + Real(0.5) * product;
                     }
                     const Real aw = lower(a_rho[j], a_m[j]), bw = lower(b_rho[j], b_m[j]);
                     const Real av = lower(-a_rho[j], a_m[j]), bv = lower(-b_rho[j], b_m[j]);
                     const Real next = fma(cc, a_rho[j], ss * b_rho[j]) + cross;
                     const Real w = fma(cc, aw, fma(ss, bw, excess));
                     const Real v = fma(cc, av, fma(ss, bv, excess + cross));
                     if (t != nullptr) t[j] = fma(cti.at(j), a_t[j], sti.at(j) * b_t[j]);
                     const Real smaller = next >= Real(0) ? w : v;
                     const Real small_next = smaller < Real(0) ? Real(0) : smaller;
                     rho[j] = agreed(next, small_next);
                     m[j] = small_next;
                   }
                 });
}
