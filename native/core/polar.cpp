#include "polar.hpp"

#include <cmath>

namespace resgram::core {
namespace {

double dot(const double* a, const double* b, std::size_t d) {
  double sum = 0;
  for (std::size_t k = 0; k < d; ++k) sum += a[k] * b[k];
  return sum;
}

}  // namespace

View view(const Directions<double>& x, std::size_t i, const Directions<double>& z, std::size_t j) {
  const Unit &a = x.units()[i], &b = z.units()[j];
  if (a.zero || b.zero) return {};
  const double rho = dot(x.unit(i), z.unit(j), x.dimension());
  View out{0.5 * (1 - std::fabs(rho)), rho >= 0, false};
  if (out.smaller >= kSmallDefect) return out;
  out.smaller = half_defect(x, i, z, j, !out.acute);
  out.same = out.acute && out.smaller == 0 && a.square.m == b.square.m && a.square.e == b.square.e;
  return out;
}

bool towards(const Directions<double>& x, std::size_t i, const Directions<double>& z, std::size_t j,
             std::vector<double>& out) {
  const std::size_t d = x.dimension();
  const double *unit = x.unit(i), *other = z.unit(j);
  const Unit &a = x.units()[i], &b = z.units()[j];
  const double squares = ratio(b.square, a.square), along = dot(unit, other, d);
  out.assign(other, other + d);
  // Vectors of similar length are subtracted (opposite ones added) first: exactly, where they are close.
  if (squares > 0.25 && squares < 4) {
    const double *p = x.point(i), *q = z.point(j), sign = along < 0 ? -1 : 1;
    const int exponent = -static_cast<int>(log2_of(a.square) / 2);
    for (std::size_t k = 0; k < d; ++k) out[k] = std::ldexp(q[k], exponent) - sign * std::ldexp(p[k], exponent);
  }
  // Once more for what rounding left of the part along x.
  for (int turn = 0; turn < 2; ++turn) {
    const double part = dot(unit, out.data(), d);
    for (std::size_t k = 0; k < d; ++k) out[k] -= part * unit[k];
  }
  const double length = std::sqrt(dot(out.data(), out.data(), d));
  if (!(length > 0)) return false;
  for (std::size_t k = 0; k < d; ++k) out[k] /= length;
  return true;
}

void write_gradient(const Polar& k, double length, std::size_t d, const double* unit, const double* side, double* out) {
  const double radial = k.s / length, across = k.angle / length;
  for (std::size_t a = 0; a < d; ++a) out[a] = side == nullptr ? radial * unit[a] : radial * unit[a] - across * side[a];
}

void write_hessian(const Polar& k, double transverse, double length, std::size_t d, const double* unit,
                   const double* side, double* out) {
  const auto scaled = [length](double value) { return value / length / length; };
  // In two dimensions ê is all that is at right angles to x: nothing must be left of what can be very large.
  const double rest = d == 2 && side != nullptr ? 0 : scaled(transverse), along = scaled(k.ss - k.s),
               mixed = scaled(k.angle - k.s_angle);
  const double across = scaled(k.angle_angle + k.s);
  for (std::size_t a = 0; a < d; ++a)
    for (std::size_t b = 0; b <= a; ++b) {
      const double radial = unit[a] * unit[b];
      double sum = along * radial;
      if (d > 1) sum += rest * ((a == b ? 1 : 0) - radial);
      if (side != nullptr) {
        const double square = side[a] * side[b];
        sum += mixed * (unit[a] * side[b] + side[a] * unit[b]) + (across - rest) * square;
      }
      out[a * d + b] = sum;
      out[b * d + a] = sum;
    }
}

}  // namespace resgram::core
