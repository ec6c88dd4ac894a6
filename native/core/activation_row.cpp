#include "activation_row.hpp"

#include <cmath>
#include <iterator>
#include <limits>
#include <string>

#include "arcsine.hpp"
#include "dual_quadrature.hpp"
#include "error.hpp"

namespace resgram::core {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kHalfPi = kPi / 2;

double p0(double w) {
  double sum = 0;
  for (std::size_t k = std::size(Arcsine<double>::kP0); k-- > 0;) sum = sum * w + Arcsine<double>::kP0[k];
  return sum;
}

// asin(x)/x from x² and 1 − x², both given without cancellation.
double asin_ratio(double x2, double complement) {
  if (x2 <= complement) return kHalfPi * p0(x2);
  return (kHalfPi - std::sqrt(complement) * kHalfPi * p0(complement)) / std::sqrt(x2);
}

double shortest_square(double scale) {
  const double root = std::fabs(scale);
  const double square = root * root;
  const auto trailing_zeros = [](double value) {
    int exponent = 0;
    double m = std::frexp(value, &exponent);
    int bits = 0;
    while (m != std::floor(m)) {
      m *= 2;
      ++bits;
    }
    return 53 - bits;
  };
  double best = square;
  for (const double candidate :
       {std::nextafter(square, 0.0), std::nextafter(square, std::numeric_limits<double>::infinity())})
    if (std::sqrt(candidate) == root && trailing_zeros(candidate) > trailing_zeros(best)) best = candidate;
  return best;
}

// On the diagonal S = c(1 + a²)/2 · Q and Ṡ = c(1 + a²)/2; a zero vector has ρ := 0, so Ṡ = c(1 + a)²/4.       [leaky-relu]
ActivationRow relu_row(double scale, double slope, bool zero, bool tangent_zero) {
  const double c = variance_factor(scale), both = (1 + slope * slope) / 2, at_zero = (1 + slope) * (1 + slope) / 4;
  const double derivative = zero ? at_zero : both;
  ActivationRow row;
  row.gain = (Scaled{1, 0} + Scaled{1, 0} * slope * slope) * 0.5 * c;
  row.derivative = zero ? Scaled{1, 0} * c * derivative : row.gain;
  // The pair step has Ṡ in units of c(1 + a²)/2 already, so the factor of all other rows is 1 without rounding.
  row.factors[0] = tangent_zero || derivative == 0 ? 0 : (zero ? std::sqrt(both / derivative) : 1);
  row.mean = zero ? 0 : std::copysign((1 - slope) / std::sqrt(kPi * (1 + slope * slope)), scale * (1 - slope));
  return row;
}

ActivationRow smooth_row(Op op, double scale, double variance, bool zero, bool tangent_zero) {
  const bool erf = op == Op::erf;
  const SmoothRow smooth = erf ? erf_row(variance) : gelu_row(variance);
  const double c = variance_factor(scale);
  // The pair step computes Ṡ up to the row's own factor: √(e_i e_j)/√q for erf, all of it for GELU.
  const double own = erf ? std::sqrt(smooth.complement * (2 - smooth.complement)) : 1 / smooth.derivative;
  ActivationRow row;
  row.factors = {smooth.reach, smooth.complement, zero ? 0 : smooth.inverse, tangent_zero ? 0 : std::sqrt(own)};
  if (erf && smooth.reach > 0) row.factors[4] = row.factors[2] / smooth.reach;
  row.gain = Scaled{1, 0} * c * smooth.gain;
  row.derivative = Scaled{1, 0} * c * smooth.derivative;
  // E u Φ(u) = a/√(2π(1 + a)) by parts; erf is odd.
  if (!erf && !zero) row.mean = std::copysign(smooth.reach * smooth.inverse / std::sqrt(2 * kPi), scale);
  return row;
}

// S(a,a) = (1 − e^{−2a})/2 and Ṡ(a,a) = (1 + e^{−2a})/2; odd.                                                      [sine]
ActivationRow sine_row(double scale, double variance, bool tangent_zero) {
  const double gain = variance == 0 ? 1 : -std::expm1(-2 * variance) / (2 * variance);
  const double derivative = 0.5 * (1 + std::exp(-2 * variance));
  const double length = std::sqrt(variance), high = static_cast<double>(static_cast<float>(length));
  const double c = variance_factor(scale);
  ActivationRow row;
  row.factors = {high, length - high, 1 / std::sqrt(gain), tangent_zero ? 0 : 1 / std::sqrt(derivative)};
  row.gain = Scaled{1, 0} * c * gain;
  row.derivative = Scaled{1, 0} * c * derivative;
  return row;
}

// S(a,a) = 1 at any variance but 0; no Ṡ.                                                                         [sign]
ActivationRow sign_row(double scale, Scaled variance) {
  ActivationRow row;
  if (!variance.zero()) row.gain = Scaled{1 / variance.m, -variance.e}.settled() * variance_factor(scale);
  return row;
}

// φ without a closed form. Factors: log a (−∞: a zero vector), E φ/√S, 1 − (E φ)²/S, E φ′/√Ṡ, the factor of t.  [dual-table]
ActivationRow function_row(const Function& phi, double scale, double variance, bool tangent_zero) {
  const DualRow dual = dual_row(phi, variance);
  const double c = variance_factor(scale), size = std::sqrt(dual.square), slope = std::sqrt(dual.slope);
  ActivationRow row;
  row.factors[0] = std::log(variance);
  row.factors[1] = size == 0 ? 0 : dual.mean / size;
  row.factors[2] = size == 0 ? 1 : dual.deviation / dual.square;
  row.factors[3] = slope == 0 ? 0 : dual.mean_slope / slope;
  row.factors[4] = tangent_zero ? 0 : 1;
  if (variance > 0) {
    row.gain = Scaled{1, 0} * c * (dual.square / variance);
  } else {
    row.at_zero = Scaled{1, 0} * c * dual.square;
  }
  row.derivative = Scaled{1, 0} * c * dual.slope;
  row.mean = scale < 0 ? -row.factors[1] : row.factors[1];
  return row;
}

}  // namespace

double variance_factor(double scale) {
  // Every row of a layer asks for the same one.
  static thread_local double asked = 0, answer = 0;
  if (scale != asked) {
    answer = shortest_square(scale);
    asked = scale;
  }
  return answer;
}

SmoothRow erf_row(double a) {
  const double e = 1 / (1 + 2 * a);
  const double y2 = 2 * a * e;
  const double ratio = asin_ratio(y2 * y2, e * (2 - e));  // asin(y²)/y²
  return {std::sqrt(y2), e, 1 / std::sqrt(ratio), 4 / kPi * e * ratio, 4 / kPi * std::sqrt(e / (2 - e))};
}

SmoothRow gelu_row(double a) {
  const double e = 1 / (1 + a);
  const double g2 = a * e;
  const double q = e * (2 - e);
  const double angle = asin_ratio(g2 * g2, q) * g2;  // asin(g²)
  const double f = 0.25 + angle / (2 * kPi);
  const double inverse = 1 / (2 * kPi * std::sqrt(q));
  const double gain = f + 2 * e * g2 * inverse;
  const double derivative = f + g2 * (2 * e + e * e / q) * inverse;
  return {std::sqrt(g2), e, 1 / std::sqrt(gain), gain, derivative};
}

bool leaves_mean(const Step& step) {
  if (step.op == Op::relu) return step.args[1] != 1;
  if (step.op == Op::function) return step.function->parity() != Parity::odd;
  return step.op == Op::gelu;
}

void check_variance(const Step& step, Scaled variance, std::size_t row) {
  if (step.op == Op::relu || step.op == Op::sign) return;
  // Of a sine at such lengths nothing is known: neighbouring doubles are many periods apart. A φ without a closed form is
  // integrated on panels that grow narrow like its scale in units of √a.
  double most = 1e290;
  std::string what = " leaves the range of doubles";
  std::string help = "smaller weights or inputs would help";
  if (step.op == Op::sine) {
    most = 1e30;
    what = " is above 1e30, where neighbouring doubles are many periods apart";
  } else if (step.op == Op::function) {
    most = 1e8 * step.function->scale() * step.function->scale();
    what = " is above " + shown(most);
    help = remedy(*step.function, false);
  }
  if (variance.value() <= most) return;
  throw Error(Code::range, where(step),
              "the variance of row " + std::to_string(row) + what + " before this layer; " + help,
              {{"row", static_cast<double>(row)}});
}

ActivationRow activation_row(const Step& step, Scaled variance, bool tangent_zero) {
  if (step.op == Op::relu) return relu_row(step.args[0], step.args[1], variance.zero(), tangent_zero);
  if (step.op == Op::sine) return sine_row(step.args[0], variance.value(), tangent_zero);
  if (step.op == Op::sign) return sign_row(step.args[0], variance);
  if (step.op == Op::function) return function_row(*step.function, step.args[0], variance.value(), tangent_zero);
  return smooth_row(step.op, step.args[0], variance.value(), variance.zero(), tangent_zero);
}

}  // namespace resgram::core
