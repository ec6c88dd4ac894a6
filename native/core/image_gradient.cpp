#include "image_gradient.hpp"

#include <algorithm>

#include "derive_hours.hpp"
#include "error.hpp"
#include "image_tape.hpp"
#include "images.hpp"
#include "linalg/linalg.hpp"
#include "pool.hpp"

namespace resgram::core {

double image_gradient_bytes(const Program& program, const Grid& grid, int threads) {
  return TapePlan(program, grid).bytes() * std::clamp(threads, 1, 4 * linalg::available_cpus());
}

void image_gradient(const Program& program, const Points& x, const Points& z, std::span<Sink<double>> sinks,
                    const Tuning& tuning, Ticket& ticket) {
  if (sinks.size() != program.emits()) throw Error(Code::internal, "expected one sink per emit");
  if (!check_grid(program, x.grid, x.dimension)) throw Error(Code::internal, "expected images");
  const std::size_t pairs = x.rows * z.rows, d = x.dimension;
  const int threads = std::clamp(tuning.threads, 1, 4 * linalg::available_cpus());
  require_derivative_hours(program, x, z, threads, tuning.max_hours, ticket);
  const TapePlan plan(program, x.grid);
  double each = plan.forward();
  for (std::size_t e = 0; e < sinks.size(); ++e)
    each += plan.reverse(e) * ((sinks[e].nngp != nullptr ? 1 : 0) + (sinks[e].ntk != nullptr ? 1 : 0));
  ticket.expect(static_cast<std::uint64_t>(std::min(each * static_cast<double>(pairs), 0x1p62)));
  parallel_for(pairs, threads, [&](std::size_t index, int) {
    const auto one = [d](const Points& of, std::size_t row) {
      return Points{of.data.subspan(row * d, d), 1, d, of.grid};
    };
    const ImageTape tape(program, one(x, index / z.rows), one(z, index % z.rows), index / z.rows, ticket);
    for (std::size_t e = 0; e < sinks.size(); ++e) {
      if (sinks[e].nngp != nullptr) tape.gradient(e, false, sinks[e].nngp + index * d);
      if (sinks[e].ntk != nullptr) tape.gradient(e, true, sinks[e].ntk + index * d);
    }
  });
}

}  // namespace resgram::core
