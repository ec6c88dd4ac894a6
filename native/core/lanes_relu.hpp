// Part of lanes_body.hpp, inside its namespace: ReLU and leaky ReLU.

// κ0, κ1 of the degree 0 and 1 arc-cosine kernels from the smaller complement m, s = √m:         [arc-cosine; half-defect]
//   κ1 = max(ρ, 0) + s m P1(m),     κ0 = 1 − s P0(m) for ρ ≥ 0, s P0(m) for ρ < 0
template <class Real>
struct Bends {
  Real straight;  // s P0(m), what κ0 is short of 1 (or above 0)
  Real curved;    // s m P1(m)
  [[gnu::always_inline]] explicit Bends(Real m) {
    const Real s = root(m), square = m * m;
    straight = s * polynomial(Arcsine<Real>::kP0, m, square);
    curved = (s * m) * polynomial(Arcsine<Real>::kP1, m, square);
  }
};

// Slope 0. ρ′ = κ1 is never negative, so its smaller complement is (1 − ρ′)/2.
template <class Real>
struct Relu {
  [[gnu::always_inline]] Pair<Real> operator()(Real rho, Real m) const {
    const bool acute = rho >= Real(0);
    const Real base_rho = acute ? rho : Real(0), base_m = acute ? m : Real(0.5);
    const Bends<Real> bends(m);
    const Real next = base_rho + bends.curved;
    const Real small = fma(Real(-0.5), bends.curved, base_m);
    const Real outer = fma(Real(-2), small, Real(1));
    const Real short_of_one = Real(1) - bends.straight;
    return {small < Real(0.25) ? outer : next, small, acute ? short_of_one : bends.straight};
  }
};

// Leaky: ρ′ = h ρ + g κ1 with g = (1−a)²/(1+a²), h = 2a/(1+a²) = 1 − g, and Ṡ/gain = h + g κ0 alike.             [leaky-relu]
template <class Real>
struct LeakyRelu {
  Real g, h, opposite;  // opposite: (1 − ρ′)/2 at ρ = −1
  explicit LeakyRelu(double slope)
      : g(static_cast<Real>((1 - slope) * (1 - slope) / (1 + slope * slope))),
        h(static_cast<Real>(2 * slope / (1 + slope * slope))),
        opposite(static_cast<Real>((1 + slope) * (1 + slope) / (2 * (1 + slope * slope)))) {}

  [[gnu::always_inline]] Pair<Real> operator()(Real rho, Real m) const {
    const bool acute = rho >= Real(0);
    const Bends<Real> bends(m);
    const Real bend = Real(0.5) * g * bends.curved;
    const Real next = (acute ? rho : h * rho) + Real(2) * bend;
    const Real w = acute ? m - bend : (opposite - h * m) - bend;
    const Real v = (Real(0.5) * g + h * m) + bend;  // only reached from ρ < 0
    const Real small = next >= Real(0) ? w : v;
    return {agreed(next, small), small, acute ? Real(1) - g * bends.straight : h + g * bends.straight};
  }
};

template <class Real, class Step>
[[gnu::always_inline]] inline void relu_with(Strip strip, const Dense<Real>& before, Planes<Real> in,
                                             MutablePlanes<Real> out, Factor<Real> f, const Step& step) {
  const auto loop = [&]<bool kUniform, DenseKind kDense, bool kTangent>() __attribute__((always_inline)) {
    for (std::size_t i = 0; i < strip.rows; ++i) {
      const RowFactor<kUniform, Real> fi(f, i);
      const DenseRow<kUniform, kDense, kTangent, Real> dense(before, i);
      const std::size_t at = i * strip.cols;
      const Real *in_rho = in.rho + at, *in_m = in.m + at, *in_t = from(in.t, at);
      Real *rho = out.rho + at, *m = out.m + at, *t = from(out.t, at);
      RESGRAM_INDEPENDENT
      for (std::size_t j = 0; j < strip.cols; ++j) {
        Real r = in_rho[j], small = in_m[j], tangent = kTangent ? in_t[j] : Real(0);
        dense.apply(r, small, tangent, j);
        const Pair<Real> pair = step(r, small);
        rho[j] = pair.rho;
        m[j] = pair.m;
        if constexpr (kTangent) t[j] = tangent * (pair.derivative * fi.at(j));
      }
    }
  };
  by_dense(before, f.row == nullptr, in.t != nullptr, loop);
}

template <class Real>
void dense_relu(Strip strip, const Dense<Real>& before, Planes<Real> in, MutablePlanes<Real> out, double slope,
                Factor<Real> f) {
  if (slope == 0) return relu_with(strip, before, in, out, f, Relu<Real>{});
  relu_with(strip, before, in, out, f, LeakyRelu<Real>(slope));
}

template <class Real>
void relu(Strip strip, Planes<Real> in, MutablePlanes<Real> out, double slope, Factor<Real> f) {
  dense_relu(strip, {}, in, out, slope, f);
}
