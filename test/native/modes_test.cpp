#include "linalg/modes.hpp"

#include "dense.hpp"
#include "linalg/ensemble.hpp"
#include "linalg/linalg.hpp"

namespace resgram::linalg {
namespace {

using namespace dense;

std::vector<double> random(std::size_t count, std::uint64_t seed) { return Random(seed)(count); }

// Entry (i, j) of A·Bᵀ or A·B by a plain sum.
double inner(const std::vector<double>& a, const std::vector<double>& b, std::size_t i, std::size_t j, std::size_t n,
             std::size_t stride_b, bool transposed) {
  long double sum = 0;
  for (std::size_t k = 0; k < n; ++k) {
    sum += static_cast<long double>(a[i * n + k]) * (transposed ? b[j * n + k] : b[k * stride_b + j]);
  }
  return static_cast<double>(sum);
}

std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b, std::size_t rows, std::size_t n,
                            std::size_t columns, bool transposed) {
  std::vector<double> c(rows * columns);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) c[i * columns + j] = inner(a, b, i, j, n, columns, transposed);
  }
  return c;
}

std::vector<double> transposed(const std::vector<double>& a, std::size_t rows, std::size_t columns) {
  std::vector<double> b(a.size());
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) b[j * rows + i] = a[i * columns + j];
  }
  return b;
}

void expect_near(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance) << "at " << i;
}

TEST(Modes, MultiplyTransposedIsTheProductInAnyNumberOfBlocks) {
  for (const auto& [m, k, n] : {std::tuple{1, 1, 1}, {3, 5, 2}, {513, 7, 4}, {1200, 3, 9}}) {
    const auto [rows, depth, columns] = std::tuple<std::size_t, std::size_t, std::size_t>(m, k, n);
    const std::vector<double> a = random(rows * depth, 1);
    const std::vector<double> b = random(columns * depth, 2);
    std::vector<double> c(rows * columns, std::nan(""));
    Ticket ticket;
    multiply_transposed(a, b, c, rows, depth, columns, ticket);
    expect_near(c, product(a, b, rows, depth, columns, true), 1e-14 * static_cast<double>(depth));
    EXPECT_EQ(ticket.done(), ticket.total());
  }
}

TEST(Modes, FiltersAreSumsOverDirectionsWhateverTheirNumber) {
  const std::size_t n = 12;
  const std::vector<double> square = random(n * n, 3);
  const std::vector<double> tall = random(5 * n, 4);
  for (const std::size_t columns : {std::size_t{1}, std::size_t{3}, std::size_t{300}}) {
    const std::vector<double> coordinates = random(n * columns, 5);
    for (const std::size_t filters : {std::size_t{1}, std::size_t{2}, std::size_t{300}}) {
      const std::vector<double> weights = random(filters * n, 6);
      for (const bool turned : {false, true}) {
        const std::size_t rows = turned ? n : 5;
        const std::vector<double>& basis = turned ? square : tall;
        const std::vector<double> left = turned ? transposed(square, n, n) : tall;
        const std::vector<double> base = random(rows * columns, 7);
        std::vector<double> out(filters * rows * columns, std::nan(""));
        std::vector<double> from_zero(out.size());
        Ticket ticket;
        filter_modes({basis, rows, n, turned}, coordinates, columns, weights, filters, base, out, ticket);
        filter_modes({basis, rows, n, turned}, coordinates, columns, weights, filters, {}, from_zero, ticket);
        EXPECT_EQ(ticket.done(), ticket.total());
        for (const std::size_t f : {std::size_t{0}, filters - 1}) {
          std::vector<double> weighed(n * columns);
          for (std::size_t i = 0; i < weighed.size(); ++i) weighed[i] = weights[f * n + i / columns] * coordinates[i];
          const std::vector<double> sums = product(left, weighed, rows, n, columns, false);
          for (std::size_t i = 0; i < sums.size(); ++i) {
            ASSERT_NEAR(from_zero[f * sums.size() + i], sums[i], 1e-14 * n);
            ASSERT_NEAR(out[f * sums.size() + i], base[i] + sums[i], 1e-14 * n);
          }
        }
      }
    }
  }
}

TEST(Modes, RefusesSizesNumbersAndRanges) {
  std::vector<double> out(2);
  Ticket ticket;
  const std::vector<double> two{1, 2};
  expect_error(Code::shape, [&] { filter_modes({two, 2, 2, false}, two, 1, two, 1, {}, out, ticket); });
  expect_error(Code::shape, [&] { multiply_transposed(two, two, out, 2, 1, 2, ticket); });
  const std::vector<double> bad{1, std::nan("")};
  const Error error = expect_error(
      Code::not_finite, [&] { filter_modes({two, 1, 2, false}, bad, 1, two, 1, {}, {out.data(), 1}, ticket); });
  EXPECT_EQ(detail(error, "row"), 1);
  const std::vector<double> huge{1e200, 1e200};
  expect_error(Code::range, [&] { multiply_transposed(huge, huge, {out.data(), 1}, 1, 2, 1, ticket); });
}

TEST(Modes, StopsWhenCancelled) {
  const std::vector<double> a = random(2000, 8);
  std::vector<double> c(2000 * 2000);
  Ticket ticket;
  ticket.cancel();
  EXPECT_THROW(multiply_transposed(a, a, c, 2000, 1, 2000, ticket), Cancelled);
  EXPECT_EQ(ticket.done(), 1);
}

struct Setting {
  std::size_t m;
  std::size_t n;
  std::vector<double> rotated, vectors, train, cross, weights, prior;

  [[nodiscard]] Ensemble ensemble(double train_scale, double cross_scale) const {
    return {rotated, vectors, train, cross, m, n, train_scale, cross_scale};
  }
};

constexpr std::size_t kFilters = 2;

Setting setting(std::size_t m, std::size_t n) {
  Setting s{m, n, random(m * n, 1), random(n * n, 2), random(n * n, 3), random(m * n, 4), random(kFilters * n, 5), {}};
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) s.train[i * n + j] = s.train[j * n + i];
  }
  s.prior = random(m * m, 6);
  for (std::size_t i = 0; i < m; ++i) {
    s.prior[i * m + i] += 50.0 * static_cast<double>(n * n);  // so that no variance is negative
    for (std::size_t j = 0; j < i; ++j) s.prior[i * m + j] = s.prior[j * m + i];
  }
  return s;
}

std::vector<double> diagonal(const std::vector<double>& square, std::size_t m) {
  std::vector<double> values(m);
  for (std::size_t j = 0; j < m; ++j) values[j] = square[j * m + j];
  return values;
}

TEST(Ensemble, CovariancesAndVariancesAreTheirDefinition) {
  for (const std::size_t m : {std::size_t{1}, std::size_t{4}, std::size_t{300}}) {
    const std::size_t n = 7;
    const Setting s = setting(m, n);
    const double k = 0.7;
    const double c = 1.3;
    std::vector<double> covariances(kFilters * m * m, std::nan(""));
    std::vector<double> variances(kFilters * m, std::nan(""));
    std::vector<double> reduced(kFilters * m * m, std::nan(""));
    std::vector<double> reduced_diagonal(kFilters * m, std::nan(""));
    Ticket ticket;
    ensemble_covariances(s.ensemble(k, c), s.weights, kFilters, s.prior, covariances, ticket);
    ensemble_variances(s.ensemble(k, c), s.weights, kFilters, diagonal(s.prior, m), variances, ticket);
    reduced_covariances(s.rotated, m, n, s.weights, kFilters, s.prior, reduced, ticket);
    reduced_variances(s.rotated, m, n, s.weights, kFilters, diagonal(s.prior, m), reduced_diagonal, ticket);
    // The same with K and K_* in the basis Q, for a Q that is a permutation with signs.
    Setting turned = s;
    Matrix basis(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) basis[i * n + (3 * i + 1) % n] = i % 2 == 0 ? 1 : -1;
    turned.vectors = basis;
    std::vector<double> beside(covariances.size());
    std::vector<double> within(covariances.size());
    std::vector<double> variances_within(variances.size());
    ensemble_covariances(turned.ensemble(k, c), s.weights, kFilters, s.prior, beside, ticket);
    turned.vectors.clear();
    turned.train = product(product(basis, s.train, n, n, n, false), basis, n, n, n, true);
    turned.cross = product(s.cross, basis, m, n, n, true);
    ensemble_covariances(turned.ensemble(k, c), s.weights, kFilters, s.prior, within, ticket);
    ensemble_variances(turned.ensemble(k, c), s.weights, kFilters, diagonal(s.prior, m), variances_within, ticket);
    EXPECT_EQ(ticket.done(), ticket.total());
    const double tolerance = 1e-12 * s.prior[0];
    expect_near(within, beside, tolerance);
    for (std::size_t i = 0; i < variances.size(); ++i) {
      ASSERT_NEAR(variances_within[i], beside[i / m * m * m + i % m * (m + 1)], tolerance);
    }
    for (std::size_t f = 0; f < kFilters; ++f) {
      std::vector<double> weighed(m * n);
      for (std::size_t i = 0; i < m * n; ++i) weighed[i] = s.rotated[i] * s.weights[f * n + i % n];
      const std::vector<double> moved = product(weighed, s.vectors, m, n, n, false);
      const std::vector<double> quadratic = product(product(moved, s.train, m, n, n, false), moved, m, n, m, true);
      const std::vector<double> linear = product(moved, s.cross, m, n, m, true);
      const std::vector<double> drop = product(weighed, s.rotated, m, n, m, true);
      for (std::size_t i = 0; i < m; ++i) {
        for (std::size_t j = 0; j < m; ++j) {
          const std::size_t at = f * m * m + i * m + j;
          const double expected =
              s.prior[i * m + j] + k * quadratic[i * m + j] - c * (linear[i * m + j] + linear[j * m + i]);
          ASSERT_NEAR(covariances[at], expected, tolerance);
          ASSERT_EQ(covariances[at], covariances[f * m * m + j * m + i]);
          ASSERT_NEAR(reduced[at], s.prior[i * m + j] - drop[i * m + j], tolerance);
          ASSERT_EQ(reduced[at], reduced[f * m * m + j * m + i]);
        }
        ASSERT_NEAR(variances[f * m + i], covariances[f * m * m + i * m + i], tolerance);
        ASSERT_NEAR(reduced_diagonal[f * m + i], reduced[f * m * m + i * m + i], tolerance);
      }
    }
  }
}

TEST(Ensemble, VariancesAreNeverNegative) {
  const std::vector<double> one{1};
  const std::vector<double> two{2};
  std::vector<double> variance(1);
  Ticket ticket;
  reduced_variances(one, 1, 1, two, 1, one, variance, ticket);
  EXPECT_EQ(variance[0], 0);
  ensemble_variances({one, one, one, two, 1, 1, 1, 1}, one, 1, one, variance, ticket);
  EXPECT_EQ(variance[0], 0);
}

}  // namespace
}  // namespace resgram::linalg
