// Progress never goes beyond its total, whatever way the work takes.
#include <atomic>
#include <thread>

#include "kernels.hpp"

namespace resgram::core {
namespace {

using namespace trial;

// The largest share of the total that was done at any time, seen from another thread, and the one in the end.
struct Seen {
  double most = 0;
  std::uint64_t done = 0, total = 0;
};

template <class Work>
Seen watched(Work&& work) {
  Ticket ticket;
  std::atomic<bool> over{false};
  Seen seen;
  std::thread other([&] {
    while (!over.load()) {
      const std::uint64_t done = ticket.done(), total = ticket.total();  // the total may grow between them
      if (total > 0) seen.most = std::max(seen.most, static_cast<double>(done) / static_cast<double>(total));
      std::this_thread::yield();
    }
  });
  work(ticket);
  over = true;
  other.join();
  seen.done = ticket.done();
  seen.total = ticket.total();
  return seen;
}

void expect_within(const Seen& seen) {
  EXPECT_LE(seen.most, 1);
  EXPECT_LE(seen.done, seen.total);
  EXPECT_GT(seen.done, 0U);
}

// Straight to −1, a polynomial of degree 4 between −1 and 1, straight again: with rows of unequal length all pairs are
// integrated, those of the tile on the diagonal twice.
TEST(Progress, OfPairsThatAreIntegrated) {
  // (1 + T1)/2 + (T4 − T2)/8: 0 at −1 and 1 at 1.
  const Row phi{"tabulated", {1, -1, 1, 5, 0.5, 0.5, -0.125, 0, 0.125}};
  const Program program = Program::load(mlp_rows(1, phi));
  const Cloud x = normal_cloud(14, 3, 4);
  std::vector<double> out(x.rows * x.rows);
  Sink<double> sink{out.data(), nullptr};
  expect_within(
      watched([&](Ticket& ticket) { gram<double>(program, x.points(), {&sink, 1}, {.threads = 2}, ticket); }));
}

// Images whose pixels differ in brightness by more than passes can take are run a second time, in single steps.
TEST(Progress, OfImagesThatPassesCannotTake) {
  const Program program = Program::load(Rows{{"input", {0}},
                                             {"patch", {3, 1, 2}},
                                             affine(),
                                             relu(),
                                             {"patch", {3, 1, 2}},
                                             affine(),
                                             relu(),
                                             {"mean", {}},
                                             affine(),
                                             {"emit", {}}});
  constexpr std::size_t kCount = 40, kSide = 6;
  Cloud x = normal_cloud(kCount, kSide * kSide, 8);
  for (std::size_t i = 0; i < kCount; i += 3)
    for (std::size_t k = 0; k < kSide * kSide; k += 5) x.data[i * kSide * kSide + k] *= i % 2 == 0 ? 1e20 : 1e150;
  const Points points{x.data, kCount, kSide * kSide, {kSide, kSide, 1}};
  std::vector<double> out(kCount * kCount);
  std::vector<float> single(kCount * kCount);
  Sink<double> sink{nullptr, out.data()};
  Sink<float> sink_single{nullptr, single.data()};
  expect_within(watched([&](Ticket& ticket) { gram<double>(program, points, {&sink, 1}, {.threads = 2}, ticket); }));
  expect_within(
      watched([&](Ticket& ticket) { gram<float>(program, points, {&sink_single, 1}, {.threads = 2}, ticket); }));
}

}  // namespace
}  // namespace resgram::core
