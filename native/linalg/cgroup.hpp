// What Linux control groups (versions 1 and 2) allow this process. Internal to native/linalg.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace resgram::linalg {

// `root` is "/" but in tests, which lay out a small file system of their own. Nothing to read means no limit.

// The CPU quota in CPUs, the smallest on the way from this process's group to the top.
std::optional<double> cgroup_cpus(const std::filesystem::path& root);

// Bytes between the memory in use and the limit, the smallest on the way to the top. Page cache that the kernel drops
// under pressure does not count as used.
std::optional<std::uint64_t> cgroup_memory(const std::filesystem::path& root);

// A field of /proc/meminfo, in bytes.
std::optional<std::uint64_t> meminfo(const std::filesystem::path& root, const char* field);

}  // namespace resgram::linalg
