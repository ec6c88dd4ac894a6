// Tables in the angle by themselves: what a pair costs, whatever the depth, and what making the table takes.
#include <benchmark/benchmark.h>

#include <vector>

#include "core/lanes.hpp"
#include "core/zonal.hpp"

namespace {

using namespace resgram;
using core::Factor;
using core::Program;
using core::Row;
using core::Strip;

constexpr Strip kStrip{64, 256};
constexpr std::size_t kPairs = kStrip.rows * kStrip.cols;

// A ReLU network without biases of that depth.
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

constexpr core::ZonalWanted kTangent{.covariance = false, .tangent = true};

// Correlations as points in a few dozen dimensions have them: all pieces are met, and in no order.
template <class Real>
void table_pairs(benchmark::State& state) {
  const Ticket ticket;
  const auto table = core::Zonal<Real>::build(mlp(static_cast<double>(state.range(0))), {&kTangent, 1}, ticket);
  if (table == nullptr) return state.SkipWithError("no table");
  std::vector<Real> rho(kPairs), out(kPairs);
  std::uint64_t random = 1;
  for (Real& r : rho) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    const double u = static_cast<double>(random >> 11) * 0x1p-53 * 2 - 1;
    r = static_cast<Real>(0.98 * u);
  }
  const std::vector<Real> lengths(kStrip.cols, Real(1));
  const Factor<Real> amplitude{lengths.data(), lengths.data(), Real(0)};
  for (auto _ : state) core::lanes<Real>().zonal(kStrip, rho.data(), table->tangent(0), amplitude, out.data());
  state.counters["pairs"] = benchmark::Counter(kPairs, benchmark::Counter::kIsIterationInvariantRate);
}

template <class Real>
void table_building(benchmark::State& state) {
  const Program program = mlp(static_cast<double>(state.range(0)));
  const Ticket ticket;
  for (auto _ : state) benchmark::DoNotOptimize(core::Zonal<Real>::build(program, {&kTangent, 1}, ticket));
}

BENCHMARK(table_pairs<double>)->Arg(3)->Arg(1000);
BENCHMARK(table_pairs<float>)->Arg(3)->Arg(1000);
BENCHMARK(table_building<double>)->Arg(3)->Arg(100)->Arg(10000)->Unit(benchmark::kMillisecond);

}  // namespace
