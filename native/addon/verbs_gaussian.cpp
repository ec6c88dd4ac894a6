#include "convert.hpp"
#include "linalg/gaussian.hpp"
#include "linalg/linalg.hpp"
#include "verbs.hpp"

namespace resgram::addon {

namespace {

// logDeterminant(factor): a number, at once; n logarithms.
Napi::Value log_determinant(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto lower = matrix(info[0]);
    return Napi::Number::New(info.Env(), linalg::log_determinant(lower->span(), square(*lower, "factor")));
  });
}

// inverseDiagonal(factor, diagonal, threads): job; the diagonal of (K + λI)⁻¹.
Napi::Value inverse_diagonal(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto lower = matrix(info[0]);
    const std::size_t n = square(*lower, "factor");
    Work work;
    work.lane = Lane::algebra;
    double* const diagonal = doubles(info[1], n, "diagonal", work);
    require(diagonal != nullptr, "diagonal: expected an array");
    work.threads = linalg::blas_threads(threads(info[2]), n);
    work.run = [lower, n, diagonal](Ticket& ticket) {
      linalg::inverse_diagonal(lower->span(), n, {diagonal, n}, ticket);
    };
    return make_job(info.Env(), std::move(work));
  });
}

// posteriorCovariance(factor, cross, covariance, threads): job. cross is m × n; covariance comes in as a Matrix of the m × m
// prior covariances and holds the posterior ones after success.
Napi::Value posterior_covariance(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto lower = matrix(info[0]);
    const auto rows = matrix(info[1]);
    const auto covariance = matrix(info[2]);
    const std::size_t n = square(*lower, "factor");
    const std::size_t m = square(*covariance, "covariance");
    require(rows->columns == n && rows->rows == m, "cross: expected one row per point and one column per sample");
    Work work;
    work.lane = Lane::algebra;
    work.threads = linalg::blas_threads(threads(info[3]), n);
    work.run = [lower, rows, covariance, n, m](Ticket&) {
      linalg::posterior_covariance(lower->span(), n, rows->span(), m, covariance->span());
    };
    return make_job(info.Env(), std::move(work));
  });
}

// border(a, factor, rows, corner, ridge, bordered, extended, threads): job. rows is m × n, corner m × m; bordered and
// extended are Matrices of (n + m)², for the whole Gram matrix and the factor of it + ridge·I. a and factor stay.
Napi::Value border(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto a = matrix(info[0]);
    const auto lower = matrix(info[1]);
    const auto rows = matrix(info[2]);
    const auto corner = matrix(info[3]);
    const double ridge = number(info[4], "ridge");
    const auto bordered = matrix(info[5]);
    const auto extended = matrix(info[6]);
    const std::size_t n = square(*a, "matrix");
    const std::size_t m = square(*corner, "corner");
    require(square(*lower, "factor") == n && rows->rows == m && rows->columns == n,
            "matrix, factor, rows and corner: expected sizes that agree");
    require(square(*bordered, "bordered") == n + m && square(*extended, "extended") == n + m,
            "bordered and extended: expected room for all samples");
    Work work;
    work.lane = Lane::algebra;
    work.threads = linalg::blas_threads(threads(info[7]), n);
    work.run = [=](Ticket&) {
      linalg::border(a->span(), lower->span(), n, rows->span(), corner->span(), m, ridge, bordered->span(),
                     extended->span());
    };
    return make_job(info.Env(), std::move(work));
  });
}

// heldOutPath(values, vectors, y, ridges, part, predictions, dropped, threads): job. part holds the number of the part of
// each sample; predictions ridges × n × columns numbers.
Napi::Value held_out_path(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    auto values = std::make_shared<const std::vector<double>>(numbers(info[0], "values"));
    const auto vectors = matrix(info[1]);
    const auto y = matrix(info[2]);
    auto ridges = std::make_shared<const std::vector<double>>(numbers(info[3], "ridges"));
    auto part = std::make_shared<const std::vector<double>>(numbers(info[4], "part"));
    const std::size_t n = square(*vectors, "vectors");
    require(values->size() == n && y->rows == n && part->size() == n,
            "values, vectors, y and part: expected equal sizes");
    const std::size_t columns = y->columns;
    const std::size_t length = checked_product(checked_product(ridges->size(), n), columns);
    Work work;
    work.lane = Lane::algebra;
    double* const predictions = doubles(info[5], length, "predictions", work);
    double* const dropped = doubles(info[6], ridges->size(), "dropped", work);
    require(predictions != nullptr && dropped != nullptr, "predictions and dropped: expected arrays");
    work.threads = linalg::blas_threads(threads(info[7]), n);
    work.run = [=](Ticket& ticket) {
      linalg::held_out_path(*values, vectors->span(), n, y->span(), columns, *ridges, *part, {predictions, length},
                            {dropped, ridges->size()}, ticket);
    };
    return make_job(info.Env(), std::move(work));
  });
}

}  // namespace

void define_gaussian_verbs(Napi::Env env, Napi::Object exports) {
  exports["logDeterminant"] = Napi::Function::New(env, log_determinant, "logDeterminant");
  exports["inverseDiagonal"] = Napi::Function::New(env, inverse_diagonal, "inverseDiagonal");
  exports["posteriorCovariance"] = Napi::Function::New(env, posterior_covariance, "posteriorCovariance");
  exports["border"] = Napi::Function::New(env, border, "border");
  exports["heldOutPath"] = Napi::Function::New(env, held_out_path, "heldOutPath");
}

}  // namespace resgram::addon
