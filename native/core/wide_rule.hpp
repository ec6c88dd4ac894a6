// Gauss–Legendre quadrature to 30 digits.
#pragma once

#include <cstddef>
#include <vector>

#include "ticket.hpp"
#include "wide.hpp"

namespace resgram::core {

// Nodes ascending in (−1, 1) and their weights, which add up to 2.
struct WideRule {
  std::vector<Wide> node, weight;
  // Throws Cancelled: thousands of nodes take seconds.
  explicit WideRule(std::size_t n, const Ticket& ticket = Ticket{});
};

}  // namespace resgram::core
