// Passes against single steps on random networks, and what must not depend on how the work is cut.
#include "core/image_passes.hpp"

#include <random>

#include "images.hpp"

namespace resgram::core {
namespace {

using namespace trial;

std::optional<ImagePasses> passes_of(const Rows& rows, const Grid& grid) {
  const Program program = Program::load(rows);
  return ImagePasses::of(ImagePlan(program, grid));
}

// Networks of convolutions, ReLU and residual blocks whose sizes, paddings and strides are drawn.
class Networks {
 public:
  explicit Networks(unsigned seed) : random_(seed) {}

  int whole(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }
  double real(double least, double most) { return std::uniform_real_distribution<double>(least, most)(random_); }

  Row phi() {
    constexpr double kSlopes[] = {0, 0, 0.2, -0.5, 0.9};
    return relu(real(0.8, 1.6), kSlopes[whole(0, 4)]);
  }
  Row layer() { return affine(real(0.5, 2), whole(0, 3) > 0); }

  Rows next(const Grid& grid, bool several_heads) {
    const bool flat = grid.height == 1;
    Rows rows = Rows{{"input", {static_cast<double>(whole(0, 1))}}};
    if (whole(0, 1) == 1) rows = rows + Rows{layer()};
    const double padding = whole(1, 2);
    const int blocks = whole(1, 4);
    bool whole_grid = true;
    for (int b = 0; b < blocks; ++b) {
      const double inner = 2 * whole(0, 2) + 1, outer = 2 * whole(0, 1) + 1;
      const int kind = whole(0, 4);
      if (kind == 0) {
        rows = rows + conv(outer, padding, 1, layer()) + Rows{phi()};
      } else if (kind == 1) {
        rows = rows + Rows{phi()} + conv(2 * whole(0, 3) + 1, padding, 1, layer());
      } else if (kind == 2) {
        const double stride = whole(1, 2);
        rows = rows + Rows{{"push", {}}} + conv(inner, 1, stride, layer()) + Rows{phi()} + conv(outer, 1, 1, layer()) +
               Rows{{"swap", {}}} + conv(1, 1, stride, layer()) + Rows{{"add", {}}};
        whole_grid = whole_grid && stride == 1;
        if (stride == 2 && padding == 2) return rows + Rows{phi()} + heads(several_heads, flat);
      } else {
        rows = rows + block(inner, outer, padding, b == 0 ? real(0.001, 0.1) : real(0.1, 1), phi(), layer(), layer());
      }
    }
    if (whole_grid && whole(0, 2) == 0) rows = rows + conv(3, 0, 1, layer());
    if (whole(0, 1) == 0) rows = rows + Rows{phi()};
    return rows + heads(several_heads, flat);
  }

 private:
  Rows heads(bool several, bool flat) {
    const Row head[] = {mean_head(), trace_head(), pixel_head(0, flat ? 1 : 0)};
    if (!several) return read_by(head[whole(0, 2) % 3], layer());
    return Rows{{"push", {}}} + read_by(mean_head(), layer()) + Rows{{"pop", {}}, phi()} + read_by(head[whole(0, 2)]);
  }

  std::mt19937 random_;
};

// The largest deviation over all emits, relative to √(k(x,x) k(z,z)) of `sizes`.
template <class Real>
double deviation(const PerEmit<Real>& left, const PerEmit<Real>& right, const PerEmit<double>& sizes, std::size_t n) {
  double worst = 0;
  for (std::size_t e = 0; e < left.size(); ++e) {
    const auto check = [&](const std::vector<Real>& a, const std::vector<Real>& b, const std::vector<double>& k) {
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
          const double size = std::sqrt(k[i * n + i] * k[j * n + j]);
          const double error = std::fabs(static_cast<double>(a[i * n + j]) - static_cast<double>(b[i * n + j]));
          if (!(error <= worst * size)) worst = std::isnan(error) ? 1e300 : error / std::max(size, 1e-300);
        }
    };
    check(left[e].nngp, right[e].nngp, sizes[e].nngp);
    check(left[e].ntk, right[e].ntk, sizes[e].ntk);
  }
  return worst;
}

// Roundings are relative to the sizes of pairs of pixels. Means of pairs of either sign cancel, those of equal pixels,
// which 'trace' reads and which are no smaller than the mean size, do not.
PerEmit<double> sizes_of(Rows rows, const Images& x, const Tuning& tuning) {
  for (Row& row : rows)
    if (row.op == "mean") row = trace_head();
  return image_grams<double>(rows, x, tuning);
}

Images images_of(Networks& draw, const Grid& grid, std::uint64_t seed) {
  Images x = normal_images(5, grid, seed);
  auto& data = x.cloud.data;
  const std::size_t d = x.cloud.dimension;
  // The same image again, one nearly so, its negative with a hole, one in another scale.
  for (std::size_t k = 0; k < d; ++k) {
    data[d + k] = data[k] * (1 + 1e-7 * draw.real(-1, 1));
    data[2 * d + k] = k < d / 3 ? 0 : -data[k];
    data[3 * d + k] = 37.5 * data[k];
  }
  return x;
}

TEST(ImagePasses, AgreeWithSingleStepsOnRandomNetworks) {
  constexpr Grid kGrids[] = {{5, 4, 3}, {1, 9, 2}, {6, 6, 1}, {4, 7, 2}};
  Tuning single;
  single.single_steps = true;
  std::size_t taken = 0;
  for (unsigned seed = 0; seed < 120; ++seed) {
    Networks draw(seed);
    const Grid grid = kGrids[seed % 4];
    const Rows rows = draw.next(grid, seed % 5 == 0);
    taken += passes_of(rows, grid) ? 1U : 0U;
    const Images x = images_of(draw, grid, seed + 1000);
    const std::size_t n = x.cloud.rows;
    const PerEmit<double> sizes = sizes_of(rows, x, single);
    // With X = share · g², where the exact excess takes over, some four roundings of g² are 2ε g/√share of the angle:
    // 64ε at a share of 2^-8 and g ≤ 2√S (float32: 23ε at 2^-5), in each of up to nine activations.
    EXPECT_LE(deviation(image_grams<double>(rows, x), image_grams<double>(rows, x, single), sizes, n), 9 * 64 * 0x1p-53)
        << seed;
    EXPECT_LE(deviation(image_grams<float>(rows, x), image_grams<float>(rows, x, single), sizes, n), 9 * 23 * 0x1p-23F)
        << seed;
  }
  EXPECT_GE(taken, 110U);  // the others add a branch that has neither activation nor filter
}

TEST(ImagePasses, TakeTheNetworksOfThePresets) {
  const Grid grid{6, 6, 3};
  for (const double padding : {1.0, 2.0}) {
    EXPECT_EQ(passes_of(rescntk(4, 1, 3, padding, 0.5, relu(), mean_head()), grid)->passes().size(), 4U);
    EXPECT_EQ(passes_of(rescntk(4, 3, 3, padding, 0.5, relu(), mean_head()), grid)->passes().size(), 8U);
    EXPECT_EQ(passes_of(cntk(4, 3, padding, relu(), mean_head()), grid)->passes().size(), 5U);
  }
  EXPECT_FALSE(passes_of(rescntk(4, 3, 3, 1, 0.5, {"erf", {1}}, mean_head()), grid));
  EXPECT_FALSE(passes_of(rescntk(4, 3, 3, 1, 0.5, relu(), mean_head(), true, biased(0.3, true)), grid));
}

// Sums over all pairs of pixels do not know which image came first.
TEST(ImagePasses, PooledKernelsAreBitwiseSymmetric) {
  const Grid grid{5, 7, 3};
  for (const Rows& rows : {rescntk(3, 3, 3, 2, 0.7, relu(), mean_head()), cntk(3, 3, 1, relu(1, 0.3), mean_head())}) {
    const Images x = normal_images(19, grid, 5);
    const auto there = image_cross_of<double>(rows, x, x);
    const auto single = image_cross_of<float>(rows, x, x);
    for (std::size_t i = 0; i < 19; ++i)
      for (std::size_t j = 0; j < i; ++j) {
        EXPECT_EQ(there.ntk[i * 19 + j], there.ntk[j * 19 + i]);
        EXPECT_EQ(there.nngp[i * 19 + j], there.nngp[j * 19 + i]);
        EXPECT_EQ(single.ntk[i * 19 + j], single.ntk[j * 19 + i]);
      }
  }
}

TEST(ImagePasses, DoNotDependOnThreadsOrTiles) {
  const Grid grid{4, 5, 2};
  const Rows rows = rescntk(3, 3, 3, 2, 0.7, relu(), mean_head());
  const Images x = normal_images(21, grid, 6);
  Tuning many;
  many.threads = 3;
  many.strip_rows = 2;
  const auto one = image_gram_of<double>(rows, x), other = image_gram_of<double>(rows, x, many);
  EXPECT_EQ(one.ntk, other.ntk);
  EXPECT_EQ(one.nngp, other.nngp);
  const auto cross = image_cross_of<double>(rows, x, x);
  EXPECT_EQ(one.ntk, cross.ntk);
}

// One trained layer below 1500 frozen ones, each of which doubles the variance: T = K, far beyond the range of doubles.
TEST(ImagePasses, FrozenLayersKeepTheTangentInRange) {
  const Grid grid{3, 3, 2};
  const Rows rows = Rows{{"input", {1}}, affine(), repeat(1500), relu(2), affine(1, false), {"end", {}}} +
                    read_by(trace_head(), affine(1, false));
  const Images x = normal_images(3, grid, 9);
  for (const bool single_steps : {false, true}) {
    Tuning tuning;
    tuning.single_steps = single_steps;
    const auto got = image_gram_of<double>(rows, x, tuning);
    EXPECT_GT(got.nngp_log_scale, 0);
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_NEAR(std::log(got.ntk[i * 4]) + got.ntk_log_scale, std::log(got.nngp[i * 4]) + got.nngp_log_scale, 2e-12);
  }
}

// Pixels 1e20 times as bright as others leave the range of products in float32: those images take single steps.
TEST(ImagePasses, LeaveImagesOfAWideRangeToSingleSteps) {
  const Grid grid{4, 4, 2};
  const Rows rows = rescntk(2, 1, 3, 2, 0.5, relu(), mean_head());
  Images x = normal_images(6, grid, 7);
  for (std::size_t k = 0; k < 4; ++k) x.cloud.data[2 * x.cloud.dimension + k] *= 1e20;
  Tuning single;
  single.single_steps = true;
  const PerEmit<double> sizes = image_grams<double>(rows, x, single);
  EXPECT_LE(deviation(image_grams<float>(rows, x), image_grams<float>(rows, x, single), sizes, 6), 2e-6F);
  EXPECT_LE(deviation(image_grams<double>(rows, x), image_grams<double>(rows, x, single), sizes, 6), 1e-14);
}

}  // namespace
}  // namespace resgram::core
