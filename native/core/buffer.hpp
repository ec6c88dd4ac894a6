// Large memory as the pair loops want it: numbers on cache lines, without a value until they are written, and, where the
// system has them, pages of 2 MiB: faulting in 4 KiB at a time costs a tenth of a Gram matrix.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace resgram::core {

// Asks for large pages where [memory, memory + bytes) covers whole ones; a hint, without effect on the contents. Pages
// come into being where they are first written, by the thread that writes them.
void prefer_large_pages(void* memory, std::size_t bytes);

template <class Real>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t count)
      : data_(static_cast<Real*>(::operator new(count * sizeof(Real), std::align_val_t{kLine}))) {
    prefer_large_pages(data_.get(), count * sizeof(Real));
  }

  [[nodiscard]] Real* data() const { return data_.get(); }

 private:
  static constexpr std::size_t kLine = 64;
  struct Free {
    void operator()(Real* memory) const { ::operator delete(memory, std::align_val_t{kLine}); }
  };
  std::unique_ptr<Real[], Free> data_;
};

}  // namespace resgram::core
