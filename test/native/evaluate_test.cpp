// What must hold between kernels whatever their values: the same bytes however the work is cut, and the symmetries of
// the networks. Values are judged in values_test.cpp.
#include "../../native/core/evaluate.hpp"

#include <algorithm>
#include <numeric>

#include "../../native/core/sides.hpp"
#include "../../native/linalg/linalg.hpp"
#include "kernels.hpp"

namespace resgram::core {
namespace {

using namespace trial;

// More rows than a block of columns (256) and than several strips.
constexpr std::size_t kMany = 300, kDimension = 6;

template <class Real>
void expect_same(const Kernels<Real>& a, const Kernels<Real>& b, const std::string& what) {
  EXPECT_TRUE(same_bytes(a.nngp, b.nngp)) << what << ", nngp";
  EXPECT_TRUE(same_bytes(a.ntk, b.ntk)) << what << ", ntk";
  EXPECT_EQ(a.nngp_log_scale, b.nngp_log_scale) << what;
  EXPECT_EQ(a.ntk_log_scale, b.ntk_log_scale) << what;
}

TEST(Gram, IsBitwiseSymmetricAndFinite) {
  const Cloud x = troubled_cloud(kMany, kDimension, 1);
  for (const Named& network : networks()) {
    const auto kernels = gram_of(network.rows, x);
    const auto singles = gram_of<float>(network.rows, x);
    for (std::size_t i = 0; i < x.rows; ++i)
      for (std::size_t j = 0; j <= i; ++j) {
        const std::size_t at = i * x.rows + j, mirror = j * x.rows + i;
        ASSERT_EQ(kernels.nngp[at], kernels.nngp[mirror]) << network.name;
        ASSERT_EQ(kernels.ntk[at], kernels.ntk[mirror]) << network.name;
        ASSERT_EQ(singles.nngp[at], singles.nngp[mirror]) << network.name;
        ASSERT_EQ(singles.ntk[at], singles.ntk[mirror]) << network.name;
        ASSERT_TRUE(std::isfinite(kernels.nngp[at]) && std::isfinite(kernels.ntk[at])) << network.name;
      }
  }
}

TEST(Gram, FollowsAPermutationOfTheRowsToTheBit) {
  const Cloud x = troubled_cloud(kMany, kDimension, 2);
  std::vector<std::size_t> order(x.rows);
  std::iota(order.begin(), order.end(), 0U);
  Random random(3);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  Cloud permuted(x.rows, x.dimension);
  for (std::size_t i = 0; i < x.rows; ++i) std::copy_n(x.row(order[i]).data(), x.dimension, permuted.row(i).data());
  for (const Named& network : networks()) {
    const auto before = gram_of(network.rows, x), after = gram_of(network.rows, permuted);
    for (std::size_t i = 0; i < x.rows; ++i)
      for (std::size_t j = 0; j < x.rows; ++j) {
        ASSERT_EQ(after.nngp[i * x.rows + j], before.nngp[order[i] * x.rows + order[j]]) << network.name;
        ASSERT_EQ(after.ntk[i * x.rows + j], before.ntk[order[i] * x.rows + order[j]]) << network.name;
      }
  }
}

TEST(Gram, TilesAndThreadsLeaveNoTrace) {
  const Cloud x = troubled_cloud(kMany, kDimension, 4);
  for (const Named& network : networks()) {
    const auto whole = gram_of(network.rows, x);
    const auto single = gram_of<float>(network.rows, x);
    for (const std::size_t strip_rows : {5U, 17U, 32U, 64U, 1000U})
      for (const int threads : {1, 2, 3}) {
        const std::string what = network.name + ", " + std::to_string(strip_rows) + " rows";
        expect_same(gram_of(network.rows, x, {threads, strip_rows}), whole, what);
        if (threads == 2) expect_same(gram_of<float>(network.rows, x, {threads, strip_rows}), single, what + ", float");
      }
  }
}

// Every size up to several panels, strips and units of tiles: each pair is the pair alone.
TEST(Gram, EverySizeHoldsThePairsOfTheLargest) {
  constexpr std::size_t kLargest = 70;
  for (const std::size_t dimension : {1U, 7U}) {
    const Cloud all = troubled_cloud(kLargest, dimension, 30);
    for (const Rows& rows : {mlp_rows(2, relu()), mlp_rows(1, {"gelu", {1}}, biased(0.3, true))}) {
      const auto whole = gram_of(rows, all);
      const auto single = gram_of<float>(rows, all);
      for (std::size_t n = 1; n < kLargest; ++n) {
        const Cloud some(n, dimension,
                         {all.data.begin(), all.data.begin() + static_cast<std::ptrdiff_t>(n * dimension)});
        const Tuning tuning{.threads = 1 + static_cast<int>(n % 3), .band_rows = n % 2 == 0 ? 0U : 48U};
        const auto part = gram_of(rows, some, tuning);
        const auto single_part = gram_of<float>(rows, some, tuning);
        for (std::size_t i = 0; i < n; ++i)
          for (std::size_t j = 0; j < n; ++j) {
            ASSERT_EQ(part.ntk[i * n + j], whole.ntk[i * kLargest + j]) << n << ": " << i << ", " << j;
            ASSERT_EQ(part.nngp[i * n + j], whole.nngp[i * kLargest + j]) << n << ": " << i << ", " << j;
            ASSERT_EQ(single_part.ntk[i * n + j], single.ntk[i * kLargest + j]) << n << ": " << i << ", " << j;
          }
      }
    }
  }
}

TEST(Gram, BandsLeaveNoTrace) {
  const Cloud x = troubled_cloud(kMany, kDimension, 31), z = troubled_cloud(kMany - 53, kDimension, 32);
  for (const Named& network : networks()) {
    const auto whole = gram_of(network.rows, x);
    const auto rectangle = cross_of(network.rows, x, z);
    for (const std::size_t band_rows : {48U, 100U, 192U, 250U}) {
      const Tuning tuning{.threads = 2, .band_rows = band_rows};
      const std::string what = network.name + ", " + std::to_string(band_rows) + " rows";
      expect_same(gram_of(network.rows, x, tuning), whole, what);
      expect_same(cross_of(network.rows, x, z, tuning), rectangle, what);
    }
  }
}

TEST(Cross, IsABlockOfTheGramMatrixOfBoth) {
  const std::size_t left = 70, right = kMany - left;
  const Cloud all = troubled_cloud(kMany, kDimension, 5);
  const auto split = all.data.begin() + static_cast<std::ptrdiff_t>(left * kDimension);
  const Cloud x(left, kDimension, {all.data.begin(), split}), z(right, kDimension, {split, all.data.end()});
  for (const Named& network : networks()) {
    const auto gram = gram_of(network.rows, all), xz = cross_of(network.rows, x, z);
    const auto zx = cross_of(network.rows, z, x, {2, 17});
    for (std::size_t i = 0; i < left; ++i)
      for (std::size_t j = 0; j < right; ++j) {
        ASSERT_EQ(xz.nngp[i * right + j], gram.nngp[i * kMany + left + j]) << network.name;
        ASSERT_EQ(xz.ntk[i * right + j], gram.ntk[i * kMany + left + j]) << network.name;
        ASSERT_EQ(xz.nngp[i * right + j], zx.nngp[j * left + i]) << network.name;
        ASSERT_EQ(xz.ntk[i * right + j], zx.ntk[j * left + i]) << network.name;
      }
    expect_same(cross_of(network.rows, all, all), gram, network.name);
  }
}

TEST(Gram, EqualRowsHaveTheValueOfTheDiagonal) {
  Cloud x = normal_cloud(80, kDimension, 6);
  for (std::size_t i = 40; i < 80; ++i) std::copy_n(x.row(i - 40).data(), kDimension, x.row(i).data());
  for (const Named& network : networks()) {
    const auto gram = gram_of(network.rows, x), diagonal = diagonal_of(network.rows, x);
    for (std::size_t i = 0; i < 40; ++i)
      for (const std::size_t at : {i * 80 + i, i * 80 + i + 40, (i + 40) * 80 + i, (i + 40) * 80 + i + 40}) {
        ASSERT_EQ(gram.nngp[at], diagonal.nngp[i]) << network.name;
        ASSERT_EQ(gram.ntk[at], diagonal.ntk[i]) << network.name;
      }
  }
}

TEST(Gram, ZeroRowsAreEqualToEachOther) {
  Cloud x = normal_cloud(6, kDimension, 7);
  for (const std::size_t zero : {1U, 4U}) std::fill_n(x.row(zero).data(), kDimension, 0.0);
  std::vector<Named> tried = networks();
  tried.push_back({"erf, trained bias", mlp_rows(3, {"erf", {1}}, biased(0.3, false, 1.5), biased(0.3, false, 1.5))});
  tried.push_back({"erf, normal bias", mlp_rows(3, {"erf", {1}}, biased(0.3, true, 1.5), biased(0.3, true, 1.5))});
  for (const Named& network : tried) {
    const auto gram = gram_of(network.rows, x), diagonal = diagonal_of(network.rows, x);
    const auto cross = cross_of(network.rows, x, x);
    for (const std::size_t at : {1U * 6 + 1U, 1U * 6 + 4U, 4U * 6 + 1U, 4U * 6 + 4U}) {
      for (const auto* kernels : {&gram, &cross}) {
        EXPECT_EQ(kernels->nngp[at], diagonal.nngp[1]) << network.name;
        EXPECT_EQ(kernels->ntk[at], diagonal.ntk[1]) << network.name;
      }
    }
  }
}

bool homogeneous(const Named& network) {
  return std::all_of(network.rows.begin(), network.rows.end(), [](const Row& row) {
    return row.op != "erf" && row.op != "gelu" && row.op != "sine" && (row.op != "affine" || row.args[2] == 0);
  });
}

// k(ax, bz) = ab k(x, z) for homogeneous networks without biases; powers of two to the bit.
TEST(Kernel, IsHomogeneous) {
  const Cloud x = normal_cloud(40, kDimension, 8), z = normal_cloud(30, kDimension, 9);
  Cloud ax = x, bz = z;
  std::vector<int> ea(x.rows), eb(z.rows);
  for (std::size_t i = 0; i < x.rows; ++i) {
    ea[i] = static_cast<int>(i * 7 % 41) - 20;
    for (double& v : ax.row(i)) v = std::ldexp(v, ea[i]);
  }
  for (std::size_t j = 0; j < z.rows; ++j) {
    eb[j] = static_cast<int>(j * 5 % 37) - 18;
    for (double& v : bz.row(j)) v = std::ldexp(v, eb[j]);
  }
  for (const Named& network : networks()) {
    if (!homogeneous(network)) continue;
    const auto plain = cross_of(network.rows, x, z), scaled = cross_of(network.rows, ax, bz);
    for (std::size_t i = 0; i < x.rows; ++i)
      for (std::size_t j = 0; j < z.rows; ++j) {
        const std::size_t at = i * z.rows + j;
        ASSERT_EQ(scaled.nngp[at], std::ldexp(plain.nngp[at], ea[i] + eb[j])) << network.name;
        ASSERT_EQ(scaled.ntk[at], std::ldexp(plain.ntk[at], ea[i] + eb[j])) << network.name;
      }
  }
}

// Kernels know angles and lengths only. Reflections and their products are applied with d roundings per number.
TEST(Kernel, IsInvariantUnderRotation) {
  const Cloud x = troubled_cloud(60, kDimension, 10);
  Cloud turned = x;
  Random random(11);
  for (int reflection = 0; reflection < 4; ++reflection) {
    std::vector<double> v(kDimension);
    double square = 0;
    for (double& one : v) one = random.normal();
    for (const double one : v) square += one * one;
    for (std::size_t i = 0; i < x.rows; ++i) {
      double inner = 0;
      for (std::size_t k = 0; k < kDimension; ++k) inner += v[k] * turned.row(i)[k];
      for (std::size_t k = 0; k < kDimension; ++k) turned.row(i)[k] -= 2 * inner / square * v[k];
    }
  }
  for (const Named& network : networks()) {
    const auto before = gram_of(network.rows, x), after = gram_of(network.rows, turned);
    // Zero rows stay zero; all else moves by a rounding, times the slope of the kernel, at most its depth or so.
    Kernels<double> a = before, b = after;
    for (std::size_t i = 0; i < x.rows; ++i)
      for (std::size_t j = 0; j < x.rows; ++j) {
        const std::size_t at = i * x.rows + j;
        const double size = std::sqrt(before.nngp[i * x.rows + i] * before.nngp[j * x.rows + j]);
        const double tangents = std::sqrt(before.ntk[i * x.rows + i] * before.ntk[j * x.rows + j]);
        const double slack = static_cast<double>(x.rows * kDimension) * kEps;
        ASSERT_LE(std::fabs(a.nngp[at] - b.nngp[at]), slack * size) << network.name;
        ASSERT_LE(std::fabs(a.ntk[at] - b.ntk[at]), slack * tangents) << network.name;
      }
  }
}

TEST(Kernel, AFeatureThatIsAlwaysZeroChangesNoBit) {
  const Cloud x = troubled_cloud(90, kDimension, 12);
  Cloud wider(x.rows, kDimension + 3);
  for (std::size_t i = 0; i < x.rows; ++i) std::copy_n(x.row(i).data(), kDimension, wider.row(i).data());
  for (const Named& network : networks()) {
    if (network.rows.front().args[0] == 1) continue;  // divides by their number
    expect_same(gram_of(network.rows, wider), gram_of(network.rows, x), network.name);
  }
}

TEST(Gram, IsPositiveSemidefiniteToRounding) {
  const std::size_t n = 150;
  const Cloud x = troubled_cloud(n, kDimension, 13);
  std::vector<double> values(n);
  for (const Named& network : networks()) {
    auto kernels = gram_of(network.rows, x);
    for (std::vector<double>* k : {&kernels.nngp, &kernels.ntk}) {
      linalg::eigenvalues(*k, n, values);
      EXPECT_GE(values.back(), -30 * static_cast<double>(n) * kEps * values.front()) << network.name;
    }
  }
}

TEST(Gram, ObeysCauchyAndSchwarz) {
  const Cloud x = troubled_cloud(120, kDimension, 14);
  for (const Named& network : networks()) {
    const auto kernels = gram_of(network.rows, x);
    for (const std::vector<double>* k : {&kernels.nngp, &kernels.ntk})
      for (std::size_t i = 0; i < x.rows; ++i)
        for (std::size_t j = 0; j < x.rows; ++j) {
          const double size = std::sqrt((*k)[i * x.rows + i] * (*k)[j * x.rows + j]);
          ASSERT_LE(std::fabs((*k)[i * x.rows + j]), size * (1 + 64 * kEps)) << network.name;
        }
  }
}

// Depths in one run: the head is a side branch after which the functions before it are taken up again.
TEST(Gram, SeveralDepthsInOneRunAreThoseOfSeparateRuns) {
  const Cloud x = troubled_cloud(70, kDimension, 15);
  const Row phis[] = {relu(), {"erf", {1}}, {"gelu", {1}}};
  for (const Row& phi : phis)
    for (const bool resnet : {false, true}) {
      const Rows turn =
          resnet ? Rows{{"push", {}}, affine(), phi, affine(), {"scale", {0.5}}, {"add", {}}} : Rows{affine(), phi};
      const Rows head{affine(), {"emit", {}}}, first{{"input", {0}}, affine()};
      Rows sweep = first;
      const std::size_t depths[] = {1, 2, 5, 9};
      std::size_t done = 0;
      for (const std::size_t depth : depths) {
        sweep = sweep + Rows{repeat(depth - done)} + turn + Rows{{"end", {}}, {"push", {}}} + head + Rows{{"pop", {}}};
        done = depth;
      }
      const auto together = all_grams(sweep, x, {2, 17});
      ASSERT_EQ(together.size(), std::size(depths));
      for (std::size_t k = 0; k < std::size(depths); ++k) {
        const Rows alone = first + Rows{repeat(depths[k])} + turn + Rows{{"end", {}}} + head;
        expect_same(together[k], gram_of(alone, x), phi.op + std::to_string(depths[k]));
      }
    }
}

TEST(Gram, FloatsFollowDoubles) {
  const Cloud x = troubled_cloud(120, kDimension, 16);
  for (const Named& network : networks()) {
    const auto doubles = gram_of(network.rows, x);
    const auto floats = gram_of<float>(network.rows, x);
    std::size_t depth = 0;
    for (const Row& row : network.rows) depth += row.op == "repeat" ? static_cast<std::size_t>(row.args[0]) : 1;
    for (std::size_t i = 0; i < x.rows; ++i)
      for (std::size_t j = 0; j < x.rows; ++j) {
        const auto check = [&](const std::vector<double>& k, const std::vector<float>& f) {
          const double size = std::sqrt(k[i * x.rows + i] * k[j * x.rows + j]);
          ASSERT_LE(std::fabs(static_cast<double>(f[i * x.rows + j]) - k[i * x.rows + j]),
                    1e-6 * static_cast<double>(depth) * size)
              << network.name << " " << i << " " << j;
        };
        check(doubles.nngp, floats.nngp);
        check(doubles.ntk, floats.ntk);
      }
  }
}

TEST(Gram, OneSampleOfOneFeature) {
  const Cloud x(1, 1, {-2.5});
  const auto kernels = gram_of(mlp_rows(3, relu()), x);
  EXPECT_EQ(kernels.nngp[0], 6.25);
  EXPECT_EQ(kernels.ntk[0], 25);
}

TEST(Kernel, WantedAloneIsTheSame) {
  const Cloud x = troubled_cloud(50, kDimension, 17);
  for (const Named& network : networks()) {
    const Program program = Program::load(network.rows);
    const auto both = gram_of(network.rows, x);
    std::vector<double> nngp(x.rows * x.rows), ntk = nngp;
    Ticket ticket;
    Sink<double> only_nngp{nngp.data(), nullptr, 0, 0}, only_ntk{nullptr, ntk.data(), 0, 0};
    gram<double>(program, x.points(), {&only_nngp, 1}, {}, ticket);
    gram<double>(program, x.points(), {&only_ntk, 1}, {}, ticket);
    EXPECT_TRUE(same_bytes(nngp, both.nngp)) << network.name;
    EXPECT_TRUE(same_bytes(ntk, both.ntk)) << network.name;
  }
}

}  // namespace
}  // namespace resgram::core
