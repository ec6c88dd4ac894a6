#include "../../native/core/pool.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>

#include "kernels.hpp"

namespace resgram::core {
namespace {

// Runs a loop that notes every visit and that no two tasks share a slot at one time.
void expect_each_once(std::size_t count, int threads) {
  const auto visits = std::make_unique<std::atomic<int>[]>(count + 1);
  const auto busy = std::make_unique<std::atomic<bool>[]>(static_cast<std::size_t>(threads));
  std::atomic<int> shared{0}, outside{0};
  parallel_for(count, threads, [&](std::size_t index, int slot) {
    if (slot < 0 || slot >= threads) {
      ++outside;
      return;
    }
    if (busy[static_cast<std::size_t>(slot)].exchange(true)) ++shared;
    if (index < count)
      ++visits[index];
    else
      ++outside;
    busy[static_cast<std::size_t>(slot)] = false;
  });
  EXPECT_EQ(shared, 0);
  EXPECT_EQ(outside, 0);
  for (std::size_t k = 0; k < count; ++k) ASSERT_EQ(visits[k], 1) << k << " of " << count << ", " << threads;
}

TEST(Pool, EveryIndexOnceWhateverTheThreads) {
  // Growing and shrinking: helpers of an earlier, wider loop must stay out of a narrower one.
  for (const int threads : {1, 2, 5, 3, 1, 8, 2})
    for (const std::size_t count : {0U, 1U, 2U, 7U, 1000U}) expect_each_once(count, threads);
}

TEST(Pool, ManyShortLoops) {
  std::atomic<std::uint64_t> sum{0};
  for (int k = 0; k < 3000; ++k) parallel_for(4, 3, [&](std::size_t index, int) { sum += index; });
  EXPECT_EQ(sum, 3000U * 6);
}

TEST(Pool, TheFirstExceptionEndsTheLoopAndComesOut) {
  for (const int threads : {1, 2, 4}) {
    std::atomic<std::size_t> done{0};
    EXPECT_THROW(parallel_for(100'000, threads,
                              [&](std::size_t index, int) {
                                if (index == 50) throw std::out_of_range("fifty");
                                ++done;
                              }),
                 std::out_of_range);
    EXPECT_LT(done, 100'000U);
    EXPECT_GE(done, threads == 1 ? 50U : 1U);
    EXPECT_THROW(parallel_for(64, threads, [&](std::size_t, int) { throw 42; }), int);
    // The pool is as good as before.
    expect_each_once(500, threads);
  }
}

TEST(Pool, TwoCallersTakeTurns) {
  std::vector<std::thread> callers;
  for (int c = 0; c < 3; ++c)
    callers.emplace_back([] {
      for (int k = 0; k < 200; ++k) expect_each_once(20, 3);
    });
  for (std::thread& caller : callers) caller.join();
}

TEST(Pool, ALoopInsideATaskRunsOnItsOwnThread) {
  std::atomic<int> inner{0}, elsewhere{0};
  parallel_for(8, 3, [&](std::size_t, int) {
    const std::thread::id here = std::this_thread::get_id();
    parallel_for(10, 3, [&](std::size_t, int slot) {
      ++inner;
      if (std::this_thread::get_id() != here || slot != 0) ++elsewhere;
    });
  });
  EXPECT_EQ(inner, 80);
  EXPECT_EQ(elsewhere, 0);
  expect_each_once(100, 3);
}

}  // namespace
}  // namespace resgram::core
