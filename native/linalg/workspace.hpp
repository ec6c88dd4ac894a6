// Room to work in. Internal to native/linalg.
#pragma once

#include <cstddef>
#include <memory>

namespace resgram::linalg {

struct Release {
  void operator()(void* memory) const;
};

template <class Real>
using Room = std::unique_ptr<Real[], Release>;

// Uninitialised bytes; std::bad_alloc where there are none. In pages as large as the system has them: a matrix of 4000
// rows touches 31,000 small ones for the first time, which takes as long as a product with it.
void* take_room(std::size_t bytes);

// Room for `size` numbers, which the routines that get it write before they read.
template <class Real = double>
Room<Real> workspace(std::size_t size) {
  if (size > static_cast<std::size_t>(-1) / sizeof(Real)) throw std::bad_alloc();
  return Room<Real>(static_cast<Real*>(take_room(size * sizeof(Real))));
}

}  // namespace resgram::linalg
