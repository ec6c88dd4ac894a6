#include "function_pair.hpp"

#include <cmath>
#include <utility>

namespace resgram::core {
namespace {

// f of two jets.
Jet<2> composed(const Jet<2>& f, const Jet<2>& p, const Jet<2>& q) {
  Jet<2> out(f.v);
  std::size_t at = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    out.d[i] = f.d[0] * p.d[i] + f.d[1] * q.d[i];
    for (std::size_t j = i; j < 2; ++j, ++at)
      out.h[at] = f.d[0] * p.h[at] + f.d[1] * q.h[at] + f.h[0] * p.d[i] * p.d[j] +
                  f.h[1] * (p.d[i] * q.d[j] + p.d[j] * q.d[i]) + f.h[2] * q.d[i] * q.d[j];
  }
  return out;
}

}  // namespace

FunctionPairs::FunctionPairs(const Function& phi, const std::array<Jet<2>, kMostFactors>& x, Where where)
    : phi_(phi), x_(x), variance_(std::exp(x[0].v)), where_(std::move(where)) {
  if (variance_ > 0) row_ = row_taylor(phi, variance_);
}

void FunctionPairs::step(const std::array<double, kMostFactors>& z, const HalfAngle<2>& half, PairJet<2>& pair) const {
  const Jet<2> factor = x_[4] * z[4];
  const double variance = std::exp(z[0]);
  if (variance_ == 0 || variance == 0) {
    // One of them is the constant φ(0): E φ/√S is the correlation with it, and alike with φ′.               [zero-input]
    const Jet<2> rho = x_[1] * z[1];
    const bool acute = rho.v >= 0;
    pair.t = pair.t * (x_[3] * z[3] * factor);
    Jet<2> rest = 0.5 * (1.0 - (acute ? rho : -rho));
    rest.v = 0.5 * std::max(x_[2].v, z[2]) / (1 + std::fabs(rho.v));
    settle(half, Complement<2>{Jet<2>{}, rest}, acute, pair);
    return;
  }
  const Jet<2> m = smaller(half, pair);
  const Root<2> s = root(half, pair);
  const PairTaylor f = pair_taylor(phi_, variance_, row_, variance, m.v, pair.acute, where_);
  const Jet<2>& angle = f.by_root ? s.value : m;
  const Jet<2> mean = composed(f.mean, x_[0], angle), rest = composed(f.rest, x_[0], angle);
  pair.corner = pair.corner || (f.by_root && (s.corner || f.corner) && pair.t.v != 0);
  pair.t = pair.t * (composed(f.slope, x_[0], angle) * factor);
  const Complement<2> small{pair.ratio * mean, pair.rest * mean + rest};
  const bool within = (half.square * small.ratio + small.rest).v <= 0.5;
  settle(half, within ? small : Complement<2>{-small.ratio, 1.0 - small.rest}, within == f.parallel, pair);
}

}  // namespace resgram::core
