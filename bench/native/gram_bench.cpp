// Whole Gram matrices of 1000 points, one thread, beside the product X·Xᵀ by BLAS that any method must at least pay.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "core/evaluate.hpp"
#include "linalg/linalg.hpp"

namespace {

using namespace resgram;
using core::Program;
using core::Row;

constexpr std::size_t kPoints = 1000;

std::vector<double> points(std::size_t dimension) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::vector<double> x(kPoints * dimension);
  for (double& value : x) value = normal(random);
  return x;
}

Program mlp(double depth) {
  const std::vector<Row> rows = {{"input", {0}},
                                 {"affine", {1, 1, 0, 0, 0}},
                                 {"repeat", {depth}},
                                 {"relu", {1.4142135623730951, 0}},
                                 {"affine", {1, 1, 0, 0, 0}},
                                 {"end", {}},
                                 {"emit", {}}};
  return Program::load(rows);
}

Program resnet(double depth) {
  const std::vector<Row> rows = {{"input", {0}},
                                 {"affine", {1, 0, 0, 0, 0}},
                                 {"repeat", {depth}},
                                 {"push", {}},
                                 {"affine", {1, 1, 0, 0, 0}},
                                 {"relu", {1.4142135623730951, 0}},
                                 {"affine", {1, 1, 0, 0, 0}},
                                 {"scale", {0.3}},
                                 {"add", {}},
                                 {"end", {}},
                                 {"affine", {1, 0, 0, 0, 0}},
                                 {"emit", {}}};
  return Program::load(rows);
}

template <class Real>
void gram(benchmark::State& state, Program (*network)(double)) {
  const auto d = static_cast<std::size_t>(state.range(0));
  const Program program = network(static_cast<double>(state.range(1)));
  const std::vector<double> x = points(d);
  std::vector<Real> out(kPoints * kPoints);
  std::vector<core::Sink<Real>> sinks(1);
  sinks[0].ntk = out.data();
  for (auto _ : state) {
    Ticket ticket;
    core::gram<Real>(program, {x, kPoints, d}, sinks, {}, ticket);
  }
}

void blas_full_product(benchmark::State& state) {
  const auto d = static_cast<std::size_t>(state.range(0));
  const std::vector<double> x = points(d), z(x);
  std::vector<double> out(kPoints * kPoints);
  linalg::set_threads(1);
  for (auto _ : state) linalg::multiply(x, z, out, kPoints, d, kPoints);
}

const auto kMlp = [](benchmark::State& state) { gram<double>(state, mlp); };
const auto kResnet = [](benchmark::State& state) { gram<double>(state, resnet); };
const auto kResnetSingle = [](benchmark::State& state) { gram<float>(state, resnet); };

void register_all(benchmark::internal::Benchmark* each) {
  each->ArgNames({"d", "depth"})->Unit(benchmark::kMillisecond);
}

[[maybe_unused]] const auto kRegistered = [] {
  register_all(benchmark::RegisterBenchmark("gram/mlp", kMlp)->ArgsProduct({{20, 784}, {1, 3, 10, 50}}));
  register_all(benchmark::RegisterBenchmark("gram/resnet", kResnet)->ArgsProduct({{20, 784}, {1, 3, 10, 50}}));
  register_all(benchmark::RegisterBenchmark("gram/resnet/float32", kResnetSingle)->ArgsProduct({{20, 784}, {10}}));
  return true;
}();
BENCHMARK(blas_full_product)->Arg(20)->Arg(784)->ArgName("d")->Unit(benchmark::kMillisecond);

}  // namespace
