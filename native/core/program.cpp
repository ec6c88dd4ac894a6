#include "program.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

#include "error.hpp"
#include "image_rules.hpp"

namespace resgram::core {
namespace {

struct Mnemonic {
  std::string_view name;
  Op op;
  std::size_t arity;
};

constexpr std::size_t kAnyNumber = static_cast<std::size_t>(-1);

// The catalogue of steps. A new one is a row here, a row machine case in rows.cpp and a loop in lanes_body.hpp.
constexpr std::array<Mnemonic, 25> kMnemonics = {{
    {"input", Op::input, 1},     {"affine", Op::affine, 5}, {"relu", Op::relu, 2},
    {"erf", Op::erf, 1},         {"gelu", Op::gelu, 1},     {"sine", Op::sine, 1},
    {"sign", Op::sign, 1},       {"tanh", Op::function, 1}, {"softplus", Op::function, 1},
    {"silu", Op::function, 1},   {"elu", Op::function, 1},  {"tabulated", Op::function, kAnyNumber},
    {"scale", Op::scale, 1},     {"push", Op::push, 0},     {"swap", Op::swap, 0},
    {"add", Op::add, 0},         {"pop", Op::pop, 0},       {"repeat", Op::repeat, 1},
    {"end", Op::end, 0},         {"emit", Op::emit, 0},     {"patch", Op::patch, 3},
    {"average", Op::average, 1}, {"pixel", Op::pixel, 2},   {"trace", Op::trace, 0},
    {"mean", Op::mean, 0},
}};

constexpr double kMostRepeats = 1e7;
constexpr double kMostWork = 1e9;
constexpr double kMostImageWork = 1e6;  // image programs keep a plan of every executed step
constexpr double kLargestFilter = 1 << 16;
constexpr std::size_t kDeepestStack = 64;

Where where(std::size_t row, const std::string& op, const Place* place) {
  if (place == nullptr) return {"step " + std::to_string(row) + " (" + op + ")", std::nullopt};
  return {place->path.empty() ? place->name : place->path + " (" + place->name + ")", place->path};
}

// A row that is refused, and the layer that it came from.
struct At {
  std::size_t row;
  const std::string& op;
  const Place* place;
};

[[noreturn]] void refuse(const At& at, const std::string& why) {
  throw Error(Code::program, where(at.row, at.op, at.place), why, {{"step", static_cast<double>(at.row)}});
}

bool whole(double value, double low, double high) {
  return value >= low && value <= high && value == std::floor(value);
}

bool flag(double value) { return value == 0 || value == 1; }

// Values that a step cannot work with, in the order of its numbers; nullptr if all is well.
const char* objection(Op op, const double* args) {
  switch (op) {
    case Op::input:
      return flag(args[0]) ? nullptr : "perDimension must be 0 or 1";
    case Op::affine:
      if (args[0] < 0) return "weightVar must not be negative";
      if (args[2] < 0) return "biasVar must not be negative";
      return flag(args[1]) && flag(args[3]) && flag(args[4]) ? nullptr : "its flags must be 0 or 1";
    case Op::relu:
    case Op::erf:
    case Op::gelu:
    case Op::sine:
    case Op::sign:
    case Op::function:
      return args[0] != 0 ? nullptr : "scale must not be 0";
    case Op::patch:
      if (!whole(args[0], 1, kLargestFilter) || std::fmod(args[0], 2) != 1)
        return "size must be an odd number from 1 to 65535, so that the filter has a centre";
      if (!whole(args[1], 1, kLargestFilter)) return "stride must be an integer from 1 to 65536";
      return whole(args[2], 0, 2) ? nullptr : "padding must be 0 (valid), 1 (zero) or 2 (circular)";
    case Op::average:
      return whole(args[0], 1, kLargestFilter) ? nullptr : "size must be an integer from 1 to 65536";
    case Op::pixel:
      return whole(args[0], 0, kMostRepeats) && whole(args[1], 0, kMostRepeats) ? nullptr
                                                                                : "y and x must be integers from 0";
    case Op::repeat:
      return args[0] >= 0 && args[0] <= kMostRepeats && args[0] == std::floor(args[0])
                 ? nullptr
                 : "times must be an integer from 0 to 10000000";
    default:
      return nullptr;
  }
}

// The φ of a row: named, or pieces after the scale.
std::shared_ptr<const Function> function_of(const At& at_row, const Row& row) {
  if (row.op != "tabulated") return named_function(row.op);
  std::vector<Piece> pieces;
  std::size_t at = 1;
  while (at < row.args.size()) {
    const std::string which = "piece " + std::to_string(pieces.size());
    if (row.args.size() - at < 3)
      refuse(at_row, pieces.empty()
                         ? which + " needs from, to and a count of coefficients"
                         : "takes " + std::to_string(at) + " numbers by the counts of its " +
                               std::to_string(pieces.size()) + " pieces, got " + std::to_string(row.args.size()));
    const double count = row.args[at + 2];
    if (!(count >= 1) || count != std::floor(count) || count > static_cast<double>(row.args.size() - at - 3))
      refuse(at_row, which + " says it has " + shown(count) + " coefficients, and " +
                         std::to_string(row.args.size() - at - 3) + " numbers follow");
    const auto first = row.args.begin() + static_cast<std::ptrdiff_t>(at + 3);
    const auto length = static_cast<std::size_t>(count);
    pieces.push_back({row.args[at], row.args[at + 1], {first, first + static_cast<std::ptrdiff_t>(length)}});
    at += 3 + length;
  }
  std::string why;
  std::shared_ptr<const Function> made = tabulated_function(std::move(pieces), why);
  if (!made) refuse(at_row, why);
  return made;
}

struct Frame {
  std::size_t index;  // of the repeat
  std::size_t depth;  // of the stack when it began
  double times;       // product of the enclosing turns
};

}  // namespace

bool is_activation(Op op) {
  return op == Op::relu || op == Op::erf || op == Op::gelu || op == Op::sine || op == Op::sign || op == Op::function;
}

std::vector<std::string> known_steps() {
  std::vector<std::string> names;
  for (const Mnemonic& m : kMnemonics) names.emplace_back(m.name);
  return names;
}

Where where(const Step& step) {
  if (step.function != nullptr) return where(step.row, step.function->name(), step.place);
  const auto* known =
      std::find_if(kMnemonics.begin(), kMnemonics.end(), [&](const Mnemonic& m) { return m.op == step.op; });
  return where(step.row, std::string(known->name), step.place);
}

Program Program::load(std::span<const Row> rows, Places places) {
  Program program;
  if (!places.empty() && places.size() != rows.size())
    throw Error(Code::program, "expected as many places as steps, " + std::to_string(rows.size()) + ", got " +
                                   std::to_string(places.size()));
  program.places_ = std::move(places);
  const auto place_of = [&](std::size_t row) { return program.places_.empty() ? nullptr : program.places_[row].get(); };
  std::vector<Frame> frames;
  std::size_t depth = 0;
  double times = 1, emits = 0;
  if (rows.empty() || rows.front().op != "input") throw Error(Code::program, "a listing starts with 'input'");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const At here{i, row.op, place_of(i)};
    const Mnemonic* known = nullptr;
    for (const Mnemonic& m : kMnemonics)
      if (m.name == row.op) known = &m;
    if (known == nullptr) {
      std::string names;
      for (const Mnemonic& m : kMnemonics) names += (names.empty() ? "" : ", ") + std::string(m.name);
      refuse(here, "unknown step; this build knows " + names);
    }
    if (known->arity != kAnyNumber && row.args.size() != known->arity)
      refuse(here, "takes " + std::to_string(known->arity) + " numbers, got " + std::to_string(row.args.size()));
    Step step{known->op, {}, 0};
    step.row = i;
    step.place = here.place;
    for (std::size_t a = 0; a < row.args.size(); ++a) {
      if (!std::isfinite(row.args[a])) refuse(here, "number " + std::to_string(a) + " is not finite");
      if (a < std::size(step.args)) step.args[a] = row.args[a];
    }
    if (step.op == Op::function) {
      program.functions_.push_back(function_of(here, row));
      step.function = program.functions_.back().get();
    }
    if (const char* why = objection(step.op, step.args)) refuse(here, why);

    const auto needs_saved = [&] {
      if (depth == (frames.empty() ? 0 : frames.back().depth)) refuse(here, "nothing was pushed before it");
    };
    switch (step.op) {
      case Op::input:
        if (i != 0) refuse(here, "only the first step may be 'input'");
        program.per_dimension_ = step.args[0] == 1;
        break;
      case Op::push:
        if (++depth > kDeepestStack) refuse(here, "branches nest deeper than 64");
        if (depth > program.stack_depth_) program.stack_depth_ = depth;
        break;
      case Op::swap:
        needs_saved();
        break;
      case Op::add:
      case Op::pop:
        needs_saved();
        --depth;
        break;
      case Op::repeat:
        frames.push_back({i, depth, times});
        times *= step.args[0];
        break;
      case Op::end: {
        if (frames.empty()) refuse(here, "no repeat is open");
        const Frame frame = frames.back();
        if (depth != frame.depth) refuse(here, "the repeated part leaves pushed branches behind");
        frames.pop_back();
        step.jump = frame.index;
        program.steps_[frame.index].jump = i;
        times = frame.times;
        break;
      }
      case Op::emit:
        emits += times;
        break;
      case Op::sign:
        program.tangent_ = false;
        break;
      default:
        break;
    }
    program.work_ += times;
    if (program.work_ > kMostWork) refuse(here, "the listing runs for more than 10^9 steps");
    program.steps_.push_back(step);
  }
  if (!frames.empty()) refuse({frames.back().index, "repeat", place_of(frames.back().index)}, "has no end");
  if (depth != 0) throw Error(Code::program, "the listing ends with pushed branches that were never added");
  if (emits < 1 || emits > 1e5)
    throw Error(Code::program, "a listing emits between 1 and 100000 kernels, this one emits " +
                                   std::to_string(static_cast<std::int64_t>(emits)));
  program.emits_ = static_cast<std::size_t>(emits);
  check_image_rows(rows);
  program.image_ = reads_images(rows);
  if (program.image_ && program.work_ > kMostImageWork)
    throw Error(Code::program, "a listing that reads images runs for at most 10^6 steps, this one for " +
                                   std::to_string(static_cast<std::int64_t>(program.work_)));
  return program;
}

}  // namespace resgram::core
