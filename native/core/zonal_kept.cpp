#include "zonal_kept.hpp"

#include <algorithm>
#include <iterator>
#include <list>
#include <mutex>
#include <utility>
#include <vector>

namespace resgram::core {
namespace {

// Everything that a table depends on. Homogeneous programs have no φ of their own: their numbers tell all.
using Key = std::vector<double>;

Key key_of(const Program& program, std::span<const ZonalWanted> wanted) {
  Key key;
  key.reserve(program.steps().size() * (2 + std::size(Step{}.args)) + wanted.size());
  for (const Step& step : program.steps()) {
    key.push_back(static_cast<double>(step.op));
    key.push_back(static_cast<double>(step.jump));
    key.insert(key.end(), std::begin(step.args), std::end(step.args));
  }
  for (const ZonalWanted& one : wanted) key.push_back((one.covariance ? 1 : 0) + (one.tangent ? 2 : 0));
  return key;
}

template <class Real>
class Kept {
 public:
  static Kept& process() {
    static Kept kept;
    return kept;
  }

  // Whether there is an entry, and its tables: null where the kernels cannot be tabulated.
  std::pair<bool, std::shared_ptr<const Zonal<Real>>> find(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.key == key; });
    if (found == entries_.end()) return {false, nullptr};
    entries_.splice(entries_.begin(), entries_, found);
    return {true, entries_.front().tables};
  }

  void keep(Key key, std::shared_ptr<const Zonal<Real>> tables) {
    const std::lock_guard lock(mutex_);
    if (tables && tables->bytes() > kKeptZonalBytes / 2) return;
    entries_.push_front({std::move(key), std::move(tables)});
    std::size_t bytes = 0;
    auto entry = entries_.begin();
    while (entry != entries_.end() && (bytes += bytes_of(*entry)) <= kKeptZonalBytes / 2) ++entry;
    entries_.erase(entry, entries_.end());
  }

 private:
  struct Entry {
    Key key;
    std::shared_ptr<const Zonal<Real>> tables;
  };

  static std::size_t bytes_of(const Entry& entry) {
    return entry.key.size() * sizeof(double) + (entry.tables ? entry.tables->bytes() : 0) + sizeof(Entry);
  }

  std::mutex mutex_;
  std::list<Entry> entries_;  // the latest first
};

}  // namespace

template <class Real>
std::shared_ptr<const Zonal<Real>> zonal_tables(const Program& program, std::span<const ZonalWanted> wanted,
                                                const Ticket& ticket) {
  Key key = key_of(program, wanted);
  if (auto [known, tables] = Kept<Real>::process().find(key); known) return tables;
  auto tables = Zonal<Real>::build(program, wanted, ticket);
  Kept<Real>::process().keep(std::move(key), tables);
  return tables;
}

template std::shared_ptr<const Zonal<double>> zonal_tables<double>(const Program&, std::span<const ZonalWanted>,
                                                                   const Ticket&);
template std::shared_ptr<const Zonal<float>> zonal_tables<float>(const Program&, std::span<const ZonalWanted>,
                                                                 const Ticket&);

}  // namespace resgram::core
