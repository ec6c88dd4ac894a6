// All that a loop sees of the outside world: it reports progress and learns whether anyone still wants the result.
#pragma once

#include <atomic>
#include <cstdint>

namespace resgram {

// Thrown by Ticket::checkpoint once the job was cancelled; never an Error, because nothing went wrong.
struct Cancelled {};

class Ticket {
 public:
  Ticket() = default;
  // Of a part of some work, whose own progress nobody follows: cancelled with the whole, which must outlive it.
  explicit Ticket(const Ticket& whole) : whole_(&whole) {}
  // Called between pieces of work, from any worker thread: `amount` more of the announced total are done.
  void checkpoint(std::uint64_t amount = 1) {
    done_.fetch_add(amount, std::memory_order_relaxed);
    if (cancelled()) throw Cancelled{};
  }
  // Announces so much more work.
  void expect(std::uint64_t more) { total_.fetch_add(more, std::memory_order_relaxed); }
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }

  [[nodiscard]] bool cancelled() const {
    return cancelled_.load(std::memory_order_relaxed) || (whole_ != nullptr && whole_->cancelled());
  }
  [[nodiscard]] std::uint64_t done() const { return done_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t total() const { return total_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::uint64_t> total_{0};
  std::atomic<bool> cancelled_{false};
  const Ticket* whole_ = nullptr;
};

}  // namespace resgram
