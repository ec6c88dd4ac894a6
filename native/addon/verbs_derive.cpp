#include <cmath>

#include "convert.hpp"
#include "core/derive.hpp"
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
                    "the kernel has no finite derivatives at angle " + std::to_string(angles[i]) +
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

}  // namespace

void define_derivative_verbs(Napi::Env env, Napi::Object exports) {
  exports["profileDerivatives"] = Napi::Function::New(env, profile_derivatives, "profileDerivatives");
}

}  // namespace resgram::addon
