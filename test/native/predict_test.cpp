// Predictions of models: rows by rows products and forward substitution, whose results know no neighbours, and what is
// said of new points with them.
#include "../../native/core/predict.hpp"

#include <algorithm>
#include <cmath>

#include "../../native/core/whiten.hpp"
#include "dense.hpp"
#include "kernels.hpp"
#include "linalg/linalg.hpp"
#include "tables.hpp"

namespace resgram::core {
namespace {

using namespace trial;

std::vector<double> noise(std::size_t count, std::uint64_t seed) { return dense::Random(seed)(count); }

TEST(DotLanes, SumInOneOrderWhateverIsBeside) {
  for (const Table& table : tables()) {
    for (const std::size_t count : {0u, 1u, 7u, 8u, 31u, 512u, 513u, 1100u}) {
      SCOPED_TRACE(table.name + ", " + std::to_string(count));
      const std::size_t lefts = 21, rights = 11, left_stride = count + 3, right_stride = count + 1;
      const std::vector<double> left = noise(lefts * left_stride, 1), right = noise(rights * right_stride, 2);
      std::vector<double> all(lefts * rights, -7.0);
      table.dots.dots(left.data(), left_stride, lefts, right.data(), right_stride, rights, count, all.data(), rights);
      for (std::size_t i = 0; i < lefts; ++i)
        for (std::size_t j = 0; j < rights; ++j) {
          long double sum = 0, size = 0;
          for (std::size_t k = 0; k < count; ++k) {
            const long double product =
                static_cast<long double>(left[i * left_stride + k]) * right[j * right_stride + k];
            sum += product;
            size += std::fabs(product);
          }
          // Any order of summation.
          EXPECT_NEAR(all[i * rights + j], static_cast<double>(sum),
                      static_cast<double>(count) * kEps * static_cast<double>(size));
          double alone = -7;
          table.dots.dots(left.data() + i * left_stride, left_stride, 1, right.data() + j * right_stride, right_stride,
                          1, count, &alone, 1);
          EXPECT_EQ(alone, all[i * rights + j]);
        }
      for (const std::size_t few : {2u, 3u, 5u}) {
        std::vector<double> part(few * few, -7.0);
        table.dots.dots(left.data(), left_stride, few, right.data(), right_stride, few, count, part.data(), few);
        for (std::size_t i = 0; i < few; ++i)
          for (std::size_t j = 0; j < few; ++j) EXPECT_EQ(part[i * few + j], all[i * rights + j]);
      }
    }
  }
}

std::vector<double> factor_of(std::size_t n, double ridge) {
  std::vector<double> lower = dense::laplacian(noise(n, 61));
  linalg::factor(lower, n, ridge);
  return lower;
}

TEST(Whiten, SolvesTheTriangle) {
  for (const std::size_t n : dense::kSizes) {
    SCOPED_TRACE(n);
    const std::size_t m = 5;
    const std::vector<double> lower = factor_of(n, 0.01), k = noise(m * n, 3);
    std::vector<double> w = k;
    Ticket ticket;
    whiten(lower, n, w.data(), m, 2, ticket);
    for (std::size_t r = 0; r < m; ++r)
      for (std::size_t i = 0; i < n; ++i) {
        long double product = 0, size = 0;
        for (std::size_t j = 0; j <= i; ++j) {
          const long double term = static_cast<long double>(lower[i * n + j]) * w[r * n + j];
          product += term;
          size += std::fabs(term);
        }
        // Backward stable row by row: Higham, Theorem 8.5.
        EXPECT_NEAR(static_cast<double>(product), k[r * n + i],
                    static_cast<double>(i + 2) * kEps * static_cast<double>(size));
      }
  }
}

TEST(Whiten, EveryRowIsThatOfItsOwn) {
  const std::size_t n = 135, m = 200;
  const std::vector<double> lower = factor_of(n, 0.01), k = noise(m * n, 4);
  std::vector<double> all = k;
  Ticket ticket;
  whiten(lower, n, all.data(), m, 1, ticket);
  EXPECT_EQ(ticket.done(), ticket.total());
  std::vector<double> shared = k;
  whiten(lower, n, shared.data(), m, 3, ticket);
  EXPECT_EQ(shared, all);
  for (std::size_t r = 0; r < m; r += 11) {
    std::vector<double> own(k.begin() + static_cast<std::ptrdiff_t>(r * n),
                            k.begin() + static_cast<std::ptrdiff_t>((r + 1) * n));
    whiten(lower, n, own.data(), 1, 1, ticket);
    EXPECT_TRUE(std::equal(own.begin(), own.end(), all.begin() + static_cast<std::ptrdiff_t>(r * n))) << r;
  }
}

TEST(Whiten, StopsWhereNobodyWantsIt) {
  const std::vector<double> lower = factor_of(65, 0.01);
  std::vector<double> rows = noise(65, 5);
  Ticket ticket;
  ticket.cancel();
  EXPECT_THROW(whiten(lower, 65, rows.data(), 1, 1, ticket), Cancelled);
}

// A model of samples x with weights of two columns, and the factor of K + ridge·I.
struct Model {
  Program program;
  Cloud x;
  std::vector<double> weights, factor;
  Ticket ticket;
  Prepared prepared;

  Model(const Rows& rows, Cloud samples, double ridge, bool tangent)
      : program(Program::load(rows)),
        x(std::move(samples)),
        weights(noise(2 * x.rows, 6)),
        factor(tangent ? gram_of(rows, x).ntk : gram_of(rows, x).nngp),
        prepared(program, x.points(), {}, ticket) {
    linalg::factor(factor, x.rows, ridge);
  }
};

struct Said {
  std::vector<double> mean, variance;
};

Said said_by(Model& model, const Cloud& z, bool tangent, int threads = 1) {
  Said said{std::vector<double>(2 * z.rows), std::vector<double>(z.rows)};
  const Fit fit{model.program, model.prepared, tangent, model.weights, 2, model.factor};
  const PredictionScales scales =
      predict(fit, z.points(), {said.mean, said.variance, {}}, {.threads = threads}, model.ticket);
  EXPECT_EQ(scales.mean, 0);
  EXPECT_EQ(scales.variance, 0);
  return said;
}

TEST(Predict, IsWhatCrossMatrixAndSolveSay) {
  for (const Named& network : networks()) {
    for (const bool tangent : {false, true}) {
      SCOPED_TRACE(network.name + (tangent ? ", tangent" : ""));
      const std::size_t n = 60, m = 9;
      const double ridge = 0.5;
      Model model(network.rows, normal_cloud(n, 4, 1), ridge, tangent);
      const Cloud z = troubled_cloud(m, 4, 2);
      const Said said = said_by(model, z, tangent);
      const Kernels<double> cross = cross_of(network.rows, z, model.x), own = diagonal_of(network.rows, z);
      const std::vector<double>&k = tangent ? cross.ntk : cross.nngp, &prior = tangent ? own.ntk : own.nngp;
      for (std::size_t j = 0; j < m; ++j) {
        const std::vector<double> row(k.begin() + static_cast<std::ptrdiff_t>(j * n),
                                      k.begin() + static_cast<std::ptrdiff_t>((j + 1) * n));
        std::vector<double> x = row;
        linalg::solve(model.factor, n, x, 1);
        long double explained = 0, mean[2] = {0, 0}, size = 0;
        for (std::size_t i = 0; i < n; ++i) {
          explained += static_cast<long double>(row[i]) * x[i];
          for (std::size_t c = 0; c < 2; ++c) mean[c] += static_cast<long double>(row[i]) * model.weights[2 * i + c];
          size += std::fabs(row[i]);
        }
        for (std::size_t c = 0; c < 2; ++c)
          EXPECT_NEAR(said.mean[2 * j + c], static_cast<double>(mean[c]), 60 * kEps * static_cast<double>(size));
        // ‖(K + λI)⁻¹‖ ≤ 1/λ, and the solve is backward stable: n·eps·(trace/λ)·explained bounds its error.
        double trace = 0;
        const Kernels<double> samples = diagonal_of(network.rows, model.x);
        for (const double value : tangent ? samples.ntk : samples.nngp) trace += value + ridge;
        const double allowed = 60 * kEps * trace / ridge * std::max(1e-300, static_cast<double>(explained));
        EXPECT_NEAR(said.variance[j], std::max(0.0, prior[j] - static_cast<double>(explained)), allowed);
      }
    }
  }
}

TEST(Predict, KnowsNoCompanyAndNoThreads) {
  for (const std::size_t n : {50u, 400u}) {  // of which the latter go through a table
    Model model(mlp_rows(3, relu()), normal_cloud(n, 5, 1), 0.1, true);
    const Cloud z = troubled_cloud(70, 5, 2);
    const Said said = said_by(model, z, true), shared = said_by(model, z, true, 3);
    EXPECT_EQ(shared.mean, said.mean);
    EXPECT_EQ(shared.variance, said.variance);
    for (std::size_t j = 0; j < z.rows; ++j) {
      const std::span<const double> row = z.row(j);
      const Said alone = said_by(model, Cloud(1, 5, {row.begin(), row.end()}), true);
      EXPECT_EQ(alone.mean, (std::vector<double>{said.mean[2 * j], said.mean[2 * j + 1]}));
      EXPECT_EQ(alone.variance, std::vector<double>{said.variance[j]});
    }
  }
}

TEST(Predict, PairsGoTheWayOfTheGram) {
  const Rows rows = mlp_rows(3, relu());
  for (const std::size_t n : {50u, 400u}) {
    Model model(rows, normal_cloud(n, 5, 1), 0.1, true);
    const std::vector<double> gram = gram_of(rows, model.x).ntk;
    for (const std::size_t i : {std::size_t{0}, n - 1}) {
      const std::span<const double> row = std::as_const(model.x).row(i);
      const Cloud z(1, 5, {row.begin(), row.end()});
      std::vector<double> mean(2), cross(n);
      const Fit fit{model.program, model.prepared, true, model.weights, 2, {}};
      predict(fit, z.points(), {mean, {}, cross}, {}, model.ticket);
      EXPECT_TRUE(std::equal(cross.begin(), cross.end(), gram.begin() + static_cast<std::ptrdiff_t>(i * n)));
    }
  }
}

TEST(Predict, VariancesAreNeverNegative) {
  // At the samples themselves nothing is left, and rounding takes it below.
  Model model(mlp_rows(2, relu()), normal_cloud(40, 3, 1), 0, false);
  const Said said = said_by(model, model.x, false);
  EXPECT_GE(*std::min_element(said.variance.begin(), said.variance.end()), 0);
  EXPECT_EQ(*std::min_element(said.variance.begin(), said.variance.end()), 0);
  EXPECT_LT(*std::max_element(said.variance.begin(), said.variance.end()), 1e-9);
}

TEST(Predict, RefusesWhatIsNoFactorAndWhatLeavesTheRange) {
  Model model(mlp_rows(2, relu()), normal_cloud(40, 3, 1), 0.1, false);
  const Cloud z = normal_cloud(3, 3, 2);
  const double diagonal = model.factor[7 * 40 + 7];
  model.factor[7 * 40 + 7] = 0;
  dense::expect_error(Code::argument, [&] { said_by(model, z, false); });
  model.factor[7 * 40 + 7] = diagonal;
  for (double& weight : model.weights) weight = std::numeric_limits<double>::max();
  dense::expect_error(Code::range, [&] { said_by(model, z, false); });
}

TEST(Prepared, CrossIsTheSameToTheLastBit) {
  for (const Named& network : networks()) {
    SCOPED_TRACE(network.name);
    const Cloud x = troubled_cloud(300, 7, 1), z = troubled_cloud(21, 7, 2);
    const Program program = Program::load(network.rows);
    Ticket ticket;
    const Prepared prepared(program, x.points(), {}, ticket);
    EXPECT_GT(Prepared::bytes(program, 300, 7, {}), 300U * 7 * sizeof(double));
    for (const std::size_t band : {0u, 96u}) {
      const Tuning tuning{.band_rows = band};
      const Kernels<double> plain = cross_of(network.rows, z, x, tuning);
      Kernels<double> made{std::vector<double>(21 * 300), std::vector<double>(21 * 300)};
      Sink<double> sink{made.nngp.data(), made.ntk.data()};
      cross(program, z.points(), prepared, {&sink, 1}, tuning, ticket);
      EXPECT_EQ(made.nngp, plain.nngp);
      EXPECT_EQ(made.ntk, plain.ntk);
      EXPECT_EQ(sink.nngp_log_scale, plain.nngp_log_scale);
    }
  }
}

}  // namespace
}  // namespace resgram::core
