#include "points.hpp"

#include <algorithm>
#include <cmath>

#include "pool.hpp"

namespace resgram::core {
namespace {

// x · 2^exponent, exactly; one multiplication wherever the power of two is itself a normal double.
class Shift {
 public:
  explicit Shift(std::int64_t exponent)
      : exponent_(static_cast<int>(exponent)),
        direct_(exponent >= -1000 && exponent <= 1000),
        factor_(direct_ ? std::ldexp(1.0, exponent_) : 0) {}
  double operator()(double x) const { return direct_ ? x * factor_ : std::ldexp(x, exponent_); }
  // The multiplication that does it, if one does.
  [[nodiscard]] const double* factor() const { return direct_ ? &factor_ : nullptr; }

 private:
  int exponent_;
  bool direct_;
  double factor_;
};

}  // namespace

template <class Real>
Directions<Real>::Directions(const Points& points, bool per_dimension, bool keep, int threads)
    : points_(points), units_(points.rows), length_(points.rows), exponent_(points.rows) {
  const std::size_t d = points.dimension;
  if (keep) unit_.resize(points.rows * d);
  constexpr std::size_t kChunk = 64;
  parallel_for((points.rows + kChunk - 1) / kChunk, threads, [&](std::size_t chunk, int) {
    for (std::size_t i = chunk * kChunk; i < std::min(points.rows, (chunk + 1) * kChunk); ++i) {
      measure(i, per_dimension);
      if (keep) write_unit(i, 0, d, unit_.data() + i * d);
    }
  });
}

template <class Real>
void Directions<Real>::measure(std::size_t i, bool per_dimension) {
  const std::size_t d = points_.dimension;
  const double* x = point(i);
  double largest = 0;
  for (std::size_t k = 0; k < d; ++k) largest = std::max(largest, std::fabs(x[k]));
  if (largest == 0) {
    units_[i] = {Scaled{1, 0}, true};
    length_[i] = 0;
    return;
  }
  int exponent = 0;
  std::frexp(largest, &exponent);
  const Shift shift(-exponent);
  double square = 0;
  for (std::size_t k = 0; k < d; ++k) {
    const double y = shift(x[k]);
    square += y * y;
  }
  length_[i] = std::sqrt(square);
  exponent_[i] = exponent;
  const double scale = per_dimension ? static_cast<double>(d) : 1.0;
  units_[i] = {Scaled{square / scale, 2 * static_cast<std::int64_t>(exponent)}, false};
}

template <class Real>
void Directions<Real>::write_unit(std::size_t row, std::size_t from, std::size_t count, Real* out) const {
  const double* x = point(row) + from;
  const double length = length_[row];
  if (length == 0) {
    std::fill_n(out, count, Real(0));
    return;
  }
  const Shift shift(-exponent_[row]);
  if (const double* factor = shift.factor()) {
    for (std::size_t k = 0; k < count; ++k) out[k] = static_cast<Real>(x[k] * *factor / length);
    return;
  }
  for (std::size_t k = 0; k < count; ++k) out[k] = static_cast<Real>(shift(x[k]) / length);
}

// With t = ‖x‖/‖z‖ and x, z scaled alike, x̂ − ẑ = (x − t z)/‖x‖ = ((x − z) − (t − 1) z)/‖x‖, and
// t − 1 = (x − z)·(x + z) / (‖z‖(‖x‖ + ‖z‖)): every term is small when the vectors are close, so nothing cancels but
// the part of x − z along z. Then w = ‖x̂ − ẑ‖²/4. For v, z is replaced by −z.                         [small-angle]
template <class Real>
double half_defect(const Directions<Real>& x, std::size_t i, const Directions<Real>& z, std::size_t j, bool opposite) {
  const std::size_t d = x.dimension();
  const double* a = x.points_.data.data() + i * d;
  const double* b = z.points_.data.data() + j * d;
  double length_a = x.length_[i], length_b = z.length_[j];
  std::int64_t exponent_a = x.exponent_[i], exponent_b = z.exponent_[j];
  if (length_a == 0 || length_b == 0) return 0.5;

  // One order for both callers, so that exchanging x and z exchanges nothing: longer first, then lexicographic.
  const auto before = [&] {
    if (exponent_a != exponent_b) return exponent_a > exponent_b;
    if (length_a != length_b) return length_a > length_b;
    for (std::size_t k = 0; k < d; ++k)
      if (std::fabs(a[k]) != std::fabs(b[k])) return std::fabs(a[k]) > std::fabs(b[k]);
    return true;
  };
  if (!before()) {
    std::swap(a, b);
    std::swap(length_a, length_b);
    std::swap(exponent_a, exponent_b);
  }
  // Comparable lengths share one power of two (exact); others are compared as directions.
  const bool comparable = exponent_a - exponent_b <= 1;
  const Shift shift_a(-exponent_a), shift_b(comparable ? -exponent_a : -exponent_b);
  if (comparable) length_b = std::ldexp(length_b, static_cast<int>(exponent_b - exponent_a));
  const double sign = opposite ? -1 : 1;

  double excess = 0;  // t − 1
  if (comparable) {
    double inner = 0;
    for (std::size_t k = 0; k < d; ++k) {
      const double p = shift_a(a[k]), q = sign * shift_b(b[k]);
      inner += (p - q) * (p + q);
    }
    excess = inner / (length_b * (length_a + length_b));
  }
  double square = 0;
  for (std::size_t k = 0; k < d; ++k) {
    const double p = shift_a(a[k]), q = sign * shift_b(b[k]);
    const double r = comparable ? ((p - q) - excess * q) / length_a : p / length_a - q / length_b;
    square += r * r;
  }
  return std::min(1.0, square / 4);
}

template class Directions<double>;
template class Directions<float>;
template double half_defect<double>(const Directions<double>&, std::size_t, const Directions<double>&, std::size_t,
                                    bool);
template double half_defect<float>(const Directions<float>&, std::size_t, const Directions<float>&, std::size_t, bool);

}  // namespace resgram::core
