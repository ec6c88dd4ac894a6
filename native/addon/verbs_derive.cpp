#include <cmath>

#include "convert.hpp"
#include "core/derive.hpp"
#include "core/derive_hours.hpp"
#include "core/image_gradient.hpp"
#include "verbs.hpp"

namespace resgram::addon {

namespace {

using core::CurveSink;

// [[nngp slopes, nngp curvatures, ntk slopes, ntk curvatures], …], arrays or null, one list per emit.
std::shared_ptr<std::vector<CurveSink>> curve_sinks(Napi::Value value, const core::Program& program, std::size_t length,
                                                    Work& work) {
  if (!value.IsArray() || value.As<Napi::Array>().Length() != program.emits()) {
    throw Failure{"ERR_ARGUMENT", "outputs: expected one list of arrays per emitted kernel", {}};
  }
  const Napi::Array lists = value.As<Napi::Array>();
  auto sinks = std::make_shared<std::vector<CurveSink>>(program.emits());
  for (std::uint32_t i = 0; i < lists.Length(); ++i) {
    const Napi::Value list = lists.Get(i);
    if (!list.IsArray()) throw Failure{"ERR_ARGUMENT", "outputs: expected lists", {}};
    const Napi::Array arrays = list.As<Napi::Array>();
    CurveSink& sink = (*sinks)[i];
    sink.nngp_slope = doubles(arrays.Get(0u), length, "nngp slopes", work);
    sink.nngp_curvature = doubles(arrays.Get(1u), length, "nngp curvatures", work);
    sink.ntk_slope = doubles(arrays.Get(2u), length, "ntk slopes", work);
    sink.ntk_curvature = doubles(arrays.Get(3u), length, "ntk curvatures", work);
  }
  return sinks;
}

void require_finite(const std::vector<CurveSink>& sinks, std::span<const double> angles) {
  for (const CurveSink& sink : sinks) {
    for (const double* values : {sink.nngp_slope, sink.nngp_curvature, sink.ntk_slope, sink.ntk_curvature}) {
      if (values == nullptr) continue;
      for (std::size_t i = 0; i < angles.size(); ++i) {
        if (std::isfinite(values[i])) continue;
        throw Error(Code::range,
                    "the kernel has no finite derivatives at angles[" + std::to_string(i) + "] = " + shown(angles[i]) +
                        ": two kinks meet there, or they leave the range of numbers; leave the angle out, or use a "
                        "shallower network",
                    {{"index", static_cast<double>(i)}});
      }
    }
  }
}

// profileDerivatives(program, angles, dimension, outputs): job → undefined, scaled as profile scales
Napi::Value profile_derivatives(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto steps = program(info[0]);
    auto angles = std::make_shared<const std::vector<double>>(numbers(info[1], "angles"));
    const std::size_t dimension = count(info[2], "dimension", 1);
    Work work;
    work.lane = Lane::light;
    auto sinks = curve_sinks(info[3], *steps, angles->size(), work);
    work.run = [steps, angles, dimension, sinks](Ticket&) {
      core::profile_derivatives(*steps, *angles, dimension, *sinks);
      require_finite(*sinks, *angles);
    };
    return make_job(info.Env(), std::move(work));
  });
}

// [[nngp | null, ntk | null], …], one pair per emit.
std::shared_ptr<std::vector<core::Sink<double>>> pair_sinks(Napi::Value value, const core::Program& program,
                                                            std::size_t length, Work& work) {
  if (!value.IsArray() || value.As<Napi::Array>().Length() != program.emits()) {
    throw Failure{"ERR_ARGUMENT", "outputs: expected one pair of arrays per emitted kernel", {}};
  }
  const Napi::Array pairs = value.As<Napi::Array>();
  auto sinks = std::make_shared<std::vector<core::Sink<double>>>(program.emits());
  for (std::uint32_t i = 0; i < pairs.Length(); ++i) {
    const Napi::Value pair = pairs.Get(i);
    if (!pair.IsArray()) throw Failure{"ERR_ARGUMENT", "outputs: expected pairs", {}};
    (*sinks)[i].nngp = doubles(pair.As<Napi::Array>().Get(0u), length, "nngp", work);
    (*sinks)[i].ntk = doubles(pair.As<Napi::Array>().Get(1u), length, "ntk", work);
  }
  return sinks;
}

// derive(program, x, z, order, outputs, threads, grid, maxHours): job → [[log scale of nngp, of ntk], …]; order 1 the gradients by the rows
// of x, rows × rows of z × dimension, 2 the Hessians.
Napi::Value derive(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto steps = program(info[0]);
    const auto x = matrix(info[1]);
    const auto z = matrix(info[2]);
    const std::size_t order = count(info[3], "order", 1);
    if (order > 2) throw Failure{"ERR_ARGUMENT", "order: expected 1 or 2", {}};
    if (x->columns != z->columns) throw Failure{"ERR_SHAPE", "x and z: expected points of one dimension", {}};
    Work work;
    work.threads = threads(info[5]);
    const std::size_t each = order == 1 ? x->columns : checked_product(x->columns, x->columns);
    const std::size_t length = checked_product(checked_product(x->rows, z->rows), each);
    auto sinks = pair_sinks(info[4], *steps, length, work);
    const core::Tuning tuning{.threads = work.threads, .max_hours = number(info[7], "maxHours")};
    const std::size_t columns = z->rows;
    const core::Grid grid = grid_of(info[6]);
    if (grid.height > 0 && order == 2) throw Failure{"ERR_ARGUMENT", "order: expected 1 for images", {}};
    work.run = [steps, x, z, order, sinks, tuning, length, each, columns, grid](Ticket& ticket) {
      const core::Points left{x->span(), x->rows, x->columns, grid}, right{z->span(), z->rows, z->columns, grid};
      if (steps->image()) {
        core::image_gradient(*steps, left, right, *sinks, tuning, ticket);
      } else {
        core::derive(*steps, left, right, order == 1 ? core::Order::gradient : core::Order::hessian, *sinks, tuning,
                     ticket);
      }
      for (const core::Sink<double>& sink : *sinks)
        for (const double* values : {sink.nngp, sink.ntk})
          for (std::size_t i = 0; values != nullptr && i < length; ++i) {
            if (std::isfinite(values[i])) continue;
            const std::size_t row = i / each / columns, column = i / each % columns;
            throw Error(
                Code::range,
                "the derivatives by row " + std::to_string(row) + " of x at row " + std::to_string(column) +
                    " of z are not finite: kinks meet there, or they leave the range of numbers; leave the pair "
                    "out, or scale the data",
                {{"row", static_cast<double>(row)}, {"column", static_cast<double>(column)}});
          }
    };
    work.result = [sinks](Napi::Env env) -> Napi::Value {
      Napi::Array all = Napi::Array::New(env, sinks->size());
      for (std::uint32_t i = 0; i < sinks->size(); ++i) {
        Napi::Array pair = Napi::Array::New(env, 2);
        pair[0u] = Napi::Number::New(env, (*sinks)[i].nngp_log_scale + 0.0);
        pair[1u] = Napi::Number::New(env, (*sinks)[i].ntk_log_scale + 0.0);
        all[i] = pair;
      }
      return all;
    };
    return make_job(info.Env(), std::move(work));
  });
}

// gradientBytes(program, grid, threads): what derive takes beside inputs and outputs, for images
Napi::Value gradient_bytes(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    return Napi::Number::New(info.Env(),
                             core::image_gradient_bytes(*program(info[0]), grid_of(info[1]), threads(info[2])));
  });
}

// derivativeWork(program, rows, columns, dimension, order, kernels, grid?): number of some ten nanoseconds
Napi::Value derivative_work(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const std::size_t order = count(info[4], "order", 1);
    return Napi::Number::New(
        info.Env(),
        core::derivative_work(*program(info[0]), count(info[1], "rows"), count(info[2], "columns"),
                              count(info[3], "dimension"), grid_of(info[6]),
                              order == 1 ? core::Order::gradient : core::Order::hessian, count(info[5], "kernels")));
  });
}

}  // namespace

void define_derivative_verbs(Napi::Env env, Napi::Object exports) {
  exports["gradientBytes"] = Napi::Function::New(env, gradient_bytes, "gradientBytes");
  exports["derivativeWork"] = Napi::Function::New(env, derivative_work, "derivativeWork");
  exports["derive"] = Napi::Function::New(env, derive, "derive");
  exports["profileDerivatives"] = Napi::Function::New(env, profile_derivatives, "profileDerivatives");
}

}  // namespace resgram::addon
