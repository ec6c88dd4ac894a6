#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "dense.hpp"
#include "linalg/linalg.hpp"

#if defined(__linux__)
#include <unistd.h>

#include "linalg/cgroup.hpp"
#endif

namespace resgram::linalg {
namespace {

TEST(Machine, TellsWhatItHas) {
  EXPECT_GE(available_cpus(), 1);
  EXPECT_GT(available_memory(), std::size_t{1} << 20);
  EXPECT_EQ(blas_description().rfind("OpenBLAS", 0), 0U) << blas_description();
}

TEST(Machine, TakesAnyPositiveNumberOfThreads) {
  EXPECT_NO_THROW(set_threads(1'000'000));
  EXPECT_NO_THROW(set_threads(1));
  const Error error = dense::expect_error(Code::argument, [] { set_threads(0); });
  EXPECT_STREQ(error.what(), "threads: expected at least 1, got 0");
}

TEST(Machine, LetsNoMoreCallsRunSideBySideThanThereAreCpusOrBuffers) {
  EXPECT_EQ(side_by_side(1), 1);
  EXPECT_EQ(side_by_side(0), 1);
  EXPECT_LE(side_by_side(2), 2);
  EXPECT_EQ(side_by_side(1'000'000), std::min(available_cpus(), 64));
}

#if defined(__linux__)

namespace fs = std::filesystem;

// A small file system with what the kernel would show.
class Cgroup : public testing::Test {
 protected:
  void SetUp() override {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::temp_directory_path() / ("resgram-cgroup-" + std::to_string(getpid()) + "-" + test->name());
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  fs::path root_;
};

TEST_F(Cgroup, NothingToReadIsNoLimit) {
  EXPECT_FALSE(cgroup_cpus(root_));
  EXPECT_FALSE(cgroup_memory(root_));
  EXPECT_FALSE(meminfo(root_, "MemAvailable"));
}

TEST_F(Cgroup, Version2TakesTheTightestLevel) {
  write("proc/self/cgroup", "0::/user.slice/job\n");
  write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n");
  write("sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n");
  write("sys/fs/cgroup/user.slice/job/cpu.max", "max 100000\n");
  write("sys/fs/cgroup/user.slice/job/memory.max", "1000000\n");
  write("sys/fs/cgroup/user.slice/job/memory.current", "600000\n");
  write("sys/fs/cgroup/user.slice/job/memory.stat", "anon 300000\ninactive_file 200000\nactive_file 5\n");
  write("sys/fs/cgroup/user.slice/memory.max", "max\n");
  write("sys/fs/cgroup/user.slice/memory.current", "900000\n");
  EXPECT_EQ(cgroup_cpus(root_), 1.5);
  EXPECT_EQ(cgroup_memory(root_), 600'000U);
}

TEST_F(Cgroup, Version1FindsItsControllersAmongMany) {
  write("proc/self/cgroup", "4:memory:/box\n2:cpu,cpuacct:/box\n0::/\n");
  write("proc/self/mountinfo",
        "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
        "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  write("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", "300000\n");
  write("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us", "100000\n");
  write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  write("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "9223372036854771712\n");
  write("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "1000\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "5000\n");
  write("sys/fs/cgroup/memory/memory.usage_in_bytes", "9000\n");
  write("sys/fs/cgroup/unified/cgroup.procs", "");
  EXPECT_EQ(cgroup_cpus(root_), 3.0);
  EXPECT_EQ(cgroup_memory(root_), 0U) << "a group over its limit has nothing left";
}

TEST_F(Cgroup, ContainerSeesItsOwnGroupAsTheTop) {
  write("proc/self/cgroup", "0::/docker/abc\n");
  write("proc/self/mountinfo", "30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
  write("sys/fs/cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(cgroup_cpus(root_), 0.5);
  write("proc/self/cgroup", "0::/../elsewhere\n");
  EXPECT_EQ(cgroup_cpus(root_), 0.5);
}

TEST_F(Cgroup, MeminfoIsInBytes) {
  write("proc/meminfo", "MemTotal:       2000 kB\nMemAvailable:   1000 kB\n");
  EXPECT_EQ(meminfo(root_, "MemAvailable"), 1'024'000U);
}

TEST_F(Cgroup, NonsenseIsNoLimit) {
  write("proc/self/cgroup", "what\n::\n0::/x\n");
  write("proc/self/mountinfo", "\n - \n30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  write("sys/fs/cgroup/x/cpu.max", "many of them\n");
  write("sys/fs/cgroup/x/memory.max", "");
  EXPECT_FALSE(cgroup_cpus(root_));
  EXPECT_FALSE(cgroup_memory(root_));
}

#endif

}  // namespace
}  // namespace resgram::linalg
