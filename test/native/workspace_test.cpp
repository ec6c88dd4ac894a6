// What plans say that a job takes, beside what operator new was asked for.
#include "../../native/core/sphere.hpp"
#include "counted.hpp"
#include "kernels.hpp"

namespace resgram::core {
namespace {

using namespace trial;

// Rows that are all equal, or nearly: every pair of every strip is on the lists of near and of equal ones.
TEST(Workspace, GramsOfEqualRowsTakeWhatIsPlanned) {
  constexpr std::size_t kRows = 500, kColumns = 6;
  for (const double apart : {0.0, 1e-9}) {
    Cloud x = normal_cloud(kRows, kColumns, 3);
    for (std::size_t i = 1; i < kRows; ++i)
      for (std::size_t k = 0; k < kColumns; ++k)
        x.data[i * kColumns + k] = x.data[k] + apart * x.data[i * kColumns + k];
    for (const Path path : {Path::steps, Path::table})
      for (const int threads : {1, 2}) {
        const Program program = Program::load(mlp_rows(3, relu()));
        std::vector<double> out(kRows * kRows);
        Sink<double> sink{nullptr, out.data()};
        const Tuning tuning{.threads = threads, .path = path};
        Ticket ticket;
        // Tables that are kept from one run to the next are there from the first.
        gram<double>(program, x.points(), {&sink, 1}, tuning, ticket);
        const Counted counted;
        gram<double>(program, x.points(), {&sink, 1}, tuning, ticket);
        const std::size_t planned = workspace_bytes(program, kRows, kRows, kColumns, sizeof(double), tuning);
        EXPECT_LE(counted.peak(), planned) << apart << ", " << static_cast<int>(path) << ", " << threads;
      }
  }
}

// Sums over the degrees are held for a few blocks of nodes at a time, not for all of them: 40 bytes a degree and block.
TEST(Workspace, SphereSpectraTakeLittleWhateverTheDegrees) {
  const Program program = Program::load(mlp_rows(2, relu()));
  constexpr std::size_t kDegrees = 1500;
  std::vector<double> values(4 * (kDegrees + 1));
  SphereSink sink{values.data(), values.data() + kDegrees + 1, values.data() + 2 * (kDegrees + 1),
                  values.data() + 3 * (kDegrees + 1)};
  Ticket ticket;
  const Counted counted;
  sphere_spectrum(program, 500, kDegrees, {&sink, 1}, 2, ticket);
  EXPECT_LE(counted.peak(), sphere_bytes(500, kDegrees, 2, 2));
  EXPECT_LE(sphere_bytes(500, kDegrees, 2, 2), std::size_t{8} << 20);
}

}  // namespace
}  // namespace resgram::core
