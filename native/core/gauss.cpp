#include "gauss.hpp"

#include <cmath>

namespace resgram::core {

// Newton's iteration on the Legendre polynomial from Tricomi's estimate of its zeros; mirrored, so that the rule is exactly
// symmetric.
GaussRule::GaussRule(std::size_t n, const Ticket* ticket) : node(n), weight(n) {
  constexpr double kPi = 3.14159265358979323846;
  const auto order = static_cast<double>(n);
  for (std::size_t i = 0; i < (n + 1) / 2; ++i) {
    if (ticket != nullptr && ticket->cancelled()) throw Cancelled{};
    double x = std::cos(kPi * (static_cast<double>(i) + 0.75) / (order + 0.5)), slope = 1;
    for (int turn = 0; turn < 10; ++turn) {
      double before = 1, p = x;
      for (std::size_t k = 2; k <= n; ++k) {
        const auto j = static_cast<double>(k);
        const double next = ((2 * j - 1) * x * p - (j - 1) * before) / j;
        before = p;
        p = next;
      }
      slope = order * (x * p - before) / (x * x - 1);
      const double step = p / slope;
      x -= step;
      if (std::fabs(step) < 1e-16) break;
    }
    if (2 * i + 1 == n) x = 0;
    node[i] = -x;
    node[n - 1 - i] = x;
    weight[i] = weight[n - 1 - i] = 2 / ((1 - x * x) * slope * slope);
  }
}

}  // namespace resgram::core
