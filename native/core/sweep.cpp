#include "sweep.hpp"

#include <algorithm>
#include <atomic>
#include <memory>

#include "correlations.hpp"
#include "dual_tables.hpp"
#include "error.hpp"
#include "panels.hpp"
#include "pool.hpp"
#include "strip.hpp"
#include "tiles.hpp"
#include "zonal_kept.hpp"
#include "zonal_strip.hpp"

namespace resgram::core {
namespace {

// Of packed rows in memory at one time. Beyond, sides are packed a band at a time, each as often as there are bands of
// the other: with thousands of rows in a band that costs next to nothing.
constexpr std::size_t kPackedBytes = std::size_t{24} << 20;

// Results from this size on bypass the caches: nobody finds them there afterwards, and lines that are not read before
// they are written take half the memory traffic.
constexpr std::size_t kStreamedBytes = std::size_t{32} << 20;

constexpr std::size_t kStripRows = 48;

std::size_t padded(std::size_t n) { return (n + kColumnPadding - 1) / kColumnPadding * kColumnPadding; }

// The extents that do not depend on which tile it is.
struct Cut {
  std::size_t band;    // rows packed at a time
  std::size_t height;  // of tiles
  std::size_t strip;   // rows of a tile that are evaluated at a time

  Cut(std::size_t rows, std::size_t cols, std::size_t dimension, std::size_t bytes_per_value, bool same, int threads,
      bool tabulated, const Tuning& tuning) {
    const std::size_t row_bytes = std::max<std::size_t>(1, dimension * bytes_per_value);
    const std::size_t all = same ? rows : rows + cols;
    const bool fits = all + kTileUnit <= kPackedBytes / row_bytes;
    band = tuning.band_rows != 0 ? tuning.band_rows : (fits ? std::max(rows, cols) : kPackedBytes / 2 / row_bytes);
    // Few large tiles would leave threads idle at the end.
    constexpr std::size_t kTilesPerThread = 8;
    const double tiles =
        static_cast<double>(rows) * static_cast<double>(cols) * (same ? 0.5 : 1) / kTileEdge / kTileEdge;
    const bool many = tiles >= static_cast<double>(kTilesPerThread * static_cast<std::size_t>(threads));
    const std::size_t wanted = tuning.strip_rows != 0 ? tuning.strip_rows : (many ? kTileEdge : kTileUnit);
    height = std::min(kTileEdge, (wanted + kTileUnit - 1) / kTileUnit * kTileUnit);
    // A table takes the tile as it lies; steps have many planes.
    strip = std::min(height, rows);
    if (!tabulated) strip = std::min(strip, tuning.strip_rows != 0 ? tuning.strip_rows : kStripRows);
  }
};

// Scratch of one thread.
template <class Real>
struct Bench {
  std::unique_ptr<StripEvaluator<Real>> steps;  // one of the two
  std::unique_ptr<ZonalStrip<Real>> table;
  Buffer<Real> products;
  std::vector<Real> smallest;
  std::vector<NearAngle> near;
  std::vector<EqualPair> equal;

  Bench(const Program& program, const DualTables& duals, bool uniform, const Cut& cut, std::size_t cols, bool tabulated)
      : products(cut.height * padded(std::min(cols, kTileEdge))), smallest(cut.strip) {
    const std::size_t width = padded(std::min(cols, kTileEdge));
    if (tabulated) {
      table = std::make_unique<ZonalStrip<Real>>(cut.strip, width);
    } else {
      steps = std::make_unique<StripEvaluator<Real>>(program, duals, uniform, cut.strip, width);
    }
  }
};

template <class Real>
class Sweep {
 public:
  Sweep(const Program& program, const Side<Real>& x, const Side<Real>& z, bool same, bool uniform,
        std::span<Sink<Real>> sinks, int threads, const Cut& cut, const DualTables& duals, const Zonal<Real>* tables,
        Ticket& ticket)
      : program_(program),
        x_(x),
        z_(z),
        same_(same),
        uniform_(uniform),
        sinks_(sinks),
        threads_(threads),
        cut_(cut),
        duals_(duals),
        tables_(tables),
        ticket_(ticket),
        cols_(z.directions.rows()),
        streamed_(x.directions.rows() * cols_ * sizeof(Real) >= kStreamedBytes),
        benches_(static_cast<std::size_t>(threads)) {
    for (Sink<Real>& sink : sinks) {
      covariance_ = covariance_ || sink.nngp != nullptr;
      tangent_ = tangent_ || sink.ntk != nullptr;
      for (Real* out : {sink.nngp, sink.ntk})
        if (out != nullptr) prefer_large_pages(out, x.directions.rows() * cols_ * sizeof(Real));
    }
  }

  void run() {
    const std::size_t rows = x_.directions.rows();
    const std::vector<Range> left = bands(rows, cut_.band), right = bands(cols_, cut_.band);
    const auto each = [&](auto&& body) {
      for (const Range& second : right)
        for (const Range& first : left)
          if (!same_ || first.first <= second.first) body(first, second);
    };
    std::size_t total = 0;
    each([&](const Range& first, const Range& second) { total += tiles(first, second, cut_.height, same_).size(); });
    ticket_.expect(total);
    const std::size_t d = x_.directions.dimension();
    const bool shared = same_ && right.size() == 1;
    const bool packed = !same_ && z_.packed.has_value();
    Panels<Real> columns(packed || right.empty() ? 0 : right[0].count, d);
    Panels<Real> others(shared || left.empty() ? 0 : left[0].count, d);
    const Range nothing{};
    Range in_columns = nothing, in_others = nothing;
    const auto fill = [&](Panels<Real>& panels, Range& holds, const Side<Real>& side, const Range& wanted) {
      if (holds.first == wanted.first && holds.count == wanted.count) return;
      panels.fill(side.directions, wanted.first, wanted.count, threads_);
      holds = wanted;
    };
    each([&](const Range& first, const Range& second) {
      if (!packed) fill(columns, in_columns, z_, second);
      const bool diagonal = same_ && first.first == second.first;
      if (!diagonal) fill(others, in_others, x_, first);
      const std::vector<Tile> list = tiles(first, second, cut_.height, same_);
      parallel_for(list.size(), threads_, [&](std::size_t index, int slot) {
        if (packed)
          tile(list[index], others, first, *z_.packed, {0, cols_}, slot);
        else
          tile(list[index], diagonal ? columns : others, first, columns, second, slot);
        ticket_.checkpoint();
      });
    });
    for (Sink<Real>& sink : sinks_) sink.finite = finite_;
  }

 private:
  void tile(const Tile& pairs, const Panels<Real>& left, const Range& left_band, const Panels<Real>& right,
            const Range& right_band, int slot) {
    std::unique_ptr<Bench<Real>>& bench = benches_[static_cast<std::size_t>(slot)];
    if (!bench) bench = std::make_unique<Bench<Real>>(program_, duals_, uniform_, cut_, cols_, tables_ != nullptr);
    const std::size_t stride = padded(pairs.cols.count);
    const auto diagonal =
        same_ ? static_cast<std::ptrdiff_t>(pairs.rows.first) - static_cast<std::ptrdiff_t>(pairs.cols.first)
              : -static_cast<std::ptrdiff_t>(pairs.rows.count);
    table_.products(left.at(0), pairs.rows.first - left_band.first, pairs.rows.count,
                    right.at(pairs.cols.first - right_band.first), pairs.cols.count, x_.directions.dimension(),
                    diagonal, bench->products.data(), stride);
    for (std::size_t at = 0; at < pairs.rows.count; at += cut_.strip) {
      const Range rows{pairs.rows.first + at, std::min(cut_.strip, pairs.rows.count - at)};
      // A triangle's strips begin near the diagonal.
      const bool below = same_ && rows.first > pairs.cols.first;
      const std::size_t skipped = below ? (rows.first - pairs.cols.first) / kColumnPadding * kColumnPadding : 0;
      if (skipped >= pairs.cols.count) break;
      const Tile strip{rows, {pairs.cols.first + skipped, pairs.cols.count - skipped}};
      evaluate(*bench, strip, bench->products.data() + at * stride + skipped, stride);
    }
  }

  void evaluate(Bench<Real>& bench, const Tile& pairs, const Real* products, std::size_t stride) {
    const Strip strip{pairs.rows.count, padded(pairs.cols.count)};
    const auto emit = [&](std::size_t e, const Real* k, const Real* t) {
      if (sinks_[e].nngp != nullptr) write(pairs, k, strip.cols, sinks_[e].nngp);
      if (sinks_[e].ntk != nullptr) write(pairs, t, strip.cols, sinks_[e].ntk);
    };
    const auto find_near = [&] {
      remeasure(x_.directions, z_.directions, same_, pairs, products, stride, bench.smallest.data(), bench.near,
                bench.equal);
    };
    if (tables_ != nullptr) {
      table_.nearest(products, strip, bench.smallest.data());
      find_near();
      bench.table->run(*tables_, strip, products, bench.near, bench.equal, x_.range(pairs.rows), z_.range(pairs.cols),
                       emit);
      return;
    }
    const MutablePlanes<Real> planes = bench.steps->input(strip);
    table_.defects(products, stride, strip, planes, bench.smallest.data());
    find_near();
    for (const NearAngle& pair : bench.near) {
      const std::size_t at = pair.row * strip.cols + pair.col;
      planes.m[at] = static_cast<Real>(pair.m);
      planes.rho[at] = static_cast<Real>(pair.acute ? 1 - 2 * pair.m : 2 * pair.m - 1);
    }
    bench.steps->equal() = bench.equal;
    bench.steps->run(x_.range(pairs.rows), z_.range(pairs.cols), covariance_, tangent_, ticket_, emit);
  }

  // Finished values into the result and, for a triangle, its mirror image.
  void write(const Tile& pairs, const Real* values, std::size_t stride, Real* out) {
    const auto [row, rows] = pairs.rows;
    auto [col, cols] = pairs.cols;
    if (same_ && col < row + rows) {
      // Columns that the diagonal crosses, pair by pair.
      const std::size_t crossed = std::min(cols, row + rows - col);
      for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = row + i > col ? row + i - col : 0; j < crossed; ++j) {
          const Real value = values[i * stride + j];
          if (value - value != 0) finite_ = false;
          out[(row + i) * cols_ + col + j] = value;
          out[(col + j) * cols_ + row + i] = value;
        }
      values += crossed;
      col += crossed;
      cols -= crossed;
    }
    if (cols == 0) return;
    if (!table_.store(values, stride, rows, cols, out + row * cols_ + col, cols_, streamed_)) finite_ = false;
    if (same_) table_.store_mirrored(values, stride, rows, cols, out + col * cols_ + row, cols_, streamed_);
  }

  const Program& program_;
  const Side<Real>&x_, &z_;
  bool same_, uniform_;
  std::span<Sink<Real>> sinks_;
  int threads_;
  const Cut& cut_;
  const DualTables& duals_;
  const Zonal<Real>* tables_;  // or null: by steps
  Ticket& ticket_;
  std::size_t cols_;
  bool streamed_;
  bool covariance_ = false, tangent_ = false;
  std::atomic<bool> finite_{true};
  const TileTable<Real>& table_ = tile_lanes<Real>();
  std::vector<std::unique_ptr<Bench<Real>>> benches_;
};

// The tables of a homogeneous network, where they are wanted and can be had.                                      [zonal]
template <class Real>
std::shared_ptr<const Zonal<Real>> tables_of(const Program& program, std::span<const Sink<Real>> sinks, double pairs,
                                             const Tuning& tuning, const Ticket& ticket) {
  if (tuning.path == Path::steps || program.image() || !is_uniform(program)) return nullptr;
  std::vector<ZonalWanted> wanted;
  for (const Sink<Real>& sink : sinks) wanted.push_back({sink.nngp != nullptr, sink.ntk != nullptr});
  if (tuning.path == Path::automatic && !worth_a_table(program, wanted, tuning.pairs > 0 ? tuning.pairs : pairs))
    return nullptr;
  auto tables = zonal_tables<Real>(program, wanted, ticket);
  if (tables == nullptr && tuning.path == Path::table)
    throw Error(Code::argument,
                "path: no table of this network's kernel is as accurate as its steps: it turns too sharply in the "
                "angle, or its "
                "layers round too much; use path 'automatic' or 'steps'");
  return tables;
}

}  // namespace

template <class Real>
Side<Real>::Side(const Program& program, const Points& points, bool uniform, int threads, const Ticket& ticket)
    : directions(points, program.per_dimension(), false, threads) {
  if (!uniform) cache = FactorCache(program, points.rows, sizeof(Real));
  add_ranges(program, directions.units(), threads, ticket, ranges);
  diagonals = core::diagonals(program, directions.units(), threads, kSmallestExponent<Real>, kLargestExponent<Real>,
                              ticket, &cache);
}

template <class Real>
void Side<Real>::pack(int threads) {
  const std::size_t rows = directions.rows(), d = directions.dimension();
  if (packed_bytes(rows, d, sizeof(Real)) == 0) return;
  packed.emplace(rows, d);
  packed->fill(directions, 0, rows, threads);
}

template <class Real>
Path sweep(const Program& program, const Side<Real>& x, const Side<Real>& z, bool same, bool uniform,
           std::span<Sink<Real>> sinks, int threads, const Tuning& tuning, Ticket& ticket) {
  const std::size_t rows = x.directions.rows(), cols = z.directions.rows();
  LogRanges ranges = x.ranges;
  for (const auto& [step, range] : z.ranges) ranges[step].include(range);
  const double pairs = static_cast<double>(rows) * static_cast<double>(cols) * (same ? 0.5 : 1);
  const DualTables duals(program, ranges, pairs, threads, ticket, tuning.direct_duals, tuning.max_hours, &ticket);
  const auto tables = tables_of<Real>(program, sinks, pairs, tuning, ticket);
  const Cut cut(rows, cols, x.directions.dimension(), sizeof(Real), same, threads, tables != nullptr, tuning);
  Sweep<Real>(program, x, z, same, uniform, sinks, threads, cut, duals, tables.get(), ticket).run();
  return tables != nullptr ? Path::table : Path::steps;
}

double side_bytes(const Program& program, std::size_t rows, std::size_t bytes_per_value) {
  constexpr double kUnit = 64, kDiagonals = 96;
  const double lists = static_cast<double>(rows) * (kUnit + kDiagonals * static_cast<double>(program.emits()));
  if (is_uniform(program)) return lists;
  return lists +
         std::min(factor_cache_bytes(program, rows, bytes_per_value), static_cast<double>(FactorCache::kBudgetBytes));
}

double packed_bytes(std::size_t rows, std::size_t dimension, std::size_t bytes_per_value) {
  const std::size_t numbers = Panels<double>::numbers(rows, dimension);
  return numbers > kPackedBytes / bytes_per_value ? 0 : static_cast<double>(numbers * bytes_per_value);
}

double sweep_bytes(const Program& program, std::size_t rows, std::size_t columns, std::size_t dimension,
                   std::size_t bytes_per_value, int threads, const Tuning& tuning) {
  const double pairs = static_cast<double>(rows) * static_cast<double>(columns);
  const std::vector<ZonalWanted> all(program.emits(), {true, true});
  const bool tabulated = tuning.path != Path::steps && worth_a_table(program, all, pairs);
  const std::size_t width = padded(std::min(columns, kTileEdge));
  // Either way may be taken: a table may turn out not to be had.
  std::size_t evaluator = 0, others = 0;
  for (const bool table : {false, true}) {
    if (table && !tabulated) break;
    const Cut cut(rows, columns, dimension, bytes_per_value, false, threads, table, tuning);
    evaluator = std::max(evaluator, table ? ZonalStrip<double>::bytes(cut.strip, width)
                                          : StripEvaluator<double>::bytes(program, cut.strip, width));
    const std::size_t packed = Panels<double>::numbers(std::min(cut.band, rows), dimension) +
                               Panels<double>::numbers(std::min(cut.band, columns), dimension);
    const std::size_t tile = cut.height * width + cut.strip;
    // Rows may all be near each other, or equal: then every pair of a strip is on both lists, and a list that grows is
    // twice as long as it needs to be, beside the half of that which it came from. Steps have their own of equal pairs.
    const std::size_t pair = sizeof(NearAngle) + (table ? 1 : 2) * sizeof(EqualPair);
    const std::size_t lists = 3 * cut.strip * width * pair;
    others = std::max(others,
                      packed * bytes_per_value + (tile * bytes_per_value + lists) * static_cast<std::size_t>(threads));
  }
  const double scratch = static_cast<double>(evaluator / sizeof(double) * bytes_per_value) * threads;
  const double tables = tabulated ? static_cast<double>(Zonal<double>::most_bytes(2 * program.emits())) : 0;
  return scratch + static_cast<double>(others) + tables;
}

template struct Side<double>;
template struct Side<float>;
template Path sweep<double>(const Program&, const Side<double>&, const Side<double>&, bool, bool,
                            std::span<Sink<double>>, int, const Tuning&, Ticket&);
template Path sweep<float>(const Program&, const Side<float>&, const Side<float>&, bool, bool, std::span<Sink<float>>,
                           int, const Tuning&, Ticket&);

}  // namespace resgram::core
