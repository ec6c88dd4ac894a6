// Pooled and trace kernels of convolutional networks, one thread, CPU time.
//   pairs/…   one image against a vector of images: ns per pair of pixels and layer (block), next to
//   dual      the ReLU step alone on pairs that lie in the first-level cache: the limit of a layer
//   gram/…    a whole Gram matrix, with what belongs to images alone and the pairs on the diagonal
// RESGRAM_SINGLE_STEPS=1 runs single steps in place of passes.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <random>
#include <vector>

#include "core/evaluate.hpp"
#include "core/image_side.hpp"
#include "core/lanes.hpp"

namespace {

using namespace resgram;
using core::Program;
using core::Row;

constexpr std::size_t kImages = 32;

bool single_steps() { return std::getenv("RESGRAM_SINGLE_STEPS") != nullptr; }

enum class Net { one_filter, two_filters, plain };

Program network(Net net, double depth, double padding, const char* head) {
  const Row layer{"affine", {1, 1, 0, 0, 0}}, relu{"relu", {1.4142135623730951, 0}}, patch{"patch", {3, 1, padding}};
  std::vector<Row> rows{{"input", {1}}};
  if (net != Net::plain) rows.push_back(layer);
  rows.push_back({"repeat", {depth}});
  if (net == Net::plain) {
    rows.insert(rows.end(), {patch, layer, relu});
  } else {
    rows.push_back({"push", {}});
    if (net == Net::two_filters) rows.push_back(patch);
    rows.insert(rows.end(), {layer, relu, patch, layer, {"scale", {0.3}}, {"add", {}}});
  }
  rows.insert(rows.end(), {{"end", {}}, {head, {}}, layer, {"emit", {}}});
  return Program::load(rows);
}

std::vector<double> normals(std::size_t count) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::vector<double> x(count);
  for (double& value : x) value = normal(random);
  return x;
}

void per_pair(benchmark::State& state, double pairs) {
  state.counters["per pair"] =
      benchmark::Counter(pairs, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

template <class Real>
void pairs(benchmark::State& state, Net net, double padding, const char* head) {
  const auto side = static_cast<std::size_t>(state.range(0));
  const auto depth = static_cast<double>(state.range(1));
  const Program program = network(net, depth, padding, head);
  const std::size_t dimension = side * side * 3;
  constexpr std::size_t kLanes = core::kImageLanes<Real>;
  const std::vector<double> x = normals((kLanes + 1) * dimension);
  const core::Points points{x, kLanes + 1, dimension, {side, side, 3}};
  const core::ImagePlan plan(program, points.grid);
  const auto passes = core::ImagePasses::of(plan);
  const core::ImagePasses* taken = single_steps() ? nullptr : &*passes;
  core::ImageSide images(points);
  core::ImageSide* const only[] = {&images};
  Ticket ticket;
  const core::DualTables duals = core::prepare(program, plan, &*passes, only, 0, {1}, -900, 900, ticket, nullptr);
  const core::ImageChunk<Real> chunk(plan, images, true, 0, kLanes + 1);
  const auto left = chunk.block(plan, taken, images, 0, 1, 1),
             right = chunk.block(plan, taken, images, 1, kLanes, kLanes);
  core::ImageEvaluator<Real> evaluator(plan, taken, duals, kLanes, true);
  for (auto _ : state)
    evaluator.run(left, right, ticket,
                  [](std::size_t, const Real* rho, const Real*, double) { benchmark::DoNotOptimize(rho); });
  const auto pixels = static_cast<double>(side * side);
  per_pair(state, static_cast<double>(kLanes * plan.line_count()) * pixels * depth);
}

template <class Real>
void dual(benchmark::State& state) {
  constexpr std::size_t kPairs = 1024;
  std::vector<Real> rho(kPairs), m(kPairs), t(kPairs, Real(1)), out(3 * kPairs);
  const std::vector<double> x = normals(kPairs);
  for (std::size_t k = 0; k < kPairs; ++k) {
    rho[k] = static_cast<Real>(std::tanh(x[k]));
    m[k] = (1 - std::fabs(rho[k])) / 2;
  }
  const auto& lanes = core::lanes<Real>();
  for (auto _ : state) {
    lanes.relu({1, kPairs}, {rho.data(), m.data(), t.data()}, {&out[0], &out[kPairs], &out[2 * kPairs]}, 0,
               {nullptr, nullptr, 1});
    benchmark::ClobberMemory();
  }
  per_pair(state, kPairs);
}

template <class Real>
void gram(benchmark::State& state, Net net, const char* head) {
  const auto side = static_cast<std::size_t>(state.range(0));
  const auto depth = static_cast<double>(state.range(1));
  const Program program = network(net, depth, 2, head);
  const std::size_t dimension = side * side * 3;
  const std::vector<double> x = normals(kImages * dimension);
  std::vector<Real> out(kImages * kImages);
  std::vector<core::Sink<Real>> sinks(1);
  sinks[0].ntk = out.data();
  core::Tuning tuning;
  tuning.single_steps = single_steps();
  for (auto _ : state) {
    Ticket ticket;
    core::gram<Real>(program, {x, kImages, dimension, {side, side, 3}}, sinks, tuning, ticket);
    benchmark::ClobberMemory();
  }
  const auto pixels = static_cast<double>(side * side);
  per_pair(state, kImages * (kImages + 1) / 2.0 * pixels * (head[0] == 'm' ? pixels : 1) * depth);
}

template <class Real>
void all(const std::string& precision) {
  const auto add = [&](const std::string& name, auto run) {
    return benchmark::RegisterBenchmark((name + "/" + precision).c_str(), run)
        ->ArgNames({"side", "depth"})
        ->Unit(benchmark::kMillisecond);
  };
  benchmark::RegisterBenchmark(("dual/" + precision).c_str(), dual<Real>);
  for (const auto& [name, net, padding] : {std::tuple{"rescntk", Net::one_filter, 2.0},
                                           {"rescntk, 2 filters", Net::two_filters, 2.0},
                                           {"cntk", Net::plain, 2.0},
                                           {"cntk, same", Net::plain, 1.0}}) {
    auto* each = add(std::string("pairs/") + name, [net = net, padding = padding](benchmark::State& state) {
      pairs<Real>(state, net, padding, "mean");
    });
    each->Args({8, 10});
    if (net == Net::one_filter) each->Args({16, 10})->Args({28, 3})->Args({32, 3});
  }
  add("pairs/rescntk, trace", [](benchmark::State& state) {
    pairs<Real>(state, Net::one_filter, 2, "trace");
  })->Args({32, 10});
  add("gram/rescntk", [](benchmark::State& state) { gram<Real>(state, Net::one_filter, "mean"); })->Args({8, 10});
  add("gram/rescntk, trace", [](benchmark::State& state) {
    gram<Real>(state, Net::one_filter, "trace");
  })->Args({32, 10});
}

[[maybe_unused]] const auto kRegistered = [] {
  all<double>("float64");
  all<float>("float32");
  return true;
}();

}  // namespace
