#include "pool.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace resgram::core {
namespace {

// Set on a thread while it works for the pool. A loop inside a task runs on that thread alone: waiting for a turn would be
// waiting for itself.
thread_local bool working = false;

struct Job {
  std::size_t count;
  const std::function<void(std::size_t, int)>* task;
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr error;
  std::mutex error_mutex;

  void work(int slot) {
    while (!failed.load(std::memory_order_relaxed)) {
      const std::size_t index = next.fetch_add(1, std::memory_order_relaxed);
      if (index >= count) return;
      try {
        (*task)(index, slot);
      } catch (...) {
        const std::lock_guard lock(error_mutex);
        if (!error) error = std::current_exception();
        failed.store(true, std::memory_order_relaxed);
      }
    }
  }
};

// Threads are made when first needed and live as long as the process; they hold no state of any JavaScript environment.
class Pool {
 public:
  void run(Job& job, int threads) {
    const std::lock_guard turn(turn_);
    {
      const std::lock_guard lock(mutex_);
      grow(threads - 1);
      job_ = &job;
      helpers_ = std::min<int>(threads - 1, static_cast<int>(workers_.size()));
      running_ = helpers_;
      ++round_;
    }
    wake_.notify_all();
    working = true;
    job.work(0);
    working = false;
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return running_ == 0; });
    job_ = nullptr;
  }

 private:
  // A thread that cannot be had is done without: the caller always works too.
  void grow(int wanted) {
    while (static_cast<int>(workers_.size()) < wanted) {
      const int slot = static_cast<int>(workers_.size()) + 1;
      try {
        workers_.emplace_back([this, slot, seen = round_]() mutable { serve(slot, seen); });
        workers_.back().detach();
      } catch (const std::system_error&) {
        return;
      }
    }
  }

  [[noreturn]] void serve(int slot, unsigned long seen) {
    working = true;
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return round_ != seen; });
      seen = round_;
      if (slot > helpers_ || job_ == nullptr) continue;
      Job* job = job_;
      lock.unlock();
      job->work(slot);
      lock.lock();
      if (--running_ == 0) done_.notify_one();
    }
  }

  std::mutex turn_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::vector<std::thread> workers_;
  Job* job_ = nullptr;
  int helpers_ = 0;
  int running_ = 0;
  unsigned long round_ = 0;
};

// Never destroyed: detached workers may outlive static destruction.
Pool& pool() {
  static Pool* const instance = new Pool;
  return *instance;
}

}  // namespace

void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t, int)>& task) {
  Job job{.count = count, .task = &task, .error = nullptr, .error_mutex = {}};
  if (threads <= 1 || count <= 1 || working) {
    job.work(0);
  } else {
    pool().run(job, static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(threads), count)));
  }
  if (job.error) std::rethrow_exception(job.error);
}

}  // namespace resgram::core
