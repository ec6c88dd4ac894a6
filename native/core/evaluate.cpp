#include "evaluate.hpp"

#include <algorithm>

#include "dual_tables.hpp"
#include "error.hpp"
#include "images.hpp"
#include "linalg/linalg.hpp"
#include "prepared.hpp"
#include "sinks.hpp"
#include "sweep.hpp"

namespace resgram::core {
namespace {

Tuning for_images(const Tuning& tuning) {
  return {.threads = usable_threads(tuning.threads),
          .strip_rows = tuning.strip_rows,
          .max_hours = tuning.max_hours,
          .single_steps = tuning.single_steps};
}

// A table was asked for by name: nothing else is taken in its place.
void require_path(const Program& program, const Tuning& tuning) {
  if (tuning.path != Path::table || (!program.image() && is_uniform(program))) return;
  throw Error(
      Code::argument,
      "path: there is no table of this kernel: only those of networks on vectors with relu, leakyRelu or abs and "
      "without biases depend on the angle alone; use path 'automatic' or 'steps'");
}

}  // namespace

int usable_threads(int threads) {
  constexpr int kPerCpu = 4;
  // Asking the system takes longer than a small matrix; there is one CPU at least.
  if (threads <= kPerCpu) return std::max(threads, 1);
  return std::clamp(threads, 1, kPerCpu * linalg::available_cpus());
}

template <class Real>
Path gram(const Program& program, const Points& x, std::span<Sink<Real>> sinks, const Tuning& tuning, Ticket& ticket) {
  check_sinks<Real>(program, sinks);
  require_path(program, tuning);
  if (check_grid(program, x.grid, x.dimension)) {
    image_gram(program, x, sinks, for_images(tuning), ticket);
    return Path::steps;
  }
  const bool uniform = is_uniform(program);
  const int threads = usable_threads(tuning.threads);
  const Side<Real> side(program, x, uniform, threads, ticket);
  set_scales(sinks, side.diagonals, side.diagonals);
  return sweep(program, side, side, true, uniform, sinks, threads, tuning, ticket);
}

namespace {

// True for images. Throws Error unless the two sides go together.
template <class Real>
bool check_cross(const Program& program, const Points& x, const Points& z, std::span<const Sink<Real>> sinks,
                 const Tuning& tuning) {
  check_sinks<Real>(program, sinks);
  require_path(program, tuning);
  if (x.dimension != z.dimension)
    throw Error(Code::shape, "x has " + std::to_string(x.dimension) + " columns, z has " + std::to_string(z.dimension),
                {{"x", static_cast<double>(x.dimension)}, {"z", static_cast<double>(z.dimension)}});
  return check_grid(program, x.grid, x.dimension);
}

// Vectors against a side that is there.
template <class Real>
Path cross_with(const Program& program, const Points& x, const Side<Real>& z, bool uniform, std::span<Sink<Real>> sinks,
                const Tuning& tuning, Ticket& ticket) {
  const int threads = usable_threads(tuning.threads);
  const Side<Real> left(program, x, uniform, threads, ticket);
  set_scales(sinks, left.diagonals, z.diagonals);
  return sweep(program, left, z, false, uniform, sinks, threads, tuning, ticket);
}

}  // namespace

template <class Real>
Path cross(const Program& program, const Points& x, const Points& z, std::span<Sink<Real>> sinks, const Tuning& tuning,
           Ticket& ticket) {
  if (check_cross<Real>(program, x, z, sinks, tuning)) {
    image_cross(program, x, z, sinks, for_images(tuning), ticket);
    return Path::steps;
  }
  const bool uniform = is_uniform(program);
  const Side<Real> right(program, z, uniform, usable_threads(tuning.threads), ticket);
  return cross_with(program, x, right, uniform, sinks, tuning, ticket);
}

Path cross(const Program& program, const Points& x, const Prepared& z, std::span<Sink<double>> sinks,
           const Tuning& tuning, Ticket& ticket) {
  if (z.side() == nullptr) return cross<double>(program, x, z.points(), sinks, tuning, ticket);
  check_cross<double>(program, x, z.points(), sinks, tuning);
  return cross_with(program, x, *z.side(), is_uniform(program), sinks, tuning, ticket);
}

void diagonal(const Program& program, const Points& x, std::span<Sink<double>> sinks, const Ticket& ticket) {
  check_sinks<double>(program, sinks);
  if (check_grid(program, x.grid, x.dimension)) return image_diagonal(program, x, sinks, ticket);
  const Directions<double> directions(x, program.per_dimension(), false);
  const std::vector<EmitDiagonals> values =
      diagonals(program, directions.units(), 1, kSmallestExponent<double>, kLargestExponent<double>, ticket);
  set_scales(sinks, values, values);
  for (std::size_t e = 0; e < sinks.size(); ++e) {
    const EmitDiagonals& v = values[e];
    if (sinks[e].nngp != nullptr) std::copy(v.covariance.value.begin(), v.covariance.value.end(), sinks[e].nngp);
    if (sinks[e].ntk != nullptr) std::copy(v.tangent.value.begin(), v.tangent.value.end(), sinks[e].ntk);
  }
}

std::size_t workspace_bytes(const Program& program, std::size_t rows, std::size_t columns, std::size_t dimension,
                            std::size_t bytes_per_value, const Tuning& tuning, const Grid& grid) {
  if (check_grid(program, grid, dimension))
    return image_workspace_bytes(program, rows, columns, grid, bytes_per_value, for_images(tuning));
  return static_cast<std::size_t>(
      sweep_bytes(program, rows, columns, dimension, bytes_per_value, usable_threads(tuning.threads), tuning) +
      side_bytes(program, rows, bytes_per_value) + side_bytes(program, columns, bytes_per_value) +
      DualTables::most_bytes(program));
}

template Path gram<double>(const Program&, const Points&, std::span<Sink<double>>, const Tuning&, Ticket&);
template Path gram<float>(const Program&, const Points&, std::span<Sink<float>>, const Tuning&, Ticket&);
template Path cross<double>(const Program&, const Points&, const Points&, std::span<Sink<double>>, const Tuning&,
                            Ticket&);
template Path cross<float>(const Program&, const Points&, const Points&, std::span<Sink<float>>, const Tuning&,
                           Ticket&);

}  // namespace resgram::core
