// Gram matrices of thousands of points beside BLAS' dsyrk, which fills one triangle with bare inner products: in turns, in
// one run, in CPU time of the thread. "ratio" is the median of theirs; the counters are medians in seconds.
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "core/buffer.hpp"
#include "core/evaluate.hpp"
#include "linalg/lapack.hpp"
#include "linalg/linalg.hpp"

extern "C" {
// C ← α A Aᵀ + β C or α Aᵀ A + β C, one triangle.
void RESGRAM_FORTRAN(dsyrk)(const char* uplo, const char* trans, const int* n, const int* k, const double* alpha,
                            const double* a, const int* lda, const double* beta, double* c, const int* ldc, std::size_t,
                            std::size_t);
void RESGRAM_FORTRAN(ssyrk)(const char* uplo, const char* trans, const int* n, const int* k, const float* alpha,
                            const float* a, const int* lda, const float* beta, float* c, const int* ldc, std::size_t,
                            std::size_t);
}

namespace {

using namespace resgram;
using core::Program;
using core::Row;

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Program mlp(double depth) {
  std::vector<Row> rows = {{"input", {0}}, {"affine", {1, 1, 0, 0, 0}}};
  if (depth > 0)
    rows.insert(rows.end(),
                {{"repeat", {depth}}, {"relu", {1.4142135623730951, 0}}, {"affine", {1, 1, 0, 0, 0}}, {"end", {}}});
  rows.push_back({"emit", {}});
  return Program::load(rows);
}

void product(int n, int d, const std::vector<double>& x, double* out) {
  const double one = 1, zero = 0;
  RESGRAM_FORTRAN(dsyrk)("L", "T", &n, &d, &one, x.data(), &d, &zero, out, &n, 1, 1);
}
void product(int n, int d, const std::vector<float>& x, float* out) {
  const float one = 1, zero = 0;
  RESGRAM_FORTRAN(ssyrk)("L", "T", &n, &d, &one, x.data(), &d, &zero, out, &n, 1, 1);
}

template <class Real>
void large(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0)), d = static_cast<std::size_t>(state.range(1));
  const auto threads = static_cast<int>(state.range(3));
  const Program program = mlp(static_cast<double>(state.range(2)));
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::vector<double> x(n * d);
  for (double& value : x) value = normal(random);
  const std::vector<Real> own(x.begin(), x.end());
  const core::Buffer<Real> out(n * n);
  std::memset(out.data(), 0, n * n * sizeof(Real));
  std::vector<core::Sink<Real>> sinks(1);
  sinks[0].ntk = out.data();
  linalg::set_threads(threads);
  const clockid_t clock = threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
  std::vector<double> theirs, ours, ratios;
  for (auto _ : state) {
    const double start = seconds(clock);
    product(static_cast<int>(n), static_cast<int>(d), own, out.data());
    const double middle = seconds(clock);
    Ticket ticket;
    core::gram<Real>(program, {x, n, d}, sinks, {.threads = threads}, ticket);
    theirs.push_back(middle - start);
    ours.push_back(seconds(clock) - middle);
    ratios.push_back(ours.back() / theirs.back());
  }
  state.counters["syrk_s"] = median(theirs);
  state.counters["gram_s"] = median(ours);
  state.counters["ratio"] = median(ratios);
}

const auto kDouble = [](benchmark::State& state) { large<double>(state); };
const auto kSingle = [](benchmark::State& state) { large<float>(state); };

[[maybe_unused]] const auto kRegistered = [] {
  for (const auto& [name, body] : {std::pair{"large/gram", +kDouble}, std::pair{"large/gram/float32", +kSingle}})
    benchmark::RegisterBenchmark(name, body)
        ->ArgNames({"n", "d", "depth", "threads"})
        ->ArgsProduct({{2000, 4000, 8000}, {20, 784}, {0, 1, 3}, {1, 2}})
        ->Iterations(5)
        ->Unit(benchmark::kMillisecond);
  return true;
}();

}  // namespace
