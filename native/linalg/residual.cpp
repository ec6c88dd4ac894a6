// With R the matrix of all residuals A v_i − λ_i v_i as columns, a vector g of independent normal numbers has
// E‖R g‖² = ‖R‖_F² = Σ ‖A v_i − λ_i v_i‖², and R g = A(Vg) − V(Λg) costs three products with a vector instead of one for
// every pair, which would be a fifth of the whole decomposition. The mean over k such vectors falls short of t‖R‖_F² with
// a probability of at most (t e^{1−t})^{k/2}, whatever R is.                                          [residual-probes]
#include "residual.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "checks.hpp"
#include "generator.hpp"
#include "lapack.hpp"
#include "linalg.hpp"
#include "norm.hpp"
#include "workspace.hpp"

namespace resgram::linalg {
namespace {

constexpr double kOne = 1;
constexpr double kZero = 0;

constexpr std::size_t kProbes = 16;

// Independent normal numbers, two at a time from two uniform ones (Box and Muller).
void fill_normal(std::span<double> numbers) {
  constexpr double kPi = 3.14159265358979323846;
  Generator uniform;
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    const double radius = std::sqrt(-2 * std::log((1 - uniform()) / 2));
    const double angle = kPi * uniform();
    numbers[i] = radius * std::cos(angle);
    if (i + 1 < numbers.size()) numbers[i + 1] = radius * std::sin(angle);
  }
}

// image ← A · block − image
void subtract_from_image(std::span<const double> a, int n, int columns, const double* block, double* image) {
  const double minus_one = -1;
  RESGRAM_FORTRAN(dsymm)("L", "U", &n, &columns, &kOne, a.data(), &n, block, &n, &minus_one, image, &n, 1, 1);
}

// The pairs themselves; `scale` is a power of two that makes scale · A of unit size.
double largest_of_pairs(std::span<const double> a, std::size_t n, std::span<const double> values,
                        std::span<const double> vectors, double scale) {
  const std::size_t count = values.size();
  const Room<double> scaled = workspace(scale == 1 ? 0 : count * n);
  const Room<double> image = workspace(count * n);
  const double* block = vectors.data();
  if (scale != 1) {
    std::transform(vectors.begin(), vectors.end(), scaled.get(), [&](double x) { return x * scale; });
    block = scaled.get();
  }
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < n; ++k) image[i * n + k] = values[i] * block[i * n + k];
  }
  subtract_from_image(a, static_cast<int>(n), static_cast<int>(count), block, image.get());
  double worst = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double residual = norm_of({image.get() + i * n, n});
    if (!std::isfinite(residual)) return residual;
    worst = std::max(worst, residual);
  }
  return worst;
}

// The root of the mean square of kProbes random combinations.
double root_of_squares(std::span<const double> a, std::size_t n, std::span<const double> values,
                       std::span<const double> vectors, double scale) {
  const std::size_t count = values.size();
  std::vector<double> weights(2 * kProbes * count);
  const std::span<double> plain = std::span(weights).first(kProbes * count);
  fill_normal(plain);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    plain[i] *= scale;
    weights[plain.size() + i] = plain[i] * values[i % count];
  }
  const Room<double> combined = workspace(2 * kProbes * n);
  const int order = static_cast<int>(n);
  const int inner = static_cast<int>(count);
  const int columns = static_cast<int>(2 * kProbes);
  RESGRAM_FORTRAN(dgemm)("N", "N", &order, &columns, &inner, &kOne, vectors.data(), &order, weights.data(), &inner,
                         &kZero, combined.get(), &order, 1, 1);
  double* const image = combined.get() + kProbes * n;
  subtract_from_image(a, order, static_cast<int>(kProbes), combined.get(), image);
  return norm_of({image, kProbes * n}) / std::sqrt(static_cast<double>(kProbes));
}

}  // namespace

double pair_residual(std::span<const double> a, std::size_t n, std::span<const double> values,
                     std::span<const double> vectors, std::size_t count) {
  if (count == 0 || n == 0) return 0;
  // Scaling v instead of A keeps A·v of unit size, whatever the size of A, as far as v itself remains a double.
  constexpr int kLargestExponent = 1000;
  int exponent = std::clamp(binary_exponent(values), -kLargestExponent, kLargestExponent);
  if (std::abs(exponent) <= kModerate) exponent = 0;
  const double scale = std::ldexp(1, -exponent);
  const auto measure = count <= kOneByOne ? largest_of_pairs : root_of_squares;
  const double residual = measure(a, n, values.first(count), vectors.first(count * n), scale);
  if (residual == 0) return 0;
  const double largest = largest_magnitude(values) * scale;
  return largest == 0 || !std::isfinite(residual) ? std::numeric_limits<double>::infinity() : residual / largest;
}

double eigen_residual(std::span<const double> a, std::size_t n, std::span<const double> values,
                      std::span<const double> vectors, std::size_t count) {
  lapack_int(n, "matrix size");
  require_shape(a, n, n, "matrix");
  require_finite(a, n, "matrix");
  require_shape(values, count, 1, "eigenvalues");
  require_shape(vectors, count, n, "eigenvectors");
  require_finite(values, 1, "eigenvalues");
  require_finite(vectors, n, "eigenvectors");
  return pair_residual(a, n, values, vectors, count);
}

}  // namespace resgram::linalg
