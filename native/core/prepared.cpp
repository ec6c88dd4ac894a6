#include "prepared.hpp"

#include "images.hpp"
#include "program.hpp"

namespace resgram::core {

Prepared::Prepared(const Program& program, const Points& points, const Tuning& tuning, const Ticket& ticket)
    : points_(points) {
  if (check_grid(program, points.grid, points.dimension)) return;
  const int threads = usable_threads(tuning.threads);
  auto side = std::make_unique<Side<double>>(program, points, is_uniform(program), threads, ticket);
  side->pack(threads);
  side_ = std::move(side);
}

std::size_t Prepared::bytes(const Program& program, std::size_t rows, std::size_t dimension, const Grid& grid) {
  if (check_grid(program, grid, dimension)) return 0;
  return static_cast<std::size_t>(side_bytes(program, rows, sizeof(double)) +
                                  packed_bytes(rows, dimension, sizeof(double)));
}

}  // namespace resgram::core
