// How runs behave beside their values: refusals, progress, cancelling, memory.
#include <chrono>
#include <thread>

#include "../../native/core/evaluate.hpp"
#include "../../native/core/sides.hpp"
#include "kernels.hpp"

namespace resgram::core {
namespace {

using namespace trial;

constexpr std::size_t kMany = 300, kDimension = 6;

TEST(Evaluate, RefusesWhatDoesNotFitTogether) {
  const Cloud x = normal_cloud(3, 4, 18), z = normal_cloud(2, 5, 19);
  EXPECT_EQ(refusal([&] { cross_of(mlp_rows(1, relu()), x, z); }).code(), Code::shape);
  const Program program = Program::load(mlp_rows(1, relu()));
  Ticket ticket;
  EXPECT_EQ(refusal([&] { gram<double>(program, x.points(), {}, {}, ticket); }).code(), Code::internal);
}

// A run of a minute or more, cancelled while it works on the diagonal or on the first tiles.
TEST(Evaluate, ReportsProgressAndStopsWhenCancelled) {
  const Cloud x = normal_cloud(kMany, kDimension, 20);
  const Program program = Program::load(mlp_rows(50'000, {"gelu", {1}}));
  std::vector<double> values(x.rows * x.rows);
  const auto run = [&](Ticket& ticket, int threads) {
    Sink<double> sink{values.data(), nullptr, 0, 0};
    gram<double>(program, x.points(), {&sink, 1}, {threads, 8}, ticket);
  };
  Ticket early;
  early.cancel();
  EXPECT_THROW(run(early, 1), Cancelled);
  for (const int threads : {1, 2}) {
    Ticket ticket;
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      ticket.cancel();
    });
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THROW(run(ticket, threads), Cancelled);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
    other.join();
    // Before the first tile there is no total yet.
    EXPECT_TRUE(ticket.total() == 0 || ticket.done() < ticket.total());
  }
  Ticket whole;
  const Program small = Program::load(mlp_rows(2, relu()));
  Sink<double> sink{values.data(), nullptr, 0, 0};
  gram<double>(small, x.points(), {&sink, 1}, {2, 8}, whole);
  EXPECT_GT(whole.total(), 0U);
  EXPECT_EQ(whole.done(), whole.total());
}

// The one row that stands for all of them where no step depends on lengths: many steps of one row.
TEST(Evaluate, DiagonalsOfHomogeneousNetworksStopWhenCancelled) {
  const Cloud x = normal_cloud(3, kDimension, 21);
  const Program program = Program::load(mlp_rows(10'000'000, relu()));
  std::vector<double> values(x.rows);
  Sink<double> sink{values.data(), nullptr, 0, 0};
  Ticket ticket;
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ticket.cancel();
  });
  EXPECT_THROW(diagonal(program, x.points(), {&sink, 1}, ticket), Cancelled);
  other.join();
}

// With few rows padding and lists are what takes memory: 10⁶ steps of one row are no 40 MB but over 500.
TEST(Evaluate, CountsTheContainersOfKeptFactors) {
  const Program program = Program::load(mlp_rows(500'000, {"gelu", {1}}));
  EXPECT_GT(factor_cache_bytes(program, 1), 5e8);
  EXPECT_FALSE(FactorCache(program, 1).exists());
  const Program shallow = Program::load(mlp_rows(5, {"gelu", {1}}));
  EXPECT_TRUE(FactorCache(shallow, 1).exists());
}

TEST(Evaluate, LeavesDenormalsAsItFoundThem) {
  gram_of(mlp_rows(2, {"erf", {1}}), normal_cloud(40, 3, 21), {2, 8});
  volatile double tiny = 0x1p-1070;
  EXPECT_NE(tiny / 2, 0);
}

TEST(Evaluate, PlansAtLeastForItsTiles) {
  const Program program = Program::load(resnet_rows(3, 1, relu(), true));
  const std::size_t one = workspace_bytes(program, 4000, 4000, 784, 8, {1, 0});
  const std::size_t four = workspace_bytes(program, 4000, 4000, 784, 8, {4, 0});
  // Packed rows, and for every thread the planes of a strip, its values and a tile of products.
  EXPECT_GE(one, std::size_t{23} << 20);
  EXPECT_GE(four - one, 3U * ((9U + 2U) * 48U * 192U + 192U * 192U) * 8U);
  EXPECT_LT(four, std::size_t{64} << 20);
  // Of many rows some are packed at a time; what is kept of each is a few hundred bytes.
  EXPECT_LT(workspace_bytes(program, 100'000, 100'000, 784, 8, {1, 0}), std::size_t{100} << 20);
}

}  // namespace
}  // namespace resgram::core
