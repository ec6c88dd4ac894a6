#include "evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "dual_tables.hpp"
#include "error.hpp"
#include "images.hpp"
#include "lanes.hpp"
#include "linalg/linalg.hpp"
#include "points.hpp"
#include "pool.hpp"
#include "sides.hpp"
#include "strip.hpp"
#include "zonal_strip.hpp"

namespace resgram::core {
namespace {

constexpr std::size_t kStripRows = 64;
constexpr std::size_t kBlockCols = 256;
constexpr double kLogTwo = 0.693147180559945309417;

std::size_t padded(std::size_t n) { return (n + kColumnPadding - 1) / kColumnPadding * kColumnPadding; }

std::size_t strip_rows(const Tuning& tuning) { return tuning.strip_rows == 0 ? kStripRows : tuning.strip_rows; }

// More threads than this wait for each other, and each brings scratch memory. A few per CPU are no harm: a container's
// quota is rounded down, and tests want several on any machine.
int thread_count(const Tuning& tuning) {
  constexpr int kPerCpu = 4;
  return std::clamp(tuning.threads, 1, kPerCpu * linalg::available_cpus());
}

Tuning for_images(const Tuning& tuning) {
  return {.threads = thread_count(tuning), .strip_rows = tuning.strip_rows, .max_hours = tuning.max_hours};
}

template <class Real>
struct Side {
  Directions<Real> directions;
  FactorCache cache;
  std::vector<EmitDiagonals> diagonals;

  Side(const Program& program, const Points& points, bool uniform, int threads, const Ticket& ticket)
      : directions(points, program.per_dimension()) {
    if (!uniform) cache = FactorCache(program, directions.units());
    diagonals =
        core::diagonals(program, directions.units(), threads, kSmallestExponent<Real>, kLargestExponent<Real>, ticket);
  }

  [[nodiscard]] RowRange range(std::size_t first, std::size_t count) const {
    return {directions.units(), &cache, &diagonals, first, count};
  }
};

// Scratch of one thread.
template <class Real>
struct Bench {
  StripEvaluator<Real> evaluator;
  ZonalStrip<Real> zonal;
  std::vector<NearAngle> near;
  std::vector<Real> panel;
  std::size_t packed = static_cast<std::size_t>(-1);  // which block of columns the panel holds

  Bench(const Program& program, const DualTables& duals, bool uniform, std::size_t rows, std::size_t cols,
        std::size_t dimension, bool tabulated)
      : evaluator(program, duals, uniform, rows, cols),
        zonal(tabulated ? rows : 0, tabulated ? cols : 0),
        panel(cols * dimension) {}
};

// One rectangle of pairs: rows of x against a stretch of a column block of z.
struct Rectangle {
  std::size_t row, rows;
  std::size_t block;      // index of the column block
  std::size_t col, cols;  // first column and number of valid ones, within z
};

// Rectangles in an order that keeps a thread on one column block. `triangle`: only those that reach the diagonal or lie
// above it, cut to columns from the diagonal on.
std::vector<Rectangle> rectangles(std::size_t rows, std::size_t cols, std::size_t height, bool triangle) {
  std::vector<Rectangle> list;
  for (std::size_t block = 0; block * kBlockCols < cols; ++block) {
    const std::size_t first = block * kBlockCols, end = std::min(cols, first + kBlockCols);
    for (std::size_t row = 0; row < rows; row += height) {
      if (triangle && row >= end) break;
      const std::size_t skipped = triangle && row > first ? (row - first) / kColumnPadding * kColumnPadding : 0;
      list.push_back({row, std::min(height, rows - row), block, first + skipped, end - first - skipped});
    }
  }
  return list;
}

// Two zero vectors have no angle, and are equal all the same.
void mark_zero_pairs(std::vector<EqualPair>& equal, const std::vector<Unit>& x, const std::vector<Unit>& z,
                     const Rectangle& r) {
  for (std::size_t i = 0; i < r.rows; ++i) {
    if (!x[r.row + i].zero) continue;
    for (std::size_t j = 0; j < r.cols; ++j) {
      if (z[r.col + j].zero) equal.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j)});
    }
  }
}

// Fills the correlations of a rectangle: inner products, then small angles again from differences.
template <class Real>
MutablePlanes<Real> measure(Bench<Real>& bench, const Side<Real>& x, const Side<Real>& z, const Rectangle& r,
                            bool same) {
  const LaneTable<Real>& table = lanes<Real>();
  const std::size_t d = x.directions.dimension();
  const std::size_t block_first = r.block * kBlockCols;
  const std::size_t block_cols = r.col - block_first + r.cols;
  if (bench.packed != r.block) {
    table.pack(z.directions.unit(block_first), block_cols, padded(block_cols), d, bench.panel.data());
    bench.packed = r.block;
  }
  const Strip strip{r.rows, padded(r.cols)};
  const MutablePlanes<Real> planes = bench.evaluator.input(strip);
  table.dots(x.directions.unit(r.row), r.rows, strip.cols, d, bench.panel.data() + (r.col - block_first) * d,
             planes.rho);
  table.defects(strip, planes);
  const auto small = static_cast<Real>(sizeof(Real) == 8 ? kSmallDefect : kSmallDefectSingle);
  static_assert(ZonalMesh<Real>::kLeast == (sizeof(Real) == 8 ? kSmallDefect : kSmallDefectSingle));
  bench.near.clear();
  for (std::size_t i = 0; i < r.rows; ++i) {
    Real *rho = planes.rho + i * strip.cols, *m = planes.m + i * strip.cols;
    Real smallest = 1;
    for (std::size_t j = 0; j < strip.cols; ++j) smallest = std::min(smallest, m[j]);
    if (smallest >= small) continue;
    for (std::size_t j = 0; j < r.cols; ++j) {
      if (m[j] >= small) continue;
      const std::size_t row = r.row + i, col = r.col + j;
      const bool opposite = rho[j] < 0;
      const double defect = same && row == col ? 0 : half_defect(x.directions, row, z.directions, col, opposite);
      m[j] = static_cast<Real>(defect);
      rho[j] = static_cast<Real>(opposite ? 2 * defect - 1 : 1 - 2 * defect);
      bench.near.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j), defect, !opposite});
      const Scaled a = x.directions.units()[row].square, b = z.directions.units()[col].square;
      if (!opposite && defect == 0 && a.m == b.m && a.e == b.e)
        bench.evaluator.equal().push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j)});
    }
  }
  mark_zero_pairs(bench.evaluator.equal(), x.directions.units(), z.directions.units(), r);
  return planes;
}

// values[i][j] into out and, for a triangle, its mirror image; 8 × 8 pieces keep both sides in cache lines.
template <class Real>
void store(const Rectangle& r, std::size_t stride, const Real* values, std::size_t n, bool triangle, Real* out) {
  if (!triangle) {
    for (std::size_t i = 0; i < r.rows; ++i) std::copy_n(values + i * stride, r.cols, out + (r.row + i) * n + r.col);
    return;
  }
  constexpr std::size_t kPiece = 8;
  for (std::size_t i0 = 0; i0 < r.rows; i0 += kPiece)
    for (std::size_t j0 = 0; j0 < r.cols; j0 += kPiece) {
      const std::size_t i1 = std::min(r.rows, i0 + kPiece), j1 = std::min(r.cols, j0 + kPiece);
      if (r.col + j1 <= r.row + i0) continue;
      for (std::size_t i = i0; i < i1; ++i)
        for (std::size_t j = j0; j < j1; ++j)
          if (r.col + j >= r.row + i) out[(r.row + i) * n + r.col + j] = values[i * stride + j];
      for (std::size_t j = j0; j < j1; ++j)
        for (std::size_t i = i0; i < i1; ++i)
          if (r.col + j > r.row + i) out[(r.col + j) * n + r.row + i] = values[i * stride + j];
    }
}

template <class Real>
void check_sinks(const Program& program, std::span<const Sink<Real>> sinks) {
  if (sinks.size() != program.emits())
    throw Error(Code::internal,
                "expected " + std::to_string(program.emits()) + " sinks, got " + std::to_string(sinks.size()));
  for (const Sink<Real>& sink : sinks)
    if (sink.ntk != nullptr && !program.tangent())
      throw Error(Code::program,
                  "expected nngp alone, got ntk: the derivative of sign is a jump, whose square has no mean");
}

// The tables of a homogeneous network, where they are wanted and can be had.                                      [zonal]
template <class Real>
std::shared_ptr<const Zonal<Real>> tables_of(const Program& program, std::span<const Sink<Real>> sinks, double pairs,
                                             const Tuning& tuning, const Ticket& ticket) {
  if (tuning.path == Path::steps || program.image() || !is_uniform(program)) return nullptr;
  std::vector<ZonalWanted> wanted;
  for (const Sink<Real>& sink : sinks) wanted.push_back({sink.nngp != nullptr, sink.ntk != nullptr});
  if (tuning.path == Path::automatic && !worth_a_table(program, wanted, tuning.pairs > 0 ? tuning.pairs : pairs))
    return nullptr;
  return Zonal<Real>::build(program, wanted, ticket);
}

template <class Real>
Path sweep(const Program& program, const Side<Real>& x, const Side<Real>& z, bool same, bool uniform,
           std::span<Sink<Real>> sinks, const Tuning& tuning, Ticket& ticket) {
  const std::size_t rows = x.directions.rows(), cols = z.directions.rows(), d = x.directions.dimension();
  bool covariance = false, tangent = false;
  for (std::size_t e = 0; e < sinks.size(); ++e) {
    covariance = covariance || sinks[e].nngp != nullptr;
    tangent = tangent || sinks[e].ntk != nullptr;
    const EmitDiagonals &a = x.diagonals[e], &b = z.diagonals[e];
    sinks[e].nngp_log_scale = -static_cast<double>(a.covariance.shift + b.covariance.shift) * kLogTwo;
    sinks[e].ntk_log_scale = -static_cast<double>(a.tangent.shift + b.tangent.shift) * kLogTwo;
  }
  const std::size_t height = strip_rows(tuning);
  const std::vector<Rectangle> work = rectangles(rows, cols, height, same);
  ticket.expect(work.size());
  const int threads = thread_count(tuning);
  LogRanges ranges;
  add_ranges(program, x.directions.units(), threads, ticket, ranges);
  if (!same) add_ranges(program, z.directions.units(), threads, ticket, ranges);
  const double pairs = static_cast<double>(rows) * static_cast<double>(cols) * (same ? 0.5 : 1);
  const DualTables duals(program, ranges, pairs, threads, ticket, tuning.direct_duals, tuning.max_hours, &ticket);
  const auto tables = tables_of<Real>(program, sinks, pairs, tuning, ticket);
  std::vector<std::unique_ptr<Bench<Real>>> benches(static_cast<std::size_t>(threads));
  parallel_for(work.size(), threads, [&](std::size_t index, int slot) {
    auto& bench = benches[static_cast<std::size_t>(slot)];
    if (!bench)
      bench = std::make_unique<Bench<Real>>(program, duals, uniform, std::min(height, rows),
                                            padded(std::min(cols, kBlockCols)), d, tables != nullptr);
    const Rectangle& r = work[index];
    const MutablePlanes<Real> planes = measure(*bench, x, z, r, same);
    const RowRange rows_of_x = x.range(r.row, r.rows), rows_of_z = z.range(r.col, r.cols);
    const auto emit = [&](std::size_t e, const Real* k, const Real* t) {
      if (sinks[e].nngp != nullptr) store(r, padded(r.cols), k, cols, same, sinks[e].nngp);
      if (sinks[e].ntk != nullptr) store(r, padded(r.cols), t, cols, same, sinks[e].ntk);
    };
    if (tables != nullptr) {
      bench->zonal.run(*tables, {r.rows, padded(r.cols)}, planes.rho, bench->near, bench->evaluator.equal(), rows_of_x,
                       rows_of_z, emit);
    } else {
      bench->evaluator.run(rows_of_x, rows_of_z, covariance, tangent, ticket, emit);
    }
    ticket.checkpoint();
  });
  return tables != nullptr ? Path::table : Path::steps;
}

}  // namespace

template <class Real>
Path gram(const Program& program, const Points& x, std::span<Sink<Real>> sinks, const Tuning& tuning, Ticket& ticket) {
  check_sinks<Real>(program, sinks);
  if (check_grid(program, x.grid, x.dimension)) {
    image_gram(program, x, sinks, for_images(tuning), ticket);
    return Path::steps;
  }
  const bool uniform = is_uniform(program);
  const Side<Real> side(program, x, uniform, thread_count(tuning), ticket);
  return sweep(program, side, side, true, uniform, sinks, tuning, ticket);
}

template <class Real>
Path cross(const Program& program, const Points& x, const Points& z, std::span<Sink<Real>> sinks, const Tuning& tuning,
           Ticket& ticket) {
  check_sinks<Real>(program, sinks);
  if (x.dimension != z.dimension)
    throw Error(Code::shape, "x has " + std::to_string(x.dimension) + " columns, z has " + std::to_string(z.dimension),
                {{"x", static_cast<double>(x.dimension)}, {"z", static_cast<double>(z.dimension)}});
  if (check_grid(program, x.grid, x.dimension)) {
    image_cross(program, x, z, sinks, for_images(tuning), ticket);
    return Path::steps;
  }
  const bool uniform = is_uniform(program);
  const Side<Real> left(program, x, uniform, thread_count(tuning), ticket);
  const Side<Real> right(program, z, uniform, thread_count(tuning), ticket);
  return sweep(program, left, right, false, uniform, sinks, tuning, ticket);
}

void profile(const Program& program, std::span<const double> angles, std::size_t dimension,
             std::span<Sink<double>> sinks) {
  check_sinks<double>(program, sinks);
  if (program.image())
    throw Error(
        Code::shape,
        "a profile over the angle takes a network on vectors, but this one reads images; compare images by their "
        "Gram matrix");
  const Unit unit{Scaled{program.per_dimension() ? 1.0 / static_cast<double>(dimension) : 1.0, 0}, false};
  const std::size_t most = padded(std::min(angles.size(), kBlockCols));
  const std::vector<Unit> units(most, unit);
  const bool uniform = is_uniform(program);
  const std::vector<EmitDiagonals> values =
      diagonals(program, units, 1, kSmallestExponent<double>, kLargestExponent<double>, Ticket{});
  for (std::size_t e = 0; e < sinks.size(); ++e) {
    sinks[e].nngp_log_scale = -static_cast<double>(2 * values[e].covariance.shift) * kLogTwo;
    sinks[e].ntk_log_scale = -static_cast<double>(2 * values[e].tangent.shift) * kLogTwo;
  }
  const FactorCache none;
  LogRanges ranges;
  const Ticket ticket;
  add_ranges(program, {&unit, 1}, 1, ticket, ranges);
  const DualTables duals(program, ranges, static_cast<double>(angles.size()), 1, ticket);
  StripEvaluator<double> evaluator(program, duals, uniform, 1, most);
  for (std::size_t first = 0; first < angles.size(); first += kBlockCols) {
    const std::size_t count = std::min(kBlockCols, angles.size() - first);
    const Strip strip{1, padded(count)};
    const MutablePlanes<double> planes = evaluator.input(strip);
    for (std::size_t j = 0; j < strip.cols; ++j) {
      const double half = angles[first + std::min(j, count - 1)] / 2;
      const double s = std::sin(half), c = std::cos(half);
      const bool acute = s * s <= 0.5;
      planes.m[j] = acute ? s * s : c * c;
      planes.rho[j] = acute ? 1 - 2 * planes.m[j] : 2 * planes.m[j] - 1;
      if (s == 0 && j < count) evaluator.equal().push_back({0, static_cast<std::uint32_t>(j)});
    }
    evaluator.run({units, &none, &values, 0, 1}, {units, &none, &values, 0, count}, true, true, ticket,
                  [&](std::size_t e, const double* k, const double* t) {
                    if (sinks[e].nngp != nullptr) std::copy_n(k, count, sinks[e].nngp + first);
                    if (sinks[e].ntk != nullptr) std::copy_n(t, count, sinks[e].ntk + first);
                  });
  }
}

void diagonal(const Program& program, const Points& x, std::span<Sink<double>> sinks, const Ticket& ticket) {
  check_sinks<double>(program, sinks);
  if (check_grid(program, x.grid, x.dimension)) return image_diagonal(program, x, sinks, ticket);
  const Directions<double> directions(x, program.per_dimension());
  const std::vector<EmitDiagonals> values =
      diagonals(program, directions.units(), 1, kSmallestExponent<double>, kLargestExponent<double>, ticket);
  for (std::size_t e = 0; e < sinks.size(); ++e) {
    const EmitDiagonals& v = values[e];
    sinks[e].nngp_log_scale = -static_cast<double>(2 * v.covariance.shift) * kLogTwo;
    sinks[e].ntk_log_scale = -static_cast<double>(2 * v.tangent.shift) * kLogTwo;
    if (sinks[e].nngp != nullptr) std::copy(v.covariance.value.begin(), v.covariance.value.end(), sinks[e].nngp);
    if (sinks[e].ntk != nullptr) std::copy(v.tangent.value.begin(), v.tangent.value.end(), sinks[e].ntk);
  }
}

std::size_t workspace_bytes(const Program& program, std::size_t rows, std::size_t columns, std::size_t dimension,
                            std::size_t bytes_per_value, const Tuning& tuning, const Grid& grid) {
  if (check_grid(program, grid, dimension))
    return image_workspace_bytes(program, rows, columns, grid, bytes_per_value,
                                 {thread_count(tuning), tuning.strip_rows});
  const std::size_t height = std::min(strip_rows(tuning), rows);
  const std::size_t width = padded(std::min(columns, kBlockCols));
  const double pairs = static_cast<double>(rows) * static_cast<double>(columns);
  const std::vector<ZonalWanted> all(program.emits(), {true, true});
  const bool tabulated = tuning.path != Path::steps && worth_a_table(program, all, pairs);
  const std::size_t scratch = (StripEvaluator<double>::bytes(program, height, width) +
                               (tabulated ? ZonalStrip<double>::bytes(height, width) : 0)) /
                              sizeof(double);
  const std::size_t tables = tabulated ? Zonal<double>::most_bytes(2 * program.emits()) : 0;
  const std::size_t threads = static_cast<std::size_t>(thread_count(tuning));
  const double per_thread = static_cast<double>(scratch + width * dimension) * static_cast<double>(bytes_per_value);
  const double points = static_cast<double>(rows + columns);
  const double kept = std::min(factor_cache_bytes(program, rows), static_cast<double>(FactorCache::kBudgetBytes)) +
                      std::min(factor_cache_bytes(program, columns), static_cast<double>(FactorCache::kBudgetBytes));
  const double units = points * (static_cast<double>(dimension * bytes_per_value) + 64);
  const double diagonals = points * static_cast<double>(program.emits()) * 96;
  return static_cast<std::size_t>(per_thread * static_cast<double>(threads) + kept + units + diagonals +
                                  DualTables::most_bytes(program)) +
         tables;
}

template Path gram<double>(const Program&, const Points&, std::span<Sink<double>>, const Tuning&, Ticket&);
template Path gram<float>(const Program&, const Points&, std::span<Sink<float>>, const Tuning&, Ticket&);
template Path cross<double>(const Program&, const Points&, const Points&, std::span<Sink<double>>, const Tuning&,
                            Ticket&);
template Path cross<float>(const Program&, const Points&, const Points&, std::span<Sink<float>>, const Tuning&,
                           Ticket&);

}  // namespace resgram::core
