#include <algorithm>
#include <string>
#include <vector>

#include "convert.hpp"
#include "core/pool.hpp"
#include "core/svm.hpp"
#include "verbs.hpp"

namespace resgram::addon {

namespace {

// Whole numbers below `limit`, from a Float64Array.
std::vector<std::uint32_t> indices(Napi::Value value, const char* name, std::size_t limit) {
  const std::vector<double> given = numbers(value, name);
  std::vector<std::uint32_t> whole;
  whole.reserve(given.size());
  for (const double one : given) {
    if (!(one >= 0 && one < static_cast<double>(limit) &&
          one == static_cast<double>(static_cast<std::uint32_t>(one)))) {
      throw Failure{"ERR_ARGUMENT", std::string(name) + ": expected indices below " + std::to_string(limit), {}};
    }
    whole.push_back(static_cast<std::uint32_t>(one));
  }
  return whole;
}

std::vector<std::vector<std::uint32_t>> lists(Napi::Value value, const char* name, std::size_t limit) {
  if (!value.IsArray()) throw Failure{"ERR_ARGUMENT", std::string(name) + ": expected an array of them", {}};
  const Napi::Array rows = value.As<Napi::Array>();
  std::vector<std::vector<std::uint32_t>> all;
  for (std::uint32_t i = 0; i < rows.Length(); ++i) all.push_back(indices(rows.Get(i), name, limit));
  return all;
}

// A matrix with the classes of its samples, which a job keeps.
struct Samples {
  std::shared_ptr<Numbers> matrix;
  std::vector<std::uint32_t> classes;

  [[nodiscard]] core::Labelled labelled() const { return {matrix->data.data(), matrix->rows, classes}; }
};

std::shared_ptr<Samples> samples_of(Napi::Value gram, Napi::Value classes) {
  auto samples = std::make_shared<Samples>();
  samples->matrix = matrix(gram);
  const std::size_t n = samples->matrix->rows;
  samples->classes = indices(classes, "classes", n);
  if (n == 0 || samples->matrix->columns != n || samples->classes.size() != n) {
    throw Failure{
        "ERR_SHAPE", "matrix and classes: expected a square matrix of at least one row and a class for each", {}};
  }
  return samples;
}

// [costs, tolerance, most iterations, shrinking, warm]
core::SvmSettings settings_of(Napi::Value value) {
  require(value.IsArray(), "settings: expected an array");
  const Napi::Array row = value.As<Napi::Array>();
  core::SvmSettings settings;
  settings.costs = numbers(row.Get(0u), "costs");
  settings.smo.tolerance = number(row.Get(1u), "tolerance");
  settings.smo.most_iterations = count(row.Get(2u), "iterations", 1);
  settings.smo.shrinking = row.Get(3u).ToBoolean();
  settings.warm = row.Get(4u).ToBoolean();
  const bool positive = std::all_of(settings.costs.begin(), settings.costs.end(), [](double c) { return c > 0; });
  require(!settings.costs.empty() && positive && settings.smo.tolerance > 0,
          "settings: expected costs and a tolerance above 0");
  return settings;
}

// svmTrain(matrix, classes, settings, coefficients, facts, threads): job. The classes are 0 … k − 1 and all occur.
// coefficients: costs × n × (k − 1), see core/svm.hpp; facts: costs × pairs × [bias, objective, violation, iterations].
Napi::Value svm_train(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto samples = samples_of(info[0], info[1]);
    const core::SvmSettings settings = settings_of(info[2]);
    const std::size_t n = samples->classes.size();
    const std::size_t classes = std::size_t{1} + *std::max_element(samples->classes.begin(), samples->classes.end());
    Work work;
    work.lane = Lane::pairs;
    work.threads = threads(info[5]);
    const std::size_t each = checked_product(n, classes - 1), pairs = checked_product(classes, classes - 1) / 2;
    double* const coefficients = doubles(info[3], checked_product(settings.costs.size(), each), "coefficients", work);
    double* const facts = doubles(info[4], checked_product(settings.costs.size(), 4 * pairs), "facts", work);
    require(coefficients != nullptr && facts != nullptr, "coefficients and facts: expected arrays");
    work.run = [samples, settings, n, coefficients, facts, count = work.threads](Ticket& ticket) {
      std::vector<std::uint32_t> all(n);
      for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<std::uint32_t>(i);
      double* to = coefficients;
      double* fact = facts;
      for (const core::Svm& svm : core::train(samples->labelled(), {all}, settings, count, ticket)) {
        to = std::copy(svm.coefficients.begin(), svm.coefficients.end(), to);
        for (const core::SmoOutcome& pair : svm.pairs) {
          *fact++ = pair.bias;
          *fact++ = pair.objective;
          *fact++ = pair.violation;
          *fact++ = static_cast<double>(pair.iterations);
        }
      }
    };
    return make_job(info.Env(), std::move(work));
  });
}

// svmFolds(matrix, classes, trains, tests, settings, predictions, threads): job. Lists of indices; predictions: for each
// fold, costs × tests places in the classes.
Napi::Value svm_folds(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto samples = samples_of(info[0], info[1]);
    const std::size_t n = samples->classes.size();
    const auto trains = lists(info[2], "training rows", n), tests = lists(info[3], "test rows", n);
    const core::SvmSettings settings = settings_of(info[4]);
    if (trains.size() != tests.size() || !info[5].IsArray() || info[5].As<Napi::Array>().Length() != tests.size()) {
      throw Failure{"ERR_ARGUMENT", "folds: expected training rows, test rows and predictions for each", {}};
    }
    Work work;
    work.lane = Lane::pairs;
    work.threads = threads(info[6]);
    std::vector<double*> predictions;
    for (std::size_t s = 0; s < tests.size(); ++s) {
      const std::size_t length = checked_product(settings.costs.size(), tests[s].size());
      predictions.push_back(
          doubles(info[5].As<Napi::Array>().Get(static_cast<std::uint32_t>(s)), length, "predictions", work));
      require(predictions.back() != nullptr, "predictions: expected arrays");
    }
    work.run = [samples, trains, tests, settings, predictions, count = work.threads](Ticket& ticket) {
      const auto found = core::validate(samples->labelled(), trains, tests, settings, count, ticket);
      for (std::size_t s = 0; s < found.size(); ++s) std::copy(found[s].begin(), found[s].end(), predictions[s]);
    };
    return make_job(info.Env(), std::move(work));
  });
}

// svmDecide(cross, classes, coefficients, biases, decisions, winners, threads): job. cross: points × n; classes and
// coefficients as svmTrain has them for one cost; decisions: points × pairs; winners: one class a point.
Napi::Value svm_decide(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto cross = matrix(info[0]);
    auto svm = std::make_shared<core::Svm>();
    svm->own = indices(info[1], "classes", cross->columns);
    svm->coefficients = numbers(info[2], "coefficients");
    const std::vector<double> biases = numbers(info[3], "biases");
    for (const double bias : biases) svm->pairs.push_back({.bias = bias});
    const std::size_t n = svm->own.size();
    svm->classes.resize(n == 0 ? 0 : std::size_t{1} + *std::max_element(svm->own.begin(), svm->own.end()));
    const std::size_t count = svm->classes.size();
    if (count < 2 || n != cross->columns || svm->coefficients.size() != checked_product(n, count - 1) ||
        biases.size() != checked_product(count, count - 1) / 2) {
      throw Failure{"ERR_SHAPE", "cross, classes, coefficients and biases: expected those of one machine", {}};
    }
    Work work;
    work.lane = Lane::pairs;
    work.threads = threads(info[6]);
    double* const decisions = doubles(info[4], checked_product(cross->rows, biases.size()), "decisions", work);
    double* const winners = doubles(info[5], cross->rows, "winners", work);
    require(decisions != nullptr && winners != nullptr, "decisions and winners: expected arrays");
    work.run = [cross, svm, count, n, decisions, winners, wanted = work.threads](Ticket& ticket) {
      const std::size_t pairs = svm->pairs.size();
      ticket.expect(cross->rows);
      core::parallel_for(cross->rows, wanted, [&](std::size_t row, int) {
        std::vector<double> room(count * (count - 1));
        std::vector<std::uint32_t> votes(count);
        const std::span<double> own{decisions + row * pairs, pairs};
        core::decide(*svm, cross->data.data() + row * n, [](std::size_t i) { return i; }, room, own);
        winners[row] = static_cast<double>(core::elect(own, count, votes));
        ticket.checkpoint();
      });
    };
    return make_job(info.Env(), std::move(work));
  });
}

}  // namespace

void define_svm_verbs(Napi::Env env, Napi::Object exports) {
  exports["svmTrain"] = Napi::Function::New(env, svm_train, "svmTrain");
  exports["svmFolds"] = Napi::Function::New(env, svm_folds, "svmFolds");
  exports["svmDecide"] = Napi::Function::New(env, svm_decide, "svmDecide");
}

}  // namespace resgram::addon
