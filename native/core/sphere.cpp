#include "sphere.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>
#include <vector>

#include "dual_tables.hpp"
#include "error.hpp"
#include "evaluate.hpp"
#include "lanes.hpp"
#include "pool.hpp"
#include "rows.hpp"
#include "sides.hpp"
#include "wide_curve.hpp"
#include "wide_pieces.hpp"
#include "wide_rule.hpp"

namespace resgram::core {
namespace {

constexpr double kLogTwo = 0.693147180559945309417;
constexpr std::size_t kLanes = 8;      // of wide_dot
constexpr std::size_t kBlock = 256;    // nodes of one task, which stay in cache for all degrees
constexpr double kTableError = 1e-13;  // of kernels whose duals come from tables, relative to κ(0)

// Numbers of twice the digits as two arrays.
struct WideArray {
  std::vector<double> high, low;
  void push(Wide value) {
    high.push_back(value.high);
    low.push_back(value.low);
  }
  [[nodiscard]] std::size_t size() const { return high.size(); }
};

// Angles with weights of ∫ … sin^{d−2}θ dθ, and the curves at them times these weights. Padded by nodes of weight 0.
struct Nodes {
  WideArray cosine, weight;
  std::vector<WideArray> curves;
};

// The curves in units of their values at angle 0, in the order of `wanted`.
struct Wanted {
  std::size_t emit;
  bool tangent;
  double* values;
  double* errors;
};

std::vector<Wanted> wanted_of(std::span<SphereSink> sinks) {
  std::vector<Wanted> out;
  for (std::size_t e = 0; e < sinks.size(); ++e) {
    if (sinks[e].nngp != nullptr) out.push_back({e, false, sinks[e].nngp, sinks[e].nngp_error});
    if (sinks[e].ntk != nullptr) out.push_back({e, true, sinks[e].ntk, sinks[e].ntk_error});
  }
  return out;
}

CurveSource wide_source(const Program& program, const WideCurve& curve, std::span<const Wanted> wanted, int threads,
                        Ticket& ticket) {
  return
      [&program, &curve, wanted, threads, &ticket](std::span<const Wide> angles, std::vector<std::vector<Wide>>& out) {
        constexpr std::size_t kEach = 8;
        parallel_for((angles.size() + kEach - 1) / kEach, threads, [&](std::size_t task, int) {
          std::vector<WideValues> values(program.emits());
          for (std::size_t i = task * kEach; i < std::min(angles.size(), (task + 1) * kEach); ++i) {
            if (ticket.cancelled()) throw Cancelled{};
            curve.values(angles[i], values);
            for (std::size_t c = 0; c < wanted.size(); ++c)
              out[c][i] = wanted[c].tangent ? values[wanted[c].emit].tangent : values[wanted[c].emit].covariance;
          }
        });
      };
}

// Where a dual has no closed form: the curve in double, some angles at a time.
CurveSource double_source(const Program& program, std::size_t dimension, std::span<const Wanted> wanted,
                          const Ticket& ticket) {
  return [&program, dimension, wanted, &ticket](std::span<const Wide> angles, std::vector<std::vector<Wide>>& out) {
    constexpr std::size_t kEach = 64;
    for (std::size_t first = 0; first < angles.size(); first += kEach) {
      if (ticket.cancelled()) throw Cancelled{};
      // One more angle, 0, for the unit.
      std::vector<double> at = {0};
      for (const Wide angle : angles.subspan(first, std::min(kEach, angles.size() - first)))
        at.push_back(std::min(static_cast<double>(angle), kWidePi.high));
      std::vector<std::vector<double>> values(wanted.size(), std::vector<double>(at.size()));
      std::vector<Sink<double>> sinks(program.emits());
      for (std::size_t c = 0; c < wanted.size(); ++c)
        (wanted[c].tangent ? sinks[wanted[c].emit].ntk : sinks[wanted[c].emit].nngp) = values[c].data();
      profile(program, at, dimension, sinks);
      for (std::size_t c = 0; c < wanted.size(); ++c)
        for (std::size_t i = 1; i < at.size(); ++i)
          out[c][first + i - 1] = values[c][0] == 0 ? Wide(0) : Wide(values[c][i] / values[c][0]);
    }
  };
}

Wide power(Wide base, std::size_t exponent) {
  Wide out = 1;
  for (; exponent > 0; exponent >>= 1U) {
    if ((exponent & 1U) != 0) out *= base;
    base *= base;
  }
  return out;
}

// Gauss–Legendre on every piece. There the integrand is a series of kTerms terms times a trigonometric polynomial of degree
// ν = degrees + d − 2, which takes about νh/2 terms on a piece of length h, and some thirty more to fall to 1e-32: the
// tail of its Bessel coefficients grows like the cube root. `extra` nodes more for a second opinion.
Nodes nodes_of(const WidePieces& pieces, std::size_t curves, std::size_t dimension, std::size_t degrees,
               std::size_t extra, const Ticket& ticket) {
  Nodes out;
  out.curves.resize(curves);
  std::map<std::size_t, WideRule> rules;
  const auto highest = static_cast<double>(degrees + dimension - 2);
  for (const WidePieces::Piece& piece : pieces.pieces()) {
    const Wide half = ldexp(piece.to - piece.from, -1), middle = piece.from + half;
    const double turns = highest * half.high;
    const double terms = turns + 12 * std::cbrt(turns) + 30 + static_cast<double>(WidePieces::kTerms);
    const std::size_t n = static_cast<std::size_t>(std::ceil(terms / 2)) + extra;
    const WideRule& rule = rules.try_emplace(n, n, ticket).first->second;
    for (std::size_t i = 0; i < n; ++i) {
      if (i % 64 == 0 && ticket.cancelled()) throw Cancelled{};
      const SinCos of_half = sin_cos(ldexp(middle + half * rule.node[i], -1));
      const Wide sine = Wide(2) * of_half.sin * of_half.cos;
      const Wide weight = half * rule.weight[i] * power(sine, dimension - 2);
      out.cosine.push((of_half.cos - of_half.sin) * (of_half.cos + of_half.sin));
      out.weight.push(weight);
      for (std::size_t c = 0; c < curves; ++c) out.curves[c].push(weight * WidePieces::value(piece, c, rule.node[i]));
    }
  }
  while (out.cosine.size() % kLanes != 0) {
    out.cosine.push(0);
    out.weight.push(0);
    for (WideArray& curve : out.curves) curve.push(0);
  }
  return out;
}

// Integrals of every curve against the zonal harmonics P_k, P_k(1) = 1, and of |P_k| itself.
struct Moments {
  std::size_t curves = 0;
  std::vector<Wide> of;  // [degree][curve]
  std::vector<double> size;
  [[nodiscard]] Wide& at(std::size_t degree, std::size_t curve) { return of[degree * curves + curve]; }
  [[nodiscard]] const Wide& at(std::size_t degree, std::size_t curve) const { return of[degree * curves + curve]; }
};

// (k + d − 2) P_{k+1} = (2k + d − 2) cos θ P_k − k P_{k−1}.                                               [sphere-spectrum]
void moments_of_block(const Nodes& nodes, std::size_t first, std::size_t count, std::size_t dimension,
                      std::size_t degrees, const Ticket& ticket, Moments& out) {
  const LaneTable<double>& table = lanes<double>();
  std::vector<double> p_high(count, 1), p_low(count), q_high(count), q_low(count);
  std::vector<double> sums(2 * kLanes);
  const std::size_t curves = nodes.curves.size();
  out.curves = curves;
  out.of.assign((degrees + 1) * curves, Wide(0));
  out.size.assign(degrees + 1, 0);
  for (std::size_t k = 0; k <= degrees; ++k) {
    if (k % 64 == 0 && ticket.cancelled()) throw Cancelled{};
    for (std::size_t c = 0; c < curves; ++c) {
      std::fill(sums.begin(), sums.end(), 0.0);
      table.wide_dot(count, nodes.curves[c].high.data() + first, nodes.curves[c].low.data() + first, p_high.data(),
                     p_low.data(), sums.data());
      Wide sum = 0;
      for (std::size_t j = 0; j < kLanes; ++j) sum += Wide(sums[j], sums[kLanes + j]);
      out.at(k, c) = sum;
    }
    for (std::size_t i = 0; i < count; ++i) out.size[k] += nodes.weight.high[first + i] * std::fabs(p_high[i]);
    const auto degree = static_cast<double>(k), rest = static_cast<double>(dimension) - 2;
    // At k = 0 the old value does not count; in two dimensions its coefficient would be 0/0.
    const Wide a = k == 0 ? Wide(1) : Wide(2 * degree + rest) / Wide(degree + rest);
    const Wide b = k == 0 ? Wide(0) : Wide(degree) / Wide(degree + rest);
    const double of_a[] = {a.high, a.low}, of_b[] = {b.high, b.low};
    table.wide_recurrence(count, of_a, of_b, nodes.cosine.high.data() + first, nodes.cosine.low.data() + first,
                          p_high.data(), p_low.data(), q_high.data(), q_low.data());
    p_high.swap(q_high);
    p_low.swap(q_low);
  }
}

// Blocks are the same, and added in the same order, whatever the number of threads; as many are in hand as there are
// threads.
Moments moments_of(const Nodes& nodes, std::size_t dimension, std::size_t degrees, int threads, Ticket& ticket) {
  const std::size_t blocks = (nodes.cosine.size() + kBlock - 1) / kBlock;
  Moments out;
  std::vector<Moments> parts(std::min<std::size_t>(static_cast<std::size_t>(threads), blocks));
  for (std::size_t from = 0; from < blocks; from += parts.size()) {
    const std::size_t count = std::min(parts.size(), blocks - from);
    parallel_for(count, threads, [&](std::size_t b, int) {
      const std::size_t first = (from + b) * kBlock;
      moments_of_block(nodes, first, std::min(kBlock, nodes.cosine.size() - first), dimension, degrees, ticket,
                       parts[b]);
      ticket.checkpoint();
    });
    for (std::size_t b = 0; b < count; ++b) {
      if (from + b == 0) {
        out = parts[0];
        continue;
      }
      for (std::size_t i = 0; i < out.of.size(); ++i) out.of[i] += parts[b].of[i];
      for (std::size_t k = 0; k <= degrees; ++k) out.size[k] += parts[b].size[k];
    }
  }
  Wide total = 0;  // ∫ sin^{d−2}
  for (std::size_t i = 0; i < nodes.weight.size(); ++i) total += Wide(nodes.weight.high[i], nodes.weight.low[i]);
  for (double& size : out.size) size /= total.high;
  for (Wide& moment : out.of) moment = moment / total;
  return out;
}

}  // namespace

// Two sets of nodes with their cosines, weights and curves, in lists that grow; three sets of sums beside those in hand;
// the pieces, whose number the curve decides: some hundred where there are corners at both ends.
std::size_t sphere_bytes(std::size_t dimension, std::size_t degrees, std::size_t curves, int threads) {
  constexpr double kPi = 3.14159265358979323846, kPieces = 400, kEach = 60;
  const double nodes = kPi / 4 * static_cast<double>(degrees + dimension) + kPieces * kEach;
  const double sums = static_cast<double>(degrees + 1) * static_cast<double>(sizeof(Wide) * curves + sizeof(double));
  const double series = kPieces * static_cast<double>(WidePieces::kTerms * curves * sizeof(Wide));
  return static_cast<std::size_t>(3 * nodes * static_cast<double>((2 + curves) * sizeof(Wide)) + sums * (3 + threads) +
                                  4 * series) +
         (std::size_t{1} << 20);
}

void sphere_spectrum(const Program& program, std::size_t dimension, std::size_t degrees, std::span<SphereSink> sinks,
                     int threads, Ticket& ticket) {
  if (sinks.size() != program.emits()) throw Error(Code::internal, "expected one sink per emit");
  if (dimension < 2 || dimension > kLargestSphere || degrees > kLargestSphere - dimension)
    throw Error(Code::range, "expected a dimension from 2 and degrees, together at most " +
                                 std::to_string(kLargestSphere) + ", got " + std::to_string(dimension) + " and " +
                                 std::to_string(degrees));
  if (program.image()) throw Error(Code::shape, "expected a network on vectors, got one on images");
  const double square = program.per_dimension() ? 1.0 / static_cast<double>(dimension) : 1.0;
  const Unit unit{Scaled{square, 0}, false};
  const std::vector<EmitDiagonals> units =
      diagonals(program, {&unit, 1}, 1, kSmallestExponent<double>, kLargestExponent<double>, ticket);
  const std::vector<Wanted> wanted = wanted_of(sinks);
  const bool wide = WideCurve::exists(program);
  const auto executed = static_cast<double>(program.work());
  // What rounding leaves of the curves; it adds up like a random walk over the steps.
  const double curve_error = wide ? kWideEps * 16 * (1 + std::sqrt(executed)) : kTableError;
  // Tables that the curve in double finds made, by all threads and under this ticket.
  LogRanges ranges;
  if (!wide) add_ranges(program, {&unit, 1}, 1, ticket, ranges);
  const DualTables duals(program, ranges, std::numeric_limits<double>::infinity(), threads, ticket);
  // Behind a layer of sign 1 − ρ is of the order of θ, not θ²: arcsin ρ and kinks' (1 − ρ)^{3/2} make half powers of it.
  const bool jumps = std::ranges::any_of(program.steps(), [](const Step& step) { return step.op == Op::sign; });
  const std::string_view remedy =
      jumps
          ? "behind a layer of sign, a second one or a φ with a kink gives it half powers of the angle where inputs "
            "meet, whatever the weights; use sign in the last hidden layer alone, follow it by a smooth φ, or put erf "
            "in its place"
          : "use a shallower network, or smaller weights";
  const auto pieces = [&] {
    const auto cut = [&](const CurveSource& source) {
      return WidePieces(source, wanted.size(), curve_error, remedy, ticket);
    };
    if (!wide) return cut(double_source(program, dimension, wanted, ticket));
    const WideCurve curve(program, square);
    return cut(wide_source(program, curve, wanted, threads, ticket));
  }();
  constexpr std::size_t kExtra = 7;
  const Nodes coarse = nodes_of(pieces, wanted.size(), dimension, degrees, 0, ticket);
  const Nodes fine = nodes_of(pieces, wanted.size(), dimension, degrees, kExtra, ticket);
  ticket.expect((coarse.cosine.size() + kBlock - 1) / kBlock + (fine.cosine.size() + kBlock - 1) / kBlock);
  const Moments first = moments_of(coarse, dimension, degrees, threads, ticket);
  const Moments second = moments_of(fine, dimension, degrees, threads, ticket);
  for (std::size_t c = 0; c < wanted.size(); ++c) {
    const Diagonal& unit_value = wanted[c].tangent ? units[wanted[c].emit].tangent : units[wanted[c].emit].covariance;
    for (std::size_t k = 0; k <= degrees; ++k) {
      const double difference = std::fabs((first.at(k, c) - second.at(k, c)).high);
      wanted[c].values[k] = static_cast<double>(second.at(k, c)) * unit_value.value[0];
      // The last term: the value as a double, times κ(0), itself rounded.
      wanted[c].errors[k] =
          (difference + curve_error * second.size[k]) * unit_value.value[0] + 0x1p-51 * std::fabs(wanted[c].values[k]);
    }
  }
  for (std::size_t e = 0; e < sinks.size(); ++e) {
    sinks[e].nngp_log_scale = -static_cast<double>(2 * units[e].covariance.shift) * kLogTwo;
    sinks[e].ntk_log_scale = -static_cast<double>(2 * units[e].tangent.shift) * kLogTwo;
  }
}

}  // namespace resgram::core
