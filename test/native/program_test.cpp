#include "../../native/core/program.hpp"

#include <algorithm>

#include "../../native/core/run.hpp"
#include "kernels.hpp"

namespace resgram::core {
namespace {

using namespace trial;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Rows around(const Rows& middle) { return Rows{{"input", {0}}} + middle + Rows{{"emit", {}}}; }

struct Refused {
  std::string says;
  Rows rows;
  double step;  // −1: of the listing as a whole
};

TEST(Program, RefusesWhatItCannotRunAndSaysWhere) {
  Rows deep;
  for (int i = 0; i < 65; ++i) deep.push_back({"push", {}});
  const std::vector<Refused> cases = {
      {"starts with 'input'", {}, -1},
      {"starts with 'input'", {affine(), {"emit", {}}}, -1},
      {"unknown step; this build knows input, affine, relu, erf, gelu", around({{"cosh", {1}}}), 1},
      {"takes 5 numbers, got 4", around({{"affine", {1, 1, 0, 0}}}), 1},
      {"takes 0 numbers, got 1", around({{"push", {1}}}), 1},
      {"takes 2 numbers, got 0", around({{"relu", {}}}), 1},
      {"number 1 is not finite", around({affine(), {"relu", {1, kNaN}}}), 2},
      {"number 0 is not finite", around({{"scale", {kInfinity}}}), 1},
      {"perDimension must be 0 or 1", {{"input", {2}}, {"emit", {}}}, 0},
      {"weightVar must not be negative", around({{"affine", {-1, 1, 0, 0, 0}}}), 1},
      {"biasVar must not be negative", around({{"affine", {1, 1, -0.5, 0, 0}}}), 1},
      {"flags must be 0 or 1", around({{"affine", {1, 0.5, 0, 0, 0}}}), 1},
      {"flags must be 0 or 1", around({{"affine", {1, 1, 0, 2, 0}}}), 1},
      {"flags must be 0 or 1", around({{"affine", {1, 1, 0, 0, -1}}}), 1},
      {"scale must not be 0", around({{"relu", {0, 0}}}), 1},
      {"scale must not be 0", around({{"erf", {0}}}), 1},
      {"scale must not be 0", around({{"gelu", {-0.0}}}), 1},
      {"from 0 to 10000000", around({{"repeat", {-1}}, {"end", {}}}), 1},
      {"from 0 to 10000000", around({{"repeat", {1.5}}, {"end", {}}}), 1},
      {"from 0 to 10000000", around({{"repeat", {10000001}}, {"end", {}}}), 1},
      {"only the first step may be 'input'", around({{"input", {0}}}), 1},
      {"nest deeper than 64", around(deep), 65},
      {"nothing was pushed", around({{"swap", {}}}), 1},
      {"nothing was pushed", around({{"add", {}}}), 1},
      {"nothing was pushed", around({{"pop", {}}}), 1},
      // What was pushed outside a loop is out of its reach: a second turn would find nothing there.
      {"nothing was pushed", around({{"push", {}}, {"repeat", {2}}, {"add", {}}, {"end", {}}}), 3},
      {"nothing was pushed", around({{"push", {}}, {"repeat", {2}}, {"swap", {}}, {"end", {}}, {"pop", {}}}), 3},
      {"no repeat is open", around({{"end", {}}}), 1},
      {"leaves pushed branches behind", around({{"repeat", {2}}, {"push", {}}, {"end", {}}}), 3},
      {"has no end", around({affine(), {"repeat", {2}}, affine()}), 2},
      {"more than 10^9 steps", around({{"repeat", {100000}}, {"repeat", {100000}}, affine(), {"end", {}}, {"end", {}}}),
       2},
      {"never added", around({{"push", {}}}), -1},
      {"emits 0", {{"input", {0}}, affine()}, -1},
      {"emits 0", {{"input", {0}}, {"repeat", {0}}, {"emit", {}}, {"end", {}}}, -1},
      {"emits 100001", {{"input", {0}}, {"repeat", {100001}}, {"emit", {}}, {"end", {}}}, -1},
  };
  for (const Refused& one : cases) {
    const Error error = refusal([&] { Program::load(one.rows); });
    EXPECT_EQ(error.code(), Code::program) << one.says;
    EXPECT_NE(std::string(error.what()).find(one.says), std::string::npos) << one.says << "\ngot: " << error.what();
    if (one.step < 0) continue;
    ASSERT_EQ(error.details().size(), 1U) << one.says;
    EXPECT_EQ(error.details()[0].first, "step");
    EXPECT_EQ(error.details()[0].second, one.step) << one.says;
  }
}

TEST(Program, TakesAFlagOfTheInputAsTold) {
  EXPECT_TRUE(Program::load(Rows{{"input", {1}}, {"emit", {}}}).per_dimension());
  EXPECT_FALSE(Program::load(Rows{{"input", {0}}, {"emit", {}}}).per_dimension());
}

TEST(Program, CountsEmitsAndWorkWithRepeatsUnrolled) {
  // input, repeat, 3 · (affine, emit, repeat, 2 · (relu, end), end): 1 + 3 · (1 + 1 + 1 + 1 + 2 · 2 + 1) + emit
  const Program program = Program::load(Rows{
      {"input", {0}}, repeat(3), affine(), {"emit", {}}, repeat(2), relu(), {"end", {}}, {"end", {}}, {"emit", {}}});
  EXPECT_EQ(program.emits(), 4U);
  std::size_t visits = 0, emits = 0;
  run(program, [&](const Step& step) {
    ++visits;
    if (step.op == Op::emit) ++emits;
  });
  EXPECT_EQ(emits, 4U);
  EXPECT_EQ(visits, 1U + 3 * (2 + 2) + 1);
  // `work` counts the turns of the loops too, so it bounds what runs.
  EXPECT_GE(program.work(), static_cast<double>(visits));
  EXPECT_LE(program.work(), 2 * static_cast<double>(visits));
}

TEST(Program, ARepeatOfNoTurnsIsSkippedWithAllThatIsInIt) {
  const Program program = Program::load(
      Rows{{"input", {0}}, repeat(0), repeat(5), affine(), {"end", {}}, {"emit", {}}, {"end", {}}, {"emit", {}}});
  EXPECT_EQ(program.emits(), 1U);
  std::size_t visits = 0;
  run(program, [&](const Step&) { ++visits; });
  EXPECT_EQ(visits, 2U);
}

TEST(Program, MeasuresTheDeepestStack) {
  EXPECT_EQ(Program::load(mlp_rows(3, relu())).stack_depth(), 0U);
  EXPECT_EQ(Program::load(resnet_rows(3, 1, relu(), true)).stack_depth(), 1U);
  for (const Named& network : networks()) {
    const Program program = Program::load(network.rows);
    std::size_t depth = 0, deepest = 0;
    run(program, [&](const Step& step) {
      if (step.op == Op::push) deepest = std::max(deepest, ++depth);
      if (step.op == Op::add || step.op == Op::pop) --depth;
    });
    EXPECT_EQ(program.stack_depth(), deepest) << network.name;
    EXPECT_EQ(depth, 0U) << network.name;
  }
  Rows most;
  for (int i = 0; i < 64; ++i) most.push_back({"push", {}});
  for (int i = 0; i < 64; ++i) most.push_back({"add", {}});
  EXPECT_EQ(Program::load(around(most)).stack_depth(), 64U);
}

TEST(Program, KnowsItsOwnSteps) {
  const std::vector<std::string> names = known_steps();
  EXPECT_EQ(names.size(), 25U);
  for (const Named& network : networks())
    for (const Row& row : network.rows) EXPECT_NE(std::find(names.begin(), names.end(), row.op), names.end()) << row.op;
}

}  // namespace
}  // namespace resgram::core
