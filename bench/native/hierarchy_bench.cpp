// The hierarchy beside what its products would take at the rate of one large product of the BLAS, in turns. Rates are per second
// of CPU time of the process, so that a busy machine slows both alike.
#include "finite/hierarchy.hpp"

#include <benchmark/benchmark.h>
#include <ctime>

#include <cmath>
#include <memory>
#include <vector>

#include "core/program.hpp"
#include "finite/weights.hpp"
#include "linalg/linalg.hpp"

namespace {

using resgram::core::Program;
using resgram::core::Row;
using resgram::finite::Architecture;

double cpu_seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double wall_seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

Architecture mlp(std::size_t depth, std::size_t dimension, std::size_t width) {
  std::vector<Row> rows{{"input", {0}}};
  for (std::size_t layer = 0; layer < depth; ++layer) {
    rows.push_back({"affine", {1, 1, 0, 0, 0}});
    rows.push_back({"tanh", {1}});
  }
  rows.push_back({"affine", {1, 1, 0, 0, 0}});
  rows.push_back({"emit", {}});
  return Architecture::compile(std::make_shared<const Program>(Program::load(rows)), {}, dimension, width);
}

// Multiplications and additions of the products alone: tangents through the weights of hidden layers (forward, and back for
// order 4), the bilinear forms of every point, and for order 4 the trilinear ones and the products of gradients.
double operations(std::size_t n, std::size_t depth, std::size_t width, int order) {
  const auto points = static_cast<double>(n), m = static_cast<double>(width), layers = static_cast<double>(depth);
  const double sweeps = 2 * points * points * m * m * (layers - 1);
  const double forms = 2 * points * points * points * m * (2 * layers);
  if (order < 4) return sweeps + forms;
  return 2 * sweeps + forms + points * points * points * points * m * layers * (1 + 4);
}

// n, order, threads; width 1024, depth 4.
void hierarchy(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const int order = static_cast<int>(state.range(1)), threads = static_cast<int>(state.range(2));
  constexpr std::size_t depth = 4, dimension = 20, width = 1024, square = 1536;
  const Architecture network = mlp(depth, dimension, width);
  resgram::Ticket ticket;
  std::vector<double> weights(network.parameters()), x(n * dimension);
  resgram::finite::sample(network, 1, weights, {threads, ticket});
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<double>(i * i));
  std::vector<double> f(n), second(n * n), third(n * n * n), fourth(order > 3 ? n * n * n * n : 0);
  std::vector<double> a(square * square, 0.5), b(square * square, 0.25), c(square * square);
  double mine = 0, theirs = 0, wall = 0, rounds = 0;
  for (auto _ : state) {
    const double start = cpu_seconds(), from = wall_seconds();
    resgram::linalg::set_threads(1);
    resgram::finite::tangent_hierarchy(network, weights, x, n, n, order, {f, second, third, fourth}, {threads, ticket});
    const double middle = cpu_seconds();
    wall += wall_seconds() - from;
    resgram::linalg::set_threads(threads);
    resgram::linalg::multiply(a, b, c, square, square, square);
    theirs += cpu_seconds() - middle;
    mine += middle - start;
    rounds += 1;
  }
  const double rate = operations(n, depth, width, order) * rounds / mine;
  const double limit = 2 * std::pow(static_cast<double>(square), 3) * rounds / theirs;
  state.counters["cpu_s"] = mine / rounds;
  state.counters["wall_s"] = wall / rounds;
  state.counters["of_dgemm"] = rate / limit;
  state.counters["dgemm_GF"] = limit / 1e9;
}
BENCHMARK(hierarchy)
    ->Args({32, 3, 1})
    ->Args({32, 3, 2})
    ->Args({32, 4, 2})
    ->Args({8, 4, 2})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(5);

}  // namespace
