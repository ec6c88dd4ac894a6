#include "predict.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "buffer.hpp"
#include "error.hpp"
#include "row_dots.hpp"
#include "sinks.hpp"
#include "whiten.hpp"

namespace resgram::core {
namespace {

constexpr const char* kRemedy = " leave the range of doubles; rescale the data, or add a ridge";

bool all_finite(std::span<const double> numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
}

Sink<double> sink_of(const Fit& fit, double* values) {
  Sink<double> sink;
  (fit.tangent ? sink.ntk : sink.nngp) = values;
  return sink;
}

double scale_of(const Fit& fit, const Sink<double>& sink) {
  return fit.tangent ? sink.ntk_log_scale : sink.nngp_log_scale;
}

// Each by itself, so that no mean depends on others.
void means(const Fit& fit, const double* rows, std::size_t m, std::span<double> mean) {
  const std::size_t n = fit.samples.points().rows, columns = fit.columns;
  const double* weights = fit.weights.data();
  const Buffer<double> turned(columns == 1 ? 0 : n * columns);
  if (columns > 1) {
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t c = 0; c < columns; ++c) turned.data()[c * n + i] = weights[i * columns + c];
    weights = turned.data();
  }
  dot_lanes().dots(rows, n, m, weights, n, columns, n, mean.data(), columns);
  if (!all_finite(mean)) throw Error(Code::range, std::string("means") + kRemedy);
}

void variances(const Fit& fit, double* rows, std::size_t m, std::span<double> variance, int threads, Ticket& ticket) {
  const std::size_t n = fit.samples.points().rows;
  whiten(fit.factor, n, rows, m, threads, ticket);
  for (std::size_t j = 0; j < m; ++j) {
    const double* w = rows + j * n;
    double explained = 0;
    dot_lanes().dots(w, n, 1, w, n, 1, n, &explained, 1);
    if (!std::isfinite(explained)) {
      for (std::size_t i = 0; i < n; ++i)
        if (!(fit.factor[i * n + i] > 0))
          throw Error(Code::argument, "factor: expected a lower Cholesky factor with a positive diagonal, row " +
                                          std::to_string(i) + " has " + shown(fit.factor[i * n + i]));
      throw Error(Code::range, std::string("posterior variances") + kRemedy);
    }
    variance[j] = std::max(0.0, variance[j] - explained);
  }
}

}  // namespace

PredictionScales predict(const Fit& fit, const Points& points, const Predictions& to, Tuning tuning, Ticket& ticket) {
  const std::size_t n = fit.samples.points().rows, m = points.rows;
  if (m == 0) return {};
  const Buffer<double> room(to.covariance.empty() ? m * n : 0);
  double* const rows = to.covariance.empty() ? room.data() : to.covariance.data();
  tuning.pairs = static_cast<double>(n) * static_cast<double>(n) / 2;
  PredictionScales scales;
  {
    Sink<double> sink = sink_of(fit, rows);
    cross(fit.program, points, fit.samples, {&sink, 1}, tuning, ticket);
    require_finite<double>({&sink, 1}, m, n);
    scales.mean = scale_of(fit, sink);
  }
  means(fit, rows, m, to.mean);
  if (to.variance.empty()) return scales;
  {
    Sink<double> sink = sink_of(fit, to.variance.data());
    diagonal(fit.program, points, {&sink, 1}, ticket);
    require_finite<double>({&sink, 1}, m, 1);
    scales.variance = scale_of(fit, sink);
  }
  variances(fit, rows, m, to.variance, usable_threads(tuning.threads), ticket);
  return scales;
}

}  // namespace resgram::core
