// Part of lanes_body.hpp, inside its namespace: a dense layer as the beginning of the pass of the activation behind it.

// One row's view of a dense layer. What is not asked for costs nothing.
template <bool kUniform, DenseKind kKind, bool kTangent, class Real>
struct DenseRow;

template <bool kUniform, bool kTangent, class Real>
struct DenseRow<kUniform, DenseKind::none, kTangent, Real> {
  [[gnu::always_inline]] DenseRow(const Dense<Real>&, std::size_t) {}
  [[gnu::always_inline]] void apply(Real&, Real&, Real&, std::size_t) const {}
};

template <bool kUniform, bool kTangent, class Real>
struct DenseRow<kUniform, DenseKind::weights, kTangent, Real> {
  RowFactor<kUniform, Real> f, g;
  [[gnu::always_inline]] DenseRow(const Dense<Real>& dense, std::size_t row) : f(dense.f, row), g(dense.g, row) {}
  [[gnu::always_inline]] void apply(Real& rho, Real&, Real& t, std::size_t j) const {
    if constexpr (kTangent) t = fma(f.at(j), t, g.at(j) * rho);
  }
};

template <bool kTangent, class Real>
struct DenseRow<false, DenseKind::biased, kTangent, Real> {
  RowFactor<false, Real> f, g, h, c, s;
  [[gnu::always_inline]] DenseRow(const Dense<Real>& dense, std::size_t row)
      : f(dense.f, row), g(dense.g, row), h(dense.h, row), c(dense.c, row), s(dense.s, row) {}
  [[gnu::always_inline]] void apply(Real& rho, Real& m, Real& t, std::size_t j) const {
    if constexpr (kTangent) t = fma(f.at(j), t, fma(g.at(j), rho, h.at(j)));
    bias_pair(rho, m, c, s, j);
  }
};

// loop<uniform, kind, tangent>() for what is given at run time. Biases leave no two rows alike.
template <class Real, class Loop>
[[gnu::always_inline]] inline void by_dense(const Dense<Real>& dense, bool uniform, bool tangent, const Loop& loop) {
  const auto kind = [&]<bool kTangent>() __attribute__((always_inline)) {
    switch (dense.kind) {
      case DenseKind::none:
        return uniform ? loop.template operator()<true, DenseKind::none, kTangent>()
                       : loop.template operator()<false, DenseKind::none, kTangent>();
      case DenseKind::weights:
        return uniform ? loop.template operator()<true, DenseKind::weights, kTangent>()
                       : loop.template operator()<false, DenseKind::weights, kTangent>();
      case DenseKind::biased:
        return loop.template operator()<false, DenseKind::biased, kTangent>();
    }
  };
  if (tangent) return kind.template operator()<true>();
  kind.template operator()<false>();
}
