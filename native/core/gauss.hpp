// Gauss's rule on [−1, 1].
#pragma once

#include <cstddef>
#include <vector>

namespace resgram::core {

struct GaussRule {
  std::vector<double> node, weight;
  explicit GaussRule(std::size_t n);
};

}  // namespace resgram::core
