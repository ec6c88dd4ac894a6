// Matrices to try dense algebra on, and the ratios by which LAPACK judges itself: an error over n·eps·‖A‖, which a
// backward stable algorithm keeps of order 1 and LAPACK's own tests below 30. Everything here is a plain loop.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace resgram::dense {

inline constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
inline constexpr double kThreshold = 30;
inline constexpr std::size_t kSizes[] = {0, 1, 2, 3, 31, 32, 33, 64, 65, 100, 300};

using Matrix = std::vector<double>;  // square, row-major

// Uniform in (−1, 1), the same with every standard library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double operator()() { return static_cast<double>(engine_() >> 11) * 0x1p-52 - 1; }
  std::vector<double> operator()(std::size_t count) {
    std::vector<double> numbers(count);
    std::generate(numbers.begin(), numbers.end(), std::ref(*this));
    return numbers;
  }

 private:
  std::mt19937_64 engine_;
};

// H diag(values) H for three random reflections H: dense, symmetric to the bit, with these eigenvalues.
inline Matrix with_spectrum(const std::vector<double>& values, std::uint64_t seed) {
  const std::size_t n = values.size();
  Matrix a(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) a[i * n + i] = values[i];
  Random random(seed);
  for (int reflection = 0; reflection < 3; ++reflection) {
    std::vector<double> v = random(n);
    double square = 0;
    for (double x : v) square += x * x;
    // A − v wᵀ − w vᵀ with w = (2/v·v)(A v) − (2 v·Av / (v·v)²) v.
    std::vector<double> w(n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) w[i] += a[i * n + j] * v[j];
    }
    double inner = 0;
    for (std::size_t i = 0; i < n; ++i) inner += v[i] * w[i];
    for (std::size_t i = 0; i < n; ++i) w[i] = 2 / square * w[i] - 2 * inner / (square * square) * v[i];
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j) a[i * n + j] = a[j * n + i] = a[i * n + j] - v[i] * w[j] - w[i] * v[j];
    }
  }
  return a;
}

// Values decaying like (1 + i)^−power.
inline std::vector<double> decay(std::size_t n, double power) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = std::pow(1.0 + static_cast<double>(i), -power);
  return values;
}

// exp(−|x − z|) of n points on a line, in an order of their own: well conditioned, positive definite.
inline Matrix laplacian(const std::vector<double>& points) {
  const std::size_t n = points.size();
  Matrix a(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) a[i * n + j] = std::exp(-std::fabs(points[i] - points[j]));
  }
  return a;
}

struct Family {
  std::string name;
  bool definite;  // numerically, at every size
  std::function<Matrix(std::size_t)> make;
};

inline Matrix scaled(Matrix a, double factor) {
  for (double& x : a) x *= factor;
  return a;
}

// A correlation matrix between scales from 10^−decades to 10^decades; entries reach the squares of these.
inline Matrix graded(std::size_t n, double decades) {
  Matrix a = laplacian(Random(7)(n));
  for (std::size_t i = 0; i < n; ++i) {
    a[i * n + i] = 2;
    for (std::size_t j = 0; j < n; ++j) {
      const auto scale = [n, decades](std::size_t k) {
        return std::pow(10.0,
                        n == 1 ? decades : (2 * static_cast<double>(k) / static_cast<double>(n - 1) - 1) * decades);
      };
      a[i * n + j] *= scale(std::max(i, j)) * scale(std::min(i, j));
    }
  }
  return a;
}

inline std::vector<Family> families() {
  return {
      {"zero", false, [](std::size_t n) { return Matrix(n * n, 0.0); }},
      {"identity", true, [](std::size_t n) { return with_spectrum(std::vector<double>(n, 1.0), 0); }},
      {"ones", false, [](std::size_t n) { return Matrix(n * n, 1.0); }},
      {"rank one", false,
       [](std::size_t n) {
         const std::vector<double> v = Random(1)(n);
         Matrix a(n * n);
         for (std::size_t i = 0; i < n; ++i) {
           for (std::size_t j = 0; j < n; ++j) a[i * n + j] = v[i] * v[j];
         }
         return a;
       }},
      {"duplicates", false,
       [](std::size_t n) {
         std::vector<double> points = Random(2)(n);
         for (std::size_t i = 0; i < n; ++i) points[i] = points[i / 2];
         return laplacian(points);
       }},
      {"clustered", true,
       [](std::size_t n) {
         std::vector<double> values(n);
         for (std::size_t i = 0; i < n; ++i)
           values[i] = (i % 3 == 0 ? 1.0 : 1e-3) * (1 + 1e-13 * static_cast<double>(i));
         return with_spectrum(values, 3);
       }},
      {"decaying", true, [](std::size_t n) { return with_spectrum(decay(n, 2), 4); }},
      {"indefinite", false, [](std::size_t n) { return with_spectrum(Random(5)(n), 6); }},
      {"graded 1e-300 to 1e300", true, [](std::size_t n) { return graded(n, 150); }},
      {"huge", true, [](std::size_t n) { return scaled(with_spectrum(decay(n, 1), 8), 1e305); }},
      {"tiny", true, [](std::size_t n) { return scaled(with_spectrum(decay(n, 1), 9), 1e-300); }},
  };
}

// The largest absolute column sum of rows × columns numbers.
inline double one_norm(const std::vector<double>& a, std::size_t rows, std::size_t columns) {
  std::vector<double> sums(columns, 0.0);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) sums[j] += std::fabs(a[i * columns + j]);
  }
  return sums.empty() ? 0 : *std::max_element(sums.begin(), sums.end());
}

inline double largest(const std::vector<double>& a) {
  double most = 0;
  for (double x : a) most = std::max(most, std::fabs(x));
  return most;
}

// a and the values that go with it, brought to unit size by a power of two so that the ratios can be formed.
inline void to_unit_size(Matrix& a, std::vector<double>& values) {
  int exponent = 0;
  std::frexp(largest(a), &exponent);
  for (double& x : a) x = std::ldexp(x, -exponent);
  for (double& x : values) x = std::ldexp(x, -exponent);
}

inline double over(double error, double scale) { return error == 0 ? 0 : error / scale; }

// ‖A Zᵀ − Zᵀ D‖ / (n·eps·‖A‖) for eigenvectors in the rows of z.
inline double pair_ratio(Matrix a, std::vector<double> values, const std::vector<double>& z, std::size_t n) {
  to_unit_size(a, values);
  std::vector<double> error(values.size() * n, 0.0);
  for (std::size_t k = 0; k < values.size(); ++k) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) error[k * n + j] += z[k * n + i] * a[i * n + j];
    }
    for (std::size_t j = 0; j < n; ++j) error[k * n + j] -= values[k] * z[k * n + j];
  }
  return over(one_norm(error, values.size(), n), static_cast<double>(n) * kEpsilon * one_norm(a, n, n));
}

// ‖I − Z Zᵀ‖ / (n·eps) for the rows of z (count × n).
inline double orthogonality_ratio(const std::vector<double>& z, std::size_t count, std::size_t n) {
  std::vector<double> error(count * count, 0.0);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) {
      double inner = i == j ? -1 : 0;
      for (std::size_t k = 0; k < n; ++k) inner += z[i * n + k] * z[j * n + k];
      error[i * count + j] = inner;
    }
  }
  return one_norm(error, count, count) / (static_cast<double>(n) * kEpsilon);
}

// Runs `action`, which must throw an Error with this code, and hands the error out.
inline Error expect_error(Code code, const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(code)) << error.what();
    return error;
  }
  ADD_FAILURE() << "expected an error, none came";
  return {Code::internal, "none"};
}

inline double detail(const Error& error, const std::string& name) {
  for (const auto& [key, value] : error.details()) {
    if (key == name) return value;
  }
  ADD_FAILURE() << "no detail '" << name << "' in: " << error.what();
  return std::nan("");
}

}  // namespace resgram::dense
