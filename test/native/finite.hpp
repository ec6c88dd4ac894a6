// Finite networks for the tests: listings that between them take every kind of node, and sweeps as plain vectors.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../../native/finite/sweep.hpp"
#include "../../native/finite/weights.hpp"
#include "../../native/linalg/linalg.hpp"
#include "kernels.hpp"

namespace resgram::finite::trial {

using core::trial::affine;
using core::trial::biased;
using core::trial::operator+;
using core::trial::relu;
using core::trial::Rows;

struct Trial {
  std::string name;
  Rows rows;
  core::Grid grid{};
  std::size_t dimension = 5;
};

inline std::shared_ptr<const core::Program> program_of(const Rows& rows) {
  return std::make_shared<const core::Program>(core::Program::load(rows));
}

inline Architecture compiled(const Trial& trial, std::size_t width, std::size_t outputs = 1) {
  return Architecture::compile(program_of(trial.rows), trial.grid, trial.dimension, width, outputs);
}

inline core::Row of(const char* op, std::vector<double> args = {}) { return {op, std::move(args)}; }

// A residual block on images whose filters have two sizes.
inline Rows image_rows(const core::Row& phi, const std::vector<core::Row>& head) {
  Rows rows{{"input", {1}}, affine()};
  rows.push_back(of("repeat", {2}));
  for (const auto& row :
       {of("push"), affine(), phi, of("patch", {3, 1, 2}), affine(), of("scale", {0.5}), of("add"), of("end")})
    rows.push_back(row);
  rows.insert(rows.end(), head.begin(), head.end());
  rows.push_back(affine());
  rows.push_back(of("emit"));
  return rows;
}

inline std::vector<Trial> trials() {
  const core::Row tanh = of("tanh", {1}), gelu = of("gelu", {1.3}), erf = of("erf", {1}),
                  softplus = of("softplus", {1});
  return {
      {"mlp tanh", core::trial::mlp_rows(3, tanh)},
      {"mlp relu", core::trial::mlp_rows(3, relu())},
      {"mlp gelu, normal bias", core::trial::mlp_rows(2, gelu, biased(0.2, true, 1.5), biased(0.2, true, 1.5))},
      {"mlp erf, trained bias", core::trial::mlp_rows(2, erf, biased(0.3, false), biased(0.3, false))},
      {"resnet silu, ends frozen", core::trial::resnet_rows(3, 0.4, of("silu", {1}), false)},
      {"resnet sine, per dimension", core::trial::resnet_rows(2, 1, of("sine", {1}), true, true)},
      {"li softplus", core::trial::li_rows(3, 0.8, softplus, 1.2)},
      {"shortcut of its own, scaled output",
       {{"input", {0}},
        affine(),
        {"push", {}},
        biased(0.2, true),
        tanh,
        affine(),
        {"swap", {}},
        erf,
        affine(0.5),
        {"add", {}},
        affine(),
        {"scale", {0.7}},
        {"emit", {}}}},
      {"images, trace", image_rows(tanh, {of("trace")}), {3, 4, 2}, 24},
      {"images, mean", image_rows(gelu, {of("mean")}), {4, 3, 2}, 24},
      {"images, pixel", image_rows(softplus, {of("pixel", {1, 2})}), {3, 4, 2}, 24},
      {"signal, strides and pooling",
       {{"input", {0}},
        of("patch", {3, 1, 1}),
        affine(),
        tanh,
        of("patch", {3, 2, 1}),
        biased(0.1, true),
        erf,
        of("average", {2}),
        of("patch", {3, 1, 0}),
        affine(),
        tanh,
        of("mean"),
        affine(),
        of("emit")},
       {1, 15, 2},
       30},
      {"image, valid and zero padding",
       {{"input", {1}},
        of("patch", {3, 1, 0}),
        affine(),
        tanh,
        of("patch", {3, 2, 1}),
        affine(2),
        tanh,
        of("trace"),
        affine(),
        of("emit")},
       {6, 5, 1},
       30},
  };
}

// A network with weights, and sweeps over a batch.
struct Swept {
  Architecture network;
  std::vector<double> weights, x;
  Ticket ticket;
  Crew crew;
  Signals values, slopes;

  Swept(const Trial& trial, std::size_t width, std::size_t samples, std::size_t outputs = 1, std::uint64_t seed = 7,
        int threads = 1)
      : network(compiled(trial, width, outputs)),
        weights(network.parameters()),
        x(core::trial::normal_cloud(samples, trial.dimension, seed + 100).data),
        crew{threads, ticket},
        values(network, samples),
        slopes(network, samples, is_activation_node) {
    linalg::set_threads(1);
    sample(network, seed, weights, crew);
    run();
  }

  void run() {
    forward(network, weights, x, values, crew);
    differentiate(network, values, 1, slopes, crew);
  }
  [[nodiscard]] std::vector<double> outputs() const {
    const auto out = values.span(network.output());
    return {out.begin(), out.end()};
  }
  // Jᵀu, and the cotangents on the way.
  [[nodiscard]] std::vector<double> vjp(std::span<const double> u, Signals& cotangents) {
    std::copy(u.begin(), u.end(), cotangents.at(network.output()));
    backward(network, weights, slopes, cotangents, crew);
    std::vector<double> out(network.parameters(), 0.0);
    gradient(network, values, cotangents, out, crew);
    return out;
  }
  [[nodiscard]] std::vector<double> vjp(std::span<const double> u) {
    Signals cotangents(network, values.samples(), moves);
    return vjp(u, cotangents);
  }
  [[nodiscard]] std::vector<double> jvp(std::span<const double> direction) {
    Signals tangents(network, values.samples(), moves);
    tangent(network, weights, values, slopes, direction, tangents, crew);
    const auto out = std::as_const(tangents).span(network.output());
    return {out.begin(), out.end()};
  }
};

inline std::vector<double> normals(std::size_t count, std::uint64_t seed) {
  return core::trial::normal_cloud(1, count, seed).data;
}

inline double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace resgram::finite::trial
