// What the tests of the core share: listings of networks, points, kernels as plain vectors, distances.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../../native/core/error.hpp"
#include "../../native/core/evaluate.hpp"
#include "../../native/core/program.hpp"
#include "../../native/core/ticket.hpp"

namespace resgram::core::trial {

inline constexpr double kEps = std::numeric_limits<double>::epsilon();
inline constexpr double kPi = 3.14159265358979323846;
inline constexpr double kRootTwo = 1.41421356237309504880;

// --- Listings ------------------------------------------------------------------------------------------------------

using Rows = std::vector<Row>;

inline Row affine(double weight = 1, bool train = true) { return {"affine", {weight, train ? 1.0 : 0.0, 0, 0, 0}}; }
inline Row biased(double bias, bool in_covariance, double weight = 1) {
  return {"affine", {weight, 1, bias, in_covariance ? 1.0 : 0.0, 1}};
}
inline Row relu(double scale = kRootTwo, double slope = 0) { return {"relu", {scale, slope}}; }
inline Row repeat(std::size_t times) { return {"repeat", {static_cast<double>(times)}}; }

inline Rows operator+(Rows left, const Rows& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// Hidden layers with one activation; every dense layer is `layer`.
inline Rows mlp_rows(std::size_t depth, const Row& phi, const Row& layer = affine(), const Row& head = affine()) {
  return Rows{{"input", {0}}, repeat(depth), layer, phi, {"end", {}}, head, {"emit", {}}};
}

// The two-matrix ResNet: `ends` trained or not.
inline Rows resnet_rows(std::size_t depth, double alpha, const Row& phi, bool ends, bool per_dimension = false) {
  return Rows{{"input", {per_dimension ? 1.0 : 0.0}},
              affine(1, ends),
              repeat(depth),
              {"push", {}},
              affine(),
              phi,
              affine(),
              {"scale", {alpha}},
              {"add", {}},
              {"end", {}},
              affine(1, ends),
              {"emit", {}}};
}

// The one-matrix ResNet of `depth` layers, whose branches end in the activation: means travel along.            [means]
inline Rows li_rows(std::size_t depth, double residual, const Row& phi, double first) {
  Row scaled = phi;
  scaled.args[0] *= first;
  return Rows{{"input", {0}}, affine(),    scaled,   repeat(depth - 1),
              {"push", {}},   affine(),    phi,      {"scale", {residual / static_cast<double>(depth)}},
              {"add", {}},    {"end", {}}, affine(), {"emit", {}}};
}

struct Named {
  std::string name;
  Rows rows;
};

// Networks that between them take every step and every path through it.
inline std::vector<Named> networks() {
  const Row erf{"erf", {1}}, gelu{"gelu", {1}}, sine{"sine", {1}};
  return {
      {"mlp relu", mlp_rows(5, relu())},
      {"mlp relu, trained bias", mlp_rows(3, relu(), biased(0.3, false), biased(0.3, false))},
      {"mlp leaky, normal bias", mlp_rows(3, relu(1.2, 0.2), biased(0.1, true), biased(0.1, true))},
      {"mlp |u|", mlp_rows(4, relu(1, -1))},
      {"mlp erf", mlp_rows(3, erf, affine(1.5))},
      {"mlp gelu, normal bias", mlp_rows(3, gelu, biased(0.2, true, 1.5), biased(0.2, true, 1.5))},
      {"huang", resnet_rows(6, 0.4, relu(), false)},
      {"tirer", resnet_rows(4, 1, relu(1), true, true)},
      {"resnet gelu", resnet_rows(3, 0.5, gelu, true)},
      {"mlp sine", mlp_rows(3, sine, affine(1.5))},
      {"resnet sine, normal bias",
       {{"input", {0}}, biased(0.1, true), {"push", {}}, affine(3), sine, affine(), {"add", {}}, {"emit", {}}}},
      {"li relu", li_rows(5, 0.8, relu(), 1)},
      {"li gelu", li_rows(4, -0.6, gelu, 1.5)},
      {"li sine", li_rows(3, 0.5, sine, 1.2)},
      {"shortcut of its own",
       {{"input", {0}},
        affine(),
        {"push", {}},
        biased(0.2, true),
        relu(),
        affine(),
        {"swap", {}},
        {"erf", {1}},
        affine(0.5),
        {"add", {}},
        {"emit", {}}}},
      {"two branches deep",
       {{"input", {1}},
        affine(),
        {"push", {}},
        affine(),
        {"push", {}},
        relu(1, 0.1),
        affine(),
        {"scale", {0.7}},
        {"add", {}},
        gelu,
        affine(2),
        {"add", {}},
        affine(),
        {"emit", {}}}},
  };
}

// --- Points --------------------------------------------------------------------------------------------------------

// The same numbers with every standard library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * kPi * uniform());
  }
  std::size_t below(std::size_t count) { return engine_() % count; }

 private:
  std::mt19937_64 engine_;
};

struct Cloud {
  std::vector<double> data;
  std::size_t rows = 0, dimension = 0;

  Cloud(std::size_t n, std::size_t d) : data(n * d), rows(n), dimension(d) {}
  Cloud(std::size_t n, std::size_t d, std::vector<double> numbers) : data(std::move(numbers)), rows(n), dimension(d) {}

  [[nodiscard]] Points points() const { return {data, rows, dimension}; }
  [[nodiscard]] std::span<double> row(std::size_t i) { return std::span(data).subspan(i * dimension, dimension); }
  [[nodiscard]] std::span<const double> row(std::size_t i) const {
    return std::span(data).subspan(i * dimension, dimension);
  }
};

inline Cloud normal_cloud(std::size_t n, std::size_t d, std::uint64_t seed) {
  Cloud cloud(n, d);
  Random random(seed);
  for (double& x : cloud.data) x = random.normal();
  return cloud;
}

// Ordinary points with what makes trouble among them: repeated, nearly repeated, opposite, nearly opposite, parallel
// and zero rows.
inline Cloud troubled_cloud(std::size_t n, std::size_t d, std::uint64_t seed) {
  Cloud cloud = normal_cloud(n, d, seed);
  Random random(seed + 1);
  for (std::size_t i = 1; i < n; ++i) {
    const std::span<double> here = cloud.row(i);
    const std::span<const double> other = std::as_const(cloud).row(random.below(i));
    const std::size_t kind = random.below(12);
    const double tiny = std::ldexp(1.0, -static_cast<int>(random.below(60)));
    for (std::size_t k = 0; k < d; ++k) {
      if (kind == 0) here[k] = other[k];
      if (kind == 1) here[k] = other[k] + tiny * here[k];
      if (kind == 2) here[k] = -other[k];
      if (kind == 3) here[k] = -other[k] + tiny * here[k];
      if (kind == 4) here[k] = 2.5 * other[k];
      if (kind == 5) here[k] = 0;
    }
  }
  return cloud;
}

// --- Kernels -------------------------------------------------------------------------------------------------------

template <class Real>
struct Kernels {
  std::vector<Real> nngp, ntk;
  double nngp_log_scale = 0, ntk_log_scale = 0;
};

template <class Real>
using PerEmit = std::vector<Kernels<Real>>;

namespace detail {

template <class Real>
PerEmit<Real> filled(const Program& program, std::size_t size, const std::function<void(std::span<Sink<Real>>)>& run) {
  PerEmit<Real> out(program.emits());
  std::vector<Sink<Real>> sinks;
  for (Kernels<Real>& kernels : out) {
    kernels.nngp.assign(size, std::numeric_limits<Real>::quiet_NaN());
    kernels.ntk = kernels.nngp;
    sinks.push_back({kernels.nngp.data(), kernels.ntk.data(), 0, 0});
  }
  run(sinks);
  for (std::size_t e = 0; e < out.size(); ++e) {
    out[e].nngp_log_scale = sinks[e].nngp_log_scale;
    out[e].ntk_log_scale = sinks[e].ntk_log_scale;
  }
  return out;
}

}  // namespace detail

template <class Real = double>
PerEmit<Real> all_grams(const Rows& rows, const Cloud& x, const Tuning& tuning = {}) {
  const Program program = Program::load(rows);
  return detail::filled<Real>(program, x.rows * x.rows, [&](std::span<Sink<Real>> sinks) {
    Ticket ticket;
    gram(program, x.points(), sinks, tuning, ticket);
  });
}

template <class Real = double>
Kernels<Real> gram_of(const Rows& rows, const Cloud& x, const Tuning& tuning = {}) {
  return all_grams<Real>(rows, x, tuning).front();
}

template <class Real = double>
Kernels<Real> cross_of(const Rows& rows, const Cloud& x, const Cloud& z, const Tuning& tuning = {}) {
  const Program program = Program::load(rows);
  return detail::filled<Real>(program, x.rows * z.rows,
                              [&](std::span<Sink<Real>> sinks) {
                                Ticket ticket;
                                cross(program, x.points(), z.points(), sinks, tuning, ticket);
                              })
      .front();
}

inline Kernels<double> diagonal_of(const Rows& rows, const Cloud& x) {
  const Program program = Program::load(rows);
  return detail::filled<double>(program, x.rows,
                                [&](std::span<Sink<double>> sinks) { diagonal(program, x.points(), sinks); })
      .front();
}

inline Kernels<double> profile_of(const Rows& rows, const std::vector<double>& angles, std::size_t dimension = 2) {
  const Program program = Program::load(rows);
  return detail::filled<double>(program, angles.size(),
                                [&](std::span<Sink<double>> sinks) { profile(program, angles, dimension, sinks); })
      .front();
}

// --- Distances -----------------------------------------------------------------------------------------------------

template <class Real>
bool same_bytes(const std::vector<Real>& a, const std::vector<Real>& b) {
  if (a.size() != b.size()) return false;
  using Bits = std::conditional_t<sizeof(Real) == 8, std::uint64_t, std::uint32_t>;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::bit_cast<Bits>(a[i]) != std::bit_cast<Bits>(b[i])) return false;
  return true;
}

// Largest |a − b| / √(k(x,x) k(z,z)) over a square matrix `a` with its own diagonal for scale.
template <class Real, class Other>
double worst_deviation(const std::vector<Real>& a, const std::vector<Other>& b, std::size_t n) {
  double worst = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      const double size = std::sqrt(static_cast<double>(a[i * n + i]) * static_cast<double>(a[j * n + j]));
      const double error = std::fabs(static_cast<double>(a[i * n + j]) - static_cast<double>(b[i * n + j]));
      // NaN must not hide.
      if (!(error <= worst * size)) worst = size > 0 ? error / size : std::numeric_limits<double>::infinity();
    }
  return worst;
}

inline double relative(double got, double expected) { return std::fabs(got - expected) / std::fabs(expected); }

// Runs `call` and hands back the error it throws; anything else fails the test.
template <class Call>
Error refusal(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was refused";
  return Error(Code::internal, "nothing was refused");
}

}  // namespace resgram::core::trial
