#include "cgroup.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace resgram::linalg {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

bool contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

// A whole number; nothing for "max", an absent file or version 1's −1.
std::optional<std::uint64_t> number(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  try {
    return std::stoull(text);
  } catch (const std::out_of_range&) {
    return std::numeric_limits<std::uint64_t>::max();
  }
}

// "name value" lines, as in memory.stat and meminfo (whose names end in a colon).
std::optional<std::uint64_t> field(const fs::path& file, const std::string& name) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string key;
    std::string value;
    if (words >> key >> value && key == name) return number(value);
  }
  return std::nullopt;
}

struct Group {
  bool unified = false;  // version 2
  fs::path directory;    // of this process
  fs::path top;          // where its hierarchy is mounted
};

// The groups that govern `controller`. /proc/self/cgroup says which group we are in (a path within the hierarchy),
// /proc/self/mountinfo where the hierarchy is mounted and which part of it is visible there. A hybrid system mounts
// both versions; each controller then lives in one of them, and reading the other finds no files.
std::vector<Group> groups(const fs::path& root, const std::string& controller) {
  std::string unified_path;
  std::string legacy_path;
  bool in_unified = false;
  bool in_legacy = false;
  std::ifstream memberships(root / "proc/self/cgroup");
  for (std::string line; std::getline(memberships, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (controllers.empty()) {
      unified_path = path;
      in_unified = true;
    } else if (contains(split(controllers, ','), controller)) {
      legacy_path = path;
      in_legacy = true;
    }
  }

  std::vector<Group> found;
  std::ifstream mounts(root / "proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    // id parent device root mount-point options… - type source super-options
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    const std::vector<std::string> before = split(line.substr(0, dash), ' ');
    const std::vector<std::string> after = split(line.substr(dash + 3), ' ');
    if (before.size() < 5 || after.empty()) continue;
    const bool unified = after[0] == "cgroup2" && in_unified;
    const bool legacy =
        after[0] == "cgroup" && in_legacy && after.size() > 2 && contains(split(after[2], ','), controller);
    if (!unified && !legacy) continue;
    const std::string& path = unified ? unified_path : legacy_path;
    const std::string& visible = before[3];
    const fs::path top = root / fs::path(before[4]).relative_path();
    // A container often sees only its own group, mounted as the top.
    std::string below = path;
    if (visible != "/" && path.rfind(visible, 0) == 0) below = path.substr(visible.size());
    fs::path directory = (top / fs::path(below).relative_path()).lexically_normal();
    std::error_code ignored;
    if (below.find("..") != std::string::npos || !fs::is_directory(directory, ignored)) directory = top;
    found.push_back({unified, directory, top.lexically_normal()});
  }
  return found;
}

// Calls visit(group, directory) for the process's own group and every ancestor that is visible.
template <class Visit>
void each_level(const std::vector<Group>& all, Visit visit) {
  for (const Group& group : all) {
    fs::path directory = group.directory;
    while (true) {
      visit(group, directory);
      if (directory == group.top || !directory.has_relative_path()) break;
      directory = directory.parent_path();
    }
  }
}

template <class T>
void lower(std::optional<T>& least, T value) {
  if (!least || value < *least) least = value;
}

}  // namespace

std::optional<double> cgroup_cpus(const fs::path& root) {
  std::optional<double> least;
  each_level(groups(root, "cpu"), [&](const Group& group, const fs::path& directory) {
    std::string quota;
    std::string period;
    if (group.unified) {
      std::istringstream line(first_line(directory / "cpu.max"));
      line >> quota >> period;
    } else {
      quota = first_line(directory / "cpu.cfs_quota_us");
      period = first_line(directory / "cpu.cfs_period_us");
    }
    const std::optional<std::uint64_t> allowed = number(quota);
    const std::optional<std::uint64_t> every = number(period);
    if (allowed && every && *allowed > 0 && *every > 0) {
      lower(least, static_cast<double>(*allowed) / static_cast<double>(*every));
    }
  });
  return least;
}

std::optional<std::uint64_t> cgroup_memory(const fs::path& root) {
  std::optional<std::uint64_t> least;
  each_level(groups(root, "memory"), [&](const Group& group, const fs::path& directory) {
    const auto limit = number(first_line(directory / (group.unified ? "memory.max" : "memory.limit_in_bytes")));
    const auto usage = number(first_line(directory / (group.unified ? "memory.current" : "memory.usage_in_bytes")));
    if (!limit || !usage) return;
    const std::uint64_t cache =
        field(directory / "memory.stat", group.unified ? "inactive_file" : "total_inactive_file").value_or(0);
    const std::uint64_t used = *usage - std::min(cache, *usage);
    lower(least, *limit - std::min(used, *limit));
  });
  return least;
}

std::optional<std::uint64_t> meminfo(const fs::path& root, const char* name) {
  const std::optional<std::uint64_t> kibibytes = field(root / "proc/meminfo", std::string(name) + ':');
  if (!kibibytes) return std::nullopt;
  return *kibibytes * 1024;
}

}  // namespace resgram::linalg
