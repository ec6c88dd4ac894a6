// Dense algebra of one Gram matrix, each shortcut beside the whole way that it saves; one thread. Ratios of a pair are
// what counts: eigenvalues / extremes, eigenvalues / top, solve with a factor in double / in mixed arithmetic.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

#include "core/ticket.hpp"
#include "linalg/extremes.hpp"
#include "linalg/linalg.hpp"
#include "linalg/refine.hpp"
#include "linalg/spectrum.hpp"

namespace {

using namespace resgram;

// The NTK of a ReLU network with one hidden layer over random points of the sphere in 20 dimensions.
const std::vector<double>& kernel_matrix(std::size_t n) {
  static std::vector<double> matrix;
  if (matrix.size() == n * n) return matrix;
  constexpr std::size_t kDimension = 20;
  constexpr double kPi = 3.14159265358979323846;
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::vector<double> x(n * kDimension);
  for (std::size_t i = 0; i < n; ++i) {
    double square = 0;
    for (std::size_t k = 0; k < kDimension; ++k) {
      x[i * kDimension + k] = normal(random);
      square += x[i * kDimension + k] * x[i * kDimension + k];
    }
    for (std::size_t k = 0; k < kDimension; ++k) x[i * kDimension + k] /= std::sqrt(square);
  }
  matrix.assign(n * n, 2.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      double cosine = 0;
      for (std::size_t k = 0; k < kDimension; ++k) cosine += x[i * kDimension + k] * x[j * kDimension + k];
      const double angle = std::acos(std::fmin(1, cosine));
      const double value = (std::sin(angle) + 2 * (kPi - angle) * cosine) / kPi;
      matrix[i * n + j] = matrix[j * n + i] = value;
    }
  }
  return matrix;
}

// Times `body` on a fresh copy of the matrix each time, the copying not counted.
template <class Body>
void on_a_copy(benchmark::State& state, const Body& body) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const std::vector<double>& matrix = kernel_matrix(n);
  std::vector<double> copy(n * n);
  linalg::set_threads(1);
  for (auto _ : state) {
    state.PauseTiming();
    copy = matrix;
    state.ResumeTiming();
    body(copy, n);
  }
}

void all_eigenvalues(benchmark::State& state) {
  on_a_copy(state, [](std::vector<double>& a, std::size_t n) {
    std::vector<double> values(n);
    linalg::eigenvalues(a, n, values);
    benchmark::DoNotOptimize(values.data());
  });
}

void all_eigenpairs(benchmark::State& state) {
  on_a_copy(state, [](std::vector<double>& a, std::size_t n) {
    std::vector<double> values(n);
    linalg::eigenpairs(a, n, values);
    benchmark::DoNotOptimize(values.data());
  });
}

void top_twenty(benchmark::State& state) {
  on_a_copy(state, [](std::vector<double>& a, std::size_t n) {
    constexpr std::size_t kTop = 20;
    std::vector<double> values(kTop);
    std::vector<double> vectors(kTop * n);
    benchmark::DoNotOptimize(linalg::checked_spectrum(a, n, kTop, values, vectors));
  });
}

void extremes(benchmark::State& state) {
  on_a_copy(state, [](std::vector<double>& a, std::size_t n) {
    Ticket ticket;
    benchmark::DoNotOptimize(linalg::extreme_eigenvalues(a, n, 0, ticket));
  });
}

void solve(benchmark::State& state, linalg::Arithmetic arithmetic) {
  on_a_copy(state, [arithmetic](std::vector<double>& a, std::size_t n) {
    std::vector<double> b(n);
    for (std::size_t i = 0; i < n; ++i) b[i] = std::sin(static_cast<double>(i));
    std::vector<double> x(n);
    Ticket ticket;
    benchmark::DoNotOptimize(linalg::solve_definite(a, n, 0, b, 1, x, arithmetic, ticket));
  });
}

BENCHMARK(all_eigenvalues)->Arg(1000)->Arg(2000)->Unit(benchmark::kMillisecond);
BENCHMARK(all_eigenpairs)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(top_twenty)->Arg(2000)->Unit(benchmark::kMillisecond);
BENCHMARK(extremes)->Arg(1000)->Arg(2000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(solve, float64, linalg::Arithmetic::float64)->Arg(1000)->Arg(2000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(solve, mixed, linalg::Arithmetic::mixed)->Arg(1000)->Arg(2000)->Unit(benchmark::kMillisecond);

}  // namespace
