// Training of a network of finite width on all data at once, loss (1/2n) Σ (f(x_i) − y_i)²: gradient flow, and gradient
// descent with steps of one length.                                                                              [training]
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "batch.hpp"

namespace resgram::finite {

enum class Method : unsigned char { flow, descent };

struct Schedule {
  Method method = Method::flow;
  // When to look: times of flow, numbers of steps of descent; ascending from 0 on.
  std::span<const double> times;
  double learning_rate = 1;    // descent: η; flow: time runs that much faster
  double tolerance = 1e-7;     // flow: ‖error‖ of all parameters per step
  std::size_t most_steps = 0;  // flow: up to each time
};

// What is written down at every time; null: not wanted. n rows of x, m of test, c outputs, b blocks of parameters.
struct Records {
  double* loss = nullptr;    // at each of the times
  double* train = nullptr;   // [times][n][c]
  double* test = nullptr;    // [times][m][c]
  double* kernel = nullptr;  // [times][n][n]: mean NTK over the outputs
  double* moved = nullptr;   // [times][b]: ‖block − block at the start‖
  double* drift = nullptr;   // [times]: ‖NTK − NTK at the start‖ over ‖NTK at the start‖, Frobenius
};

struct Trained {
  std::size_t steps = 0;       // of descent, or accepted ones of flow
  double stability_limit = 0;  // descent: 2n/λ_max of the empirical kernel at the start; 0 for flow
};

// Trains `weights` in place. Throws Error{argument} where φ has no slope, Error{no_convergence} with details step (flow: time),
// loss, learningRate and stabilityLimit where the loss leaves every bound. Progress: thousandths of the last time.
Trained train(const Architecture& network, std::span<double> weights, const Samples& x, std::span<const double> y,
              const Samples& test, const Schedule& schedule, double budget, const Records& records, const Crew& crew);

// Bytes beside arguments and records, of all parameters and of one batch of one sample.
double training_bytes(const Architecture& network, Method method);

// The largest eigenvalue of the matrix of ⟨∂f_k(x_i), ∂f_l(x_j)⟩ over samples and outputs, by power iteration: from below, and
// to about a thousandth.                                                                                         [training]
double largest_eigenvalue(const Architecture& network, std::span<const double> weights, const Samples& x, double budget,
                          const Crew& crew);

}  // namespace resgram::finite
