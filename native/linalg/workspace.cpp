#include "workspace.hpp"

#include <cstdlib>
#include <limits>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace resgram::linalg {

void Release::operator()(void* memory) const { std::free(memory); }

void* take_room(std::size_t bytes) {
  constexpr std::size_t kHugePage = std::size_t{1} << 21;
  constexpr std::size_t kLine = 64;
  const std::size_t unit = bytes >= 4 * kHugePage ? kHugePage : kLine;
  if (bytes > std::numeric_limits<std::size_t>::max() - unit) throw std::bad_alloc();
  // aligned_alloc wants a multiple of the alignment.
  const std::size_t rounded = (bytes / unit + 1) * unit;
  void* const memory = std::aligned_alloc(unit, rounded);
  if (memory == nullptr) throw std::bad_alloc();
#if defined(__linux__)
  // A wish; systems without such pages say no, and nothing is lost.
  if (unit == kHugePage) madvise(memory, rounded, MADV_HUGEPAGE);
#endif
  return memory;
}

}  // namespace resgram::linalg
