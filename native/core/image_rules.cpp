#include "image_rules.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "error.hpp"

namespace resgram::core {
namespace {

bool is_head(const std::string& op) { return op == "pixel" || op == "trace" || op == "mean"; }

[[noreturn]] void refuse(std::size_t row, const std::string& op, const std::string& why) {
  throw Error(Code::program, "step " + std::to_string(row) + " (" + op + "): " + why,
              {{"step", static_cast<double>(row)}});
}

// Which states are grids of pixels; the others are vectors that a head has read.
struct Walk {
  bool grid = true;
  std::vector<bool> saved;
  std::vector<bool> repeats;  // the state when each began

  void step(std::size_t i, const Row& row) {
    const std::string& op = row.op;
    if (op == "push") {
      saved.push_back(grid);
    } else if (op == "pop") {
      grid = saved.back();
      saved.pop_back();
    } else if (op == "swap" || op == "add") {
      if (saved.back() != grid)
        refuse(i, op, "one branch is a grid of pixels, the other a vector; read both with one head after adding them");
      if (op == "add") saved.pop_back();
    } else if (op == "repeat") {
      repeats.push_back(grid);
    } else if (op == "end") {
      if (repeats.back() != grid) refuse(i, op, "a head inside of a repeat reads the grid away from its next turn");
      repeats.pop_back();
    } else if (is_head(op) || op == "patch" || op == "average") {
      if (!grid) refuse(i, op, "expected a grid of pixels, but a head has already read it");
      if (op == "average" && !saved.empty())
        refuse(i, op, "average pooling inside of a branch is not supported; put it between blocks");
      grid = !is_head(op);
    } else if (op == "emit" && grid) {
      refuse(i, op, "expected a vector but comes to a grid of pixels; put pixel, trace or mean before it");
    }
  }
};

}  // namespace

bool reads_images(std::span<const Row> rows) {
  return std::any_of(rows.begin(), rows.end(), [](const Row& row) { return is_head(row.op); });
}

void check_image_rows(std::span<const Row> rows) {
  if (!reads_images(rows)) {
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (rows[i].op == "patch" || rows[i].op == "average")
        refuse(i, rows[i].op, "takes a grid of pixels, but no head (pixel, trace, mean) follows");
    return;
  }
  Walk walk;
  for (std::size_t i = 0; i < rows.size(); ++i) walk.step(i, rows[i]);
}

}  // namespace resgram::core
