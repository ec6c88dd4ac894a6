// Kernels from tables in the angle against the steps they are made of.
#include "../../native/core/zonal.hpp"
#include "../../native/core/zonal_kept.hpp"

#include <algorithm>
#include <limits>

#include "../../native/core/rows.hpp"
#include "kernels.hpp"
#include "tables.hpp"

namespace resgram::core {
namespace {

using namespace trial;

constexpr std::size_t kDeepest = 10'000;

// Homogeneous networks of every preset, at depths where their shape is the input's, the paper's and the limit's.
std::vector<Named> homogeneous() {
  std::vector<Named> all;
  for (const std::size_t depth : {1U, 2U, 3U, 10U, 30U, 100U, 1000U}) {
    const std::string layers = " " + std::to_string(depth);
    for (const double slope : {0.0, 0.01, 0.3, 1.0, 3.0, -0.5, -1.0})
      all.push_back({"mlp, slope " + std::to_string(slope) + layers,
                     mlp_rows(depth, relu(std::sqrt(2 / (1 + slope * slope)), slope))});
    for (const double alpha : {1.0, 0.1, 0.01, 0.001}) {
      all.push_back({"huang " + std::to_string(alpha) + layers, resnet_rows(depth, alpha, relu(), false)});
      all.push_back({"tirer " + std::to_string(alpha) + layers, resnet_rows(depth, alpha, relu(1), true, true)});
    }
    all.push_back({"li" + layers, li_rows(depth + 1, 0.8, relu(), 1)});
    all.push_back({"li, negative" + layers, li_rows(depth + 1, -0.6, relu(1, 0.2), 1)});
  }
  for (const Named& network : networks())
    if (is_uniform(Program::load(network.rows))) all.push_back(network);
  return all;
}

// Linear networks and ResNets of tiny α contract nothing, and every one of their layers rounds alike: a thousand of them without
// fused multiply-adds leave too much noise for a table.
bool may_lack_a_table(const Program& program) {
  return program.work() > 2000 && std::string_view(simd_path()) == "baseline";
}

// Both kernels of every emit.
std::vector<ZonalWanted> everything(const Program& program) {
  return std::vector<ZonalWanted>(program.emits(), {true, program.tangent()});
}

template <class Real>
bool has_table(const Named& network) {
  const Program program = Program::load(network.rows);
  const Ticket ticket;
  const bool found = Zonal<Real>::build(program, everything(program), ticket) != nullptr;
  EXPECT_TRUE(found || may_lack_a_table(program)) << network.name;
  return found;
}

// Dense in the angle, and in the logarithm of what lacks to 0 and to π, down to 1 − |ρ| = 1e-16.
std::vector<ZonalAngle> angles(std::uint64_t seed) {
  Random random(seed);
  std::vector<ZonalAngle> out{{0, true}, {0, false}, {0.5, true}, {0.5, false}};
  for (std::size_t k = 0; k < 1500; ++k) {
    const double s = std::sin(kPi / 4 * random.uniform());
    out.push_back({s * s, random.below(2) == 0});
    out.push_back({std::exp2(-1 - 53 * random.uniform()), random.below(2) == 0});
  }
  return out;
}

// What the steps leave uncertain. Away from the ends layers contract what they are given, and only the sum that the tangent
// kernel is gathers roundings, at random. Near an end every layer takes a little from m and rounds what is left: at most
// half a unit each, whose effect on the kernel is less than a quarter of it.
double steps_noise(const Program& program, double m) {
  const double near = m < ZonalMesh<double>::kLeast ? program.work() / 8 : 0;
  return kEps * (3 + 0.5 * std::sqrt(program.work()) + near);
}

TEST(Zonal, TablesAgreeWithTheSteps) {
  std::uint64_t seed = 1;
  for (const Named& network : homogeneous()) {
    const Program program = Program::load(network.rows);
    const Ticket ticket;
    const auto wanted = everything(program);
    const auto table = Zonal<double>::build(program, wanted, ticket);
    if (table == nullptr && may_lack_a_table(program)) continue;
    ASSERT_NE(table, nullptr) << network.name;
    const std::vector<ZonalAngle> at = angles(seed++);
    std::vector<double> steps;
    ZonalNodes(program, wanted, ticket).run(at, steps);
    for (std::size_t k = 0; k < at.size(); ++k) {
      ASSERT_LE(std::fabs(table->covariance_at(0, at[k].m, at[k].acute) - steps[k]), steps_noise(program, at[k].m))
          << network.name << " " << at[k].m << " " << at[k].acute;
      ASSERT_LE(std::fabs(table->tangent_at(0, at[k].m, at[k].acute) - steps[at.size() + k]),
                steps_noise(program, at[k].m))
          << network.name << " " << at[k].m << " " << at[k].acute;
    }
  }
}

// The vector loop of every instruction set: what the pieces leave off, four roundings, and the noise.
template <class Real>
void expect_loops_to_agree() {
  for (const Named& network : homogeneous()) {
    const Program program = Program::load(network.rows);
    const Ticket ticket;
    const auto wanted = everything(program);
    const auto table = Zonal<Real>::build(program, wanted, ticket);
    if (table == nullptr && may_lack_a_table(program)) continue;
    ASSERT_NE(table, nullptr) << network.name;
    const std::size_t count = 32 * kColumnPadding;
    Random random(count);
    const double octaves = -1 - std::log2(static_cast<double>(ZonalMesh<Real>::kLeast));
    std::vector<Real> rho(count), rows{Real(0.5)}, cols(count), out(count);
    std::vector<ZonalAngle> at;
    for (std::size_t k = 0; k < count; ++k) {
      const auto size = static_cast<Real>(1 - std::exp2(-octaves * random.uniform()));
      rho[k] = k == 0 ? Real(0) : (random.below(2) == 0 ? size : -size);
      cols[k] = static_cast<Real>(std::ldexp(1, static_cast<int>(k % 5)));
      at.push_back({0.5 * (1 - std::fabs(static_cast<double>(rho[k]))), rho[k] >= 0});
    }
    std::vector<double> steps;
    ZonalNodes(program, wanted, ticket).run(at, steps);
    for (const Table& set : tables())
      for (const bool tangent : {false, true}) {
        std::vector<Real> in_place = rho;
        const ZonalLane<Real> lane = tangent ? table->tangent(0) : table->covariance(0);
        const Factor<Real> amplitude{rows.data(), cols.data(), 0};
        set.lanes<Real>().zonal({1, count}, rho.data(), lane, amplitude, out.data());
        set.lanes<Real>().zonal({1, count}, in_place.data(), lane, amplitude, in_place.data());
        EXPECT_TRUE(same_bytes(in_place, out)) << set.name;
        for (std::size_t k = 0; k < count; ++k)
          ASSERT_LE(std::fabs(static_cast<double>(out[k] / (rows[0] * cols[k])) - steps[(tangent ? count : 0) + k]),
                    2 * static_cast<double>(std::numeric_limits<Real>::epsilon()) + steps_noise(program, at[k].m))
              << network.name << " " << set.name << " " << rho[k] << " " << tangent;
      }
  }
}

TEST(Zonal, VectorLoopsAgreeWithTheSteps) {
  expect_loops_to_agree<double>();
  expect_loops_to_agree<float>();
}

// Whole matrices, with equal, opposite, nearly equal, parallel and zero rows among them. Where inner products err by ε, the
// paths see the same error.
TEST(Zonal, MatricesDoNotDependOnThePath) {
  const Cloud x = troubled_cloud(90, 7, 5), z = troubled_cloud(40, 7, 6);
  for (const Named& network : homogeneous()) {
    if (!has_table<double>(network)) continue;
    const double noise = steps_noise(Program::load(network.rows), 0);
    const auto steps = gram_of(network.rows, x, {.path = Path::steps}),
               table = gram_of(network.rows, x, {.path = Path::table});
    EXPECT_LE(worst_deviation(steps.nngp, table.nngp, x.rows), noise) << network.name;
    EXPECT_LE(worst_deviation(steps.ntk, table.ntk, x.rows), noise) << network.name;
    for (std::size_t i = 0; i < x.rows; ++i) EXPECT_EQ(steps.ntk[i * (x.rows + 1)], table.ntk[i * (x.rows + 1)]);
    const auto across = cross_of(network.rows, x, z, {.path = Path::steps});
    const auto tabulated = cross_of(network.rows, x, z, {.path = Path::table});
    const auto own = diagonal_of(network.rows, x), others = diagonal_of(network.rows, z);
    for (std::size_t i = 0; i < x.rows; ++i)
      for (std::size_t j = 0; j < z.rows; ++j)
        ASSERT_LE(std::fabs(across.ntk[i * z.rows + j] - tabulated.ntk[i * z.rows + j]),
                  noise * std::sqrt(own.ntk[i] * others.ntk[j]))
            << network.name;
  }
}

TEST(Zonal, FloatMatricesFollowDoubles) {
  const Cloud x = troubled_cloud(70, 9, 8);
  for (const Named& network : homogeneous()) {
    if (!has_table<double>(network) || !has_table<float>(network)) continue;
    const auto full = gram_of(network.rows, x, {.path = Path::table});
    const auto single = gram_of<float>(network.rows, x, {.path = Path::table});
    const auto steps = gram_of<float>(network.rows, x, {.path = Path::steps});
    // No worse than the steps in floats, by more than the roundings of a sum.
    const double slack = 4 * static_cast<double>(std::numeric_limits<float>::epsilon());
    EXPECT_LE(worst_deviation(full.ntk, single.ntk, x.rows), worst_deviation(full.ntk, steps.ntk, x.rows) + slack)
        << network.name;
    EXPECT_LE(worst_deviation(full.nngp, single.nngp, x.rows), worst_deviation(full.nngp, steps.nngp, x.rows) + slack)
        << network.name;
  }
}

TEST(Zonal, BytesDoNotDependOnTilesAndThreads) {
  const Cloud x = troubled_cloud(300, 5, 9);
  const Rows rows = resnet_rows(20, 0.2, relu(), false);
  const auto once = gram_of(rows, x, {.path = Path::table});
  for (const std::size_t height : {1U, 7U, 300U}) {
    const auto again = gram_of(rows, x, {.threads = 3, .strip_rows = height, .path = Path::table});
    EXPECT_TRUE(same_bytes(once.nngp, again.nngp)) << height;
    EXPECT_TRUE(same_bytes(once.ntk, again.ntk)) << height;
  }
  const auto across = cross_of(rows, x, x, {.path = Path::table});
  EXPECT_TRUE(same_bytes(once.ntk, across.ntk));
}

// All depths come out of one build.
TEST(Zonal, DepthSweeps) {
  const Rows rows{{"input", {0}}, repeat(4),    affine(),    relu(),     {"push", {}},
                  affine(),       {"emit", {}}, {"pop", {}}, {"end", {}}};
  const Cloud x = troubled_cloud(60, 4, 10);
  const auto steps = all_grams(rows, x, {.path = Path::steps}), table = all_grams(rows, x, {.path = Path::table});
  ASSERT_EQ(table.size(), 4U);
  for (std::size_t e = 0; e < table.size(); ++e) {
    EXPECT_LE(worst_deviation(steps[e].nngp, table[e].nngp, x.rows), 8 * kEps);
    EXPECT_LE(worst_deviation(steps[e].ntk, table[e].ntk, x.rows), 8 * kEps);
  }
  const auto alone = gram_of(mlp_rows(4, relu()), x, {.path = Path::table});
  EXPECT_LE(worst_deviation(alone.ntk, table[3].ntk, x.rows), 8 * kEps);
}

// K(1) − K decides the smallest eigenvalue: rows at distance 1e-8 keep it to 1e-7, or to one unit of K(1).
TEST(Zonal, NearDuplicatesKeepTheirDifference) {
  for (const std::size_t depth : {1U, 3U, 100U, static_cast<unsigned>(kDeepest)}) {
    const Rows rows = mlp_rows(depth, relu());
    const double angle = 1e-8;
    const Cloud x(2, 2, {1, 0, 1, angle});
    const auto table = gram_of(rows, x, {.path = Path::table});
    const double diagonal = table.ntk[0], gap = diagonal - table.ntk[1];
    // θ′ = θ − θ²/3π and T′ = κ₁ + T κ₀, with κ₁ = 1 − θ²/2 and κ₀ = 1 − θ/π up to 1e-16 of themselves.     [arc-cosine]
    double theta = angle, lost = theta * theta / 2;
    for (std::size_t l = 1; l <= depth; ++l) {
      lost += theta * theta / 2 + (static_cast<double>(l) - lost) * theta / kPi;
      theta -= theta * theta / (3 * kPi);
    }
    const double unit = std::ldexp(1, std::ilogb(diagonal) - 52);
    EXPECT_LE(std::fabs(gap - lost), std::max(1e-7 * lost, unit)) << depth;
  }
}

// What is decided depends on the job alone.
TEST(Zonal, FewPairsAreNotWorthATable) {
  const Program deep = Program::load(mlp_rows(100, relu())),
                biases = Program::load(mlp_rows(3, relu(), biased(0.3, true)));
  EXPECT_FALSE(worth_a_table(deep, everything(deep), 36));
  EXPECT_TRUE(worth_a_table(deep, everything(deep), 1e6));
  EXPECT_FALSE(worth_a_table(biases, everything(biases), 1e12));
}

TEST(Zonal, CancelledWhileBuilding) {
  const Program program = Program::load(mlp_rows(kDeepest, relu()));
  Ticket ticket;
  ticket.cancel();
  EXPECT_THROW(Zonal<double>::build(program, everything(program), ticket), Cancelled);
}

// Kept tables are told apart by everything they depend on, and a cancelled run leaves none.
TEST(Zonal, KeptTablesAreThoseOfTheirProgram) {
  const Ticket ticket;
  const Program shallow = Program::load(mlp_rows(2, relu())), deep = Program::load(mlp_rows(3, relu()));
  const auto first = zonal_tables<double>(shallow, everything(shallow), ticket);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(zonal_tables<double>(Program::load(mlp_rows(2, relu())), everything(shallow), ticket), first);
  const auto other = zonal_tables<double>(deep, everything(deep), ticket);
  EXPECT_NE(other, first);
  EXPECT_NE(other->covariance_at(0, 0.25, true), first->covariance_at(0, 0.25, true));
  const std::vector<ZonalWanted> covariance{{true, false}};
  const auto alone = zonal_tables<double>(shallow, covariance, ticket);
  EXPECT_FALSE(alone->has_tangent(0));
  EXPECT_EQ(alone->covariance_at(0, 0.25, true), first->covariance_at(0, 0.25, true));
  const Program fresh = Program::load(mlp_rows(137, relu()));  // that no other test asks for
  Ticket cancelled;
  cancelled.cancel();
  EXPECT_THROW(zonal_tables<double>(fresh, everything(fresh), cancelled), Cancelled);
  EXPECT_NE(zonal_tables<double>(fresh, everything(fresh), ticket), nullptr);
}

// A tangent kernel that nothing trains is 0, and so is its table.
TEST(Zonal, UntrainedNetworks) {
  const Rows rows{{"input", {0}}, affine(1, false), relu(), affine(1, false), {"emit", {}}};
  const Cloud x = normal_cloud(40, 3, 11);
  const auto table = gram_of(rows, x, {.path = Path::table});
  EXPECT_TRUE(std::all_of(table.ntk.begin(), table.ntk.end(), [](double t) { return t == 0; }));
}

}  // namespace
}  // namespace resgram::core
