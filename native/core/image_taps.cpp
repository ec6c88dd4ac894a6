#include "image_taps.hpp"

#include <algorithm>

namespace resgram::core {
namespace {

bool alike(const SlidingTaps::Entry& a, const SlidingTaps::Entry& b) { return a.x == b.x && a.z == b.z; }

}  // namespace

SlidingTaps::SlidingTaps(const AxisFilter& filter, const AxisLine& in, const AxisLine& out)
    : size(static_cast<std::size_t>(filter.size)) {
  const auto stride = static_cast<std::size_t>(filter.stride);
  std::vector<Entry> taps(size);
  for (int o = 0; o < out.count(); ++o) {
    for (std::size_t k = 0; k < size; ++k) {
      const int at_x = filter.tap(out.x(o), static_cast<int>(k), in.size);
      const int at_z = filter.tap(out.z(o), static_cast<int>(k), in.size);
      taps[k] = {at_x < 0 || at_z < 0 ? -1 : at_x - in.first(), at_x, at_z, -1};
    }
    // The window moves on by the stride where what it keeps is what the last one held.
    const bool slides = o > 0 && size > stride &&
                        std::equal(taps.begin(), taps.end() - static_cast<std::ptrdiff_t>(stride),
                                   entries.end() - static_cast<std::ptrdiff_t>(size - stride), alike);
    const std::size_t fresh = slides ? size - stride : 0;
    base.push_back(static_cast<int>(entries.size() - fresh));
    entries.insert(entries.end(), taps.begin() + static_cast<std::ptrdiff_t>(fresh), taps.end());
  }
  std::vector<int> seen(static_cast<std::size_t>(std::max(in.count(), 0)), -1);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Entry& entry = entries[i];
    x.push_back(entry.x);
    z.push_back(entry.z);
    if (entry.source < 0) {
      lone.push_back(i);
      continue;
    }
    int& first = seen[static_cast<std::size_t>(entry.source)];
    if (first >= 0) {
      entry.same = first;
      repeated.push_back(i);
      continue;
    }
    first = static_cast<int>(i);
    if (!runs.empty()) {
      Run& now = runs.back();
      const int next = static_cast<int>(now.count);
      if (now.entry + now.count == i && entry.source == now.source + next && entry.x == now.x + next &&
          entry.z == now.z + next) {
        ++now.count;
        continue;
      }
    }
    runs.push_back({i, 1, entry.source, entry.x, entry.z});
  }
  last.assign(entries.size(), 0);
  for (std::size_t o = 0; o < base.size(); ++o)
    for (std::size_t k = 0; k < size; ++k) {
      const std::size_t entry = static_cast<std::size_t>(base[o]) + k;
      last[entries[entry].same < 0 ? entry : static_cast<std::size_t>(entries[entry].same)] = o;
    }
  for (std::size_t o = 0; o < base.size(); ++o) {
    const auto at = static_cast<std::size_t>(base[o]);
    if (!sums.empty()) {
      Sums& now = sums.back();
      if (now.count == 1) now.step = at - now.entry;
      if (at == now.entry + now.count * now.step) {
        ++now.count;
      } else {
        sums.push_back({o, at, 1, 1});
      }
    } else {
      sums.push_back({o, at, 1, 1});
    }
    const int at_x = out.x(static_cast<int>(o)), at_z = out.z(static_cast<int>(o));
    if (!pieces.empty()) {
      Piece& now = pieces.back();
      const int next = static_cast<int>(now.count);
      if (at_x == now.x + next && at_z == now.z + next) {
        ++now.count;
        continue;
      }
    }
    pieces.push_back({o, 1, at_x, at_z});
  }
}

}  // namespace resgram::core
