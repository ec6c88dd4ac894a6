// Verbs of networks of finite width. In all of them: `network` as finite_network() reads it, `weights` a Matrix of its
// parameters, inputs and results Matrices or arrays of rows; `budget` in bytes beside inputs and results.
#include <cmath>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "finite.hpp"
#include "finite/empirical.hpp"
#include "finite/weights.hpp"
#include "verbs.hpp"

namespace resgram::addon {

namespace {

using finite::Architecture;
using finite::Crew;
using finite::Samples;

Samples samples_of(const Numbers& numbers) { return {numbers.span(), numbers.rows}; }

// A result that is not finite though all inputs were: the product of many layers left the range of doubles.
void require_range(std::span<const double> values, const char* what) {
  for (const double value : values) {
    if (std::isfinite(value)) continue;
    throw Error(Code::range, std::string(what) + " of the sampled network leave the range of doubles; rescale the " +
                                 "inputs, or take activations and scales that keep the variance");
  }
}

double bytes(Napi::Value value) {
  const double given = number(value, "budget");
  require(given > 0, "budget: expected bytes above 0");
  return given;
}

// Where a job of numbers writes, which it must.
std::span<double> result(Napi::Value value, std::size_t length, Work& work) {
  double* const out = doubles(value, length, "out", work);
  require(out != nullptr, "out: expected an array");
  return {out, length};
}

// finiteLayout(network): what it is made of.
Napi::Value layout(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto network = finite_network(info[0]);
    const auto count_of = [&](double value) { return Napi::Number::New(info.Env(), value); };
    Napi::Object facts = Napi::Object::New(info.Env());
    facts["parameters"] = count_of(static_cast<double>(network->parameters()));
    facts["trained"] = count_of(static_cast<double>(network->trained_parameters()));
    facts["orders"] = network->orders();
    if (network->least_smooth() != finite::kNone) {
      const finite::Node& node = network->nodes()[network->least_smooth()];
      const core::Place* place = node.step->place;
      Napi::Object least = Napi::Object::New(info.Env());
      least["path"] = place == nullptr ? "" : place->path;
      least["name"] = place == nullptr ? "" : place->name;
      least["activation"] = node.phi->name();
      facts["leastSmooth"] = least;
    }
    facts["forwardBytes"] = count_of(finite::forward_bytes(*network));
    facts["sweepBytes"] = count_of(finite::sweep_bytes(*network));
    Napi::Array blocks = Napi::Array::New(info.Env(), network->blocks().size());
    std::uint32_t at = 0;
    for (const finite::Block& block : network->blocks()) {
      Napi::Object one = Napi::Object::New(info.Env());
      const core::Place* place = network->nodes()[block.node].step->place;
      one["path"] = place == nullptr ? "" : place->path;
      one["kind"] = block.bias ? "bias" : "weights";
      one["rows"] = count_of(static_cast<double>(block.rows));
      one["columns"] = count_of(static_cast<double>(block.columns));
      one["offset"] = count_of(static_cast<double>(block.offset));
      one["factor"] = count_of(block.factor);
      one["trainable"] = block.trained;
      one["zero"] = block.starts_at_zero;
      blocks[at++] = one;
    }
    facts["blocks"] = blocks;
    return facts;
  });
}

// finiteSample(network, seed, weights, threads): job; fills the weights.
Napi::Value sample(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto network = finite_network(info[0]);
    const auto seed = static_cast<std::uint64_t>(count(info[1], "seed"));
    const auto weights = finite_weights(info[2], *network);
    Work work;
    work.threads = finite_threads(info[3]);
    work.run = [network, seed, weights, crew = work.threads](Ticket& ticket) {
      ticket.expect(1);
      finite::sample(*network, seed, weights->span(), {crew, ticket});
      ticket.checkpoint();
    };
    return make_job(info.Env(), std::move(work));
  });
}

// finiteForward(network, weights, x, out, budget, threads): job; out is rows × outputs
Napi::Value forward(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto network = finite_network(info[0]);
    const auto weights = finite_weights(info[1], *network);
    const auto x = finite_inputs(info[2], *network);
    const std::size_t length = checked_product(x->rows, network->outputs());
    Work work;
    const std::span<double> out = result(info[3], length, work);
    const double budget = bytes(info[4]);
    work.threads = finite_threads(info[5]);
    work.run = [=, crew = work.threads](Ticket& ticket) {
      finite::outputs(*network, weights->span(), samples_of(*x), budget, out, {crew, ticket});
      require_range(out, "outputs");
    };
    return make_job(info.Env(), std::move(work));
  });
}

// A job on (network, weights, x, fourth, out, budget, threads) that a network needs φ′ for.
using Sweep = void (*)(const Architecture& network, std::span<const double> weights, const Samples& x,
                       std::span<const double> fourth, double budget, std::span<double> out, const Crew& crew);
Napi::Value sweep(const Napi::CallbackInfo& info, const std::shared_ptr<const Architecture>& network,
                  const std::shared_ptr<Numbers>& x, const std::shared_ptr<Numbers>& fourth, std::size_t length,
                  Sweep task) {
  const auto weights = finite_weights(info[1], *network);
  Work work;
  const std::span<double> out = result(info[4], length, work);
  const double budget = bytes(info[5]);
  work.threads = finite_threads(info[6]);
  work.run = [=, crew = work.threads](Ticket& ticket) {
    finite::require_orders(*network, 1, "a derivative by the weights");
    task(*network, weights->span(), samples_of(*x), fourth->span(), budget, out, {crew, ticket});
    require_range(out, "derivatives");
  };
  return make_job(info.Env(), std::move(work));
}

// finitePush(network, weights, x, direction, out, budget, threads): job; out = J·direction, rows × outputs
Napi::Value push(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto network = finite_network(info[0]);
    const auto x = finite_inputs(info[2], *network);
    const std::size_t length = checked_product(x->rows, network->outputs());
    return sweep(info, network, x, finite_weights(info[3], *network), length, finite::push);
  });
}

// finitePull(network, weights, x, u, out, budget, threads): job; out = Jᵀ·u for u of rows × outputs
Napi::Value pull(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto network = finite_network(info[0]);
    const auto x = finite_inputs(info[2], *network);
    const auto u = matrix(info[3]);
    require(u->rows == x->rows && u->columns == network->outputs(), "u: expected one number for each output");
    return sweep(info, network, x, u, network->parameters(), finite::pull);
  });
}

// finiteKernels(network, weights, x, z | null, nngp | null, ntk | null, each, budget, threads): job
Napi::Value kernels(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto network = finite_network(info[0]);
    const auto weights = finite_weights(info[1], *network);
    const auto x = finite_inputs(info[2], *network);
    const auto z = info[3].IsNull() ? nullptr : finite_inputs(info[3], *network);
    require(info[6].IsBoolean(), "each: expected true or false");
    const bool each = info[6].As<Napi::Boolean>().Value();
    const std::size_t length = checked_product(x->rows, z == nullptr ? x->rows : z->rows);
    const std::size_t full = checked_product(length, each ? network->outputs() : 1);
    Work work;
    const finite::Empirical out{doubles(info[4], length, "nngp", work), doubles(info[5], full, "ntk", work), each};
    const double budget = bytes(info[7]);
    work.threads = finite_threads(info[8]);
    work.run = [=, crew = work.threads](Ticket& ticket) {
      const Samples right = z == nullptr ? Samples{} : samples_of(*z);
      finite::empirical(*network, weights->span(), samples_of(*x), z == nullptr ? nullptr : &right, budget, out,
                        {crew, ticket});
      if (out.nngp != nullptr) require_range({out.nngp, length}, "kernels");
      if (out.ntk != nullptr) require_range({out.ntk, full}, "kernels");
    };
    return make_job(info.Env(), std::move(work));
  });
}

// finiteKernelProduct(network, weights, x, vectors, out, budget, threads): job; of every row of `vectors`, rows × outputs of x
Napi::Value kernel_product(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto network = finite_network(info[0]);
    const auto weights = finite_weights(info[1], *network);
    const auto x = finite_inputs(info[2], *network);
    const auto vectors = matrix(info[3]);
    require(vectors->columns == checked_product(x->rows, network->outputs()),
            "vectors: expected one number for each sample and output");
    const std::size_t length = vectors->span().size();
    Work work;
    const std::span<double> out = result(info[4], length, work);
    const double budget = bytes(info[5]);
    work.threads = finite_threads(info[6]);
    work.run = [=, crew = work.threads](Ticket& ticket) {
      finite::require_orders(*network, 1, "the NTK of a sampled network");
      finite::kernel_product(*network, weights->span(), samples_of(*x), vectors->span(), vectors->rows, budget, out,
                             {crew, ticket});
      require_range(out, "products");
    };
    return make_job(info.Env(), std::move(work));
  });
}

// finiteKernelBytes(network, ntk, samples, threads): [of a sample, once, least]
Napi::Value kernel_bytes(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto network = finite_network(info[0]);
    require(info[1].IsBoolean(), "ntk: expected true or false");
    const finite::EmpiricalBytes taken = finite::empirical_bytes(*network, info[1].As<Napi::Boolean>().Value(),
                                                                 count(info[2], "samples", 1), finite_threads(info[3]));
    Napi::Array all = Napi::Array::New(info.Env(), 3);
    all[0u] = Napi::Number::New(info.Env(), taken.sample);
    all[1u] = Napi::Number::New(info.Env(), taken.once);
    all[2u] = Napi::Number::New(info.Env(), taken.least());
    return all;
  });
}

}  // namespace

void define_finite_verbs(Napi::Env env, Napi::Object exports) {
  exports["finiteLayout"] = Napi::Function::New(env, layout, "finiteLayout");
  exports["finiteSample"] = Napi::Function::New(env, sample, "finiteSample");
  exports["finiteForward"] = Napi::Function::New(env, forward, "finiteForward");
  exports["finitePush"] = Napi::Function::New(env, push, "finitePush");
  exports["finitePull"] = Napi::Function::New(env, pull, "finitePull");
  exports["finiteKernels"] = Napi::Function::New(env, kernels, "finiteKernels");
  exports["finiteKernelProduct"] = Napi::Function::New(env, kernel_product, "finiteKernelProduct");
  exports["finiteKernelBytes"] = Napi::Function::New(env, kernel_bytes, "finiteKernelBytes");
}

}  // namespace resgram::addon
