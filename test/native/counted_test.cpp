// operator new of the tests, which counts what is in use. Everything that allocates in C++ comes through here, with the
// sizes that were asked for.
#include "counted.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace resgram {
namespace {

std::atomic<std::size_t> in_use{0}, most{0};

// In front of every piece: its size, and where it begins.
struct Head {
  void* start;
  std::size_t size;
};

void* take(std::size_t size, std::size_t alignment) {
  const std::size_t room = size + sizeof(Head) + alignment;
  if (room < size) throw std::bad_alloc();
  void* start = std::malloc(room);
  if (start == nullptr) throw std::bad_alloc();
  const auto at = reinterpret_cast<std::uintptr_t>(start) + sizeof(Head);
  auto* piece = reinterpret_cast<void*>((at + alignment - 1) / alignment * alignment);
  new (static_cast<Head*>(piece) - 1) Head{start, size};
  const std::size_t now = in_use.fetch_add(size) + size;
  std::size_t seen = most.load();
  while (seen < now && !most.compare_exchange_weak(seen, now)) {
  }
  return piece;
}

void give(void* piece) {
  if (piece == nullptr) return;
  const Head head = *(static_cast<Head*>(piece) - 1);
  in_use.fetch_sub(head.size);
  std::free(head.start);
}

TEST(Counted, CountsWhatIsInUse) {
  const Counted counted;
  const auto first = std::make_unique<std::vector<double>>(1000);
  std::vector<char>(500).shrink_to_fit();
  EXPECT_EQ(counted.peak(), sizeof(std::vector<double>) + 8000 + 500);
  EXPECT_EQ(Counted().peak(), 0U);
}

}  // namespace

Counted::Counted() : before_(in_use.load()) { most = before_; }
std::size_t Counted::peak() const { return most.load() - std::min(before_, most.load()); }

}  // namespace resgram

void* operator new(std::size_t size) { return resgram::take(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t to) {
  return resgram::take(size, std::max(static_cast<std::size_t>(to), alignof(std::max_align_t)));
}
void operator delete(void* piece) noexcept { resgram::give(piece); }
void operator delete(void* piece, std::size_t) noexcept { resgram::give(piece); }
void operator delete(void* piece, std::align_val_t) noexcept { resgram::give(piece); }
void operator delete(void* piece, std::size_t, std::align_val_t) noexcept { resgram::give(piece); }
