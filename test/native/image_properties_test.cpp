// What must hold between kernels of images whatever their values: the same bytes however the work is cut, symmetries of
// the networks, and what the grid must be. Values are judged in images_test.cpp.
#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>

#include "images.hpp"

namespace resgram::core {
namespace {

using namespace trial;

const Row kErf{"erf", {1}}, kGelu{"gelu", {1}};
const Row kAverage{"average", {2}};

struct Network {
  std::string name;
  Rows rows;
};

// Networks that between them take every step of images, on grids of any size from 4 × 4.
std::vector<Network> image_networks() {
  const Rows in{{"input", {1}}};
  return {
      {"trace", rescntk(3, 1, 3, 2, 0.5, relu(), trace_head())},
      {"mean", rescntk(2, 3, 3, 1, 0.5, relu(), mean_head())},
      {"pixel, gelu, bias", rescntk(2, 1, 3, 1, 0.5, kGelu, pixel_head(1, 1), true, biased(0.2, true))},
      {"valid and stride, trained bias",
       in + conv(3, 0, 2, biased(0.3, false)) + Rows{relu(1.2, 0.1)} + read_by(mean_head())},
      {"pooling", in + conv(3, 1) + Rows{relu(), kAverage} + conv(3, 2) + Rows{kErf} + read_by(mean_head())},
      {"activation behind the head",
       in + conv(3, 2) + Rows{relu(), mean_head(), affine(), relu()} + Rows{affine(), {"emit", {}}}},
  };
}

// Ordinary images with what makes trouble among them: equal, nearly equal, opposite, black and half black ones.
Images troubled_images(std::size_t n, Grid grid, std::uint64_t seed) {
  Images images = normal_images(n, grid, seed);
  Random random(seed + 1);
  for (std::size_t i = 1; i < n; ++i) {
    const std::span<double> here = images.cloud.row(i);
    const std::span<const double> other = std::as_const(images.cloud).row(random.below(i));
    const std::size_t kind = random.below(8);
    for (std::size_t k = 0; k < here.size(); ++k) {
      if (kind == 0) here[k] = other[k];
      if (kind == 1) here[k] = other[k] + 1e-9 * here[k];
      if (kind == 2) here[k] = -other[k];
      if (kind == 3) here[k] = 0;
      if (kind == 4 && k < here.size() / 2) here[k] = 0;
    }
  }
  return images;
}

constexpr Grid kGrid{5, 4, 2};

template <class Real>
void expect_same(const Kernels<Real>& a, const Kernels<Real>& b, const std::string& what) {
  EXPECT_TRUE(same_bytes(a.nngp, b.nngp)) << what << ", nngp";
  EXPECT_TRUE(same_bytes(a.ntk, b.ntk)) << what << ", ntk";
}

TEST(ImageGram, TilesAndThreadsLeaveNoTrace) {
  const Images x = troubled_images(70, kGrid, 1);
  for (const Network& network : image_networks()) {
    const auto whole = image_gram_of(network.rows, x);
    for (const std::size_t rows : {1U, 5U, 1000U})
      expect_same(image_gram_of(network.rows, x, {3, rows}), whole, network.name);
    expect_same(image_gram_of<float>(network.rows, x, {2, 7}), image_gram_of<float>(network.rows, x), network.name);
  }
}

TEST(ImageGram, IsBitwiseSymmetricAndFinite) {
  const Images x = troubled_images(40, kGrid, 2);
  for (const Network& network : image_networks()) {
    const auto check = [&](const auto& kernels) {
      for (std::size_t i = 0; i < 40; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
          ASSERT_EQ(kernels.nngp[i * 40 + j], kernels.nngp[j * 40 + i]) << network.name;
          ASSERT_EQ(kernels.ntk[i * 40 + j], kernels.ntk[j * 40 + i]) << network.name;
          ASSERT_TRUE(std::isfinite(kernels.nngp[i * 40 + j]) && std::isfinite(kernels.ntk[i * 40 + j]));
        }
    };
    check(image_gram_of(network.rows, x));
    check(image_gram_of<float>(network.rows, x));
  }
}

// Few columns take fewer lanes; they are a block of many all the same.
TEST(ImageCross, IsABlockOfTheGramMatrixOfBoth) {
  const std::size_t left = 33, right = 4, all = left + right;
  const Images both = troubled_images(all, kGrid, 3);
  const std::size_t d = both.cloud.dimension;
  const auto split = both.cloud.data.begin() + static_cast<std::ptrdiff_t>(left * d);
  const Images x{kGrid, {left, d, {both.cloud.data.begin(), split}}},
      z{kGrid, {right, d, {split, both.cloud.data.end()}}};
  for (const Network& network : image_networks()) {
    const auto gram = image_gram_of(network.rows, both);
    const auto cross = image_cross_of(network.rows, x, z, {2, 3});
    for (std::size_t i = 0; i < left; ++i)
      for (std::size_t j = 0; j < right; ++j) {
        ASSERT_EQ(cross.nngp[i * right + j], gram.nngp[i * all + left + j]) << network.name;
        ASSERT_EQ(cross.ntk[i * right + j], gram.ntk[i * all + left + j]) << network.name;
      }
    // A Gram matrix has one order for each pair; the lines of the other come in another order, and so do their sums.
    const auto square = image_cross_of(network.rows, both, both);
    for (std::size_t i = 0; i < all; ++i)
      for (std::size_t j = i; j < all; ++j) ASSERT_EQ(square.ntk[i * all + j], gram.ntk[i * all + j]) << network.name;
    EXPECT_LE(worst_deviation(gram.ntk, square.ntk, all), 1e-13) << network.name;
  }
}

TEST(ImageGram, EqualImagesHaveTheValueOfTheDiagonal) {
  Images x = normal_images(20, kGrid, 4);
  for (std::size_t i = 10; i < 20; ++i)
    std::copy_n(x.cloud.row(i - 10).data(), x.cloud.dimension, x.cloud.row(i).data());
  for (std::size_t i : {3U, 13U, 4U, 14U}) std::fill_n(x.cloud.row(i).data(), x.cloud.dimension, 0.0);
  for (const Network& network : image_networks()) {
    const auto gram = image_gram_of(network.rows, x), diagonal = image_diagonal_of(network.rows, x);
    for (std::size_t i = 0; i < 10; ++i)
      for (const std::size_t at : {i * 20 + i, i * 20 + i + 10, (i + 10) * 20 + i, (i + 10) * 20 + i + 10}) {
        ASSERT_EQ(gram.nngp[at], diagonal.nngp[i]) << network.name;
        ASSERT_EQ(gram.ntk[at], diagonal.ntk[i]) << network.name;
      }
    EXPECT_EQ(gram.nngp[3 * 20 + 4], gram.nngp[3 * 20 + 3]) << network.name;
  }
}

// Black images and black pixels: nothing at all without biases, and never NaN.
TEST(ImageGram, BlackImagesAreWorthNothingWithoutBiases) {
  Images x = normal_images(3, kGrid, 5);
  std::fill_n(x.cloud.row(1).data(), x.cloud.dimension, 0.0);
  for (const Row& head : {trace_head(), mean_head(), pixel_head(0, 0)}) {
    const auto gram = image_gram_of(rescntk(3, 3, 3, 2, 0.5, relu(), head), x);
    for (const std::size_t at : {1U, 3U, 4U, 5U, 7U}) {
      EXPECT_EQ(gram.nngp[at], 0) << head.op;
      EXPECT_EQ(gram.ntk[at], 0) << head.op;
    }
  }
}

// A pixel is a vector: the step path carries the same numbers in another order, some ulps of 1 per layer.
TEST(ImageKernel, OfOnePixelIsThatOfTheVector) {
  const Images x = troubled_images(24, {1, 1, 5}, 6);
  for (const Row& phi : {relu(), relu(1.1, 0.3), kErf, kGelu, Row{"tanh", {1}}, Row{"softplus", {1}}, Row{"sine", {1}}})
    for (const Row& layer : {affine(1.3), biased(0.2, true), biased(0.2, false)})
      for (const Row& head : {trace_head(), mean_head(), pixel_head(0, 0)}) {
        const bool tabulated = phi.op == "tanh" || phi.op == "softplus";
        if (tabulated && (head.op != "trace" || layer.args[2] == 0)) continue;  // tables take their time
        const Rows image = rescntk(tabulated ? 2 : 5, 1, 3, 2, 0.7, phi, head, true, layer);
        Rows vector;
        for (const Row& row : image)
          if (row.op != "patch" && row.op != head.op) vector.push_back(row);
        const auto expected = gram_of(vector, x.cloud), got = image_gram_of(image, x);
        // A mean over one pixel forms 1 − ρ by subtraction, which dense heads do not mind. Tables have errors of their own,
        // and differ with the last digits of the variances they are made for.
        const double bound = tabulated ? 1e-12 : 2e-14;
        EXPECT_LE(worst_deviation(got.nngp, expected.nngp, 24), bound) << phi.op << head.op;
        EXPECT_LE(worst_deviation(got.ntk, expected.ntk, 24), bound) << phi.op << head.op;
      }
}

// ReLU in pieces goes through tables, or quadrature pair by pair, and its own closed form does not: the same kernels, to the
// accuracy that tables state.
TEST(ImageKernel, OfReluInPiecesIsThatOfRelu) {
  const Row pieces{"tabulated", {kRootTwo, -1, 0, 1, 0, 0, 1, 2, 0.5, 0.5}};
  const Grid grid{4, 4, 2};
  Images x = normal_images(5, grid, 13);
  std::fill_n(x.cloud.row(1).data(), 9, 0.0);
  const Row layer = biased(0.2, true);
  for (const Row& head : {trace_head(), mean_head()}) {
    const auto rows = [&](const Row& phi) {
      return Rows{{"input", {1}}} + conv(3, 1, 1, layer) + Rows{phi, kAverage} + conv(3, 1, 1, layer) + Rows{phi} +
             read_by(head);
    };
    const auto closed = image_gram_of(rows(relu()), x), tabulated = image_gram_of(rows(pieces), x);
    EXPECT_LE(worst_deviation(closed.nngp, tabulated.nngp, 5), 1e-12) << head.op;
    // Pooling leaves 1 − ρ with an error of 1e-16, which Ṡ turns into its root where pixels are parallel.
    EXPECT_LE(worst_deviation(closed.ntk, tabulated.ntk, 5), 1e-8) << head.op;
  }
}

// With circular padding a shift of both images changes nothing, nor does a shift of one if the head is a mean.
TEST(ImageKernel, IsInvariantUnderShiftsOfCircularGrids) {
  const Images x = normal_images(4, {4, 5, 2}, 7);
  const auto shifted = [&](const Images& images, std::size_t dy, std::size_t dx) {
    Images out = images;
    for (std::size_t i = 0; i < images.cloud.rows; ++i)
      for (std::size_t y = 0; y < 4; ++y)
        for (std::size_t w = 0; w < 5; ++w)
          for (std::size_t c = 0; c < 2; ++c)
            out.cloud.row(i)[(y * 5 + w) * 2 + c] =
                std::as_const(images.cloud).row(i)[((y + dy) % 4 * 5 + (w + dx) % 5) * 2 + c];
    return out;
  };
  const Images moved = shifted(x, 1, 3);
  const Rows by_trace = rescntk(3, 3, 3, 2, 0.6, relu(), trace_head()),
             by_mean = rescntk(3, 3, 3, 2, 0.6, relu(), mean_head());
  const auto trace = image_gram_of(by_trace, x), mean = image_gram_of(by_mean, x);
  EXPECT_LE(worst_deviation(trace.ntk, image_gram_of(by_trace, moved).ntk, 4), 1e-14);
  EXPECT_LE(worst_deviation(mean.ntk, image_cross_of(by_mean, x, moved).ntk, 4), 2e-14);
}

// K(x,x) − K(x, x + ε d) falls like ε² for the GPK and like ε for the NTK of ReLU. What is lost of 1 − ρ would show as
// √1e-16 in the NTK; per unit of ε it may be off by the rounding of K, some 4 ulps over ε, and by the next order, c ε.
TEST(ImageKernel, KeepsItsDigitsForAlmostEqualImages) {
  for (const Grid& grid : {Grid{4, 4, 3}, Grid{4, 4, 1}, Grid{1, 9, 1}}) {
    const std::size_t d = grid.height * grid.width * grid.channels;
    const Cloud base = normal_cloud(2, d, 8);
    const std::vector<double> steps = {1e-5, 1e-7, 1e-9};
    Images x{grid, Cloud(1 + steps.size(), d)};
    std::copy_n(base.row(0).data(), d, x.cloud.row(0).data());
    for (std::size_t s = 0; s < steps.size(); ++s)
      for (std::size_t k = 0; k < d; ++k) x.cloud.row(s + 1)[k] = base.row(0)[k] + steps[s] * base.row(1)[k];
    const auto gram = image_gram_of(rescntk(4, 3, 3, 1, 0.8, relu(), trace_head()), x);
    const auto distance = [&](std::size_t j) {
      const double *t = gram.ntk.data(), own = t[0], other = t[j * x.cloud.rows + j];
      return (own + other - 2 * t[j]) / (own * steps[j - 1]);
    };
    for (std::size_t j = 2; j <= steps.size(); ++j)
      EXPECT_NEAR(distance(j), distance(1), 1e-4 * std::fabs(distance(1)) + 1.5e-15 / steps[j - 1]) << steps[j - 1];
  }
}

// Float32 keeps 6 digits per layer.
TEST(ImageKernel, InSinglePrecisionAgreesToItsRounding) {
  const Images x = troubled_images(20, kGrid, 9);
  for (const Network& network : image_networks()) {
    const auto whole = image_gram_of(network.rows, x);
    const auto single = image_gram_of<float>(network.rows, x);
    // A mean has 1 − ρ by subtraction: an angle of √ε where an activation follows.
    const double bound = network.name == "pooling" || network.name == "activation behind the head" ? 5e-4 : 5e-6;
    for (std::size_t i = 0; i < 400; ++i) {
      const std::size_t row = i / 20, column = i % 20;
      const auto off = [&](const std::vector<double>& a, const std::vector<float>& b) {
        return std::fabs(a[i] - static_cast<double>(b[i])) -
               bound * std::sqrt(a[row * 20 + row] * a[column * 20 + column]);
      };
      EXPECT_LE(off(whole.nngp, single.nngp), 0) << network.name;
      EXPECT_LE(off(whole.ntk, single.ntk), 0) << network.name;
    }
  }
}

// (1 + α²)^1000 leaves doubles; the same network on unit pixels that are all alike is a vector network.
TEST(ImageKernel, StaysInRangeAtDepth1000) {
  Images x{{3, 3, 2}, Cloud(2, 18)};
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 9; ++j) {
      x.cloud.row(i)[2 * j] = std::cos(static_cast<double>(i));
      x.cloud.row(i)[2 * j + 1] = std::sin(static_cast<double>(i));
    }
  const Cloud vectors(2, 2, {1, 0, std::cos(1.0), std::sin(1.0)});
  for (const Row& head : {trace_head(), mean_head()}) {
    const auto got = image_gram_of(rescntk(1100, 1, 3, 2, 1, relu(), head), x);
    const auto expected = gram_of(resnet_rows(1100, 1, relu(), true, true), vectors);
    EXPECT_GT(got.nngp_log_scale, 0);
    const auto log_of = [](double value, double scale) { return std::log(value) + scale; };
    for (const std::size_t at : {0U, 1U, 3U}) {
      EXPECT_NEAR(log_of(got.nngp[at], got.nngp_log_scale), log_of(expected.nngp[at], expected.nngp_log_scale), 3e-12);
      EXPECT_NEAR(log_of(got.ntk[at], got.ntk_log_scale), log_of(expected.ntk[at], expected.ntk_log_scale), 3e-12);
    }
  }
}

TEST(ImageGram, StopsWithinASecondOfBeingCancelled) {
  const Images x = normal_images(60, {16, 16, 3}, 10);
  const Program program = Program::load(rescntk(8, 3, 3, 2, 0.5, relu(), mean_head()));
  std::vector<double> out(60 * 60);
  std::vector<Sink<double>> sinks{{out.data(), nullptr, 0, 0}};
  Ticket ticket;
  std::chrono::steady_clock::time_point cancelled;
  std::thread canceller([&] {
    while (ticket.done() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    cancelled = std::chrono::steady_clock::now();
    ticket.cancel();
  });
  EXPECT_THROW(gram<double>(program, x.points(), sinks, {2}, ticket), Cancelled);
  const auto end = std::chrono::steady_clock::now();
  canceller.join();
  EXPECT_LT(std::chrono::duration<double>(end - cancelled).count(), 1.0);
}

TEST(ImageGram, TellsItsProgressToTheEnd) {
  const Images x = normal_images(37, kGrid, 11);
  for (const Network& network : image_networks()) {
    const Program program = Program::load(network.rows);
    std::vector<double> out(37 * 37);
    std::vector<Sink<double>> sinks{{out.data(), nullptr, 0, 0}};
    Ticket ticket;
    gram<double>(program, x.points(), sinks, {2}, ticket);
    EXPECT_EQ(ticket.done(), ticket.total()) << network.name;
  }
}

TEST(ImageWork, CountsPairsOfPixels) {
  const Grid grid{6, 5, 3};
  const auto work = [&](const Row& head) {
    return image_work(Program::load(rescntk(4, 1, 3, 2, 0.5, relu(), head)), 1, 1, grid);
  };
  EXPECT_EQ(work(mean_head()), 30 * work(trace_head()));
  EXPECT_EQ(image_work(Program::load(rescntk(4, 1, 3, 2, 0.5, relu(), mean_head())), 10, 20, grid),
            200 * work(mean_head()));
}

TEST(ImageGrid, IsRefusedWhereItDoesNotFitAndSaysWhere) {
  const Rows in{{"input", {1}}};
  struct Refused {
    std::string says;
    Rows rows;
    Grid grid;
  };
  const Rows net = rescntk(1, 1, 3, 2, 0.5, relu(), trace_head());
  const std::vector<Refused> cases = {
      {"reads images but gets vectors", net, {}},
      {"takes vectors but gets 2 × 3 images with 2 channels", mlp_rows(1, relu()), {2, 3, 2}},
      {"expected rows of 24 numbers", net, {2, 3, 4}},
      {"step 3 (patch): a filter of size 5 without padding leaves no pixel of a grid of 3 × 2",
       in + conv(1, 0) + conv(5, 0) + read_by(trace_head()),
       {3, 2, 2}},
      {"step 1 (patch): a stride of 4 goes beyond a grid of 3 × 2",
       in + conv(3, 1, 4) + read_by(trace_head()),
       {3, 2, 2}},
      {"step 1 (average): a window of 3 is larger than a grid of 2 × 3",
       in + Rows{{"average", {3}}} + read_by(trace_head()),
       {2, 3, 2}},
      {"step 1 (pixel): there is no pixel (2, 0) in a grid of 2 × 3", in + read_by(pixel_head(2, 0)), {2, 3, 2}},
      {"expected branches of one size, got 2 × 3 and 1 × 2",
       in + Rows{affine(), {"push", {}}} + conv(3, 1, 2) + Rows{{"add", {}}} + read_by(trace_head()),
       {2, 3, 2}},
      {"both end in an activation",
       in + Rows{affine(), relu(), {"push", {}}, affine(), relu(), {"add", {}}} + read_by(trace_head()),
       {2, 3, 2}},
      {"a circular filter follows, inside of a branch",
       in + Rows{affine(), {"push", {}}} + conv(3, 2, 2) + conv(3, 2) + Rows{{"swap", {}}} + conv(1, 2, 2) +
           Rows{{"add", {}}} + read_by(mean_head()),
       {1, 3, 4}},
  };
  for (const Refused& one : cases) {
    const Images x{one.grid, normal_cloud(2, 12, 12)};
    const Error error = refusal([&] { image_gram_of(one.rows, x); });
    EXPECT_EQ(error.code(), Code::shape) << error.what();
    EXPECT_NE(std::string(error.what()).find(one.says), std::string::npos) << error.what();
  }
  const std::vector<double> angles{0.5};
  std::vector<double> value(1);
  std::vector<Sink<double>> sinks{{value.data(), nullptr, 0, 0}};
  const Error error = refusal([&] { profile(Program::load(net), angles, 3, sinks); });
  EXPECT_NE(std::string(error.what()).find("takes a network on vectors"), std::string::npos);
}

TEST(ImageProgram, RefusesListingsThatMeanNothing) {
  const Rows in{{"input", {1}}};
  const std::vector<std::pair<std::string, Rows>> cases = {
      {"size must be an odd number", in + conv(2, 1) + read_by(trace_head())},
      {"padding must be 0 (valid)", in + conv(3, 3) + read_by(trace_head())},
      {"stride must be an integer", in + conv(3, 1, 0) + read_by(trace_head())},
      {"no head (pixel, trace, mean) follows", in + conv(3, 1) + Rows{{"emit", {}}}},
      {"put pixel, trace or mean before it", in + Rows{{"push", {}}, trace_head(), {"pop", {}}, {"emit", {}}}},
      {"a head has already read it", in + Rows{trace_head()} + conv(3, 1) + Rows{{"emit", {}}}},
      {"one branch is a grid of pixels", in + Rows{{"push", {}}, trace_head(), {"add", {}}, {"emit", {}}}},
      {"one branch is a grid of pixels",
       in + Rows{{"push", {}}, trace_head(), {"swap", {}}, mean_head(), {"add", {}}, {"emit", {}}}},
      {"average pooling inside of a branch", in + Rows{{"push", {}}, kAverage, {"add", {}}} + read_by(trace_head())},
      {"away from its next turn", in + Rows{repeat(2), trace_head(), {"end", {}}, {"emit", {}}}},
      {"at most 10^6 steps", in + Rows{repeat(1000001), affine(), {"end", {}}} + read_by(trace_head())},
  };
  for (const auto& [says, rows] : cases) {
    const Error error = refusal([&, &listing = rows] { Program::load(listing); });
    EXPECT_EQ(error.code(), Code::program);
    EXPECT_NE(std::string(error.what()).find(says), std::string::npos) << says << "; " << error.what();
  }
}

}  // namespace
}  // namespace resgram::core
