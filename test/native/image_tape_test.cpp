// Gradients by the pixels of images: what they take, what they report, and how soon they stop.
#include <chrono>
#include <thread>

#include "../../native/core/image_gradient.hpp"
#include "../../native/core/image_tape_plan.hpp"
#include "counted.hpp"
#include "images.hpp"
#include "kernels.hpp"

namespace resgram::core {
namespace {

using namespace trial;

Row conv(double size, double stride = 1, double padding = 2) { return {"patch", {size, stride, padding}}; }

Rows hidden(const Row& phi) { return Rows{conv(3), affine(), phi}; }

// Head and dense layer.
Rows ended(Rows rows, const Row& head) { return std::move(rows) + Rows{head, affine(), {"emit", {}}}; }

const Row kPool{"mean", {}}, kTrace{"trace", {}};

std::vector<Named> tape_networks() {
  const Rows input{{"input", {0}}};
  const Rows residual = Rows{{"push", {}}} + hidden(relu()) + Rows{conv(3), affine(), {"scale", {0.5}}, {"add", {}}};
  return {
      {"pool", ended(input + hidden(relu()) + hidden(relu()), kPool)},
      {"trace", ended(input + hidden(relu()) + hidden(relu()), kTrace)},
      {"pixel", ended(input + hidden(relu()), {"pixel", {1, 2}})},
      {"residual, pool", ended(input + Rows{conv(3), affine()} + residual + residual, kPool)},
      {"average", ended(input + hidden({"erf", {1}}) + Rows{{"average", {2}}} + hidden(relu()), kPool)},
      {"stride, biases",
       ended(input + Rows{conv(3, 2, 1), biased(0.2, true), {"gelu", {1}}, conv(3, 1, 0), affine(), relu()}, kTrace)},
      {"two depths", Rows{{"input", {0}}} + hidden(relu()) +
                         Rows{{"push", {}}, kPool, affine(), {"emit", {}}, {"pop", {}}} + hidden(relu()) +
                         Rows{kPool, affine(), {"emit", {}}}}};
}

// A few milliseconds are usual; busy machines and sanitizers take more.
constexpr std::chrono::milliseconds kSoon{250};

struct Case {
  Program program;
  Grid grid;
  std::vector<double> x, z, out;
  std::vector<Sink<double>> sinks;

  Case(const Rows& rows, const Grid& of, std::size_t count = 1) : program(Program::load(rows)), grid(of) {
    const std::size_t d = of.height * of.width * of.channels;
    x = normal_cloud(count, d, 5).data;
    z = normal_cloud(1, d, 6).data;
    out.resize(2 * program.emits() * count * d);
    sinks.resize(program.emits());
    for (std::size_t e = 0; e < sinks.size(); ++e) {
      sinks[e].nngp = out.data() + 2 * e * count * d;
      sinks[e].ntk = sinks[e].nngp + count * d;
    }
  }
  [[nodiscard]] Points points(const std::vector<double>& of) const {
    const std::size_t d = grid.height * grid.width * grid.channels;
    return {of, of.size() / d, d, grid};
  }
  void run(Ticket& ticket, int threads = 1) {
    image_gradient(program, points(x), points(z), sinks, {.threads = threads}, ticket);
  }
};

TEST(ImageTape, TakesWhatItIsPlannedToTake) {
  for (const Named& named : tape_networks())
    for (const Grid& grid : {Grid{8, 12, 3}, Grid{14, 14, 1}, Grid{1, 60, 2}}) {
      if (grid.height == 1 && named.name == "pixel") continue;
      Case one(named.rows, grid);
      Ticket ticket;
      const Counted counted;
      one.run(ticket);
      const double planned = image_gradient_bytes(one.program, grid, 1), taken = static_cast<double>(counted.peak());
      EXPECT_LE(taken, planned) << named.name << ", " << grid.height << " × " << grid.width;
      // Lists of steps and of pixels are counted amply, pairs of pixels as they are.
      EXPECT_GE(taken, 0.6 * planned - 8192) << named.name << ", " << grid.height << " × " << grid.width;
    }
}

TEST(ImageTape, IntegratesInWhatItIsPlannedToTake) {
  const Rows rows = ended(Rows{{"input", {0}}} + hidden({"tanh", {1}}), kPool);
  const Grid grid{2, 3, 1};
  Case one(rows, grid);
  Ticket ticket;
  const Counted counted;
  one.run(ticket);
  EXPECT_LE(static_cast<double>(counted.peak()), image_gradient_bytes(one.program, grid, 1));
}

TEST(ImageTape, ReportsProgressUpToItsTotal) {
  for (const Named& named : tape_networks()) {
    Case one(named.rows, {6, 8, 2}, 2);
    Ticket ticket;
    one.run(ticket, 2);
    EXPECT_EQ(ticket.done(), ticket.total()) << named.name;
  }
}

// One step with a quadrature for each of its 3 · 256² pairs of pixels: minutes.
TEST(ImageTape, StopsWithinAStepAndMovesWithinIt) {
  const Rows rows = ended(Rows{{"input", {0}}} + hidden({"tanh", {1}}), kPool);
  Case one(rows, {16, 16, 1});
  Ticket ticket;
  std::vector<double> shares;
  std::chrono::steady_clock::time_point asked;
  std::thread other([&] {
    for (int look = 0; look < 20; ++look) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      const std::uint64_t done = ticket.done(), total = ticket.total();
      if (total > 0) shares.push_back(static_cast<double>(done) / static_cast<double>(total));
    }
    asked = std::chrono::steady_clock::now();
    ticket.cancel();
  });
  EXPECT_THROW(one.run(ticket), Cancelled);
  const auto late = std::chrono::steady_clock::now() - asked;
  other.join();
  EXPECT_LT(late, kSoon);
  ASSERT_GE(shares.size(), 10U);
  for (std::size_t i = 1; i < shares.size(); ++i) EXPECT_GE(shares[i], shares[i - 1]);
  EXPECT_GT(shares.back(), shares.front());
  EXPECT_LT(shares.back(), 0.5);
}

// Steps of closed forms and of windows, each of which takes about half a second.
TEST(ImageTape, StopsInEveryStep) {
  const Rows input{{"input", {0}}};
  for (const Named& named : std::vector<Named>{
           {"activation", ended(input + Rows{affine(), repeat(50), relu(), affine(), {"end", {}}}, kPool)},
           {"filter", ended(input + Rows{repeat(50), conv(5), affine(), {"end", {}}}, kPool)},
           {"bias", ended(input + Rows{repeat(500), biased(0.1, true), {"end", {}}}, kPool)}}) {
    Case one(named.rows, {28, 28, 1});
    for (const int wait : {30, 150, 400}) {
      Ticket ticket;
      std::chrono::steady_clock::time_point asked;
      std::thread other([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(wait));
        asked = std::chrono::steady_clock::now();
        ticket.cancel();
      });
      EXPECT_THROW(one.run(ticket), Cancelled) << named.name;
      const auto late = std::chrono::steady_clock::now() - asked;
      other.join();
      EXPECT_LT(late, kSoon) << named.name << " after " << wait;
    }
  }
}

}  // namespace
}  // namespace resgram::core
