#include "job.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "convert.hpp"
#include "linalg/linalg.hpp"

namespace resgram::addon {

// The state of one job, shared by its JavaScript object, its worker and the environment's list.
struct Run {
  Work work;
  Ticket ticket;
  bool started = false;
};

// The jobs in flight of one environment, and what tells them that it is being torn down.
struct Running {
  std::set<Run*> runs;
  napi_threadsafe_function pulse = nullptr;

  void cancel_all() const {
    for (Run* run : runs) run->ticket.cancel();
  }
};

namespace {

const char* code_name(Code code) {
  switch (code) {
    case Code::argument:
      return "ERR_ARGUMENT";
    case Code::program:
      return "ERR_PROGRAM";
    case Code::not_finite:
      return "ERR_NOT_FINITE";
    case Code::shape:
      return "ERR_SHAPE";
    case Code::range:
      return "ERR_RANGE";
    case Code::not_positive_definite:
      return "ERR_NOT_POSITIVE_DEFINITE";
    case Code::no_convergence:
      return "ERR_NO_CONVERGENCE";
    case Code::out_of_memory:
      return "ERR_OUT_OF_MEMORY";
    case Code::internal:
      break;
  }
  return "ERR_INTERNAL";
}

// One job computes at a time in the whole process: BLAS' thread count is process-wide, and two jobs on the same cores
// would only slow each other down. Waiting ends early when nobody wants the result any more.
class Turn {
 public:
  explicit Turn(const Ticket& ticket) {
    using namespace std::chrono_literals;
    while (!mutex().try_lock_for(20ms)) {
      if (ticket.cancelled()) throw Cancelled{};
    }
  }
  ~Turn() { mutex().unlock(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  // note: never destroyed, because a worker may still wait here while the process runs its exit handlers.
  static std::timed_mutex& mutex() {
    static auto& only = *new std::timed_mutex;
    return only;
  }
};

// A terminated worker_thread says nothing to its addons until its pending work is done: Node first waits for the work,
// then runs clean-up hooks. But while it waits it still turns the event loop, in a state where no JavaScript can run.
// So a job in a worker_thread taps the loop every 50 ms, and the tap, finding JavaScript closed, cancels the jobs.
class Pulse {
 public:
  explicit Pulse(napi_threadsafe_function tap) : tap_(tap) {
    if (tap_ != nullptr) thread_ = std::thread([this] { beat(); });
  }
  ~Pulse() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;

 private:
  void beat() {
    using namespace std::chrono_literals;
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, 50ms, [this] { return done_; })) {
      // The queue holds one tap; a loop that is busy has not answered the last one yet.
      if (napi_call_threadsafe_function(tap_, nullptr, napi_tsfn_nonblocking) == napi_closing) return;
    }
  }

  napi_threadsafe_function tap_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::thread thread_;
};

// On the main thread, in answer to a tap. Looking up a property is the cheapest call that Node refuses to an
// environment that may no longer run JavaScript.
void answer(napi_env env, napi_value, void* context, void*) {
  if (env == nullptr) return;
  napi_value global = nullptr;
  bool found = false;
  napi_value key = nullptr;
  if (napi_get_global(env, &global) != napi_ok) return;
  if (napi_create_string_utf8(env, "Object", NAPI_AUTO_LENGTH, &key) != napi_ok) return;
  if (napi_has_property(env, global, key, &found) != napi_ok) static_cast<Running*>(context)->cancel_all();
}

enum class End { done, cancelled, failed };

struct Outcome {
  End end = End::done;
  Failure failure;
};

void compute(Run& run) {
  // Called once: what it holds goes when the work is done, not when the job object is collected.
  const auto body = std::exchange(run.work.run, nullptr);
  if (run.work.lane == Lane::light) {
    body(run.ticket);
    return;
  }
  const Turn turn(run.ticket);
  if (run.ticket.cancelled()) throw Cancelled{};
  linalg::set_threads(run.work.lane == Lane::pairs ? 1 : run.work.threads);
  body(run.ticket);
}

Outcome attempt(Run& run) {
  try {
    compute(run);
    return {};
  } catch (const Cancelled&) {
    return {End::cancelled, {}};
  } catch (...) {
    return {End::failed, describe_current_exception()};
  }
}

Napi::Value result_of(Napi::Env env, const Run& run) {
  return run.work.result ? run.work.result(env) : env.Undefined();
}

class Worker : public Napi::AsyncWorker {
 public:
  Worker(Napi::Env env, std::shared_ptr<Run> run)
      : Napi::AsyncWorker(env, "resgram.job"),
        run_(std::move(run)),
        running_(Environment::of(env).running),
        deferred_(env) {
    running_->runs.insert(run_.get());
  }
  ~Worker() override { running_->runs.erase(run_.get()); }

  [[nodiscard]] Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    const Pulse pulse(running_->pulse);
    outcome_ = attempt(*run_);
  }

  // In a dying environment settling throws, and nobody is left to tell.
  void OnOK() override {
    const Napi::Env env = Env();
    try {
      switch (outcome_.end) {
        case End::done:
          deferred_.Resolve(result_of(env, *run_));
          break;
        case End::cancelled:
          deferred_.Resolve(env.Undefined());
          break;
        case End::failed:
          deferred_.Reject(to_javascript(env, outcome_.failure).Value());
          break;
      }
    } catch (const Napi::Error&) {
    }
    run_->work.kept.clear();
    run_->work.owned.clear();
  }

  // Only reached when there was no memory left to describe a failure with.
  void OnError(const Napi::Error& error) override {
    outcome_ = {End::failed, {"ERR_OUT_OF_MEMORY", error.Message(), {}}};
    OnOK();
  }

 private:
  std::shared_ptr<Run> run_;
  std::shared_ptr<Running> running_;
  Napi::Promise::Deferred deferred_;
  Outcome outcome_;
};

class Dropper : public Napi::AsyncWorker {
 public:
  Dropper(Napi::Env env, std::shared_ptr<const void> memory)
      : Napi::AsyncWorker(env, "resgram.drop"), memory_(std::move(memory)) {}

 protected:
  void Execute() override { memory_.reset(); }

 private:
  std::shared_ptr<const void> memory_;
};

class JobObject : public Napi::ObjectWrap<JobObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Job",
        {InstanceMethod<&JobObject::start>("start"), InstanceMethod<&JobObject::run>("run"),
         InstanceMethod<&JobObject::cancel>("cancel"), InstanceMethod<&JobObject::progress>("progress")});
  }
  explicit JobObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<JobObject>(info) {}

  std::shared_ptr<Run> state;

 private:
  Run& begin() {
    if (!state || state->started) throw Failure{"ERR_INTERNAL", "a job runs once", {}};
    state->started = true;
    return *state;
  }

  Napi::Value start(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      begin();
      auto worker = std::make_unique<Worker>(info.Env(), state);
      const Napi::Promise promise = worker->promise();
      worker->Queue();
      worker.release();  // deletes itself once it has settled
      return promise;
    });
  }

  Napi::Value run(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      Run& mine = begin();
      const Outcome outcome = attempt(mine);
      if (outcome.end == End::failed) throw to_javascript(info.Env(), outcome.failure);
      const Napi::Value result = outcome.end == End::done ? result_of(info.Env(), mine) : info.Env().Undefined();
      mine.work.kept.clear();
      mine.work.owned.clear();
      return result;
    });
  }

  Napi::Value cancel(const Napi::CallbackInfo& info) {
    if (state) state->ticket.cancel();
    return info.Env().Undefined();
  }

  Napi::Value progress(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      Napi::Array pair = Napi::Array::New(info.Env(), 2);
      pair[0u] = Napi::Number::New(info.Env(), state ? static_cast<double>(state->ticket.done()) : 0);
      pair[1u] = Napi::Number::New(info.Env(), state ? static_cast<double>(state->ticket.total()) : 0);
      return pair;
    });
  }
};

}  // namespace

Napi::Value make_job(Napi::Env env, Work work) {
  const Napi::Object object = Environment::of(env).job.New({});
  auto state = std::make_shared<Run>();
  state->work = std::move(work);
  JobObject::Unwrap(object)->state = std::move(state);
  return object;
}

void drop_in_background(Napi::Env env, std::shared_ptr<const void> memory) {
  (new Dropper(env, std::move(memory)))->Queue();  // deletes itself
}

void define_job(Napi::Env env) { Environment::of(env).job = Napi::Persistent(JobObject::define(env)); }

Environment& Environment::of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

void Environment::open(Napi::Env env) {
  auto environment = std::make_unique<Environment>();
  environment->running = std::make_shared<Running>();
  env.AddCleanupHook([running = environment->running] { running->cancel_all(); });
  env.SetInstanceData(environment.release());
}

void watch_for_termination(Napi::Env env) {
  Running& running = *Environment::of(env).running;
  if (running.pulse != nullptr) return;
  const Napi::String name = Napi::String::New(env, "resgram.pulse");
  // note: never released by us. It lives as long as the environment, whose own clean-up closes it, and Node waits for
  // our jobs, the only callers, before that.
  napi_threadsafe_function pulse = nullptr;
  const napi_status made =
      napi_create_threadsafe_function(env, nullptr, nullptr, name, 1, 1, nullptr, nullptr, &running, answer, &pulse);
  if (made != napi_ok) throw Failure{"ERR_INTERNAL", "no thread-safe function could be made", {}};
  napi_unref_threadsafe_function(env, pulse);
  running.pulse = pulse;
}

Napi::Error to_javascript(Napi::Env env, const Failure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.message);
  Napi::Object details = Napi::Object::New(env);
  for (const auto& [name, number] : failure.details) details[name] = Napi::Number::New(env, number);
  error.Set("code", Napi::String::New(env, failure.code));
  if (failure.path) details["path"] = Napi::String::New(env, *failure.path);
  error.Set("details", details);
  return error;
}

Failure describe_current_exception() {
  try {
    throw;
  } catch (const Failure& failure) {
    return failure;
  } catch (const Error& error) {
    return {code_name(error.code()), error.what(), error.details(), error.path()};
  } catch (const std::bad_alloc&) {
    return {"ERR_OUT_OF_MEMORY", "the system refused memory that should have been free", {}};
  } catch (const std::length_error&) {
    return {"ERR_OUT_OF_MEMORY", "a size beyond what memory can hold", {}};
  } catch (const std::exception& error) {
    return {"ERR_INTERNAL", error.what(), {}};
  } catch (...) {
    return {"ERR_INTERNAL", "an unknown exception", {}};
  }
}

}  // namespace resgram::addon
