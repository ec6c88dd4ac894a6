#include "train.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "dormand_prince.hpp"
#include "empirical.hpp"
#include "random.hpp"

namespace resgram::finite {
namespace {

// A step too long makes a loss grow until a wide network finds a flatter place, where it may fall again; past this it is not
// coming back.
constexpr double kBeyond = 1e12;
constexpr std::size_t kThousandths = 1000;

double squares(std::span<const double> numbers) {
  double sum = 0;
  for (const double x : numbers) sum += x * x;
  return sum;
}

// Sweeps over all samples in batches that fit the budget, the memory of which stays.
class Sweeps {
 public:
  Sweeps(const Architecture& network, const Samples& x, std::span<const double> y, double budget, const Crew& crew)
      : network_(network), x_(x), y_(y), crew_(crew), residuals_(y.size()) {
    for_batches(x.rows, sweep_bytes(network), budget, [&](std::size_t first, std::size_t rows) {
      if (room_.empty() || rows != room_.back()->values.samples())
        room_.push_back(std::make_unique<Room>(network, rows));
      parts_.push_back({first, rows, room_.size() - 1});
    });
  }

  // rates = −scale · ∂loss; the loss comes back. Residuals stay to be read.
  double descend(std::span<const double> weights, double scale, std::span<double> rates) {
    std::fill(rates.begin(), rates.end(), 0.0);
    const std::size_t outputs = network_.outputs();
    const auto n = static_cast<double>(x_.rows);
    for (const Part& part : parts_) {
      Room& room = *room_[part.room];
      const std::size_t from = part.first * outputs, count = part.rows * outputs;
      look(weights, part);
      differentiate(network_, room.values, 1, room.slopes, crew_);
      double* const cotangent = room.cotangents.at(network_.output());
      for (std::size_t k = 0; k < count; ++k) cotangent[k] = -scale / n * residuals_[from + k];
      backward(network_, weights, room.slopes, room.cotangents, crew_);
      gradient(network_, room.values, room.cotangents, rates, crew_);
    }
    return loss();
  }
  // Residuals alone.
  double measure(std::span<const double> weights) {
    for (const Part& part : parts_) look(weights, part);
    return loss();
  }
  [[nodiscard]] std::span<const double> residuals() const { return residuals_; }

 private:
  struct Room {
    Signals values, slopes, cotangents;
    Room(const Architecture& network, std::size_t rows)
        : values(network, rows), slopes(network, rows, is_activation_node), cotangents(network, rows, moves) {}
  };
  struct Part {
    std::size_t first, rows, room;
  };
  void look(std::span<const double> weights, const Part& part) {
    Signals& values = room_[part.room]->values;
    const std::size_t inputs = network_.inputs(), outputs = network_.outputs();
    forward(network_, weights, x_.data.subspan(part.first * inputs, part.rows * inputs), values, crew_);
    const double* const out = values.at(network_.output());
    for (std::size_t k = 0; k < part.rows * outputs; ++k)
      residuals_[part.first * outputs + k] = out[k] - y_[part.first * outputs + k];
  }
  [[nodiscard]] double loss() const { return squares(residuals_) / (2 * static_cast<double>(x_.rows)); }

  const Architecture& network_;
  const Samples& x_;
  std::span<const double> y_;
  const Crew& crew_;
  std::vector<double> residuals_;
  std::vector<std::unique_ptr<Room>> room_;
  std::vector<Part> parts_;
};

// One training from its first to its last time.
class Run {
 public:
  Run(const Architecture& network, std::span<double> weights, const Samples& x, std::span<const double> y,
      const Samples& test, const Schedule& schedule, double budget, const Records& records, const Crew& crew)
      : network_(network),
        weights_(weights),
        x_(x),
        y_(y),
        test_(test),
        schedule_(schedule),
        budget_(0.5 * budget),
        records_(records),
        crew_(crew),
        quiet_(crew.ticket),
        inner_{crew.threads, quiet_},
        sweeps_(network, x, y, 0.25 * budget, crew),
        start_(weights.begin(), weights.end()) {
    crew_.ticket.expect(kThousandths);
    if (!std::isfinite(squares(y)))
      throw Error(Code::range, "squares of the targets leave the range of doubles; rescale the targets");
    bound_ = kBeyond * (sweeps_.measure(weights) + squares(y) / (2 * static_cast<double>(x.rows)));
    if (!std::isfinite(bound_))
      throw Error(Code::range, "outputs of the network at the start leave the range of doubles; rescale the inputs");
    if (records.drift == nullptr) return;
    first_kernel_ = kernel_at(0);
    kernel_size_ = squares(first_kernel_);
    if (!(std::isnormal(kernel_size_)))
      throw Error(Code::range,
                  "the empirical kernel at the start is 0 or its squares leave the range of doubles, so that "
                  "its drift has no unit; rescale the inputs");
  }

  Trained flow() {
    double loss = 0;
    DormandPrince flow(
        {{weights_.size(), schedule_.tolerance, 0}}, weights_,
        [&](std::span<const double> theta, std::span<double> rates) {
          loss = sweeps_.descend(theta, schedule_.learning_rate, rates);
        },
        crew_.threads);
    for (std::size_t t = 0; t < schedule_.times.size(); ++t) {
      try {
        flow.advance(schedule_.times[t], schedule_.most_steps, [&] {
          advance_to(flow.time());
          if (!(loss <= bound_)) throw diverged("time", flow.time(), loss);
        });
      } catch (const Error& error) {
        if (error.details().size() < 2 || error.details()[1].first != "step") throw;
        throw Error(error.code(), std::string("gradient flow: ") + error.what(), error.details());
      }
      std::copy(flow.state().begin(), flow.state().end(), weights_.begin());
      record(t);
    }
    return {flow.accepted(), 0};
  }

  Trained descent() {
    limit_ = 2 * static_cast<double>(x_.rows) / largest_eigenvalue(network_, weights_, x_, budget_, inner_);
    std::vector<double> moves(weights_.size());
    std::size_t step = 0;
    for (std::size_t t = 0; t < schedule_.times.size(); ++t) {
      for (; static_cast<double>(step) < schedule_.times[t]; ++step) {
        const double loss = sweeps_.descend(weights_, schedule_.learning_rate, moves);
        if (!(loss <= bound_)) throw diverged("step", static_cast<double>(step), loss);
        for_chunks(moves.size(), 1, crew_, [&](std::size_t from, std::size_t to) {
          for (std::size_t i = from; i < to; ++i) weights_[i] += moves[i];
        });
        advance_to(static_cast<double>(step + 1));
      }
      record(t);
    }
    return {step, limit_};
  }

 private:
  void advance_to(double time) {
    const double last = schedule_.times.back();
    const auto done = static_cast<std::size_t>(static_cast<double>(kThousandths) * (last > 0 ? time / last : 1));
    const std::size_t news = done > reported_ ? done - reported_ : 0;
    reported_ += news;
    crew_.ticket.checkpoint(news);
  }

  [[nodiscard]] Error diverged(const char* unit, double when, double loss) const {
    const bool descent = schedule_.method == Method::descent;
    const std::string help = descent ? " with learning rate " + shown(schedule_.learning_rate) +
                                           "; steps are stable below 2n/λ_max = " + shown(limit_) +
                                           " of the empirical kernel at the start: take a smaller learning rate"
                                     : "; rescale inputs and targets";
    Error::Details details{{unit, when}, {"loss", loss}, {"learningRate", schedule_.learning_rate}};
    if (descent) details.emplace_back("stabilityLimit", limit_);
    return {Code::no_convergence,
            "training diverged: at " + std::string(unit) + " " + shown(when) + " the loss is " + shown(loss) + help,
            std::move(details)};
  }

  static void require_finite(std::span<const double> numbers, const char* what, double when) {
    for (const double x : numbers) {
      if (std::isfinite(x)) continue;
      throw Error(Code::range,
                  std::string(what) + " leave the range of doubles at time " + shown(when) + "; rescale the inputs",
                  {{"time", when}});
    }
  }

  [[nodiscard]] std::vector<double> kernel_at(double time) const {
    std::vector<double> kernel(x_.rows * x_.rows);
    empirical(network_, weights_, x_, nullptr, budget_, {nullptr, kernel.data(), false}, inner_);
    require_finite(kernel, "values of the empirical kernel", time);
    return kernel;
  }

  void record(std::size_t t) {
    const double loss = sweeps_.measure(weights_);
    if (!(loss <= bound_))
      throw diverged(schedule_.method == Method::descent ? "step" : "time", schedule_.times[t], loss);
    records_.loss[t] = loss;
    const std::size_t length = y_.size();
    if (records_.train != nullptr)
      for (std::size_t k = 0; k < length; ++k) records_.train[t * length + k] = sweeps_.residuals()[k] + y_[k];
    if (records_.test != nullptr) {
      const std::size_t count = test_.rows * network_.outputs();
      outputs(network_, weights_, test_, budget_, {records_.test + t * count, count}, inner_);
      require_finite({records_.test + t * count, count}, "predictions at the test inputs", schedule_.times[t]);
    }
    if (records_.kernel != nullptr || records_.drift != nullptr) {
      const std::vector<double> kernel = kernel_at(schedule_.times[t]);
      if (records_.kernel != nullptr) std::copy(kernel.begin(), kernel.end(), records_.kernel + t * kernel.size());
      if (records_.drift != nullptr) {
        double sum = 0;
        for (std::size_t i = 0; i < kernel.size(); ++i)
          sum += (kernel[i] - first_kernel_[i]) * (kernel[i] - first_kernel_[i]);
        records_.drift[t] = std::sqrt(sum / kernel_size_);
      }
    }
    if (records_.moved == nullptr) return;
    const std::span<const Block> blocks = network_.blocks();
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      double sum = 0;
      for (std::size_t i = blocks[b].offset; i < blocks[b].offset + blocks[b].size(); ++i)
        sum += (weights_[i] - start_[i]) * (weights_[i] - start_[i]);
      records_.moved[t * blocks.size() + b] = std::sqrt(sum);
    }
  }

  const Architecture& network_;
  std::span<double> weights_;
  const Samples& x_;
  std::span<const double> y_;
  const Samples& test_;
  const Schedule& schedule_;
  double budget_;
  const Records& records_;
  const Crew& crew_;
  // What predicts and measures along the way reports no progress of its own.
  Ticket quiet_;
  Crew inner_;
  // Two rooms, for whole batches and for what is left, take half of the budget; the others the other half.
  Sweeps sweeps_;
  std::vector<double> start_;
  std::vector<double> first_kernel_;
  double bound_ = 0, limit_ = 0, kernel_size_ = 0;
  std::size_t reported_ = 0;
};

}  // namespace

double training_bytes(const Architecture& network, Method method) {
  const std::size_t vectors = method == Method::flow ? DormandPrince::numbers(1) + 1 : 4;
  return sizeof(double) * static_cast<double>(vectors) * static_cast<double>(network.parameters()) +
         sweep_bytes(network);
}

double largest_eigenvalue(const Architecture& network, std::span<const double> weights, const Samples& x, double budget,
                          const Crew& crew) {
  constexpr int kMost = 200;
  constexpr double kClose = 1e-5;
  std::vector<double> now(x.rows * network.outputs()), next(now.size());
  fill_normal(0, 0, 0, now);
  double value = 0;
  for (int k = 0; k < kMost; ++k) {
    const double length = std::sqrt(squares(now));
    if (length == 0 || !std::isfinite(length)) return value;
    for (double& entry : now) entry /= length;
    kernel_product(network, weights, x, now, 1, budget, next, crew);
    double quotient = 0;
    for (std::size_t i = 0; i < now.size(); ++i) quotient += now[i] * next[i];
    const bool settled = std::fabs(quotient - value) <= kClose * quotient;
    value = quotient;
    if (settled) break;
    std::swap(now, next);
  }
  return value;
}

Trained train(const Architecture& network, std::span<double> weights, const Samples& x, std::span<const double> y,
              const Samples& test, const Schedule& schedule, double budget, const Records& records, const Crew& crew) {
  require_orders(network, 1, "training");
  if (schedule.times.empty() || y.size() != x.rows * network.outputs() || records.loss == nullptr)
    throw Error(Code::internal, "training wants times, a loss to write, and targets for every output");
  Run run(network, weights, x, y, test, schedule, budget, records, crew);
  return schedule.method == Method::flow ? run.flow() : run.descent();
}

}  // namespace resgram::finite
