#include <algorithm>
#include <cstring>

#include "convert.hpp"
#include "core/buffer.hpp"
#include "linalg/extremes.hpp"
#include "linalg/linalg.hpp"
#include "linalg/refine.hpp"
#include "linalg/ridge.hpp"
#include "linalg/spectrum.hpp"
#include "verbs.hpp"

namespace resgram::addon {

namespace {

// eigen(a, top, values, vectors, keep, threads): job → residual. `top` = n means all of them; `vectors` may be null. a stays
// as it is with `keep` and is destroyed otherwise.
Napi::Value eigen(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto a = matrix(info[0]);
    const std::size_t n = square(*a, "matrix");
    const std::size_t top = count(info[1], "top", 1);
    require(top <= n, "top: expected at most as many as there are samples");
    require(info[4].IsBoolean(), "keep: expected true or false");
    const auto decompose = info[4].As<Napi::Boolean>().Value() ? linalg::kept_spectrum : linalg::checked_spectrum;
    Work work;
    work.lane = Lane::algebra;
    work.threads = linalg::blas_threads(threads(info[5]), n);
    double* const values = doubles(info[2], top, "values", work);
    double* const vectors = doubles(info[3], checked_product(top, n), "vectors", work);
    require(values != nullptr, "values: expected an array");
    auto residual = std::make_shared<double>(0);
    work.run = [=](Ticket&) {
      const std::span<double> rows(vectors, vectors == nullptr ? 0 : top * n);
      core::prefer_large_pages(rows.data(), rows.size_bytes());
      *residual = decompose(a->span(), n, top, {values, top}, rows);
    };
    work.result = [residual](Napi::Env env) { return Napi::Number::New(env, *residual); };
    return make_job(info.Env(), std::move(work));
  });
}

// factor(a, ridge, threads): job → Matrix, the lower Cholesky factor of a + ridge·I. a stays as it is.
Napi::Value factor(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto a = matrix(info[0]);
    const std::size_t n = square(*a, "matrix");
    const double ridge = number(info[1], "ridge");
    Work work;
    work.lane = Lane::algebra;
    work.threads = linalg::blas_threads(threads(info[2]), n);
    auto made = std::make_shared<std::shared_ptr<Numbers>>();
    work.run = [a, n, ridge, made](Ticket&) {
      auto lower = std::make_shared<Numbers>(n, n);
      std::memcpy(lower->data.data(), a->data.data(), n * n * sizeof(double));
      linalg::factor(lower->span(), n, ridge);
      *made = std::move(lower);
    };
    work.result = [made](Napi::Env env) { return wrap(env, *made); };
    return make_job(info.Env(), std::move(work));
  });
}

// solve(factor, a, ridge, b, x, threads): job → backward error of (a + ridge·I) x = b, given the factor of the left side.
Napi::Value solve(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto lower = matrix(info[0]);
    const auto a = matrix(info[1]);
    const double ridge = number(info[2], "ridge");
    const auto b = matrix(info[3]);
    const std::size_t n = square(*lower, "factor");
    require(square(*a, "matrix") == n && b->rows == n, "factor, matrix and right side: expected equal sizes");
    const std::size_t columns = b->columns;
    Work work;
    work.lane = Lane::algebra;
    double* const x = doubles(info[4], checked_product(n, columns), "x", work);
    require(x != nullptr, "x: expected an array");
    work.threads = linalg::blas_threads(threads(info[5]), n);
    auto error = std::make_shared<double>(0);
    work.run = [lower, a, ridge, b, n, columns, x, error](Ticket&) {
      std::memcpy(x, b->data.data(), n * columns * sizeof(double));
      linalg::solve(lower->span(), n, {x, n * columns}, columns);
      *error = linalg::backward_error(a->span(), n, ridge, {x, n * columns}, b->span(), columns);
    };
    work.result = [error](Napi::Env env) { return Napi::Number::New(env, *error); };
    return make_job(info.Env(), std::move(work));
  });
}

// ridgePath(values, vectors, y, ridges, loo, coefficients, dropped, threads): job. coefficients may be null.
Napi::Value ridge_path(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    auto values = std::make_shared<const std::vector<double>>(numbers(info[0], "values"));
    const auto vectors = matrix(info[1]);
    const auto y = matrix(info[2]);
    auto ridges = std::make_shared<const std::vector<double>>(numbers(info[3], "ridges"));
    const std::size_t n = square(*vectors, "vectors");
    require(values->size() == n && y->rows == n, "values, vectors and y: expected equal sizes");
    const std::size_t columns = y->columns;
    const std::size_t length = checked_product(checked_product(ridges->size(), n), columns);
    Work work;
    work.lane = Lane::algebra;
    double* const loo = doubles(info[4], length, "loo", work);
    double* const coefficients = doubles(info[5], length, "coefficients", work);
    double* const dropped = doubles(info[6], ridges->size(), "dropped", work);
    require(loo != nullptr && dropped != nullptr, "loo and dropped: expected arrays");
    work.threads = linalg::blas_threads(threads(info[7]), n);
    work.run = [=](Ticket&) {
      const std::span<double> wanted(coefficients, coefficients == nullptr ? 0 : length);
      linalg::ridge_path(*values, vectors->span(), n, y->span(), columns, *ridges, {loo, length}, wanted,
                         {dropped, ridges->size()});
    };
    return make_job(info.Env(), std::move(work));
  });
}

// multiply(a, b, c, threads): job; c = a·b
Napi::Value multiply(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto a = matrix(info[0]);
    const auto b = matrix(info[1]);
    if (a->columns != b->rows) throw Failure{"ERR_SHAPE", "a and b: expected inner sizes that agree", {}};
    const std::size_t length = checked_product(a->rows, b->columns);
    Work work;
    work.lane = Lane::algebra;
    double* const c = doubles(info[2], length, "c", work);
    require(c != nullptr, "c: expected an array");
    work.threads = linalg::blas_threads(threads(info[3]), std::max(a->rows, a->columns));
    work.run = [a, b, c, length](Ticket&) {
      linalg::multiply(a->span(), b->span(), {c, length}, a->rows, a->columns, b->columns);
    };
    return make_job(info.Env(), std::move(work));
  });
}

// extremes(a, ridge, threads): job → { largest, largestError, smallest, smallestError, decomposed } of a + ridge·I. Destroys
// a, which is to hold a copy.
Napi::Value extremes(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto a = matrix(info[0]);
    const std::size_t n = square(*a, "matrix");
    const double ridge = number(info[1], "ridge");
    Work work;
    work.lane = Lane::algebra;
    work.threads = linalg::blas_threads(threads(info[2]), n);
    auto found = std::make_shared<linalg::Extremes>();
    work.run = [a, n, ridge, found](Ticket& ticket) {
      *found = linalg::extreme_eigenvalues(a->span(), n, ridge, ticket);
    };
    work.result = [found](Napi::Env env) {
      Napi::Object result = Napi::Object::New(env);
      result["largest"] = Napi::Number::New(env, found->largest.value);
      result["largestError"] = Napi::Number::New(env, found->largest.error);
      result["smallest"] = Napi::Number::New(env, found->smallest.value);
      result["smallestError"] = Napi::Number::New(env, found->smallest.error);
      result["decomposed"] = Napi::Boolean::New(env, found->decomposed);
      return result;
    };
    return make_job(info.Env(), std::move(work));
  });
}

// solveDefinite(a, ridge, b, x, mixed, threads): job → { way, iterations, backwardError, residual } of (a + ridge·I) x = b;
// `way` is 0 for refinement, 1 for conjugate gradients, 2 for a factorisation in double. Destroys a, as above.
Napi::Value solve_definite(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto a = matrix(info[0]);
    const std::size_t n = square(*a, "matrix");
    const double ridge = number(info[1], "ridge");
    const auto b = matrix(info[2]);
    require(b->rows == n, "matrix and right side: expected equal sizes");
    const std::size_t columns = b->columns;
    Work work;
    work.lane = Lane::algebra;
    double* const x = doubles(info[3], checked_product(n, columns), "x", work);
    require(x != nullptr, "x: expected an array");
    require(info[4].IsBoolean(), "mixed: expected true or false");
    const auto arithmetic =
        info[4].As<Napi::Boolean>().Value() ? linalg::Arithmetic::mixed : linalg::Arithmetic::float64;
    work.threads = linalg::blas_threads(threads(info[5]), n);
    auto solved = std::make_shared<linalg::Solved>();
    work.run = [a, ridge, b, n, columns, x, arithmetic, solved](Ticket& ticket) {
      *solved = linalg::solve_definite(a->span(), n, ridge, b->span(), columns, {x, n * columns}, arithmetic, ticket);
    };
    work.result = [solved](Napi::Env env) {
      Napi::Object result = Napi::Object::New(env);
      result["way"] = Napi::Number::New(env, static_cast<int>(solved->way));
      result["iterations"] = Napi::Number::New(env, static_cast<double>(solved->iterations));
      result["backwardError"] = Napi::Number::New(env, solved->backward_error);
      result["residual"] = Napi::Number::New(env, solved->residual);
      return result;
    };
    return make_job(info.Env(), std::move(work));
  });
}

}  // namespace

void define_algebra_verbs(Napi::Env env, Napi::Object exports) {
  exports["eigen"] = Napi::Function::New(env, eigen, "eigen");
  exports["factor"] = Napi::Function::New(env, factor, "factor");
  exports["solve"] = Napi::Function::New(env, solve, "solve");
  exports["ridgePath"] = Napi::Function::New(env, ridge_path, "ridgePath");
  exports["extremes"] = Napi::Function::New(env, extremes, "extremes");
  exports["solveDefinite"] = Napi::Function::New(env, solve_definite, "solveDefinite");
  exports["multiply"] = Napi::Function::New(env, multiply, "multiply");
}

}  // namespace resgram::addon
