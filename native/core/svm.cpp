#include "svm.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "error.hpp"
#include "pool.hpp"

namespace resgram::core {
namespace {

// A machine of two classes to be trained.
struct Duel {
  std::size_t subset, a, b, samples;
  std::size_t first_cost, costs;
};

// The machine of a subset before anything is learnt.
Svm blank(const Labelled& samples, const std::vector<std::uint32_t>& subset, std::size_t which) {
  Svm svm;
  for (const std::uint32_t row : subset) svm.classes.push_back(samples.classes[row]);
  std::sort(svm.classes.begin(), svm.classes.end());
  svm.classes.erase(std::unique(svm.classes.begin(), svm.classes.end()), svm.classes.end());
  if (svm.classes.size() < 2) {
    throw Error(Code::argument,
                "subset " + std::to_string(which) + ": expected samples of two classes or more, got " +
                    std::to_string(subset.size()) + " of one",
                {{"subset", static_cast<double>(which)}});
  }
  for (const std::uint32_t row : subset) {
    const auto found = std::lower_bound(svm.classes.begin(), svm.classes.end(), samples.classes[row]);
    svm.own.push_back(static_cast<std::uint32_t>(found - svm.classes.begin()));
  }
  svm.coefficients.assign(subset.size() * svm.columns(), 0.0);
  svm.pairs.resize(svm.classes.size() * svm.columns() / 2);
  return svm;
}

void run(const Labelled& samples, const std::vector<std::uint32_t>& subset, const Duel& duel,
         const SvmSettings& settings, Svm* machines, Ticket& ticket) {
  const Svm& any = machines[0];
  std::vector<std::size_t> places;
  for (const std::size_t side : {duel.a, duel.b}) {
    for (std::size_t i = 0; i < any.own.size(); ++i) {
      if (any.own[i] == side) places.push_back(i);
    }
  }
  std::vector<std::uint32_t> rows;
  for (const std::size_t place : places) rows.push_back(subset[place]);
  const auto positive = std::count(any.own.begin(), any.own.end(), static_cast<std::uint32_t>(duel.a));
  Smo smo(samples.matrix, samples.width, rows, static_cast<std::size_t>(positive));
  for (std::size_t c = duel.first_cost; c < duel.first_cost + duel.costs; ++c) {
    Svm& svm = machines[c];
    svm.pairs[pair_index(duel.a, duel.b, svm.classes.size())] = smo.solve(settings.costs[c], settings.smo, ticket);
    const std::span<const double> beta = smo.beta();
    for (std::size_t t = 0; t < places.size(); ++t) {
      // Everyone's own class is left out of the columns.
      const std::size_t column = t < static_cast<std::size_t>(positive) ? duel.b - 1 : duel.a;
      svm.coefficients[places[t] * svm.columns() + column] = beta[t];
    }
    ticket.checkpoint();
  }
}

}  // namespace

std::vector<Svm> train(const Labelled& samples, const std::vector<std::vector<std::uint32_t>>& subsets,
                       const SvmSettings& settings, int threads, Ticket& ticket) {
  const std::size_t costs = settings.costs.size();
  std::vector<Svm> machines;
  std::vector<Duel> duels;
  for (std::size_t s = 0; s < subsets.size(); ++s) {
    const Svm svm = blank(samples, subsets[s], s);
    std::vector<std::size_t> sizes(svm.classes.size());
    for (const std::uint32_t own : svm.own) ++sizes[own];
    for (std::size_t a = 0; a < sizes.size(); ++a) {
      for (std::size_t b = a + 1; b < sizes.size(); ++b) {
        const Duel duel{s, a, b, sizes[a] + sizes[b], 0, costs};
        if (settings.warm) {
          duels.push_back(duel);
          continue;
        }
        for (std::size_t c = 0; c < costs; ++c) {
          duels.push_back(duel);
          duels.back().first_cost = c;
          duels.back().costs = 1;
        }
      }
    }
    machines.insert(machines.end(), costs, svm);
    ticket.expect(svm.pairs.size() * costs);
  }
  // Large ones and large costs first, so that no thread is left with one of them at the end.
  std::stable_sort(duels.begin(), duels.end(), [](const Duel& x, const Duel& y) {
    return x.samples != y.samples ? x.samples > y.samples : x.first_cost > y.first_cost;
  });
  parallel_for(duels.size(), threads, [&](std::size_t index, int) {
    const Duel& duel = duels[index];
    ticket.checkpoint(0);
    run(samples, subsets[duel.subset], duel, settings, machines.data() + duel.subset * costs, ticket);
  });
  return machines;
}

std::size_t elect(std::span<const double> decisions, std::size_t count, std::span<std::uint32_t> votes) {
  std::fill(votes.begin(), votes.end(), 0);
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = a + 1; b < count; ++b) ++votes[decisions[pair_index(a, b, count)] > 0 ? a : b];
  }
  return static_cast<std::size_t>(std::max_element(votes.begin(), votes.end()) - votes.begin());
}

std::vector<std::vector<std::uint32_t>> validate(const Labelled& samples,
                                                 const std::vector<std::vector<std::uint32_t>>& subsets,
                                                 const std::vector<std::vector<std::uint32_t>>& tests,
                                                 const SvmSettings& settings, int threads, Ticket& ticket) {
  const std::vector<Svm> machines = train(samples, subsets, settings, threads, ticket);
  const std::size_t costs = settings.costs.size();
  std::vector<std::vector<std::uint32_t>> predictions(subsets.size());
  for (std::size_t s = 0; s < subsets.size(); ++s) predictions[s].resize(costs * tests[s].size());
  parallel_for(machines.size(), threads, [&](std::size_t index, int) {
    ticket.checkpoint(0);
    const std::size_t s = index / costs, c = index % costs;
    const Svm& svm = machines[index];
    const std::size_t count = svm.classes.size();
    std::vector<double> room(count * svm.columns()), decisions(svm.pairs.size());
    std::vector<std::uint32_t> votes(count);
    for (std::size_t i = 0; i < tests[s].size(); ++i) {
      const double* kernel = samples.matrix + std::size_t{tests[s][i]} * samples.width;
      decide(svm, kernel, [&](std::size_t sample) { return subsets[s][sample]; }, room, decisions);
      predictions[s][c * tests[s].size() + i] = svm.classes[elect(decisions, count, votes)];
    }
  });
  return predictions;
}

}  // namespace resgram::core
