// Gram matrices of 32 images by ResCGPK and ResCNTK (one 3 × 3 filter per block, circular), one thread. The counter is the
// time per pair of pixels and block, diagonal pairs included.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "core/evaluate.hpp"

namespace {

using namespace resgram;
using core::Program;
using core::Row;

constexpr std::size_t kImages = 32;

Program rescntk(double depth, const char* head) {
  const std::vector<Row> rows = {{"input", {1}},
                                 {"affine", {1, 1, 0, 0, 0}},
                                 {"repeat", {depth}},
                                 {"push", {}},
                                 {"affine", {1, 1, 0, 0, 0}},
                                 {"relu", {1.4142135623730951, 0}},
                                 {"patch", {3, 1, 2}},
                                 {"affine", {1, 1, 0, 0, 0}},
                                 {"scale", {0.3}},
                                 {"add", {}},
                                 {"end", {}},
                                 {head, {}},
                                 {"affine", {1, 1, 0, 0, 0}},
                                 {"emit", {}}};
  return Program::load(rows);
}

template <class Real>
void images(benchmark::State& state, const char* head, bool all_lines) {
  const auto side = static_cast<std::size_t>(state.range(0));
  const auto depth = static_cast<double>(state.range(1));
  const Program program = rescntk(depth, head);
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  const std::size_t dimension = side * side * 3;
  std::vector<double> x(kImages * dimension);
  for (double& value : x) value = normal(random);
  std::vector<Real> out(kImages * kImages);
  std::vector<core::Sink<Real>> sinks(1);
  sinks[0].ntk = out.data();
  for (auto _ : state) {
    Ticket ticket;
    core::gram<Real>(program, {x, kImages, dimension, {side, side, 3}}, sinks, {1}, ticket);
    benchmark::ClobberMemory();
  }
  const double pixels = static_cast<double>(side * side);
  const double pairs = kImages * (kImages + 1) / 2 * pixels * (all_lines ? pixels : 1) * depth;
  state.counters["per pair"] =
      benchmark::Counter(pairs, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

const auto kTrace = [](benchmark::State& state) { images<double>(state, "trace", false); };
const auto kTraceSingle = [](benchmark::State& state) { images<float>(state, "trace", false); };
const auto kMean = [](benchmark::State& state) { images<double>(state, "mean", true); };
const auto kMeanSingle = [](benchmark::State& state) { images<float>(state, "mean", true); };

void register_all(benchmark::internal::Benchmark* each) {
  each->ArgNames({"side", "depth"})->Unit(benchmark::kMillisecond);
}

[[maybe_unused]] const auto kRegistered = [] {
  register_all(benchmark::RegisterBenchmark("images/trace", kTrace)->Args({32, 3})->Args({32, 10}));
  register_all(benchmark::RegisterBenchmark("images/trace/float32", kTraceSingle)->Args({32, 10}));
  register_all(benchmark::RegisterBenchmark("images/mean", kMean)->Args({8, 3})->Args({8, 10})->Args({16, 3}));
  register_all(benchmark::RegisterBenchmark("images/mean/float32", kMeanSingle)->Args({8, 10}));
  return true;
}();

}  // namespace
