// Verbs of networks of finite width that move: training, and the tangent hierarchy. `network` and `weights` as in
// verbs_finite.cpp; inputs are Matrices.
#include <string>
#include <utility>

#include "core/error.hpp"
#include "finite.hpp"
#include "finite/hierarchy.hpp"
#include "finite/train.hpp"
#include "finite/truncated.hpp"
#include "verbs.hpp"

namespace resgram::addon {

namespace {

std::vector<double> ascending(Napi::Value value) {
  auto times = numbers(value, "times");
  require(!times.empty() && times.front() >= 0, "times: expected numbers from 0 on");
  for (std::size_t k = 1; k < times.size(); ++k) require(times[k] >= times[k - 1], "times: expected ascending numbers");
  return times;
}

std::size_t block_count(const finite::Architecture& network) { return network.blocks().size(); }

// finiteTrain(network, weights, x, y, test | null, [descent, learningRate, tolerance, mostSteps], times, loss, train | null,
// testOut | null, kernel | null, moved | null, drift | null, budget, threads): job → [steps, stabilityLimit]. Trains `weights` in place.
Napi::Value train(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto network = finite_network(info[0]);
    const auto weights = finite_weights(info[1], *network);
    const auto x = finite_inputs(info[2], *network);
    const auto y = matrix(info[3]);
    require(y->rows == x->rows && y->columns == network->outputs(), "y: expected one number for each output");
    const auto test = info[4].IsNull() ? nullptr : finite_inputs(info[4], *network);
    require(info[5].IsArray() && info[5].As<Napi::Array>().Length() == 4, "how: expected four entries");
    const Napi::Array how = info[5].As<Napi::Array>();
    const Napi::Value descent = how.Get(0u);
    require(descent.IsBoolean(), "descent: expected true or false");
    finite::Schedule schedule;
    schedule.method = descent.As<Napi::Boolean>().Value() ? finite::Method::descent : finite::Method::flow;
    schedule.learning_rate = number(how.Get(1u), "learningRate");
    schedule.tolerance = number(how.Get(2u), "tolerance");
    schedule.most_steps = count(how.Get(3u), "mostSteps");
    auto times = std::make_shared<const std::vector<double>>(ascending(info[6]));
    const std::size_t looks = times->size(), outputs = network->outputs();
    const std::size_t tested = test == nullptr ? 0 : test->rows;
    Work work;
    finite::Records records;
    records.loss = doubles(info[7], looks, "loss", work);
    require(records.loss != nullptr, "loss: expected an array");
    records.train = doubles(info[8], checked_product(looks, checked_product(x->rows, outputs)), "train", work);
    records.test = doubles(info[9], checked_product(looks, checked_product(tested, outputs)), "test", work);
    records.kernel = doubles(info[10], checked_product(looks, checked_product(x->rows, x->rows)), "kernel", work);
    records.moved = doubles(info[11], checked_product(looks, block_count(*network)), "moved", work);
    records.drift = doubles(info[12], looks, "drift", work);
    require(records.test == nullptr || test != nullptr, "test: expected rows for predictions");
    const double budget = number(info[13], "budget");
    work.threads = finite_threads(info[14]);
    auto trained = std::make_shared<finite::Trained>();
    work.run = [=, crew = work.threads](Ticket& ticket) {
      finite::Schedule mine = schedule;
      mine.times = *times;
      const finite::Samples rows = test == nullptr ? finite::Samples{} : finite::Samples{test->span(), test->rows};
      *trained = finite::train(*network, weights->span(), {x->span(), x->rows}, y->span(), rows, mine, budget, records,
                               {crew, ticket});
    };
    work.result = [trained](Napi::Env env) {
      Napi::Array pair = Napi::Array::New(env, 2);
      pair[0u] = Napi::Number::New(env, static_cast<double>(trained->steps));
      pair[1u] = Napi::Number::New(env, trained->stability_limit);
      return pair;
    };
    return make_job(info.Env(), std::move(work));
  });
}

// finiteTrainingBytes(network, descent): bytes beside arguments and results
Napi::Value training_bytes(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto network = finite_network(info[0]);
    require(info[1].IsBoolean(), "descent: expected true or false");
    const auto method = info[1].As<Napi::Boolean>().Value() ? finite::Method::descent : finite::Method::flow;
    return Napi::Number::New(info.Env(), finite::training_bytes(*network, method));
  });
}

// Sizes of the tensors: [points], [points][trained], and so on; none beyond the order.
std::size_t tensor_size(std::size_t points, std::size_t trained, int rank) {
  std::size_t size = points;
  for (int k = 1; k < rank; ++k) size = checked_product(size, trained);
  return size;
}

int order_of(Napi::Value value) {
  const std::size_t order = count(value, "order", 2);
  require(order <= 4, "order: expected 2, 3 or 4");
  return static_cast<int>(order);
}

// finiteHierarchy(network, weights, x, trained, order, outputs, second, third | null, fourth | null, threads): job
Napi::Value hierarchy(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto network = finite_network(info[0]);
    const auto weights = finite_weights(info[1], *network);
    const auto x = finite_inputs(info[2], *network);
    const std::size_t points = x->rows, trained = count(info[3], "trained", 1);
    require(trained <= points, "trained: expected at most as many as there are points");
    const int order = order_of(info[4]);
    Work work;
    double* tensors[4] = {};
    std::size_t sizes[4] = {};
    for (int rank = 1; rank <= 4; ++rank) {
      sizes[rank - 1] = rank <= order ? tensor_size(points, trained, rank) : 0;
      tensors[rank - 1] = doubles(info[static_cast<std::size_t>(4 + rank)], sizes[rank - 1], "tensor", work);
      require((tensors[rank - 1] != nullptr) == (rank <= order),
              "tensors: expected one for every rank up to the order");
    }
    const finite::TensorOutputs out{
        {tensors[0], sizes[0]}, {tensors[1], sizes[1]}, {tensors[2], sizes[2]}, {tensors[3], sizes[3]}};
    work.threads = finite_threads(info[9]);
    work.run = [=, crew = work.threads](Ticket& ticket) {
      finite::tangent_hierarchy(*network, weights->span(), x->span(), points, trained, order, out, {crew, ticket});
    };
    return make_job(info.Env(), std::move(work));
  });
}

// finiteHierarchyBytes(network, points, trained, order, threads): bytes beside arguments and results
Napi::Value hierarchy_bytes(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto network = finite_network(info[0]);
    return Napi::Number::New(
        info.Env(), finite::hierarchy_bytes(*network, count(info[1], "points", 1), count(info[2], "trained", 1),
                                            order_of(info[3]), finite_threads(info[4])));
  });
}

// finiteTruncated(order, tolerance, mostSteps, y, times, f, second, third | null, fourth | null, outputs, kernels | null,
// threads): job. The tensors are Matrices: f is points × 1, second points × trained.
Napi::Value truncated(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    finite::Truncation how;
    how.order = order_of(info[0]);
    how.tolerance = number(info[1], "tolerance");
    how.most_steps = count(info[2], "mostSteps", 1);
    const auto y = matrix(info[3]);
    auto times = std::make_shared<const std::vector<double>>(ascending(info[4]));
    std::vector<std::shared_ptr<Numbers>> tensors;
    for (std::size_t k = 5; k < 9; ++k) tensors.push_back(info[k].IsNull() ? nullptr : matrix(info[k]));
    require(tensors[0] != nullptr && tensors[1] != nullptr, "f and second: expected both");
    const std::size_t points = tensors[1]->rows, trained = tensors[1]->columns;
    require(trained >= 1 && trained <= points && y->span().size() == trained,
            "y: expected one number per trained point");
    for (int rank = 1; rank <= 4; ++rank) {
      const auto& tensor = tensors[static_cast<std::size_t>(rank - 1)];
      const bool wanted = rank <= how.order;
      require((tensor != nullptr) == wanted, "tensors: expected one for every rank up to the order");
      require(!wanted || tensor->span().size() == tensor_size(points, trained, rank),
              "tensors: expected sizes that fit");
    }
    Work work;
    const std::size_t length = checked_product(times->size(), points);
    double* const outputs = doubles(info[9], length, "outputs", work);
    require(outputs != nullptr, "outputs: expected an array");
    const std::size_t square = checked_product(length, trained);
    double* const kernels = doubles(info[10], square, "kernels", work);
    work.threads = finite_threads(info[11]);
    work.run = [=, crew = work.threads](Ticket& ticket) {
      const auto span_of = [&](std::size_t k) {
        return tensors[k] == nullptr ? std::span<const double>() : std::span<const double>(tensors[k]->span());
      };
      finite::integrate({points, trained, span_of(0), span_of(1), span_of(2), span_of(3)}, how, y->span(), *times,
                        {outputs, length}, {kernels, kernels == nullptr ? 0 : square}, crew, ticket);
    };
    return make_job(info.Env(), std::move(work));
  });
}

}  // namespace

void define_train_verbs(Napi::Env env, Napi::Object exports) {
  exports["finiteTrain"] = Napi::Function::New(env, train, "finiteTrain");
  exports["finiteTrainingBytes"] = Napi::Function::New(env, training_bytes, "finiteTrainingBytes");
  exports["finiteHierarchy"] = Napi::Function::New(env, hierarchy, "finiteHierarchy");
  exports["finiteHierarchyBytes"] = Napi::Function::New(env, hierarchy_bytes, "finiteHierarchyBytes");
  exports["finiteTruncated"] = Napi::Function::New(env, truncated, "finiteTruncated");
}

}  // namespace resgram::addon
