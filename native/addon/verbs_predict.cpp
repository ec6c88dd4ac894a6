// Predictions of fitted models, in one job each: from rows to means and variances there is nothing to wait for in between.
#include "convert.hpp"
#include "core/predict.hpp"
#include "core/prepared.hpp"
#include "verbs.hpp"

namespace resgram::addon {

namespace {

constexpr napi_type_tag kPreparedTag = {0x57c20d1ae8f94b33, 0x8a64f1d7093be2c5};

// Prepared points with what they refer to.
struct Samples {
  std::shared_ptr<const core::Program> program;
  std::shared_ptr<Numbers> points;
  std::unique_ptr<const core::Prepared> prepared;
};

core::Points points_of(const Numbers& numbers, const core::Grid& grid) {
  return {numbers.span(), numbers.rows, numbers.columns, grid};
}

// Prepared: a handle with keep() and dispose(), as those of a Matrix.
class PreparedObject : public Napi::ObjectWrap<PreparedObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Prepared",
        {InstanceMethod<&PreparedObject::keep>("keep"), InstanceMethod<&PreparedObject::dispose>("dispose")});
  }

  explicit PreparedObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<PreparedObject>(info) {
    guarded(info.Env(), [&] { info.This().As<Napi::Object>().TypeTag(&kPreparedTag); });
  }
  ~PreparedObject() override { release(Env()); }

  static std::shared_ptr<const Samples> of(Napi::Value value) {
    if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kPreparedTag))
      throw Failure{"ERR_ARGUMENT", "samples: expected prepared ones", {}};
    const auto& held = Unwrap(value.As<Napi::Object>())->held_;
    if (!held) throw Failure{"ERR_DISPOSED", "these samples were disposed of", {}};
    return held;
  }
  void hold(std::shared_ptr<const Samples> samples) { held_ = std::move(samples); }

 private:
  void release(Napi::Env env) {
    if (reported_ != 0) Napi::MemoryManagement::AdjustExternalMemory(env, -reported_);
    reported_ = 0;
    held_.reset();
  }

  Napi::Value keep(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      const auto samples = of(info.This());
      const Numbers& points = *samples->points;
      const auto bytes = static_cast<std::int64_t>(
          core::Prepared::bytes(*samples->program, points.rows, points.columns, samples->prepared->points().grid));
      Napi::MemoryManagement::AdjustExternalMemory(info.Env(), bytes - reported_);
      reported_ = bytes;
      return info.This();
    });
  }

  Napi::Value dispose(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] {
      constexpr std::int64_t kMuch = std::int64_t{8} << 20;
      if (held_ && reported_ > kMuch) drop_in_background(info.Env(), std::move(held_));
      release(info.Env());
      return info.Env().Undefined();
    });
  }

  std::shared_ptr<const Samples> held_;
  std::int64_t reported_ = 0;
};

// preparedBytes(program, rows, dimension, grid?): number
Napi::Value prepared_bytes(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const std::size_t bytes =
        core::Prepared::bytes(*program(info[0]), count(info[1], "rows"), count(info[2], "dimension"), grid_of(info[3]));
    return Napi::Number::New(info.Env(), static_cast<double>(bytes));
  });
}

// prepare(program, points, threads, grid?): job → Prepared
Napi::Value prepare(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    auto samples = std::make_shared<Samples>();
    samples->program = program(info[0]);
    samples->points = matrix(info[1]);
    const core::Grid grid = grid_of(info[3]);
    Work work;
    work.threads = threads(info[2]);
    const core::Tuning tuning{.threads = work.threads};
    work.run = [samples, grid, tuning](Ticket& ticket) {
      samples->prepared =
          std::make_unique<const core::Prepared>(*samples->program, points_of(*samples->points, grid), tuning, ticket);
    };
    work.result = [samples](Napi::Env env) {
      const Napi::Object object = Environment::of(env).prepared.New({});
      PreparedObject::Unwrap(object)->hold(samples);
      return object;
    };
    return make_job(info.Env(), std::move(work));
  });
}

// predict(samples, tangent, points, first, rows, weights, factor | null, mean, variance | null, cross | null, threads,
// maxHours): job → [log of the unit of means, and of variances], for rows [first, first + rows) of the points. `cross`, a
// Matrix, gets their kernel with the samples; there is no variance then.
Napi::Value predict(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto samples = PreparedObject::of(info[0]);
    require(info[1].IsBoolean(), "tangent: expected true or false");
    const bool tangent = info[1].As<Napi::Boolean>().Value();
    const auto points = matrix(info[2]);
    const std::size_t first = count(info[3], "first"), rows = count(info[4], "rows");
    require(first <= points->rows && rows <= points->rows - first, "rows: expected rows of the points");
    const auto weights = matrix(info[5]);
    const std::size_t n = samples->points->rows, columns = weights->columns;
    require(weights->rows == n, "weights: expected one row per sample");
    Work work;
    const auto factor = info[6].IsNull() ? nullptr : matrix(info[6]);
    require(factor == nullptr || square(*factor, "factor") == n, "factor: expected that of the samples");
    double* const mean = doubles(info[7], checked_product(rows, columns), "mean", work);
    double* const variance = doubles(info[8], rows, "variance", work);
    double* const cross = doubles(info[9], checked_product(rows, n), "cross", work);
    require(
        mean != nullptr && (factor == nullptr) == (variance == nullptr) && (cross == nullptr || variance == nullptr),
        "mean, variance and cross: expected an array of means, and one of variances where there is a factor and no "
        "cross");
    work.threads = threads(info[10]);
    const core::Tuning tuning{.threads = work.threads, .max_hours = number(info[11], "maxHours")};
    auto scales = std::make_shared<core::PredictionScales>();
    work.run = [=](Ticket& ticket) {
      core::Points some = points_of(*points, samples->prepared->points().grid);
      some.data = some.data.subspan(first * points->columns, rows * points->columns);
      some.rows = rows;
      core::Fit fit{*samples->program, *samples->prepared, tangent, weights->span(), columns, {}};
      core::Predictions to{{mean, rows * columns}, {}, {}};
      if (factor != nullptr) {
        fit.factor = factor->span();
        to.variance = {variance, rows};
      }
      if (cross != nullptr) to.covariance = {cross, rows * n};
      *scales = core::predict(fit, some, to, tuning, ticket);
    };
    work.result = [scales](Napi::Env env) {
      Napi::Array pair = Napi::Array::New(env, 2);
      pair[0u] = Napi::Number::New(env, scales->mean);
      pair[1u] = Napi::Number::New(env, scales->variance);
      return pair;
    };
    return make_job(info.Env(), std::move(work));
  });
}

}  // namespace

void define_predict_verbs(Napi::Env env, Napi::Object exports) {
  Environment::of(env).prepared = Napi::Persistent(PreparedObject::define(env));
  exports["prepare"] = Napi::Function::New(env, prepare, "prepare");
  exports["preparedBytes"] = Napi::Function::New(env, prepared_bytes, "preparedBytes");
  exports["predict"] = Napi::Function::New(env, predict, "predict");
}

}  // namespace resgram::addon
