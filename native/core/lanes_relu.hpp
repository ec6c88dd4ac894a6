// Part of lanes_body.hpp, inside its namespace: ReLU and leaky ReLU.

// Leaky: ρ′ = h ρ + g κ1 with g = (1−a)²/(1+a²), h = 2a/(1+a²) = 1 − g, and Ṡ/gain = h + g κ0 alike.             [leaky-relu]
template <class Real>
struct ReluForm {
  Real g, h, opposite;  // opposite: (1 − ρ′)/2 at ρ = −1
  explicit ReluForm(double slope)
      : g(static_cast<Real>((1 - slope) * (1 - slope) / (1 + slope * slope))),
        h(static_cast<Real>(2 * slope / (1 + slope * slope))),
        opposite(static_cast<Real>((1 + slope) * (1 + slope) / (2 * (1 + slope * slope)))) {}
};

// κ0, κ1 of the degree 0 and 1 arc-cosine kernels from the smaller complement m, s = √m:         [arc-cosine; half-defect]
//   κ1 = max(ρ, 0) + s m P1(m),     κ0 = 1 − s P0(m) for ρ ≥ 0, s P0(m) for ρ < 0
template <class Real>
[[gnu::always_inline]] inline Pair<Real> relu_pair(Real rho, Real m, const ReluForm<Real>& form) {
  const bool acute = rho >= Real(0);
  const Real s = root(m);
  const Real sp0 = s * horner(Arcsine<Real>::kP0, m);
  const Real bend = Real(0.5) * form.g * (s * m * horner(Arcsine<Real>::kP1, m));
  const Real next = (acute ? rho : form.h * rho) + Real(2) * bend;
  const Real w = acute ? m - bend : (form.opposite - form.h * m) - bend;
  const Real v = (Real(0.5) * form.g + form.h * m) + bend;  // only reached from ρ < 0
  const Real small = next >= Real(0) ? w : v;
  return {agreed(next, small), small, acute ? Real(1) - form.g * sp0 : form.h + form.g * sp0};
}

template <class Real>
void relu(Strip strip, Planes<Real> in, MutablePlanes<Real> out, double slope, Factor<Real> f) {
  const ReluForm<Real> form(slope);
  for_rows<Real>(strip, f.row == nullptr,
                 [&]<bool kUniform>(std::size_t i, std::size_t at) __attribute__((always_inline)) {
                   const RowFactor<kUniform, Real> fi(f, i);
                   const Real *in_rho = in.rho + at, *in_m = in.m + at, *in_t = in.t + at;
                   Real *rho = out.rho + at, *m = out.m + at, *t = out.t + at;
                   RESGRAM_INDEPENDENT
                   for (std::size_t j = 0; j < strip.cols; ++j) {
                     const Pair<Real> pair = relu_pair(in_rho[j], in_m[j], form);
                     rho[j] = pair.rho;
                     m[j] = pair.m;
                     t[j] = in_t[j] * (pair.derivative * fi.at(j));
                   }
                 });
}
