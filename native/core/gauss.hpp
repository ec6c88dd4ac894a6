// Gauss's rule on [−1, 1].
#pragma once

#include <cstddef>
#include <vector>

#include "ticket.hpp"

namespace resgram::core {

struct GaussRule {
  std::vector<double> node, weight;
  // Of thousands of nodes it takes seconds: a ticket stops it. Throws Cancelled.
  explicit GaussRule(std::size_t n, const Ticket* ticket = nullptr);
};

}  // namespace resgram::core
