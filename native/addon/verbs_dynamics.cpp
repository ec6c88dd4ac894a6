// Verbs of training in function space: functions of a Gram matrix through its eigenvectors.
#include <algorithm>

#include "convert.hpp"
#include "linalg/ensemble.hpp"
#include "linalg/linalg.hpp"
#include "linalg/modes.hpp"
#include "verbs.hpp"

namespace resgram::addon {

namespace {

// multiplyTransposed(a, b, c, threads): job; c = a·bᵀ
Napi::Value multiply_transposed(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto a = matrix(info[0]);
    const auto b = matrix(info[1]);
    if (a->columns != b->columns) throw Failure{"ERR_SHAPE", "a and b: expected as many columns", {}};
    const std::size_t length = checked_product(a->rows, b->rows);
    Work work;
    work.lane = Lane::algebra;
    double* const c = doubles(info[2], length, "c", work);
    require(c != nullptr, "c: expected an array or a Matrix");
    work.threads = linalg::blas_threads(threads(info[3]), std::max(a->rows, a->columns));
    work.run = [a, b, c, length](Ticket& ticket) {
      linalg::multiply_transposed(a->span(), b->span(), {c, length}, a->rows, a->columns, b->rows, ticket);
    };
    return make_job(info.Env(), std::move(work));
  });
}

// filterModes(basis, transposed, coordinates, weights, base, out, threads): job
//   out_f = base + basis · diag(weights_f) · coordinates ,
// with the basis's transpose where `transposed`. weights is filters × n; base is a Matrix or null; out is
// filters × rows × columns.
Napi::Value filter_modes(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto basis = matrix(info[0]);
    require(info[1].IsBoolean(), "transposed: expected true or false");
    const bool transposed = info[1].As<Napi::Boolean>().Value();
    const auto coordinates = matrix(info[2]);
    auto weights = std::make_shared<const std::vector<double>>(numbers(info[3], "weights"));
    const std::size_t n = coordinates->rows;
    const std::size_t rows = basis->rows;
    require(basis->columns == n && n > 0, "basis and coordinates: expected sizes that agree");
    require(weights->size() % n == 0, "weights: expected one per coordinate");
    const std::size_t filters = weights->size() / n;
    const std::size_t columns = coordinates->columns;
    std::shared_ptr<Numbers> base;
    if (!info[4].IsNull()) {
      base = matrix(info[4]);
      require(base->rows == rows && base->columns == columns, "base: expected the shape of one result");
    }
    const std::size_t length = checked_product(filters, checked_product(rows, columns));
    Work work;
    work.lane = Lane::algebra;
    double* const out = doubles(info[5], length, "out", work);
    require(out != nullptr, "out: expected an array");
    work.threads = linalg::blas_threads(threads(info[6]), std::max(rows, n));
    work.run = [=](Ticket& ticket) {
      const std::span<const double> start = base == nullptr ? std::span<const double>() : base->span();
      linalg::filter_modes({basis->span(), rows, n, transposed}, coordinates->span(), columns, *weights, filters, start,
                           {out, length}, ticket);
    };
    return make_job(info.Env(), std::move(work));
  });
}

// Weights, prior and results of covariances: filters × m numbers where only variances are wanted, else filters × m × m.
struct Spread {
  std::shared_ptr<const std::vector<double>> weights;
  std::shared_ptr<Numbers> prior;
  std::size_t filters = 0;
  std::size_t points = 0;
  std::size_t length = 0;
  bool full = false;
  double* out = nullptr;
};

Spread spread(const Numbers& rotated, Napi::Value weights, Napi::Value prior, Napi::Value full, Napi::Value out,
              Work& work) {
  Spread result;
  result.weights = std::make_shared<const std::vector<double>>(numbers(weights, "weights"));
  result.prior = matrix(prior);
  const std::size_t n = rotated.columns;
  result.points = rotated.rows;
  require(n > 0 && result.weights->size() % n == 0, "weights: expected one per sample");
  result.filters = result.weights->size() / n;
  require(result.prior->rows == result.points, "prior: expected a row per test point");
  require(full.IsBoolean(), "full: expected true or false");
  result.full = full.As<Napi::Boolean>().Value();
  require(result.prior->columns == (result.full ? result.points : 1), "prior: expected a square matrix, or a column");
  result.length = checked_product(result.filters, result.prior->span().size());
  result.out = doubles(out, result.length, "out", work);
  require(result.out != nullptr, "out: expected an array");
  return result;
}

// ensembleCovariance(rotated, vectors, train, cross, trainScale, crossScale, weights, prior, full, out, threads): job. prior is
// m × m where `full` covariances are wanted, m × 1 for variances; vectors may be null; see linalg/ensemble.hpp.
Napi::Value ensemble_covariance(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto rotated = matrix(info[0]);
    const auto vectors = info[1].IsNull() ? nullptr : matrix(info[1]);
    const auto train = matrix(info[2]);
    const auto cross = matrix(info[3]);
    const double train_scale = number(info[4], "trainScale");
    const double cross_scale = number(info[5], "crossScale");
    Work work;
    work.lane = Lane::algebra;
    const Spread to = spread(*rotated, info[6], info[7], info[8], info[9], work);
    const std::size_t n = rotated->columns;
    work.threads = linalg::blas_threads(threads(info[10]), std::max(to.points, n));
    work.run = [=](Ticket& ticket) {
      const std::span<const double> basis = vectors == nullptr ? std::span<const double>() : vectors->span();
      const linalg::Ensemble ensemble{rotated->span(), basis, train->span(), cross->span(),
                                      to.points,       n,     train_scale,   cross_scale};
      const auto run = to.full ? linalg::ensemble_covariances : linalg::ensemble_variances;
      run(ensemble, *to.weights, to.filters, to.prior->span(), {to.out, to.length}, ticket);
    };
    return make_job(info.Env(), std::move(work));
  });
}

// reducedCovariance(rotated, weights, prior, full, out, threads): job; prior − rotated diag(weights_f) rotatedᵀ
Napi::Value reduced_covariance(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto rotated = matrix(info[0]);
    Work work;
    work.lane = Lane::algebra;
    const Spread to = spread(*rotated, info[1], info[2], info[3], info[4], work);
    const std::size_t n = rotated->columns;
    work.threads = linalg::blas_threads(threads(info[5]), std::max(to.points, n));
    work.run = [=](Ticket& ticket) {
      const auto run = to.full ? linalg::reduced_covariances : linalg::reduced_variances;
      run(rotated->span(), to.points, n, *to.weights, to.filters, to.prior->span(), {to.out, to.length}, ticket);
    };
    return make_job(info.Env(), std::move(work));
  });
}

}  // namespace

void define_dynamics_verbs(Napi::Env env, Napi::Object exports) {
  exports["multiplyTransposed"] = Napi::Function::New(env, multiply_transposed, "multiplyTransposed");
  exports["filterModes"] = Napi::Function::New(env, filter_modes, "filterModes");
  exports["ensembleCovariance"] = Napi::Function::New(env, ensemble_covariance, "ensembleCovariance");
  exports["reducedCovariance"] = Napi::Function::New(env, reduced_covariance, "reducedCovariance");
}

}  // namespace resgram::addon
