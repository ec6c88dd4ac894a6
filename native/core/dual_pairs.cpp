#include "dual_pairs.hpp"

#include <chrono>

namespace resgram::core {

DualInput::DualInput(const Function& phi, double a) : variance(a), row(dual_row(phi, a)) {
  if (phi.spline() != nullptr) seen = SplineRow(*phi.spline(), a, row);
}

DualPair integrated_pair(const Function& phi, const DualInput& x, const DualInput& z, double m, bool acute,
                         const Where& where) {
  DualPair pair{0, 1, 1};
  if (m == 0 && acute && x.variance == z.variance) return pair;
  if (x.variance < z.variance) return integrated_pair(phi, z, x, m, acute, where);
  if (phi.spline() != nullptr && spline_pair(x.seen, z.seen, m, acute, phi.parity(), pair)) return pair;
  double error = 0;
  return dual_pair(phi, x.variance, z.variance, m, acute, x.row, z.row, where, error);
}

double seconds_per_pair(const Function& phi, double a, double b) {
  using Clock = std::chrono::steady_clock;
  const DualInput x(phi, a), z(phi, b);
  DualPair pair{};
  const auto start = Clock::now();
  constexpr double kMiddle = 0.2;
  // dual_pair takes two rules or three; the second has 24 nodes in each direction for every 16.
  double passes = 1;
  if (phi.spline() == nullptr || !spline_pair(x.seen, z.seen, kMiddle, true, phi.parity(), pair)) {
    dual_pass(phi, a, b, kMiddle, true, x.row, z.row, Rule::usual);
    passes = 1 + 24.0 * 24 / (16 * 16);
  }
  return passes * std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace resgram::core
