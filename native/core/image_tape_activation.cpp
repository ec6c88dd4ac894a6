// The activation steps of an image tape: every pair by the jets of activation_jet.cpp, in the logarithm s of the length of x's
// pixel and the complement m.
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "activation_row.hpp"
#include "error.hpp"
#include "function_pair.hpp"
#include "image_tape.hpp"
#include "pair_jet.hpp"
#include "row_jet.hpp"

namespace resgram::core {
namespace {

Scaled scaled(double value) { return Scaled{value, 0}.settled(); }

// What an activation makes of one pixel: its factors, and the roots of its variance and of E φ′² with the derivatives of
// their logarithms by s.
struct Pixel {
  double variance = 0, root = 0, slope_root = 0, rate = 0, slope_rate = 0;
  std::array<double, kMostFactors> factors{};
  std::array<Jet<2>, kMostFactors> jets{};
  std::unique_ptr<FunctionPairs> function;

  Pixel(const Step& step, double before, bool derivatives) : variance(before) {
    const ActivationRow row = activation_row(step, scaled(before), false);
    for (std::size_t k = 0; k < kMostFactors; ++k) {
      factors[k] = row.factors[k];
      jets[k] = Jet<2>(row.factors[k]);
    }
    root = before == 0 ? root_of(row.at_zero, 0) : root_of(row.gain * before, 0);
    slope_root = root_of(row.derivative, 0);
    if (derivatives && before > 0) {
      // Fresh weights with a tangent kernel, then φ: √Θ grows like e^s √(E φ′²).
      RowJets jet(Unit{scaled(before), false});
      for (const Step& one : {Step{Op::input, {0}, 0}, Step{Op::affine, {1, 1, 0, 0, 0}, 0}, step}) jet.step(one);
      jets = jet.factors();
      rate = jet.covariance_root().d[0];
      slope_rate = jet.tangent_root().d[0] - 1;
    }
    if (step.op == Op::function) function = std::make_unique<FunctionPairs>(*step.function, jets, where(step));
  }
};

// How a pair's covariance k and tangent kernel t after the step change: by s of x, by k and by t before it.
struct Rates {
  double k_s = 0, k_k = 0, t_s = 0, t_k = 0, t_t = 0;
};

// Of a pair of x with itself what a reverse pass asks for, and of a pixel of x ∂Q′/∂s and Q.
struct OwnRates {
  double k_s, k_k;
};
struct Side {
  double rate, variance;
};
static_assert(sizeof(Rates) <= TapePlan::kRates && sizeof(OwnRates) <= TapePlan::kOwnRates);
static_assert(sizeof(Side) <= TapePlan::kSide && sizeof(Pixel) <= TapePlan::kPixel);
// And the text that it names itself with.
static_assert(sizeof(FunctionPairs) + 64 <= TapePlan::kFunction);

Rates apply(const Step& step, const Pixel& x, const Pixel& z, PixelPairs& of, std::size_t at) {
  Jet<2> m(of.m[at]);
  m.d[1] = 1;
  const HalfAngle<2> half{Jet<2>{}};
  PairJet<2> pair;
  pair.acute = of.acute[at] != 0;
  pair.ratio = Jet<2>{};
  pair.rest = m;
  pair.t = Jet<2>(1);
  if (x.function != nullptr) {
    x.function->step(z.factors, half, pair);
  } else {
    PairFactors<2> factors;
    factors.x = x.jets;
    factors.z = z.factors;
    activate(step, factors, half, pair);
  }
  const double size = x.root * z.root, slope = x.slope_root * z.slope_root, before = of.t[at];
  const double own = of.acute[at] != 0 ? 1 : -1, sign = pair.acute ? 1 : -1, rho = 1 - 2 * of.m[at];
  const bool direction = x.variance > 0 && z.variance > 0;
  of.m[at] = size > 0 ? pair.rest.v : 0.5;
  of.acute[at] = size > 0 && !pair.acute ? 0 : 1;
  of.t[at] = before * slope * pair.t.v;
  Rates out;
  out.t_t = slope * pair.t.v;
  out.k_s = size * sign * ((1 - 2 * pair.rest.v) * x.rate - 2 * pair.rest.d[0]);
  out.t_s = before * slope * (pair.t.d[0] + pair.t.v * x.slope_rate);
  if (!direction) {
    // Of a pixel without variance the mean over opposite directions is left, in which φ′ stands for φ.    [zero-input]
    out.k_k = slope * pair.t.v;
    if (x.variance == 0) out.k_s = out.t_s = 0;
    return out;
  }
  // m = (1 − |k|/√(ab))/2.
  const double k_m = -2 * size * sign * pair.rest.d[1], t_m = before * slope * pair.t.d[1];
  const double by_k = -0.5 * own / (std::sqrt(x.variance) * std::sqrt(z.variance));
  out.k_k = k_m * by_k;
  out.t_k = t_m * by_k;
  out.k_s += 0.5 * rho * k_m;
  out.t_s += 0.5 * rho * t_m;
  return out;
}

}  // namespace

// A patch without variance has the mean over opposite directions while what comes before is odd in the patch: not once a kink
// at 0 has made it a cone, and not where t is not 0.
void ImageTape::check_black(const Step& step) {
  bool kink = (step.op == Op::relu && step.args[1] != 1) || step.op == Op::sign;
  if (step.op == Op::function)
    for (const Jump& jump : step.function->jumps()) kink = kink || jump.at == 0;
  const std::size_t n = now_.pixels();
  bool black = false, trained = false;
  for (std::size_t i = 0; i < n; ++i) {
    if (now_.qx[i] != 0) continue;
    black = true;
    for (std::size_t j = all_ ? 0 : i; j < (all_ ? n : i + 1); ++j) trained = trained || now_.xz.t[at(i, j, n)] != 0;
  }
  if (black && (trained || (kink && now_.cone_x)))
    throw Error(Code::argument,
                "row " + std::to_string(row_) + " of x is black over a whole patch, where " +
                    (trained ? "a trained bias leaves the tangent kernel without a derivative"
                             : "two layers with kinks make this kernel a cone") +
                    "; add a little to its pixels, or let biases enter the covariance",
                {{"row", static_cast<double>(row_)}});
  now_.cone_x = now_.cone_x || (black && kink);
}

// K̄ = k_k K̄′ + t_k T̄′, T̄ = t_t T̄′, and with the derivatives by s those by Q = e^{2s}.                      [image-gradient]
void ImageTape::activation(const Step& step) {
  const std::size_t n = now_.pixels();
  check_black(step);
  std::vector<Pixel> xs, zs;
  xs.reserve(n);
  zs.reserve(n);
  for (std::size_t i = 0; i < n; ++i)
    for (const double q : {now_.qx[i], now_.qz[i]}) check_variance(step, scaled(q), i);
  const auto fill = [&](const std::vector<double>& variances, bool derivatives, std::vector<Pixel>& out) {
    for (const double q : variances) {
      look();
      out.emplace_back(step, q, derivatives);
    }
  };
  fill(now_.qx, true, xs);
  fill(now_.qz, own_, zs);
  const std::size_t pairs = n * row_of(n);
  const std::uint64_t each = step.op == Op::function ? TapePlan::kIntegrated : TapePlan::kClosed;
  const auto rates = std::make_shared<std::vector<Rates>>();
  const auto own = std::make_shared<std::vector<OwnRates>>();
  rates->reserve(pairs);
  if (own_) own->reserve(pairs);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = all_ ? 0 : i; j < (all_ ? n : i + 1); ++j) {
      const std::size_t p = at(i, j, n);
      rates->push_back(apply(step, xs[i], zs[j], now_.xz, p));
      passed(each, 1);
      if (!own_) continue;
      const Rates with_own = apply(step, xs[i], xs[j], now_.xx, p);
      own->push_back({with_own.k_s, with_own.k_k});
      passed(each, 1);
      apply(step, zs[i], zs[j], now_.zz, p);
      passed(each, 1);
    }
  const auto sides = std::make_shared<std::vector<Side>>();
  sides->reserve(n);
  for (const Pixel& x : xs) sides->push_back({2 * x.root * x.root * x.rate, x.variance});
  for (std::size_t i = 0; i < n; ++i) {
    now_.qx[i] = xs[i].root * xs[i].root;
    now_.qz[i] = zs[i].root * zs[i].root;
  }
  now_.mean_x = leaves_mean(step);
  const bool all = all_;
  tape_.emplace_back([this, rates, own, sides, n, all](PixelAdjoint& a) {
    PixelAdjoint out;
    out.q.assign(n, 0.0);
    if (!a.k.empty() || !a.t.empty()) out.k.assign(rates->size(), 0.0);
    if (!a.t.empty()) out.t.assign(rates->size(), 0.0);
    if (!a.own.empty()) out.own.assign(rates->size(), 0.0);
    for (std::size_t i = 0; i < n; ++i) {
      passed(TapePlan::kPlace, all ? n : 1);
      const auto [rate, variance] = (*sides)[i];
      double by_s = a.q.empty() ? 0 : a.q[i] * rate;
      for (std::size_t j = all ? 0 : i; j < (all ? n : i + 1); ++j) {
        const std::size_t p = all ? i * n + j : i;
        const Rates& r = (*rates)[p];
        const double k = a.k.empty() ? 0 : a.k[p], t = a.t.empty() ? 0 : a.t[p];
        by_s += r.k_s * k + r.t_s * t;
        if (!out.k.empty()) out.k[p] = r.k_k * k + r.t_k * t;
        if (!out.t.empty()) out.t[p] = r.t_t * t;
        if (out.own.empty() || i == j) continue;
        // K_ij is K_ji: what depends on either of them by s_i.
        by_s += (*own)[p].k_s * (a.own[p] + a.own[j * n + i]);
        out.own[p] = (*own)[p].k_k * a.own[p];
      }
      if (variance > 0) out.q[i] = by_s / (2 * variance);
    }
    a = std::move(out);
  });
}

}  // namespace resgram::core
