#include "linalg/gaussian.hpp"

#include <cmath>

#include "dense.hpp"
#include "linalg/linalg.hpp"

namespace resgram::linalg {
namespace {

using namespace dense;

std::vector<double> line(std::size_t n) { return Random(61)(n); }

// The leading principal part of a matrix of `all` rows, and what borders it.
struct Split {
  Matrix a;
  std::vector<double> rows;
  Matrix corner;
};

Split split(const Matrix& whole, std::size_t all, std::size_t n) {
  Split parts;
  for (std::size_t i = 0; i < all; ++i) {
    for (std::size_t j = 0; j < all; ++j) {
      const double value = whole[i * all + j];
      if (i < n && j < n) parts.a.push_back(value);
      if (i >= n && j < n) parts.rows.push_back(value);
      if (i >= n && j >= n) parts.corner.push_back(value);
    }
  }
  return parts;
}

TEST(Border, EqualsTheFactorOfTheWholeMatrix) {
  for (std::size_t n : {std::size_t{0}, std::size_t{1}, std::size_t{31}, std::size_t{100}}) {
    for (std::size_t m : {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{40}}) {
      SCOPED_TRACE(std::to_string(n) + " + " + std::to_string(m));
      const std::size_t all = n + m;
      const Matrix whole = laplacian(line(all));
      const Split parts = split(whole, all, n);
      const double ridge = 0.01;
      Matrix known = parts.a;
      factor(known, n, ridge);
      Matrix bordered(all * all, -1.0);
      Matrix extended(all * all, -1.0);
      border(parts.a, known, n, parts.rows, parts.corner, m, ridge, bordered, extended);
      EXPECT_EQ(bordered, whole);
      Matrix expected = whole;
      factor(expected, all, ridge);
      // Both are backward stable, and the condition number is at most (all + ridge)/ridge.
      const double allowed =
          kThreshold * static_cast<double>(all + 1) * kEpsilon * (static_cast<double>(all) + 0.01) / 0.01;
      for (std::size_t i = 0; i < all * all; ++i) ASSERT_NEAR(extended[i], expected[i], allowed) << i;
    }
  }
}

TEST(Border, ASampleThatIsThereAlreadyIsRefusedAsAWholeFitRefusesIt) {
  const std::size_t n = 20;
  std::vector<double> points = line(n);
  points.push_back(points[4]);
  const Matrix whole = laplacian(points);
  const Split parts = split(whole, n + 1, n);
  Matrix known = parts.a;
  factor(known, n);
  Matrix bordered((n + 1) * (n + 1));
  Matrix extended((n + 1) * (n + 1));
  try {
    border(parts.a, known, n, parts.rows, parts.corner, 1, 0, bordered, extended);
    FAIL() << "accepted equal samples";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::not_positive_definite);
    EXPECT_NE(std::string(error.what()).find("sample 20 of 21; equal samples?"), std::string::npos) << error.what();
  }
}

TEST(InverseDiagonal, MultipliesBackToOne) {
  for (std::size_t n : {std::size_t{0}, std::size_t{1}, std::size_t{33}, std::size_t{128}, std::size_t{300}}) {
    const Matrix a = laplacian(line(n));
    Matrix l = a;
    factor(l, n, 0.1);
    std::vector<double> diagonal(n);
    Ticket ticket;
    inverse_diagonal(l, n, diagonal, ticket);
    EXPECT_EQ(ticket.done(), ticket.total());
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<double> unit(n, 0.0);
      unit[i] = 1;
      solve(l, n, unit, 1);
      EXPECT_NEAR(diagonal[i] / unit[i], 1, 1e-12) << n << ' ' << i;
    }
  }
}

TEST(InverseDiagonal, RefusesWhatIsNoFactorAndStopsWhereNobodyWaits) {
  std::vector<double> diagonal(2);
  Ticket ticket;
  expect_error(Code::argument, [&] { inverse_diagonal(std::vector<double>{1, 0, 1, 0}, 2, diagonal, ticket); });
  ticket.cancel();
  EXPECT_THROW(inverse_diagonal(std::vector<double>{1, 0, 1, 1}, 2, diagonal, ticket), Cancelled);
}

TEST(HeldOutPath, StopsWhereNobodyWaits) {
  const std::vector<double> values{2, 1}, vectors{1, 0, 0, 1}, y{1, 2}, ridges{0.5}, part{0, 1};
  std::vector<double> predictions(2), dropped(1);
  Ticket ticket;
  ticket.cancel();
  EXPECT_THROW(held_out_path(values, vectors, 2, y, 1, ridges, part, predictions, dropped, ticket), Cancelled);
}

TEST(PosteriorCovariance, IsWhatConditioningLeaves) {
  const std::size_t n = 40;
  const std::size_t m = 7;
  const Matrix whole = laplacian(line(n + m));
  const Split parts = split(whole, n + m, n);
  Matrix l = parts.a;
  factor(l, n, 0.2);
  Matrix covariance = parts.corner;
  posterior_covariance(l, n, parts.rows, m, covariance);
  for (std::size_t i = 0; i < m; ++i) {
    std::vector<double> weights(parts.rows.begin() + static_cast<std::ptrdiff_t>(i * n),
                                parts.rows.begin() + static_cast<std::ptrdiff_t>((i + 1) * n));
    solve(l, n, weights, 1);
    for (std::size_t j = 0; j < m; ++j) {
      double expected = parts.corner[i * m + j];
      for (std::size_t k = 0; k < n; ++k) expected -= weights[k] * parts.rows[j * n + k];
      EXPECT_NEAR(covariance[i * m + j], expected, 1e-13) << i << ' ' << j;
      EXPECT_EQ(covariance[i * m + j], covariance[j * m + i]);
    }
  }
}

TEST(HeldOutPath, PartsArePredictedByTheFitToTheOthers) {
  const std::size_t n = 45;
  const std::size_t columns = 2;
  const Matrix kernel = laplacian(line(n));
  const std::vector<double> y = Random(63)(n * columns);
  const std::vector<double> ridges = {0, 1e-4, 0.3, 1e5};
  std::vector<double> part(n);
  for (std::size_t i = 0; i < n; ++i) part[i] = static_cast<double>((7 * i) % 4);
  Matrix vectors = kernel;
  std::vector<double> values(n);
  eigenpairs(vectors, n, values);
  std::vector<double> predictions(ridges.size() * n * columns);
  std::vector<double> dropped(ridges.size(), -1.0);
  Ticket ticket;
  held_out_path(values, vectors, n, y, columns, ridges, part, predictions, dropped, ticket);
  EXPECT_EQ(ticket.done(), 4 * ridges.size());
  EXPECT_EQ(ticket.done(), ticket.total());
  for (std::size_t r = 0; r < ridges.size(); ++r) {
    EXPECT_EQ(dropped[r], 0);
    for (double held = 0; held < 4; ++held) {
      std::vector<std::size_t> others;
      for (std::size_t i = 0; i < n; ++i) {
        if (part[i] != held) others.push_back(i);
      }
      const std::size_t size = others.size();
      Matrix a(size * size);
      std::vector<double> right(size * columns);
      for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < size; ++j) a[i * size + j] = kernel[others[i] * n + others[j]];
        for (std::size_t c = 0; c < columns; ++c) right[i * columns + c] = y[others[i] * columns + c];
      }
      factor(a, size, ridges[r]);
      solve(a, size, right, columns);
      for (std::size_t i = 0; i < n; ++i) {
        if (part[i] != held) continue;
        for (std::size_t c = 0; c < columns; ++c) {
          double expected = 0;
          for (std::size_t j = 0; j < size; ++j) expected += kernel[i * n + others[j]] * right[j * columns + c];
          EXPECT_NEAR(predictions[(r * n + i) * columns + c], expected, 1e-10) << r << ' ' << i << ' ' << c;
        }
      }
    }
  }
}

TEST(HeldOutPath, OnePartForEachSampleIsLeaveOneOut) {
  const std::size_t n = 30;
  Matrix vectors = laplacian(line(n));
  std::vector<double> values(n);
  eigenpairs(vectors, n, values);
  const std::vector<double> y = Random(64)(n);
  const std::vector<double> ridges = {0, 0.5};
  std::vector<double> part(n);
  for (std::size_t i = 0; i < n; ++i) part[i] = static_cast<double>(i);
  std::vector<double> held(2 * n);
  std::vector<double> loo(2 * n);
  std::vector<double> dropped(2);
  Ticket ticket;
  held_out_path(values, vectors, n, y, 1, ridges, part, held, dropped, ticket);
  // note: linalg/ridge.hpp is tested against refits by itself; here the two must agree.
  for (std::size_t r = 0; r < 2; ++r) {
    Matrix l = laplacian(line(n));
    factor(l, n, ridges[r]);
    std::vector<double> diagonal(n);
    inverse_diagonal(l, n, diagonal, ticket);
    std::vector<double> alpha = y;
    solve(l, n, alpha, 1);
    for (std::size_t i = 0; i < n; ++i) loo[r * n + i] = y[i] - alpha[i] / diagonal[i];
  }
  for (std::size_t i = 0; i < 2 * n; ++i) EXPECT_NEAR(held[i], loo[i], 1e-11) << i;
}

TEST(HeldOutPath, ASingularMatrixIsNotAnsweredWithoutARidge) {
  std::vector<double> points = line(10);
  points[3] = points[8];
  const std::size_t n = 10;
  Matrix vectors = laplacian(points);
  std::vector<double> values(n);
  eigenpairs(vectors, n, values);
  const std::vector<double> y = Random(65)(n);
  const std::vector<double> part = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  const std::vector<double> ridges = {0, 1e-3};
  std::vector<double> predictions(2 * n);
  std::vector<double> dropped(2);
  Ticket ticket;
  held_out_path(values, vectors, n, y, 1, ridges, part, predictions, dropped, ticket);
  EXPECT_EQ(dropped[0], 1);
  EXPECT_EQ(dropped[1], 0);
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_TRUE(std::isnan(predictions[i]));
    EXPECT_TRUE(std::isfinite(predictions[n + i]));
  }
}

}  // namespace
}  // namespace resgram::linalg
