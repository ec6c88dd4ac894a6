#include "wide_rule.hpp"

#include "gauss.hpp"

namespace resgram::core {
namespace {

struct Legendre {
  Wide value, slope;
};

// Pₙ and Pₙ′ at |x| < 1.
Legendre legendre(std::size_t n, Wide x) {
  Wide before = 1, p = x;
  for (std::size_t k = 2; k <= n; ++k) {
    const auto j = static_cast<double>(k);
    const Wide next = (Wide(2 * j - 1) * x * p - Wide(j - 1) * before) / Wide(j);
    before = p;
    p = next;
  }
  const auto order = Wide(static_cast<double>(n));
  return {p, order * (x * p - before) / (x * x - Wide(1))};
}

}  // namespace

// One step of Newton's doubles the digits of the double rule, which has them but for some units in the last place; the
// weight is taken at the improved node, where w′ ≈ 0 makes what is left of its error harmless.
WideRule::WideRule(std::size_t n, const Ticket& ticket) : node(n), weight(n) {
  const GaussRule start(n, &ticket);
  for (std::size_t i = 0; i < (n + 1) / 2; ++i) {
    if (ticket.cancelled()) throw Cancelled{};
    Wide x = start.node[n - 1 - i];
    Legendre at = legendre(n, x);
    for (int turn = 0; turn < 2; ++turn) {
      if (2 * i + 1 == n) break;
      x = x - at.value / at.slope;
      at = legendre(n, x);
    }
    const Wide w = Wide(2) / ((Wide(1) - x * x) * at.slope * at.slope);
    node[i] = -x;
    node[n - 1 - i] = x;
    weight[i] = weight[n - 1 - i] = w;
  }
}

}  // namespace resgram::core
