// One JavaScript call of a long verb, from its parsed arguments to its settled promise. This is the only place that
// catches exceptions for JavaScript, and the only one that knows that there are threads and an event loop.
//
// A verb parses its arguments, describes the work in a Work and hands it to `make_job`, which returns a job object:
//   start()     runs off the main thread (Napi::AsyncWorker: Node waits for it when an environment dies); a promise
//   run()       runs on the calling thread
//   cancel()    the next checkpoint stops the work; the promise resolves to undefined
//   progress()  [done, total]
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/ticket.hpp"

namespace resgram::addon {

// What JavaScript learns about a failure: an Error with these as `code`, `message` and `details`. Verbs throw it for
// what only the boundary knows (disposed handles, detached arrays); everything below throws resgram::Error.
struct Failure {
  std::string code;
  std::string message;
  Error::Details details;
  std::optional<std::string> path = std::nullopt;  // of a layer
};

// BLAS' thread count belongs to the process. Loops over pairs bring their own threads and want one of BLAS';
// factorisations want them all. Light work uses neither and need not wait for the others.
enum class Lane { pairs, algebra, light };

struct Work {
  Lane lane = Lane::pairs;
  int threads = 1;
  std::function<void(Ticket&)> run;              // any thread; touches no JavaScript value
  std::function<Napi::Value(Napi::Env)> result;  // main thread, after success
  // Arrays that `run` writes into. JavaScript sees none of them before the job succeeded.
  std::vector<Napi::ObjectReference> kept;
  // Memory outside JavaScript that `run` reads or writes.
  std::vector<std::shared_ptr<const void>> owned;
};

Napi::Value make_job(Napi::Env env, Work work);

// Lets go of memory on another thread: giving 128 MB back to the system takes ten milliseconds. Not for finalizers,
// which also run when the environment is torn down.
void drop_in_background(Napi::Env env, std::shared_ptr<const void> memory);

// Per environment (main thread or worker_thread): constructors and the jobs that run. Jobs share the state of the
// latter, because an environment may be torn down between the end of a job's work and its completion.
struct Running;

class Environment {
 public:
  static Environment& of(Napi::Env env);
  static void open(Napi::Env env);

  Napi::FunctionReference job;
  Napi::FunctionReference program;
  Napi::FunctionReference matrix;
  Napi::FunctionReference prepared;
  std::shared_ptr<Running> running;
};

// Registers the class of job objects.
void define_job(Napi::Env env);

// This environment is a worker_thread, which may be terminated while a job runs; see `Pulse` in job.cpp.
void watch_for_termination(Napi::Env env);

// The JavaScript error for a failure.
Napi::Error to_javascript(Napi::Env env, const Failure& failure);

// What went wrong, from inside a catch block. Cancelled is not a failure and must have been caught before.
Failure describe_current_exception();

// Runs the body of a function that JavaScript calls; every C++ exception leaves as a JavaScript one.
template <class Body>
auto guarded(Napi::Env env, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw to_javascript(env, describe_current_exception());
  }
}

}  // namespace resgram::addon
