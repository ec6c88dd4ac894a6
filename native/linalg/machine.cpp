// The machine as this process may use it, and the BLAS that uses it.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <mutex>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "lapack.hpp"
#include "linalg.hpp"

#if defined(__linux__)
#include <sched.h>

#include "cgroup.hpp"
#elif defined(__APPLE__)
#include <mach/mach.h>
#include <sys/sysctl.h>
#else
#error "machine.cpp knows how to ask Linux and macOS for CPUs and memory; add your system here"
#endif

namespace resgram::linalg {
namespace {

#if defined(__linux__)

// The affinity mask may be wider than cpu_set_t; the kernel answers EINVAL until the mask has room.
int affinity_cpus() {
  for (int room = 1024; room <= (1 << 20); room *= 2) {
    cpu_set_t* set = CPU_ALLOC(static_cast<std::size_t>(room));
    if (set == nullptr) break;
    const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(room));
    const bool answered = sched_getaffinity(0, bytes, set) == 0;
    const int count = answered ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (answered) return count;
  }
  return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
}

// The quota of the cgroup. Looking it up reads several files, a tenth of a millisecond, and one small call asks four times;
// so an answer is good for a second, after which a quota that was changed meanwhile is seen. The affinity mask, one system
// call, is asked for every time.
std::optional<double> quota_cpus() {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::seconds kGood{1};
  static std::mutex mutex;
  static std::optional<Clock::time_point> looked;
  static std::optional<double> quota;
  const std::lock_guard lock(mutex);
  const Clock::time_point now = Clock::now();
  if (!looked || now - *looked >= kGood) {
    quota = cgroup_cpus("/");
    looked = now;
  }
  return quota;
}

// What `ulimit -v` leaves.
std::uint64_t address_space_left() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::numeric_limits<std::uint64_t>::max();
  }
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const std::uint64_t used = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return limit.rlim_cur - std::min<std::uint64_t>(used, limit.rlim_cur);
}

#endif

}  // namespace

#if defined(__linux__)

int available_cpus() {
  int cpus = affinity_cpus();
  // Rounded down: a thread beyond the quota is put to sleep while all others wait for it at the next barrier.
  if (const auto quota = quota_cpus()) cpus = std::min(cpus, static_cast<int>(std::min(*quota, 1e6)));
  return std::max(cpus, 1);
}

std::size_t available_memory() {
  std::uint64_t bytes = address_space_left();
  if (const auto free = meminfo("/", "MemAvailable")) bytes = std::min(bytes, *free);
  if (const auto left = cgroup_memory("/")) bytes = std::min(bytes, *left);
  return static_cast<std::size_t>(std::min<std::uint64_t>(bytes, std::numeric_limits<std::size_t>::max()));
}

#elif defined(__APPLE__)

int available_cpus() {
  int cpus = 0;
  std::size_t size = sizeof cpus;
  if (sysctlbyname("hw.logicalcpu", &cpus, &size, nullptr, 0) != 0) cpus = 1;
  return std::max(cpus, 1);
}

// Free pages and those that the system gives up on demand.
std::size_t available_memory() {
  vm_statistics64_data_t pages{};
  mach_msg_type_number_t count = HOST_VM_INFO64_COUNT;
  const mach_port_t host = mach_host_self();
  const kern_return_t answer = host_statistics64(host, HOST_VM_INFO64, reinterpret_cast<host_info64_t>(&pages), &count);
  mach_port_deallocate(mach_task_self(), host);
  if (answer != KERN_SUCCESS) {
    throw Error(Code::internal, "macOS did not tell how much memory is free; please report it");
  }
  return (static_cast<std::size_t>(pages.free_count) + pages.inactive_count + pages.purgeable_count) *
         static_cast<std::size_t>(vm_page_size);
}

#endif

void set_threads(int threads) {
  if (threads < 1) {
    throw Error(Code::argument, "threads: expected at least 1, got " + std::to_string(threads), {{"threads", threads}});
  }
  RESGRAM_OPENBLAS(openblas_set_num_threads)(std::min(threads, available_cpus()));
}

int blas_threads(int threads, std::size_t n) {
  constexpr std::size_t kWorthwhile = 512;
  return n < kWorthwhile ? 1 : threads;
}

int side_by_side(int threads) {
  constexpr int kBuffers = 64;
  return std::clamp(threads, 1, std::min(available_cpus(), kBuffers));
}

std::string blas_description() {
  std::string description = RESGRAM_OPENBLAS(openblas_get_config)();
  while (!description.empty() && description.back() == ' ') description.pop_back();
  // A library for many CPUs names in its configuration the one it chose; a library for one CPU may not.
  const std::string core = RESGRAM_OPENBLAS(openblas_get_corename)();
  return description.find(core) == std::string::npos ? description + ' ' + core : description;
}

}  // namespace resgram::linalg
