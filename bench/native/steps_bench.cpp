// What one layer costs per pair of inputs, and how fast the inner products are beside BLAS' dgemm in the same run.
#include <benchmark/benchmark.h>

#include <vector>

#include "core/aligned.hpp"
#include "core/evaluate.hpp"
#include "core/lanes.hpp"
#include "core/tile_lanes.hpp"
#include "linalg/linalg.hpp"

namespace {

using namespace resgram;
using core::Factor;
using core::Strip;

constexpr Strip kStrip{64, 256};
constexpr std::size_t kPairs = kStrip.rows * kStrip.cols;

template <class Real>
struct Pairs {
  core::AlignedVector<Real> rho, m, t;

  Pairs() : rho(kPairs), m(kPairs), t(kPairs, Real(0.5)) {
    for (std::size_t k = 0; k < kPairs; ++k) {
      rho[k] = static_cast<Real>(-0.99 + 1.98 * static_cast<double>(k) / static_cast<double>(kPairs));
      m[k] = static_cast<Real>(0.5) * (Real(1) - (rho[k] < 0 ? -rho[k] : rho[k]));
    }
  }
  [[nodiscard]] core::Planes<Real> in() const { return {rho.data(), m.data(), t.data()}; }
  core::MutablePlanes<Real> out() { return {rho.data(), m.data(), t.data()}; }
};

template <class Real>
struct RowFactors {
  core::AlignedVector<Real> ones = core::AlignedVector<Real>(kStrip.cols, Real(0.7));
  [[nodiscard]] Factor<Real> get() const { return {ones.data(), ones.data(), 0}; }
  [[nodiscard]] core::SmoothFactors<Real> smooth() const { return {get(), get(), get(), get(), get()}; }
};

template <class Real>
struct Near {
  std::vector<unsigned char> found = std::vector<unsigned char>(kPairs);
  std::vector<Real> rho = std::vector<Real>(kPairs), m = std::vector<Real>(kPairs);
  core::NearBlocks<Real> get() { return {found.data(), rho.data(), m.data(), Real(0x1p-10)}; }
};

void count_pairs(benchmark::State& state) {
  state.counters["pairs"] = benchmark::Counter(static_cast<double>(kPairs) * static_cast<double>(state.iterations()),
                                               benchmark::Counter::kIsRate);
  state.SetLabel(core::simd_path());
}

template <class Real>
void relu(benchmark::State& state) {
  const Pairs<Real> in;
  Pairs<Real> out;
  for (auto _ : state) core::lanes<Real>().relu(kStrip, in.in(), out.out(), 0, {nullptr, nullptr, Real(2)});
  count_pairs(state);
}

template <class Real>
void erf(benchmark::State& state) {
  const Pairs<Real> in;
  Pairs<Real> out;
  const RowFactors<Real> f;
  Near<Real> near;
  for (auto _ : state) core::lanes<Real>().erf(kStrip, {}, in.in(), out.out(), f.smooth(), near.get());
  count_pairs(state);
}

template <class Real>
void gelu(benchmark::State& state) {
  const Pairs<Real> in;
  Pairs<Real> out;
  const RowFactors<Real> f;
  Near<Real> near;
  for (auto _ : state) core::lanes<Real>().gelu(kStrip, {}, in.in(), out.out(), f.smooth(), near.get());
  count_pairs(state);
}

template <class Real>
void residual_add(benchmark::State& state) {
  const Pairs<Real> a, b;
  Pairs<Real> out;
  const Factor<Real> half{nullptr, nullptr, Real(0.5)};
  for (auto _ : state) core::lanes<Real>().add(kStrip, a.in(), b.in(), out.out(), half, half, half, half);
  count_pairs(state);
}

void count_flops(benchmark::State& state, std::size_t dimension) {
  state.counters["flop"] = benchmark::Counter(
      2.0 * static_cast<double>(kPairs) * static_cast<double>(dimension) * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate);
}

void inner_products(benchmark::State& state) {
  const auto d = static_cast<std::size_t>(state.range(0));
  const core::TileTable<double>& tiles = core::tile_lanes<double>();
  const std::size_t panels = (kStrip.cols + tiles.width - 1) / tiles.width;
  const std::vector<double> x(panels * tiles.width * d, 0.5), z(panels * tiles.width * d, 0.25);
  std::vector<double> out(kPairs);
  for (auto _ : state) tiles.products(x.data(), 0, kStrip.rows, z.data(), kStrip.cols, d, out.data(), kStrip.cols);
  count_flops(state, d);
}

// The limit: the same product by BLAS, one thread.
void blas_product(benchmark::State& state) {
  const auto d = static_cast<std::size_t>(state.range(0));
  const std::vector<double> x(kStrip.rows * d, 0.5), z(kStrip.cols * d, 0.25);
  std::vector<double> out(kPairs);
  linalg::set_threads(1);
  for (auto _ : state) linalg::multiply(x, z, out, kStrip.rows, d, kStrip.cols);
  count_flops(state, d);
}

BENCHMARK(relu<double>);
BENCHMARK(relu<float>);
BENCHMARK(erf<double>);
BENCHMARK(erf<float>);
BENCHMARK(gelu<double>);
BENCHMARK(gelu<float>);
BENCHMARK(residual_add<double>);
BENCHMARK(residual_add<float>);
BENCHMARK(inner_products)->Arg(20)->Arg(784);
BENCHMARK(blas_product)->Arg(20)->Arg(784);

}  // namespace
