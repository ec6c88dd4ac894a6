#include "images.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>

#include "error.hpp"
#include "image_side.hpp"
#include "pool.hpp"

namespace resgram::core {
namespace {

constexpr double kLogTwo = 0.693147180559945309417;
constexpr std::size_t kLargestSide = 1 << 14;
// Factors of the images in hand, for each thread.
constexpr std::size_t kChunkBytes = std::size_t{256} << 20;

// Lanes that fill four of the widest vectors, as long as the planes of a line stay in a cache of the second level; fewer
// where there are few images. No result depends on it.
template <class Real>
std::size_t lane_count(const ImagePlan& plan, const ImagePasses* passes, bool tables, std::size_t columns) {
  if (passes != nullptr) return kImageLanes<Real>;
  constexpr std::size_t kCache = std::size_t{1} << 20;
  constexpr std::size_t kMost = 256 / sizeof(Real), kUsual = kMost / 2;
  const std::size_t least = tables ? kTableLanes * sizeof(double) / sizeof(Real) : kMost / 4;
  std::size_t lanes = kMost;
  while (lanes > least && columns <= lanes / 2) lanes /= 2;
  while (lanes > kUsual && ImageEvaluator<Real>::bytes(plan, nullptr, lanes) > kCache) lanes /= 2;
  while (lanes > least && block_bytes<Real>(plan, nullptr, lanes) > kChunkBytes / 2) lanes /= 2;
  return lanes;
}

// How many images of each side a task takes. What belongs to one image alone costs about ten pairs of a line: with few
// lines a task takes many images, with many it may be small.
struct Tiling {
  std::size_t lanes, rows, columns;
};

template <class Real>
Tiling tiling(const ImagePlan& plan, const ImagePasses* passes, bool tables, std::size_t lines, std::size_t columns,
              const Tuning& tuning) {
  constexpr std::size_t kMany = 64;
  const std::size_t lanes = lane_count<Real>(plan, passes, tables, columns);
  const std::size_t wanted = std::clamp<std::size_t>(4 * kMany / lines, 4, kMany);
  const std::size_t fitting = std::max<std::size_t>(1, kChunkBytes / 2 / block_bytes<Real>(plan, passes, 1));
  const std::size_t rows = std::min(tuning.strip_rows == 0 ? wanted : tuning.strip_rows, fitting);
  return {lanes, rows, std::max(lanes, std::min(wanted, fitting) / lanes * lanes)};
}

std::optional<ImagePasses> passes_of(const ImagePlan& plan, const Tuning& tuning) {
  return tuning.single_steps ? std::nullopt : ImagePasses::of(plan);
}

struct Task {
  std::size_t row, rows, column, columns;
};

bool same_image(const ImageSide& x, std::size_t i, const ImageSide& z, std::size_t j) {
  const std::size_t d = x.points.dimension;
  const double *a = x.points.data.data() + i * d, *b = z.points.data.data() + j * d;
  return std::equal(a, a + d, b);
}

// The kernel of the pairs of row i with one block of columns, into rows of the sinks and, for a Gram matrix, their mirror.
template <class Real>
class Store {
 public:
  Store(const ImageSide& x, const ImageSide& z, bool same, std::span<Sink<Real>> sinks)
      : x_(x), z_(z), same_(same), columns_(z.points.rows), sinks_(sinks) {}

  void operator()(std::size_t e, std::size_t i, std::size_t first, std::size_t used, const std::vector<char>& equal,
                  const Real* rho, const Real* t, double gain) const {
    const EmitDiagonals &dx = x_.diagonals[e], &dz = z_.diagonals[e];
    if (sinks_[e].nngp != nullptr)
      put(sinks_[e].nngp, i, first, used, equal, dx.covariance, dz.covariance, [&](std::size_t lane, std::size_t j) {
        return static_cast<double>(rho[lane]) * (dx.covariance.root[i] * dz.covariance.root[j]);
      });
    if (sinks_[e].ntk != nullptr)
      put(sinks_[e].ntk, i, first, used, equal, dx.tangent, dz.tangent, [&](std::size_t lane, std::size_t j) {
        const std::int64_t exponent = x_.exponents[e][i] + dx.tangent.shift + z_.exponents[e][j] + dz.tangent.shift;
        return std::ldexp(static_cast<double>(t[lane]) * gain,
                          static_cast<int>(std::clamp<std::int64_t>(exponent, -5000, 5000)));
      });
  }

 private:
  template <class Value>
  void put(Real* out, std::size_t i, std::size_t first, std::size_t used, const std::vector<char>& equal,
           const Diagonal& dx, const Diagonal& dz, Value&& value) const {
    for (std::size_t lane = 0; lane < used; ++lane) {
      const std::size_t j = first + lane;
      if (same_ && j < i) continue;
      const Real number = static_cast<Real>(equal[lane] != 0 ? equal_value(dx, i, dz, j) : value(lane, j));
      out[i * columns_ + j] = number;
      if (same_) out[j * columns_ + i] = number;
    }
  }

  const ImageSide& x_;
  const ImageSide& z_;
  bool same_;
  std::size_t columns_;
  std::span<Sink<Real>> sinks_;
};

template <class Real>
void image_sweep(const ImagePlan& plan, const ImagePasses* passes, const DualTables& duals, const ImageSide& x,
                 const ImageSide& z, bool same, bool per_dimension, const Tiling& tiles, const std::vector<Task>& work,
                 std::span<Sink<Real>> sinks, int threads, Ticket& ticket) {
  bool tangent = false;
  for (std::size_t e = 0; e < sinks.size(); ++e) {
    tangent = tangent || sinks[e].ntk != nullptr;
    const EmitDiagonals &a = x.diagonals[e], &b = z.diagonals[e];
    sinks[e].nngp_log_scale = -static_cast<double>(a.covariance.shift + b.covariance.shift) * kLogTwo;
    sinks[e].ntk_log_scale = -static_cast<double>(a.tangent.shift + b.tangent.shift) * kLogTwo;
  }
  const Store<Real> store(x, z, same, sinks);
  const bool among = same && ImageEvaluator<Real>::pairs_among(plan, passes);
  std::vector<std::unique_ptr<ImageEvaluator<Real>>> evaluators(static_cast<std::size_t>(threads));
  parallel_for(work.size(), threads, [&](std::size_t index, int slot) {
    auto& evaluator = evaluators[static_cast<std::size_t>(slot)];
    if (!evaluator) evaluator = std::make_unique<ImageEvaluator<Real>>(plan, passes, duals, tiles.lanes, tangent);
    const Task& task = work[index];
    const ImageChunk<Real> rows(plan, x, per_dimension, task.row, task.rows);
    const ImageChunk<Real> columns(plan, z, per_dimension, task.column, task.columns);
    std::vector<ImageBlock<Real>> left;
    for (std::size_t i = 0; i < task.rows; ++i) {
      if (ticket.cancelled()) throw Cancelled{};
      left.push_back(rows.block(plan, passes, x, i, 1, 1));
    }
    std::vector<char> equal(tiles.lanes);
    const auto run = [&](const ImageBlock<Real>& one, std::size_t row, const ImageBlock<Real>& right,
                         std::size_t first) {
      for (std::size_t lane = 0; lane < right.used; ++lane) equal[lane] = same_image(x, row, z, first + lane) ? 1 : 0;
      evaluator->run(one, right, ticket, [&](std::size_t e, const Real* rho, const Real* t, double gain) {
        store(e, row, first, right.used, equal, rho, t, gain);
      });
    };
    // A block of columns with itself.
    const auto run_diagonal = [&](const ImageBlock<Real>& block, std::size_t first) {
      std::vector<ImageBlock<Real>> singles;
      for (std::size_t k = 0; k < block.used; ++k)
        singles.push_back(columns.block(plan, passes, z, first - task.column + k, 1, 1));
      if (std::find(block.fits.begin(), block.fits.end(), 0) != block.fits.end()) {
        ticket.expect((block.used - block.used / 2) * plan.line_count());  // twice as many as were announced
        for (std::size_t k = 0; k < block.used; ++k) run(singles[k], first + k, block, first);
        return;
      }
      const auto put = [&](std::size_t e, std::size_t row, std::size_t column, const Real* rho, const Real* t,
                           double gain) {
        equal[0] = same_image(x, row, z, column) ? 1 : 0;
        store(e, row, column, 1, equal, rho, t, gain);
      };
      const Real none = 0;
      for (std::size_t e = 0; e < sinks.size(); ++e)
        for (std::size_t k = 0; k < block.used; ++k) put(e, first + k, first + k, &none, &none, 1);
      evaluator->run_among(
          block, singles, ticket,
          [&](std::size_t e, std::size_t one, std::size_t other, std::size_t lane, const Real* rho, const Real* t,
              double gain) { put(e, first + one, first + other, rho + lane, t + lane, gain); });
    };
    for (std::size_t from = 0; from < task.columns; from += tiles.lanes) {
      const std::size_t used = std::min(tiles.lanes, task.columns - from), first = task.column + from;
      const ImageBlock<Real> right = columns.block(plan, passes, z, from, used, tiles.lanes);
      if (among && first >= task.row && first - task.row < task.rows) run_diagonal(right, first);
      for (std::size_t i = 0; i < task.rows; ++i) {
        const std::size_t row = task.row + i;
        if (same && (among ? first : first + used) <= row) continue;
        run(left[i], row, right, first);
      }
    }
  });
}

std::vector<Task> tasks(std::size_t rows, std::size_t columns, const Tiling& tiles, bool triangle) {
  std::vector<Task> list;
  for (std::size_t column = 0; column < columns; column += tiles.columns)
    for (std::size_t row = 0; row < rows; row += tiles.rows) {
      const std::size_t wide = std::min(tiles.columns, columns - column);
      if (triangle && row >= column + wide) break;
      list.push_back({row, std::min(tiles.rows, rows - row), column, wide});
    }
  return list;
}

// Runs that a task makes: one for each of its rows and blocks of columns that reaches the diagonal or lies behind it.
// `among`: the block on the diagonal is turned against itself instead, half as often.
std::size_t runs(const Task& task, std::size_t lanes, bool triangle, bool among) {
  std::size_t count = 0;
  for (std::size_t from = 0; from < task.columns; from += lanes) {
    const std::size_t first = task.column + from, end = task.column + std::min(from + lanes, task.columns);
    if (among) {
      count += first > task.row ? std::min(task.rows, first - task.row) : 0;
      if (first >= task.row && first - task.row < task.rows) count += (end - first) / 2;
      continue;
    }
    count += triangle ? std::min(task.rows, end > task.row ? end - task.row : 0) : task.rows;
  }
  return count;
}

template <class Real>
void image_matrix(const Program& program, const Points& x, const Points* z, std::span<Sink<Real>> sinks,
                  const Tuning& tuning, Ticket& ticket) {
  const ImagePlan plan(program, x.grid);
  const std::optional<ImagePasses> found = passes_of(plan, tuning);
  const ImagePasses* passes = found ? &*found : nullptr;
  const bool same = z == nullptr, per_dimension = program.per_dimension();
  const std::size_t columns = same ? x.rows : z->rows;
  const std::size_t lines = plan.line_count();
  const Tiling tiles = tiling<Real>(plan, passes, has_functions(program), lines, columns, tuning);
  const std::vector<Task> work = tasks(x.rows, columns, tiles, same);
  const bool among = same && ImageEvaluator<Real>::pairs_among(plan, passes);
  const std::size_t rounds = passes != nullptr ? std::min<std::size_t>(plan.own_averages(), 1) : plan.own_averages();
  std::size_t total = rounds * (same ? x.rows : x.rows + columns);
  for (const Task& task : work) total += runs(task, tiles.lanes, same, among);
  ticket.expect(total * lines);
  ImageSide left(x), right(same ? Points{} : *z);
  ImageSide* const both[] = {&left, &right};
  const double pairs = static_cast<double>(x.rows) * static_cast<double>(columns) * (same ? 0.5 : 1) *
                       static_cast<double>(lines) * static_cast<double>(plan.largest());
  const DualTables duals = prepare(program, plan, passes, std::span(both, same ? 1 : 2), pairs, tuning,
                                   kSmallestExponent<Real>, kLargestExponent<Real>, ticket, &ticket);
  image_sweep(plan, passes, duals, left, same ? left : right, same, per_dimension, tiles, work, sinks, tuning.threads,
              ticket);
}

std::string shown(const Grid& grid) {
  return std::to_string(grid.height) + " × " + std::to_string(grid.width) + " images with " +
         std::to_string(grid.channels) + (grid.channels == 1 ? " channel" : " channels");
}

}  // namespace

bool check_grid(const Program& program, const Grid& grid, std::size_t dimension) {
  const Error::Details details = {{"height", static_cast<double>(grid.height)},
                                  {"width", static_cast<double>(grid.width)},
                                  {"channels", static_cast<double>(grid.channels)},
                                  {"dimension", static_cast<double>(dimension)}};
  if (!program.image()) {
    if (grid.height != 0)
      throw Error(Code::shape,
                  "the network takes vectors but gets " + shown(grid) +
                      "; a head (pixel, trace or mean) in the network, or no grid, would help",
                  details);
    return false;
  }
  if (grid.height == 0)
    throw Error(Code::shape,
                "the network reads images but gets vectors; the height, width and channels of the images would help",
                details);
  if (grid.width == 0 || grid.channels == 0 || grid.height > kLargestSide || grid.width > kLargestSide)
    throw Error(Code::shape, "expected images of 1 to 16384 pixels a side, got " + shown(grid), details);
  if (grid.height * grid.width * grid.channels != dimension)
    throw Error(Code::shape,
                "expected rows of " + std::to_string(grid.height * grid.width * grid.channels) + " numbers for " +
                    shown(grid) + ", got " + std::to_string(dimension),
                details);
  return true;
}

template <class Real>
void image_gram(const Program& program, const Points& x, std::span<Sink<Real>> sinks, const Tuning& tuning,
                Ticket& ticket) {
  image_matrix<Real>(program, x, nullptr, sinks, tuning, ticket);
}

template <class Real>
void image_cross(const Program& program, const Points& x, const Points& z, std::span<Sink<Real>> sinks,
                 const Tuning& tuning, Ticket& ticket) {
  image_matrix<Real>(program, x, &z, sinks, tuning, ticket);
}

void image_diagonal(const Program& program, const Points& x, std::span<Sink<double>> sinks, const Ticket& ticket) {
  const ImagePlan plan(program, x.grid);
  ImageSide side(x);
  ImageSide* const only[] = {&side};
  const std::optional<ImagePasses> passes = ImagePasses::of(plan);
  prepare(program, plan, passes ? &*passes : nullptr, only, 0, {1, 0}, kSmallestExponent<double>,
          kLargestExponent<double>, ticket, nullptr);
  for (std::size_t e = 0; e < sinks.size(); ++e) {
    const EmitDiagonals& v = side.diagonals[e];
    sinks[e].nngp_log_scale = -static_cast<double>(2 * v.covariance.shift) * kLogTwo;
    sinks[e].ntk_log_scale = -static_cast<double>(2 * v.tangent.shift) * kLogTwo;
    if (sinks[e].nngp != nullptr) std::copy(v.covariance.value.begin(), v.covariance.value.end(), sinks[e].nngp);
    if (sinks[e].ntk != nullptr) std::copy(v.tangent.value.begin(), v.tangent.value.end(), sinks[e].ntk);
  }
}

double image_work(const Program& program, std::size_t rows, std::size_t columns, const Grid& grid) {
  check_grid(program, grid, grid.height * grid.width * grid.channels);
  const ImagePlan plan(program, grid);
  const double work = static_cast<double>(rows) * static_cast<double>(columns) * plan.pair_work();
  const std::optional<ImagePasses> passes = ImagePasses::of(plan);
  if (!passes) return work;
  // A pass takes the time of one and a half single steps.
  double steps = 0;
  for (const LineCost& cost : plan.levels().front().costs) steps += cost.steps;
  return work * std::min(1.0, 1.5 * static_cast<double>(passes->passes().size() + 1) / steps);
}

std::size_t image_workspace_bytes(const Program& program, std::size_t rows, std::size_t columns, const Grid& grid,
                                  std::size_t bytes_per_value, const Tuning& tuning) {
  const ImagePlan plan(program, grid);
  const std::optional<ImagePasses> found = passes_of(plan, tuning);
  const ImagePasses* passes = found ? &*found : nullptr;
  const bool single = bytes_per_value == sizeof(float), tables = has_functions(program);
  const std::size_t lines = plan.line_count();
  const Tiling tiles = single ? tiling<float>(plan, passes, tables, lines, columns, tuning)
                              : tiling<double>(plan, passes, tables, lines, columns, tuning);
  const std::size_t one = single ? block_bytes<float>(plan, passes, 1) : block_bytes<double>(plan, passes, 1);
  const std::size_t pixels = grid.height * grid.width;
  const std::size_t pixel = grid.channels * bytes_per_value + sizeof(Unit) + sizeof(double) + sizeof(std::int64_t);
  const std::size_t held = std::min(tiles.rows, rows) + std::min(tiles.columns, columns);
  const std::size_t pairs = single ? ImageEvaluator<float>::bytes(plan, passes, tiles.lanes)
                                   : ImageEvaluator<double>::bytes(plan, passes, tiles.lanes);
  const std::size_t sweep = pairs + (std::min(tiles.rows, rows) + tiles.lanes) * one + held * pixels * pixel;
  const std::size_t lanes = passes != nullptr ? kImageLanes<double> : (tables ? kTableLanes : 1);
  const std::size_t own = ImageEvaluator<double>::bytes(plan, passes, lanes) +
                          block_bytes<double>(plan, passes, lanes + 1) + pixels * (pixel + 64);
  std::size_t averages = 0;
  for (const ImageStep& step : plan.trunk())
    if (step.op == Op::mean || step.op == Op::average) averages += 2 * step.out.pixels() * sizeof(double) + 96;
  constexpr std::size_t kPerEmit = 2 * (sizeof(Scaled) + 2 * sizeof(double)) + sizeof(std::int64_t);
  return static_cast<std::size_t>(tuning.threads) * std::max(sweep, own) +
         (rows + columns) * (averages + plan.emits() * kPerEmit + 64) + plan.trunk().size() * sizeof(ImageStep) +
         static_cast<std::size_t>(DualTables::most_bytes(program));
}

template void image_gram<double>(const Program&, const Points&, std::span<Sink<double>>, const Tuning&, Ticket&);
template void image_gram<float>(const Program&, const Points&, std::span<Sink<float>>, const Tuning&, Ticket&);
template void image_cross<double>(const Program&, const Points&, const Points&, std::span<Sink<double>>, const Tuning&,
                                  Ticket&);
template void image_cross<float>(const Program&, const Points&, const Points&, std::span<Sink<float>>, const Tuning&,
                                 Ticket&);

}  // namespace resgram::core
