// The loops of tiles on every instruction set: products are sequential sums wherever they lie, and what is stored arrives
// in its place and nowhere else, at any alignment.
#include "../../native/core/tile_lanes.hpp"

#include <algorithm>

#include "../../native/core/panels.hpp"
#include "../../native/core/tiles.hpp"
#include "kernels.hpp"
#include "tables.hpp"

namespace resgram::core {
namespace {

using namespace trial;

template <class Real>
std::vector<Real> noise(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<Real> values(count);
  for (Real& v : values) v = static_cast<Real>(random.normal());
  return values;
}

// Row-major rows as panels of `width`, zeros beyond the last row.
template <class Real>
std::vector<Real> packed(const std::vector<Real>& rows, std::size_t dimension, std::size_t width) {
  const std::size_t count = rows.size() / dimension;
  std::vector<Real> out((count + width - 1) / width * width * dimension);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = 0; k < dimension; ++k)
      out[(i / width * dimension + k) * width + i % width] = rows[i * dimension + k];
  return out;
}

std::size_t padded(std::size_t n) { return (n + kColumnPadding - 1) / kColumnPadding * kColumnPadding; }

template <class Real>
void expect_sequential_sums(std::size_t rows, std::size_t cols, std::size_t dimension) {
  const std::vector<Real> x = noise<Real>((kTileUnit + rows) * dimension, 1), z = noise<Real>(cols * dimension, 2);
  for (const Table& table : tables()) {
    const TileTable<Real>& tiles = table.tiles<Real>();
    const std::vector<Real> left = packed(x, dimension, tiles.width), right = packed(z, dimension, tiles.width);
    for (const std::size_t first : {std::size_t{0}, kTileUnit}) {
      const std::size_t stride = padded(cols);
      std::vector<Real> out(rows * stride, std::numeric_limits<Real>::quiet_NaN());
      tiles.products(left.data(), first, rows, right.data(), cols, dimension, -static_cast<std::ptrdiff_t>(rows),
                     out.data(), stride);
      for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < stride; ++j) {
          Real sum = 0;
          for (std::size_t k = 0; k < dimension; ++k) {
            const Real a = x[(first + i) * dimension + k], b = j < cols ? z[j * dimension + k] : Real(0);
            sum = table.fused ? std::fma(a, b, sum) : a * b + sum;
          }
          ASSERT_EQ(out[i * stride + j], sum) << table.name << ", " << rows << " × " << cols << " × " << dimension
                                              << ", from " << first << ", at " << i << ", " << j;
        }
    }
  }
}

TEST(Tile, ProductsAreSequentialSums) {
  for (std::size_t n = 1; n <= 70; ++n) {
    expect_sequential_sums<double>(n, 71 - n, 3);
    expect_sequential_sums<float>(n, 71 - n, 3);
  }
  for (const std::size_t dimension : {1U, 2U, 255U, 256U, 257U, 700U}) {
    expect_sequential_sums<double>(9, 49, dimension);
    expect_sequential_sums<float>(9, 49, dimension);
  }
  expect_sequential_sums<double>(192, 192, 5);
  expect_sequential_sums<float>(190, 145, 5);
}

// Of a tile that the diagonal crosses, what lies on or above it is as it is without; below, as it is or 0, and not all of
// it was computed.
template <class Real>
void expect_upper(std::size_t rows, std::size_t cols, std::ptrdiff_t diagonal, std::size_t dimension) {
  const std::vector<Real> x = noise<Real>(rows * dimension, 1), z = noise<Real>(cols * dimension, 2);
  for (const Table& table : tables()) {
    const TileTable<Real>& tiles = table.tiles<Real>();
    const std::vector<Real> left = packed(x, dimension, tiles.width), right = packed(z, dimension, tiles.width);
    const std::size_t stride = padded(cols);
    std::vector<Real> whole(rows * stride), upper(rows * stride, std::numeric_limits<Real>::quiet_NaN());
    tiles.products(left.data(), 0, rows, right.data(), cols, dimension, -static_cast<std::ptrdiff_t>(rows),
                   whole.data(), stride);
    tiles.products(left.data(), 0, rows, right.data(), cols, dimension, diagonal, upper.data(), stride);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < stride; ++j) {
        const std::ptrdiff_t above = static_cast<std::ptrdiff_t>(j) - static_cast<std::ptrdiff_t>(i) - diagonal;
        const Real value = upper[i * stride + j];
        // A block is at most 48 columns wide and 12 rows high.
        const bool zero = above < -60, either = above < 0;
        ASSERT_TRUE(zero ? value == 0 : value == whole[i * stride + j] || (either && value == 0))
            << table.name << ", " << rows << " × " << cols << " × " << dimension << ", diagonal " << diagonal << ", at "
            << i << ", " << j;
      }
  }
}

TEST(Tile, BlocksBelowTheDiagonalAreZeroInstead) {
  for (const std::ptrdiff_t diagonal : {-200, -48, -1, 0, 1, 48, 100, 200})
    for (const std::size_t dimension : {7U, 300U}) {
      expect_upper<double>(192, 192, diagonal, dimension);
      expect_upper<float>(192, 192, diagonal, dimension);
      expect_upper<double>(101, 67, diagonal, dimension);
      expect_upper<float>(101, 67, diagonal, dimension);
    }
}

template <class Real>
void expect_transposed() {
  for (const Table& table : tables())
    for (std::size_t rows = 1; rows <= 20; ++rows)
      for (std::size_t cols = 1; cols <= 20; ++cols) {
        const std::vector<Real> in = noise<Real>(rows * 23, 3);
        std::vector<Real> out(cols * 25, Real(-7));
        table.tiles<Real>().transpose(in.data(), 23, rows, cols, out.data(), 25);
        for (std::size_t j = 0; j < cols; ++j)
          for (std::size_t i = 0; i < 25; ++i)
            ASSERT_EQ(out[j * 25 + i], i < rows ? in[i * 23 + j] : Real(-7)) << table.name << rows << " × " << cols;
      }
}

TEST(Tile, TransposesEverySize) {
  expect_transposed<double>();
  expect_transposed<float>();
}

// Past the caches or not, whatever the alignment of a row's beginning.
template <class Real>
void expect_stored(std::size_t rows, std::size_t cols, std::size_t out_stride, std::size_t offset) {
  const std::size_t in_stride = padded(cols);
  const std::vector<Real> in = noise<Real>(rows * in_stride, 4);
  const Real untouched = -7;
  for (const Table& table : tables())
    for (const bool stream : {false, true}) {
      const auto what = [&] { return table.name + ", " + std::to_string(rows) + " × " + std::to_string(cols); };
      const TileTable<Real>& tiles = table.tiles<Real>();
      std::vector<Real> plain(offset + rows * out_stride, untouched), mirrored(offset + cols * out_stride, untouched);
      EXPECT_TRUE(tiles.store(in.data(), in_stride, rows, cols, plain.data() + offset, out_stride, stream));
      tiles.store_mirrored(in.data(), in_stride, rows, cols, mirrored.data() + offset, out_stride, stream);
      for (std::size_t k = 0; k < plain.size(); ++k) {
        const std::size_t i = (k - offset) / out_stride, j = (k - offset) % out_stride;
        ASSERT_EQ(plain[k], k >= offset && j < cols ? in[i * in_stride + j] : untouched) << what();
      }
      for (std::size_t k = 0; k < mirrored.size(); ++k) {
        const std::size_t j = (k - offset) / out_stride, i = (k - offset) % out_stride;
        ASSERT_EQ(mirrored[k], k >= offset && i < rows ? in[i * in_stride + j] : untouched) << what();
      }
    }
}

TEST(Tile, StoresEveryAlignment) {
  for (std::size_t offset = 0; offset < 17; ++offset) {
    expect_stored<double>(21, 37, 64, offset);
    expect_stored<double>(40, 19, 53, offset);
    expect_stored<float>(21, 37, 64, offset);
    expect_stored<float>(40, 19, 53, offset);
  }
  expect_stored<double>(200, 3, 211, 1);
  expect_stored<float>(193, 192, 193, 0);
}

TEST(Tile, StoringSeesWhatIsNotFinite) {
  for (const Table& table : tables())
    for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                             -std::numeric_limits<double>::infinity()})
      for (const std::size_t at : {0U, 31U, 32U, 64U, 69U}) {
        std::vector<double> in(3 * 96, 1.0), out(3 * 70);
        EXPECT_TRUE(table.tiles<double>().store(in.data(), 96, 3, 70, out.data(), 70, false));
        in[96 + at] = bad;
        EXPECT_FALSE(table.tiles<double>().store(in.data(), 96, 3, 70, out.data(), 70, false)) << table.name << at;
      }
}

template <class Real>
void expect_defects() {
  const Strip strip{3, 2 * kColumnPadding};
  const std::size_t stride = strip.cols + kColumnPadding;
  std::vector<Real> products = noise<Real>(strip.rows * stride, 5);
  for (std::size_t k = 0; k < products.size(); k += 3)
    products[k] = static_cast<Real>(1 - 1e-3 * static_cast<double>(k));
  for (const Table& table : tables()) {
    const std::size_t count = strip.rows * strip.cols;
    std::vector<Real> rho(count), m(count), smallest(strip.rows);
    table.tiles<Real>().defects(products.data(), stride, strip, {rho.data(), m.data(), nullptr}, smallest.data());
    for (std::size_t i = 0; i < strip.rows; ++i) {
      Real least = 1;
      for (std::size_t j = 0; j < strip.cols; ++j) {
        const Real want = std::clamp(products[i * stride + j], Real(-1), Real(1));
        ASSERT_EQ(rho[i * strip.cols + j], want) << table.name;
        ASSERT_EQ(m[i * strip.cols + j], Real(0.5) * (1 - std::fabs(want))) << table.name;
        least = std::min(least, m[i * strip.cols + j]);
      }
      EXPECT_EQ(smallest[i], least) << table.name;
    }
  }
}

TEST(Tile, DefectsAreThoseOfClampedProducts) {
  expect_defects<double>();
  expect_defects<float>();
}

TEST(Tile, PanelsHoldDirectionsCoordinateByCoordinate) {
  const std::size_t width = tile_lanes<double>().width;
  for (const std::size_t dimension : {1U, 63U, 64U, 130U}) {
    const Cloud x = normal_cloud(101, dimension, 6);
    const Directions<double> kept(x.points(), false), brief(x.points(), false, false, 2);
    Panels<double> panels(80, dimension);
    panels.fill(brief, 17, 80, 2);
    for (std::size_t i = 0; i < (80 + width - 1) / width * width; ++i)
      for (std::size_t k = 0; k < dimension; ++k)
        ASSERT_EQ(panels.at(i / width * width)[k * width + i % width], i < 80 ? kept.unit(17 + i)[k] : 0)
            << i << " " << k;
  }
}

// Every pair of a triangle once, and of a rectangle; bands do not overlap.
TEST(Tile, TilesCoverEveryPairOnce) {
  for (const std::size_t n : {1U, 47U, 48U, 49U, 193U, 400U})
    for (const std::size_t band : {std::size_t{48}, std::size_t{100}, std::size_t{1000}})
      for (const std::size_t height : {std::size_t{48}, std::size_t{96}, std::size_t{192}})
        for (const bool triangle : {false, true}) {
          const std::size_t m = triangle ? n : 250;
          std::vector<int> seen(n * m);
          for (const Range& right : bands(m, band))
            for (const Range& left : bands(n, band)) {
              if (triangle && left.first > right.first) continue;
              for (const Tile& tile : tiles(left, right, height, triangle)) {
                EXPECT_EQ((tile.rows.first - left.first) % kTileUnit, 0U);
                EXPECT_EQ((tile.cols.first - right.first) % kTileUnit, 0U);
                for (std::size_t i = tile.rows.first; i < tile.rows.end(); ++i)
                  for (std::size_t j = tile.cols.first; j < tile.cols.end(); ++j) ++seen[i * m + j];
              }
            }
          for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = triangle ? i : 0; j < m; ++j)
              ASSERT_EQ(seen[i * m + j], 1) << n << ": " << i << ", " << j;
        }
}

}  // namespace
}  // namespace resgram::core
