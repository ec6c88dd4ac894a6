// Walks a program as it executes: repeats unrolled, one visit per executed step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "program.hpp"

namespace resgram::core {

// visit(step) for every executed step but repeat and end, in order.
template <class Visit>
void run(const Program& program, Visit&& visit) {
  const auto steps = program.steps();
  std::vector<std::uint64_t> left;  // turns still to go, innermost last
  for (std::size_t at = 0; at < steps.size(); ++at) {
    const Step& step = steps[at];
    if (step.op == Op::repeat) {
      const auto times = static_cast<std::uint64_t>(step.args[0]);
      if (times == 0) {
        at = step.jump;
      } else {
        left.push_back(times);
      }
    } else if (step.op == Op::end) {
      if (--left.back() > 0) {
        at = step.jump;
      } else {
        left.pop_back();
      }
    } else {
      visit(step);
    }
  }
}

}  // namespace resgram::core
