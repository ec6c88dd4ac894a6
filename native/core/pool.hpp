// One pool of threads per process, for the pair loops. Workers sleep on a condition variable between jobs: nothing
// spins, so a loaded machine slows us down in proportion and no more.
#pragma once

#include <cstddef>
#include <functional>

namespace resgram::core {

// Runs task(index, slot) for every index in [0, count) on up to `threads` threads, the caller among them; slot < threads
// names the thread for scratch memory. Indices are handed out one by one; the first exception stops the handing out and
// is rethrown. Two callers take turns; a call from within a task runs on its own thread alone, slot 0.
void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t index, int slot)>& task);

}  // namespace resgram::core
