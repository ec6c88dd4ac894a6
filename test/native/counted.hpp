// Memory that is taken from operator new, whoever takes it.
#pragma once

#include <cstddef>

namespace resgram {

// The most bytes in use at a time since this was made, beyond those in use then. One at a time.
class Counted {
 public:
  Counted();
  [[nodiscard]] std::size_t peak() const;

 private:
  std::size_t before_;
};

}  // namespace resgram
