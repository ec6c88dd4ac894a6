// The table of what JavaScript sees. lib/native.ts is its only reader.
#include <napi.h>

#include "convert.hpp"
#include "core/evaluate.hpp"
#include "core/program.hpp"
#include "job.hpp"
#include "linalg/linalg.hpp"
#include "verbs.hpp"

#ifndef RESGRAM_VERSION
#error "the build must define RESGRAM_VERSION, the version in package.json"
#endif

namespace resgram::addon {

namespace {

// Raised with every change of what crosses the boundary; lib/native.ts expects this number.
constexpr int kAbi = 6;

// about(): what this binary is and runs on.
Napi::Value about(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    Napi::Object facts = Napi::Object::New(info.Env());
    facts["blas"] = linalg::blas_description();
    facts["simd"] = core::simd_path();
    facts["cpus"] = linalg::available_cpus();
    Napi::Array steps = Napi::Array::New(info.Env());
    for (const std::string& name : core::known_steps()) {
      steps[steps.Length()] = Napi::String::New(info.Env(), name);
    }
    facts["steps"] = steps;
    return facts;
  });
}

Napi::Value available_cpus(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return Napi::Number::New(info.Env(), linalg::available_cpus()); });
}

Napi::Value available_memory(const Napi::CallbackInfo& info) {
  return guarded(info.Env(),
                 [&] { return Napi::Number::New(info.Env(), static_cast<double>(linalg::available_memory())); });
}

Napi::Value watch(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    watch_for_termination(info.Env());
    return info.Env().Undefined();
  });
}

Napi::Object define(Napi::Env env, Napi::Object exports) {
  Environment::open(env);
  define_job(env);
  define_matrix(env);
  define_program(env);
  exports["abi"] = Napi::Number::New(env, kAbi);
  exports["version"] = Napi::String::New(env, RESGRAM_VERSION);
  exports["Matrix"] = Environment::of(env).matrix.Value();
  exports["Program"] = Environment::of(env).program.Value();
  exports["about"] = Napi::Function::New(env, about, "about");
  exports["availableCpus"] = Napi::Function::New(env, available_cpus, "availableCpus");
  exports["availableMemory"] = Napi::Function::New(env, available_memory, "availableMemory");
  exports["watchForTermination"] = Napi::Function::New(env, watch, "watchForTermination");
  define_kernel_verbs(env, exports);
  define_derivative_verbs(env, exports);
  define_sphere_verbs(env, exports);
  define_algebra_verbs(env, exports);
  define_batch_verbs(env, exports);
  define_gaussian_verbs(env, exports);
  define_predict_verbs(env, exports);
  define_dynamics_verbs(env, exports);
  define_svm_verbs(env, exports);
  define_finite_verbs(env, exports);
  define_train_verbs(env, exports);
  return exports;
}

}  // namespace

}  // namespace resgram::addon

namespace {

Napi::Object initialise(Napi::Env env, Napi::Object exports) { return resgram::addon::define(env, exports); }

}  // namespace

NODE_API_MODULE(resgram, initialise)
