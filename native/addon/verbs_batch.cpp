#include <vector>

#include "convert.hpp"
#include "core/pool.hpp"
#include "linalg/linalg.hpp"
#include "linalg/ridge.hpp"
#include "verbs.hpp"

namespace resgram::addon {

namespace {

// One regression: a symmetric matrix, its targets, and where everything goes.
struct Problem {
  std::shared_ptr<Numbers> matrix;
  std::shared_ptr<Numbers> targets;
  std::vector<double> ridges;
  double* eigenvalues = nullptr;
  double* loo = nullptr;
  double* coefficients = nullptr;
  double* dropped = nullptr;
  double* residual = nullptr;  // null: not wanted
};

void solve(Problem& problem) {
  const std::size_t n = problem.matrix->rows;
  const std::size_t columns = problem.targets->columns;
  const std::size_t length = problem.ridges.size() * n * columns;
  const double residual =
      linalg::ridge_path_from_matrix(problem.matrix->span(), n, problem.targets->span(), columns, problem.ridges,
                                     {problem.eigenvalues, n}, {problem.loo, length}, {problem.coefficients, length},
                                     {problem.dropped, problem.ridges.size()}, problem.residual != nullptr);
  if (problem.residual != nullptr) *problem.residual = residual;
}

Problem problem_of(const Napi::Array& row, Work& work) {
  Problem problem;
  problem.matrix = matrix(row.Get(0u));
  problem.targets = matrix(row.Get(1u));
  problem.ridges = numbers(row.Get(2u), "ridges");
  const std::size_t n = problem.matrix->rows;
  if (problem.matrix->columns != n || problem.targets->rows != n) {
    throw Failure{
        "ERR_SHAPE", "matrix and targets: expected a square matrix and a row of targets for each of its rows", {}};
  }
  const std::size_t length = checked_product(checked_product(problem.ridges.size(), n), problem.targets->columns);
  problem.eigenvalues = doubles(row.Get(3u), n, "eigenvalues", work);
  problem.loo = doubles(row.Get(4u), length, "loo", work);
  problem.coefficients = doubles(row.Get(5u), length, "coefficients", work);
  problem.dropped = doubles(row.Get(6u), problem.ridges.size(), "dropped", work);
  problem.residual = doubles(row.Get(7u), 1, "residual", work);
  for (const double* wanted : {problem.eigenvalues, problem.loo, problem.coefficients, problem.dropped}) {
    if (wanted == nullptr) throw Failure{"ERR_ARGUMENT", "outputs: expected an array for each of them", {}};
  }
  return problem;
}

// ridgePaths(problems, threads): job. Each problem is
//   [matrix, y, ridges, eigenvalues, loo, coefficients, dropped, residual | null] ,
// and loses its matrix. Problems are small and many: each runs on one thread of the pool with single-threaded BLAS,
// whose own threads would spin while they wait for each other; so the results do not depend on the number of threads.
Napi::Value ridge_paths(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    if (!info[0].IsArray()) throw Failure{"ERR_ARGUMENT", "problems: expected an array", {}};
    const Napi::Array rows = info[0].As<Napi::Array>();
    Work work;
    work.lane = Lane::pairs;
    work.threads = threads(info[1]);
    auto problems = std::make_shared<std::vector<Problem>>();
    for (std::uint32_t i = 0; i < rows.Length(); ++i) {
      const Napi::Value row = rows.Get(i);
      if (!row.IsArray()) throw Failure{"ERR_ARGUMENT", "problems: expected arrays", {}};
      problems->push_back(problem_of(row.As<Napi::Array>(), work));
    }
    const int count = linalg::side_by_side(work.threads);
    work.run = [problems, count](Ticket& ticket) {
      ticket.expect(problems->size());
      core::parallel_for(problems->size(), count, [&](std::size_t i, int) {
        ticket.checkpoint(0);
        solve((*problems)[i]);
        ticket.checkpoint();
      });
    };
    return make_job(info.Env(), std::move(work));
  });
}

}  // namespace

void define_batch_verbs(Napi::Env env, Napi::Object exports) {
  exports["ridgePaths"] = Napi::Function::New(env, ridge_paths, "ridgePaths");
}

}  // namespace resgram::addon
