#include "convert.hpp"
#include "core/sphere.hpp"
#include "verbs.hpp"

namespace resgram::addon {

namespace {

using core::SphereSink;

// [[nngp, its errors, ntk, its errors], …], arrays or null, one list per emit.
std::shared_ptr<std::vector<SphereSink>> sphere_sinks(Napi::Value value, const core::Program& program,
                                                      std::size_t length, Work& work) {
  if (!value.IsArray() || value.As<Napi::Array>().Length() != program.emits()) {
    throw Failure{"ERR_ARGUMENT", "outputs: expected one list of arrays per emitted kernel", {}};
  }
  const Napi::Array lists = value.As<Napi::Array>();
  auto sinks = std::make_shared<std::vector<SphereSink>>(program.emits());
  for (std::uint32_t i = 0; i < lists.Length(); ++i) {
    const Napi::Value list = lists.Get(i);
    if (!list.IsArray()) throw Failure{"ERR_ARGUMENT", "outputs: expected lists", {}};
    const Napi::Array arrays = list.As<Napi::Array>();
    SphereSink& sink = (*sinks)[i];
    sink.nngp = doubles(arrays.Get(0u), length, "nngp", work);
    sink.nngp_error = doubles(arrays.Get(1u), length, "nngp errors", work);
    sink.ntk = doubles(arrays.Get(2u), length, "ntk", work);
    sink.ntk_error = doubles(arrays.Get(3u), length, "ntk errors", work);
    if ((sink.nngp == nullptr) != (sink.nngp_error == nullptr) ||
        (sink.ntk == nullptr) != (sink.ntk_error == nullptr)) {
      throw Failure{"ERR_ARGUMENT", "outputs: expected errors beside the eigenvalues", {}};
    }
  }
  return sinks;
}

// sphereSpectrum(program, dimension, degrees, outputs, threads): job → [[log scale of nngp, of ntk], …]
Napi::Value sphere_spectrum(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto steps = program(info[0]);
    const std::size_t dimension = count(info[1], "dimension", 2), degrees = count(info[2], "degrees", 0);
    if (dimension > core::kLargestSphere || degrees > core::kLargestSphere - dimension) {
      throw Failure{"ERR_ARGUMENT", "dimension and degrees: expected at most 20000 together", {}};
    }
    Work work;
    work.threads = threads(info[4]);
    auto sinks = sphere_sinks(info[3], *steps, degrees + 1, work);
    const int most = work.threads;
    work.run = [steps, dimension, degrees, sinks, most](Ticket& ticket) {
      core::sphere_spectrum(*steps, dimension, degrees, *sinks, most, ticket);
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

// sphereBytes(dimension, degrees, curves, threads): what sphereSpectrum takes beside its outputs
Napi::Value sphere_bytes(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const std::size_t bytes = core::sphere_bytes(count(info[0], "dimension", 2), count(info[1], "degrees", 0),
                                                 count(info[2], "curves", 1), threads(info[3]));
    return Napi::Number::New(info.Env(), static_cast<double>(bytes));
  });
}

}  // namespace

void define_sphere_verbs(Napi::Env env, Napi::Object exports) {
  exports["sphereBytes"] = Napi::Function::New(env, sphere_bytes, "sphereBytes");
  exports["sphereSpectrum"] = Napi::Function::New(env, sphere_spectrum, "sphereSpectrum");
}

}  // namespace resgram::addon
