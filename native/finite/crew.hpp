// Who works on a sweep, and loops that give the same bytes whoever does: their pieces are cut by size alone.
#pragma once

#include <algorithm>
#include <cstddef>

#include "core/pool.hpp"
#include "core/ticket.hpp"
#include "linalg/gemm.hpp"

namespace resgram::finite {

struct Crew {
  int threads = 1;
  Ticket& ticket;
};

// Numbers that one task of an elementwise loop takes.
inline constexpr std::size_t kChunk = 8192;
// Below this many multiplications (or as many elementary steps) waking a thread costs more than it brings.
inline constexpr double kWorthAThread = 2e5;

// task(from, to) over [0, count), piece by piece. `work`: multiplications of one element.
template <class Task>
void for_chunks(std::size_t count, double work, const Crew& crew, const Task& task, std::size_t chunk = kChunk) {
  const std::size_t pieces = (count + chunk - 1) / chunk;
  const int threads = work * static_cast<double>(count) < kWorthAThread ? 1 : crew.threads;
  core::parallel_for(pieces, threads,
                     [&](std::size_t piece, int) { task(piece * chunk, std::min(count, (piece + 1) * chunk)); });
}

// linalg::add_product cut into tiles of C.
void product(double factor, const linalg::Operand& a, const linalg::Operand& b, bool add, double* c, std::size_t stride,
             std::size_t rows, std::size_t inner, std::size_t columns, const Crew& crew);

}  // namespace resgram::finite
