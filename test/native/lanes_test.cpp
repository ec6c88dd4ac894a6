// The vector steps as loops: every instruction set computes the same numbers, a pair's bytes do not depend on its place,
// and a step may run in place.
#include "../../native/core/lanes.hpp"

#include <array>
#include <functional>

#include "../../native/core/rows.hpp"
#include "kernels.hpp"
#include "tables.hpp"

namespace resgram::core {
namespace {

using namespace trial;

template <class Real>
constexpr double kUlp = std::numeric_limits<Real>::epsilon();

// A strip of plausible pairs and row factors of every kind.
constexpr std::size_t kKinds = 17;
template <class Real>
struct Setting {
  Strip strip;
  std::vector<Real> rho, m, t, other_rho, other_m, other_t;
  // c² + s² = 1 for every row; variances from 1e-3 to 1e3 for the smooth steps; anything in [0, 1] otherwise.
  std::array<std::vector<Real>, kKinds> row, col;

  Setting(std::size_t rows, std::size_t cols, std::uint64_t seed) : strip{rows, cols} {
    Random random(seed);
    const std::size_t count = rows * cols;
    const auto fill = [&](std::vector<Real>& rhos, std::vector<Real>& ms, std::vector<Real>& ts) {
      for (std::size_t k = 0; k < count; ++k) {
        const bool extreme = random.below(4) == 0;
        const double small = extreme ? std::ldexp(1.0, -2 - static_cast<int>(random.below(60))) : random.uniform() / 2;
        const double sign = random.below(2) == 0 ? 1 : -1;
        ms.push_back(static_cast<Real>(small));
        rhos.push_back(static_cast<Real>(sign * (1 - 2 * small)));
        ts.push_back(static_cast<Real>(2 * random.uniform() - 1));
      }
    };
    fill(rho, m, t);
    fill(other_rho, other_m, other_t);
    const auto factors = [&](std::size_t size, std::array<std::vector<Real>, kKinds>& out) {
      for (std::size_t k = 0; k < size; ++k) {
        const double angle = random.uniform() * kPi / 2;
        const SmoothRow erf = erf_row(std::pow(10, 6 * random.uniform() - 3));
        out[0].push_back(static_cast<Real>(std::cos(angle)));
        out[1].push_back(static_cast<Real>(std::sin(angle)));
        out[2].push_back(static_cast<Real>(random.uniform()));
        out[3].push_back(static_cast<Real>(random.uniform()));
        out[4].push_back(static_cast<Real>(erf.reach));
        out[5].push_back(static_cast<Real>(erf.complement));
        out[6].push_back(static_cast<Real>(erf.inverse));
        out[7].push_back(static_cast<Real>(std::sqrt(erf.complement)));
        out[16].push_back(static_cast<Real>(erf.inverse / erf.reach));
        const Scaled variance{std::pow(10, 6 * random.uniform() - 3), 0};
        const ActivationRow sine = activation_row({Op::sine, {1}, 0}, variance, false);
        for (std::size_t factor = 0; factor < 4; ++factor)
          out[8 + factor].push_back(static_cast<Real>(sine.factors[factor]));
        // Two functions whose means are the share `part` of their roots: c² + s² + 2βν = 1.
        const double part = random.uniform(), total = std::sqrt(1 + part * part * std::sin(2 * angle));
        out[12].push_back(static_cast<Real>(std::cos(angle) / total));
        out[13].push_back(static_cast<Real>(std::sin(angle) / total));
        out[14].push_back(static_cast<Real>(part * std::cos(angle) / total));
        out[15].push_back(static_cast<Real>(part * std::sin(angle) / total));
      }
    };
    factors(rows, row);
    factors(cols, col);
  }

  [[nodiscard]] Factor<Real> factor(std::size_t k, bool uniform) const {
    if (uniform) return {nullptr, nullptr, row[k][0] * row[k][0]};
    return {row[k].data(), col[k].data(), 0};
  }
  [[nodiscard]] Planes<Real> pairs() const { return {rho.data(), m.data(), t.data()}; }
  [[nodiscard]] Planes<Real> others() const { return {other_rho.data(), other_m.data(), other_t.data()}; }
};

template <class Real>
struct Result {
  std::vector<Real> rho, m, t;
  explicit Result(std::size_t count) : rho(count), m(count), t(count) {}
  [[nodiscard]] MutablePlanes<Real> planes() { return {rho.data(), m.data(), t.data()}; }
};

template <class Real>
struct NearScratch {
  std::vector<unsigned char> found;
  std::vector<Real> rho, m;
  explicit NearScratch(std::size_t pairs) : found(pairs), rho(pairs), m(pairs) {}
  [[nodiscard]] NearBlocks<Real> blocks() { return {found.data(), rho.data(), m.data(), Real(0x1p-10)}; }
};

template <class Real>
struct Step_ {
  std::string name;
  bool uniform;
  std::function<void(const LaneTable<Real>&, const Setting<Real>&, MutablePlanes<Real>)> run;
};

// Every step that makes new planes, with either kind of factors where there are two.
template <class Real>
std::vector<Step_<Real>> all_steps() {
  using Lanes = LaneTable<Real>;
  using S = Setting<Real>;
  using Out = MutablePlanes<Real>;
  std::vector<Step_<Real>> steps;
  for (const bool u : {false, true}) {
    for (const double slope : {0.0, 0.2, -1.0})
      steps.push_back({"relu " + std::to_string(slope), u, [=](const Lanes& lanes, const S& s, Out out) {
                         lanes.relu(s.strip, s.pairs(), out, slope, s.factor(2, u));
                       }});
    steps.push_back({"add", u, [=](const Lanes& lanes, const S& s, Out out) {
                       lanes.add(s.strip, s.pairs(), s.others(), out, s.factor(0, u), s.factor(1, u), s.factor(2, u),
                                 s.factor(3, u));
                     }});
    steps.push_back({"mix", u, [=](const Lanes& lanes, const S& s, Out out) {
                       const Factor<Real> both{nullptr, nullptr, Real(2) * s.row[14][0] * s.row[15][0]};
                       lanes.mix(s.strip, s.pairs(), s.others(), out, s.factor(12, u), s.factor(13, u), s.factor(2, u),
                                 s.factor(3, u), u ? both : s.factor(14, u), s.factor(15, u));
                     }});
    steps.push_back({"train", u, [=](const Lanes& lanes, const S& s, Out out) {
                       lanes.train(s.strip, s.pairs(), out.t, s.factor(0, u), s.factor(1, u), s.factor(2, u));
                     }});
  }
  steps.push_back({"add_bias", false, [](const Lanes& lanes, const S& s, Out out) {
                     lanes.add_bias(s.strip, s.pairs(), out, s.factor(0, false), s.factor(1, false));
                   }});
  // Behind nothing, behind a layer of weights and behind one with biases.
  for (const DenseKind kind : {DenseKind::none, DenseKind::weights, DenseKind::biased}) {
    const auto dense = [=](const S& s, bool uniform) -> Dense<Real> {
      return {kind,
              s.factor(3, uniform),
              s.factor(2, uniform),
              s.factor(3, uniform),
              s.factor(0, uniform),
              s.factor(1, uniform)};
    };
    const std::string behind[] = {"", " behind weights", " behind biases"};
    const std::string where = behind[static_cast<std::size_t>(kind)];
    for (const bool u : {false, true})
      for (const double slope : {0.0, 0.2}) {
        if (u && kind == DenseKind::biased) continue;
        steps.push_back({"relu " + std::to_string(slope) + where, u, [=](const Lanes& lanes, const S& s, Out out) {
                           lanes.dense_relu(s.strip, dense(s, u), s.pairs(), out, slope, s.factor(2, u));
                         }});
      }
    const auto smooth = [&](const char* name, auto step, std::array<std::size_t, 5> k) {
      steps.push_back({name + where, false, [=](const Lanes& lanes, const S& s, Out out) {
                         NearScratch<Real> near(s.rho.size());
                         const SmoothFactors<Real> factors{s.factor(k[0], false), s.factor(k[1], false),
                                                           s.factor(k[2], false), s.factor(k[3], false),
                                                           s.factor(k[4], false)};
                         (lanes.*step)(s.strip, dense(s, false), s.pairs(), out, factors, near.blocks());
                       }});
    };
    smooth("erf", &Lanes::erf, {4, 5, 6, 7, 16});
    smooth("gelu", &Lanes::gelu, {4, 5, 6, 7, 7});
    smooth("sine", &Lanes::sine, {8, 9, 10, 11, 11});
  }
  steps.push_back(
      {"sign", false, [](const Lanes& lanes, const S& s, Out out) { lanes.sign(s.strip, s.pairs(), out); }});
  steps.push_back({"emit", false, [](const Lanes& lanes, const S& s, Out out) {
                     lanes.emit_covariance(s.strip, s.pairs(), s.factor(2, false), out.rho);
                     lanes.emit_tangent(s.strip, s.pairs(), s.factor(3, false), out.t);
                   }});
  return steps;
}

// The smooth steps make m = (1 − |ρ|)/2 by a subtraction: as good as ρ. The others keep m's digits.
bool keeps_digits(const std::string& name) {
  return name.rfind("relu", 0) == 0 || name == "add_bias" || name == "add" || name == "mix" || name == "sign";
}

template <class Real>
void expect_agreement() {
  const Setting<Real> setting(9, 2 * kColumnPadding, 1);
  const std::size_t count = setting.rho.size();
  const LaneTable<Real>& reference = tables().front().lanes<Real>();
  for (const Step_<Real>& step : all_steps<Real>()) {
    Result<Real> want(count);
    step.run(reference, setting, want.planes());
    for (const Table& table : tables()) {
      Result<Real> got(count);
      step.run(table.lanes<Real>(), setting, got.planes());
      for (std::size_t k = 0; k < count; ++k) {
        const double small = static_cast<double>(want.m[k]);
        ASSERT_LE(std::fabs(static_cast<double>(got.rho[k]) - static_cast<double>(want.rho[k])), 8 * kUlp<Real>)
            << table.name << " " << step.name << " " << k;
        ASSERT_LE(std::fabs(static_cast<double>(got.m[k]) - small),
                  8 * kUlp<Real> * (keeps_digits(step.name) ? small : 1))
            << table.name << " " << step.name << " " << k;
        ASSERT_LE(std::fabs(static_cast<double>(got.t[k]) - static_cast<double>(want.t[k])), 16 * kUlp<Real>)
            << table.name << " " << step.name << " " << k;
      }
    }
  }
}

TEST(Lanes, InstructionSetsAgree) {
  expect_agreement<double>();
  expect_agreement<float>();
}

// Floats are doubles rounded: nothing in the formulas magnifies an ulp but 1/√q of the smooth derivatives.
TEST(Lanes, FloatsFollowDoubles) {
  const Setting<float> floats(5, kColumnPadding, 2);
  Setting<double> doubles(5, kColumnPadding, 2);
  const auto widen = [](const std::vector<float>& from, std::vector<double>& to) {
    to.assign(from.begin(), from.end());
  };
  widen(floats.rho, doubles.rho);
  widen(floats.m, doubles.m);
  widen(floats.t, doubles.t);
  widen(floats.other_rho, doubles.other_rho);
  widen(floats.other_m, doubles.other_m);
  widen(floats.other_t, doubles.other_t);
  for (std::size_t k = 0; k < kKinds; ++k) {
    widen(floats.row[k], doubles.row[k]);
    widen(floats.col[k], doubles.col[k]);
  }
  const auto single_steps = all_steps<float>();
  const auto double_steps = all_steps<double>();
  for (const Table& table : tables())
    for (std::size_t k = 0; k < single_steps.size(); ++k) {
      Result<float> single(floats.rho.size());
      Result<double> full(floats.rho.size());
      single_steps[k].run(table.of_float, floats, single.planes());
      double_steps[k].run(table.of_double, doubles, full.planes());
      for (std::size_t i = 0; i < full.rho.size(); ++i) {
        const double slack = 16 * kUlp<float>;
        ASSERT_LE(std::fabs(static_cast<double>(single.rho[i]) - full.rho[i]), slack) << single_steps[k].name;
        ASSERT_LE(std::fabs(static_cast<double>(single.m[i]) - full.m[i]), slack) << single_steps[k].name;
        ASSERT_LE(std::fabs(static_cast<double>(single.t[i]) - full.t[i]), slack) << single_steps[k].name;
      }
    }
}

// One pair alone, and the same pair anywhere in a strip: the same bytes.
template <class Real>
void expect_place_does_not_matter() {
  const Setting<Real> setting(7, 3 * kColumnPadding, 3);
  const std::size_t cols = setting.strip.cols;
  for (const Table& table : tables())
    for (const Step_<Real>& step : all_steps<Real>()) {
      Result<Real> whole(setting.rho.size());
      step.run(table.lanes<Real>(), setting, whole.planes());
      for (const std::size_t at : {0U, 1U, 33U, 95U, 96U + 17U, 5U * 96U + 64U, 6U * 96U + 95U}) {
        const std::size_t i = at / cols, j = at % cols;
        Setting<Real> alone(1, kColumnPadding, 4);
        const std::size_t to = 13;
        alone.rho[to] = setting.rho[at];
        alone.m[to] = setting.m[at];
        alone.t[to] = setting.t[at];
        alone.other_rho[to] = setting.other_rho[at];
        alone.other_m[to] = setting.other_m[at];
        alone.other_t[to] = setting.other_t[at];
        for (std::size_t k = 0; k < kKinds; ++k) {
          alone.row[k][0] = step.uniform ? setting.row[k][0] : setting.row[k][i];
          alone.col[k][to] = setting.col[k][j];
        }
        Result<Real> one(kColumnPadding);
        step.run(table.lanes<Real>(), alone, one.planes());
        EXPECT_EQ(one.rho[to], whole.rho[at]) << table.name << " " << step.name;
        EXPECT_EQ(one.m[to], whole.m[at]) << table.name << " " << step.name;
        EXPECT_EQ(one.t[to], whole.t[at]) << table.name << " " << step.name;
      }
    }
}

TEST(Lanes, APairsBytesDoNotDependOnItsPlace) {
  expect_place_does_not_matter<double>();
  expect_place_does_not_matter<float>();
}

TEST(Lanes, InPlaceIsAsGoodAsApart) {
  const Setting<double> setting(4, kColumnPadding, 5);
  for (const Table& table : tables())
    for (const Step_<double>& step : all_steps<double>()) {
      if (step.name == "emit") continue;
      Result<double> apart(setting.rho.size());
      apart.rho = setting.rho;
      apart.m = setting.m;
      apart.t = setting.t;
      step.run(table.of_double, setting, apart.planes());
      Setting<double> same = setting;
      step.run(table.of_double, same, {same.rho.data(), same.m.data(), same.t.data()});
      EXPECT_TRUE(same_bytes(same.rho, apart.rho)) << table.name << " " << step.name;
      EXPECT_TRUE(same_bytes(same.m, apart.m)) << table.name << " " << step.name;
      EXPECT_TRUE(same_bytes(same.t, apart.t)) << table.name << " " << step.name;
    }
}

// 1 − ρ′ of a sum of branches: non-negative terms, so neither equal nor opposite inputs lose digits.   [independent-sum]
TEST(Lanes, SumsOfBranchesKeepSmallComplements) {
  for (const Table& table : tables())
    for (double w = 0.25; w > 1e-200; w *= 1e-3)
      for (const double sign : {1.0, -1.0}) {
        const std::size_t n = kColumnPadding;
        std::vector<double> rho(n, sign * (1 - 2 * w)), m(n, w), t(n, 0.0), half(n, 0.6), other(n, 0.8);
        const double c = 0.6, s = 0.8;
        const Factor<double> fc{&c, half.data(), 0}, fs{&s, other.data(), 0};
        const Strip strip{1, n};
        table.of_double.add(strip, {rho.data(), m.data(), t.data()}, {rho.data(), m.data(), t.data()},
                            {rho.data(), m.data(), t.data()}, fc, fs, fc, fs);
        ASSERT_LE(relative(m[0], w), 4 * kEps) << table.name << " " << w;
        ASSERT_EQ(rho[0] < 0, sign < 0);
      }
}

}  // namespace
}  // namespace resgram::core
