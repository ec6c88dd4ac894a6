// The loops of image_lanes.hpp, included by lanes_<isa>.cpp behind lanes_body.hpp, whose helpers they use. No include
// guard: one inclusion per translation unit.

namespace resgram::core::RESGRAM_ISA {

// Below m = 1/16 the difference of the two unit vectors says more than their inner product.
template <class Real>
void correlate(const Real* x, const Real* z, std::size_t channels, std::size_t lanes, MutablePlanes<Real> out) {
  Real* __restrict rho = out.rho;
  Real* __restrict apart = out.m;
  Real* __restrict together = out.t;
  for (std::size_t j = 0; j < lanes; ++j) rho[j] = apart[j] = together[j] = Real(0);
  for (std::size_t c = 0; c < channels; ++c) {
    const Real a = x[c];
    const Real* __restrict b = z + c * lanes;
    RESGRAM_INDEPENDENT
    for (std::size_t j = 0; j < lanes; ++j) {
      const Real minus = a - b[j], plus = a + b[j];
      rho[j] = fma(a, b[j], rho[j]);
      apart[j] = fma(minus, minus, apart[j]);
      together[j] = fma(plus, plus, together[j]);
    }
  }
  RESGRAM_INDEPENDENT
  for (std::size_t j = 0; j < lanes; ++j) {
    const Real r = rho[j];
    const Real size = magnitude(r);
    const Real near = Real(0.25) * (r < Real(0) ? together[j] : apart[j]);
    const Real far = Real(0.5) * (Real(1) - size);
    const bool small = near < Real(0.0625);
    const Real m = small ? near : far;
    const Real outer = small ? Real(1) - Real(2) * m : size;
    rho[j] = r < Real(0) ? -outer : outer;
    apart[j] = m;
    together[j] = Real(0);
  }
}

// With c = √(share of a tap) in each image, Σ c² = 1:  ρ′ = Σ c_x c_z ρ and both complements are sums of non-negative
// terms, 1 − ρ′ = Σ c_x c_z (1 − ρ) + ½ Σ (c_x − c_z)².                                                          [patch]
template <std::size_t kCount, class Real>
[[gnu::always_inline]] inline void filter_taps(const FilterTap<Real>* taps, std::size_t count, std::size_t lanes,
                                               Factor<Real> inverse, MutablePlanes<Real> out) {
  const std::size_t n = kCount == 0 ? count : kCount;
  const Real inverse_x = *inverse.row;
  RESGRAM_INDEPENDENT
  for (std::size_t j = 0; j < lanes; ++j) {
    const Real inverse_z = inverse.col[j];
    Real next = 0, w = 0, v = 0, excess = 0, t = 0;
#pragma GCC unroll 8
    for (std::size_t k = 0; k < n; ++k) {
      const Real cx = taps[k].x * inverse_x, cz = taps[k].z[j] * inverse_z;
      const Real cc = cx * cz, d = cx - cz;
      const Real rho = taps[k].pairs.rho[j], m = taps[k].pairs.m[j];
      next = fma(cc, rho, next);
      w = fma(cc, lower(rho, m), w);
      v = fma(cc, lower(-rho, m), v);
      excess = fma(d, d, excess);
      t = t + taps[k].pairs.t[j];
    }
    const Real small_next = fma(Real(0.25), excess, next >= Real(0) ? w : v);
    out.rho[j] = agreed(next, small_next);
    out.m[j] = small_next;
    out.t[j] = t;
  }
}

template <class Real>
void filter(const FilterTap<Real>* taps, std::size_t count, std::size_t lanes, Factor<Real> inverse,
            MutablePlanes<Real> out) {
  // A copy that no store can be thought to change keeps the loop over lanes free to be vectorised.
  constexpr std::size_t kUnrolled = 7;
  if (count > kUnrolled) return filter_taps<0>(taps, count, lanes, inverse, out);
  FilterTap<Real> own[kUnrolled];
  for (std::size_t k = 0; k < count; ++k) own[k] = taps[k];
  switch (count) {
    case 1:
      return filter_taps<1>(own, 1, lanes, inverse, out);
    case 2:
      return filter_taps<2>(own, 2, lanes, inverse, out);
    case 3:
      return filter_taps<3>(own, 3, lanes, inverse, out);
    case 4:
      return filter_taps<4>(own, 4, lanes, inverse, out);
    case 5:
      return filter_taps<5>(own, 5, lanes, inverse, out);
    case 6:
      return filter_taps<6>(own, 6, lanes, inverse, out);
    default:
      return filter_taps<7>(own, 7, lanes, inverse, out);
  }
}

template <class Real>
void collect(std::size_t lanes, Planes<Real> in, Factor<Real> a, Real* covariance, Real* tangent, Real* gap) {
  const Real ax = *a.row;
  const Real* az = a.col;
  RESGRAM_INDEPENDENT
  for (std::size_t j = 0; j < lanes; ++j) {
    covariance[j] = fma(ax * az[j], in.rho[j], covariance[j]);
    tangent[j] = tangent[j] + in.t[j];
  }
  if (gap == nullptr) return;
  RESGRAM_INDEPENDENT
  for (std::size_t j = 0; j < lanes; ++j) {
    const Real d = ax - az[j];
    gap[j] = gap[j] + root(d * d + Real(4) * (ax * az[j]) * lower(in.rho[j], in.m[j]));
  }
}

template <class Real>
void collect_independent(std::size_t lanes, Planes<Real> in, Factor<Real> c, Real* covariance, Real* low, Real* high,
                         Real* tangent) {
  const Real cx = *c.row;
  const Real* cz = c.col;
  RESGRAM_INDEPENDENT
  for (std::size_t j = 0; j < lanes; ++j) {
    const Real cc = cx * cz[j], d = cx - cz[j];
    const Real excess = Real(0.25) * (d * d);
    covariance[j] = fma(cc, in.rho[j], covariance[j]);
    low[j] = low[j] + fma(cc, lower(in.rho[j], in.m[j]), excess);
    high[j] = high[j] + fma(cc, lower(-in.rho[j], in.m[j]), excess);
    tangent[j] = tangent[j] + in.t[j];
  }
}

template <class Real>
constexpr ImageLaneTable<Real> image_table() {
  return {correlate<Real>, filter<Real>, collect<Real>, collect_independent<Real>};
}

extern const ImageLaneTable<double> kImageLanesDouble;
extern const ImageLaneTable<float> kImageLanesFloat;
const ImageLaneTable<double> kImageLanesDouble = image_table<double>();
const ImageLaneTable<float> kImageLanesFloat = image_table<float>();

}  // namespace resgram::core::RESGRAM_ISA
