// Support vector machines of several classes on one kernel matrix: a machine for each pair of classes, which vote.  [svm]
// Many of them at once, for subsets of the samples and for several C.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "error.hpp"
#include "smo.hpp"
#include "ticket.hpp"

namespace resgram::core {

// A symmetric matrix of `width` samples and the class of each, from 0 on.
struct Labelled {
  const double* matrix = nullptr;
  std::size_t width = 0;
  std::span<const std::uint32_t> classes;
};

struct SvmSettings {
  std::vector<double> costs;
  SmoSettings smo;
  bool warm = true;  // begin each cost where the one before it ended
};

// What was learnt from some samples. Pairs of classes are counted (0,1), (0,2) … (1,2) …, over the classes that occur.
struct Svm {
  std::vector<std::uint32_t> classes;  // that occur, ascending
  std::vector<std::uint32_t> own;      // of each sample: its place in `classes`
  // samples × (classes − 1): β of a sample of class a in its machine against b stands at b, or at b − 1 where b > a.
  std::vector<double> coefficients;
  std::vector<SmoOutcome> pairs;

  [[nodiscard]] std::size_t columns() const { return classes.size() - 1; }
};

// The place of the pair (a, b), a < b, of `count` classes.
constexpr std::size_t pair_index(std::size_t a, std::size_t b, std::size_t count) {
  return a * (2 * count - a - 1) / 2 + (b - a - 1);
}

// out[s · costs + c]: the machine of subset s at cost c. Each subset has samples of two classes or more, or Error{argument}
// names it. Every pair, subset and, unless warm, cost is a task of its own.
std::vector<Svm> train(const Labelled& samples, const std::vector<std::vector<std::uint32_t>>& subsets,
                       const SvmSettings& settings, int threads, Ticket& ticket);

// The decisions of all pairs for the point whose kernel with the i-th training sample is kernel[at(i)]. Error{range} where
// one is not finite: it would be no vote.
template <class At>
void decide(const Svm& svm, const double* kernel, At&& at, std::span<double> room, std::span<double> decisions) {
  const std::size_t count = svm.classes.size(), columns = svm.columns();
  std::fill(room.begin(), room.end(), 0.0);
  for (std::size_t i = 0; i < svm.own.size(); ++i) {
    const double k = kernel[at(i)];
    const double* from = svm.coefficients.data() + i * columns;
    double* to = room.data() + svm.own[i] * columns;
    for (std::size_t c = 0; c < columns; ++c) to[c] += k * from[c];
  }
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = a + 1; b < count; ++b) {
      const std::size_t pair = pair_index(a, b, count);
      decisions[pair] = room[a * columns + b - 1] + room[b * columns + a] + svm.pairs[pair].bias;
      if (!std::isfinite(decisions[pair])) {
        throw Error(Code::range,
                    "decisions leave the range of doubles; a matrix of smaller numbers or a smaller C helps");
      }
    }
  }
}

// The place of the class with most votes, the first of those that tie. A decision above 0 is a vote for the first of its pair.
std::size_t elect(std::span<const double> decisions, std::size_t count, std::span<std::uint32_t> votes);

// For each (subset, cost), the classes of the samples `tests[s]`: predictions[s][c · tests[s].size() + i].
std::vector<std::vector<std::uint32_t>> validate(const Labelled& samples,
                                                 const std::vector<std::vector<std::uint32_t>>& subsets,
                                                 const std::vector<std::vector<std::uint32_t>>& tests,
                                                 const SvmSettings& settings, int threads, Ticket& ticket);

}  // namespace resgram::core
