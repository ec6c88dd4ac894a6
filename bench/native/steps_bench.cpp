// What a step costs per pair of inputs, on every instruction set of this machine in float64 and float32, beside two limits:
// roots alone, and scaling three planes. The counter `pair` is the time of one pair.
#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <functional>
#include <string>

#include "../../test/native/tables.hpp"
#include "core/aligned.hpp"
#include "core/lanes.hpp"

// Loops that tell what the hardware can do, on the vectors of each set.
#if defined(__x86_64__) && !defined(__clang__)
#define RESGRAM_LIMITS_OF(isa, attribute)                                                            \
  namespace resgram::isa##_limits {                                                                  \
    template <class Real>                                                                            \
    attribute void roots(const Real* from, Real* to, std::size_t n) {                                \
      for (std::size_t k = 0; k < n; ++k)                                                            \
        to[k] = sizeof(Real) == 8 ? __builtin_sqrt(from[k])                                          \
                                  : static_cast<Real>(__builtin_sqrtf(static_cast<float>(from[k]))); \
    }                                                                                                \
    template <class Real>                                                                            \
    attribute void planes(const Real* from, Real* to, std::size_t n) {                               \
      for (std::size_t k = 0; k < 3 * n; ++k) to[k] = from[k] * Real(0.5);                           \
    }                                                                                                \
  }
RESGRAM_LIMITS_OF(baseline, )
RESGRAM_LIMITS_OF(avx2, __attribute__((target("avx2,fma"))))
RESGRAM_LIMITS_OF(avx512, __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,fma,prefer-vector-width=512"))))
#define RESGRAM_LIMITS 1
#endif

namespace {

using namespace resgram;
using core::AlignedVector;
using core::Factor;
using core::LaneTable;
using core::Strip;

constexpr Strip kStrip{64, 256};
constexpr std::size_t kPairs = kStrip.rows * kStrip.cols;

// Two strips of pairs, factors that all rows share in value but not in kind, and room for what comes out.
template <class Real>
struct Setting {
  AlignedVector<Real> from = AlignedVector<Real>(3 * kPairs), to = from;
  AlignedVector<Real> share = AlignedVector<Real>(kStrip.cols, Real(0.7));
  AlignedVector<unsigned char> found = AlignedVector<unsigned char>(kPairs);
  AlignedVector<Real> near_rho = AlignedVector<Real>(kPairs), near_m = near_rho;
  core::Dense<Real> none{}, weights, biased;
  core::SmoothFactors<Real> smooth;

  Setting() {
    for (std::size_t k = 0; k < kPairs; ++k) {
      from[k] = static_cast<Real>(-0.99 + 1.98 * static_cast<double>(k) / static_cast<double>(kPairs));
      from[kPairs + k] = static_cast<Real>(0.5 * (1 - std::fabs(static_cast<double>(from[k]))));
      from[2 * kPairs + k] = Real(0.5);
    }
    const Factor<Real> f = factor();
    weights = {core::DenseKind::weights, f, f, f, f, f};
    biased = {core::DenseKind::biased, f, f, f, f, f};
    smooth = {f, f, f, f, f};
  }
  [[nodiscard]] Factor<Real> factor() const { return {share.data(), share.data(), 0}; }
  [[nodiscard]] core::Planes<Real> in(bool tangent = true) const {
    return {from.data(), from.data() + kPairs, tangent ? from.data() + 2 * kPairs : nullptr};
  }
  core::MutablePlanes<Real> out() { return {to.data(), to.data() + kPairs, to.data() + 2 * kPairs}; }
  core::NearBlocks<Real> near() { return {found.data(), near_rho.data(), near_m.data(), Real(0x1p-10)}; }
};

template <class Real>
void add(const std::string& name, std::function<void(Setting<Real>&)> body) {
  const std::string full = name + (sizeof(Real) == 8 ? "/f64" : "/f32");
  benchmark::RegisterBenchmark(full.c_str(), [body = std::move(body)](benchmark::State& state) {
    Setting<Real> setting;
    for (auto _ : state) {
      body(setting);
      benchmark::ClobberMemory();
    }
    state.counters["pair"] =
        benchmark::Counter(kPairs, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  });
}

template <class Real>
void add_steps(const core::trial::Table& table) {
  using S = Setting<Real>;
  const LaneTable<Real>& lanes = table.lanes<Real>();
  const auto step = [&](const std::string& name, auto body) { add<Real>(table.name + "/" + name, body); };
  step("train", [&](S& s) { lanes.train(kStrip, s.in(), s.out().t, s.factor(), s.factor(), s.factor()); });
  step("bias", [&](S& s) { lanes.add_bias(kStrip, s.in(), s.out(), s.factor(), s.factor()); });
  step("add",
       [&](S& s) { lanes.add(kStrip, s.in(), s.in(), s.out(), s.factor(), s.factor(), s.factor(), s.factor()); });
  step("relu", [&](S& s) { lanes.dense_relu(kStrip, s.none, s.in(), s.out(), 0, s.factor()); });
  step("relu/nngp", [&](S& s) { lanes.dense_relu(kStrip, s.none, s.in(false), s.out(), 0, s.factor()); });
  step("leaky", [&](S& s) { lanes.dense_relu(kStrip, s.none, s.in(), s.out(), 0.2, s.factor()); });
  step("dense relu", [&](S& s) { lanes.dense_relu(kStrip, s.weights, s.in(), s.out(), 0, s.factor()); });
  step("biased relu", [&](S& s) { lanes.dense_relu(kStrip, s.biased, s.in(), s.out(), 0, s.factor()); });
  step("biased relu/nngp", [&](S& s) { lanes.dense_relu(kStrip, s.biased, s.in(false), s.out(), 0, s.factor()); });
  step("erf", [&](S& s) { lanes.erf(kStrip, s.none, s.in(), s.out(), s.smooth, s.near()); });
  step("gelu", [&](S& s) { lanes.gelu(kStrip, s.none, s.in(), s.out(), s.smooth, s.near()); });
  step("biased erf", [&](S& s) { lanes.erf(kStrip, s.biased, s.in(), s.out(), s.smooth, s.near()); });
  step("biased gelu", [&](S& s) { lanes.gelu(kStrip, s.biased, s.in(), s.out(), s.smooth, s.near()); });
  step("biased sine", [&](S& s) { lanes.sine(kStrip, s.biased, s.in(), s.out(), s.smooth, s.near()); });
}

#if RESGRAM_LIMITS
template <class Real>
void add_limits(const std::string& set) {
  const auto limit = [&](const std::string& name, auto of_baseline, auto of_avx2, auto of_avx512) {
    const auto of = set == "baseline" ? of_baseline : (set == "avx2" ? of_avx2 : of_avx512);
    const std::size_t most = kPairs;
    add<Real>(set + "/limit: " + name, [of, most](Setting<Real>& s) { of(s.from.data(), s.to.data(), most); });
  };
  limit("planes", &baseline_limits::planes<Real>, &avx2_limits::planes<Real>, &avx512_limits::planes<Real>);
  limit("roots", &baseline_limits::roots<Real>, &avx2_limits::roots<Real>, &avx512_limits::roots<Real>);
}
#endif

[[maybe_unused]] const bool kRegistered = [] {
  for (const core::trial::Table& table : core::trial::tables()) {
#if RESGRAM_LIMITS
    add_limits<double>(table.name);
    add_limits<float>(table.name);
#endif
    add_steps<double>(table);
    add_steps<float>(table);
  }
  return true;
}();

}  // namespace
