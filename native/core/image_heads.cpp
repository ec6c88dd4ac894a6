// What heads read of the fields of passes.
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "denormals.hpp"
#include "image_pairs.hpp"

namespace resgram::core {
namespace {

// How often a line counts where x and z are the same images: a line and its mirror image have the same sum.
double weight_of(const ImageStep& head, Line start) {
  const auto mirrored = [](int shift, int stride, int size, bool wraps) {
    const int t = shift / stride;
    return (wraps ? (size - t) % size : -t) * stride;
  };
  const Line mirror{mirrored(start.y, head.stride.y, head.in.height, head.wraps.y),
                    mirrored(start.x, head.stride.x, head.in.width, head.wraps.x)};
  return mirror == start ? 1 : (start < mirror ? 2 : 0);
}

}  // namespace

// `x`: one image, or one for each lane.
template <class Real>
void ImageEvaluator<Real>::run_passes(const ImageBlock<Real>& x, Ticket& ticket) {
  runner_->clear();
  for (const Line start : lines_.front()) {
    runner_->run(x, *z_, start, ticket, [&](std::size_t reading, const typename PassRunner<Real>::Field& field) {
      const Head& head = plan_.heads()[passes_->readings()[reading].head];
      const bool whole = plan_.trunk()[head.at].op == Op::mean;
      if (whole) runner_->sum(x, *z_, reading, field, 1);
      if (start == Line{0, 0}) whole ? read_gap(x, reading, field) : read_field(reading, field);
    });
    ticket.checkpoint();
  }
  for (std::size_t r = 0; r < passes_->readings().size(); ++r) {
    const ImageStep& step = plan_.trunk()[plan_.heads()[passes_->readings()[r].head].at];
    if (step.op != Op::mean) continue;
    Reading& reading = readings_[step.which];
    for (std::size_t j = 0; j < lanes_; ++j) {
      const HeadUnits left = x.head_units[x.lanes > 1 ? r * lanes_ + j : r], right = z_->head_units[r * lanes_ + j];
      const auto sums = runner_->sums(r, j);
      const int covariance = sums.exponent + left.covariance + right.covariance;
      reading.covariance[j] = std::ldexp(sums.covariance, covariance);
      reading.tangent[j] = std::ldexp(sums.tangent, sums.exponent + left.tangent + right.tangent) / step.gain;
      reading.gap[j] *= std::sqrt(passes_->readings()[r].from.k) *
                        std::ldexp(covariance % 2 == 0 ? 1.0 : std::sqrt(2.0), (covariance - (covariance & 1)) / 2);
    }
  }
}

// Distances √E(f_x − f_z)² at equal places, summed; the functions in units of their images' amplitudes.   [image-average]
template <class Real>
void ImageEvaluator<Real>::read_gap(const ImageBlock<Real>& x, std::size_t reading,
                                    const typename PassRunner<Real>::Field& field) {
  const ImagePasses::Field& of = passes_->fields()[passes_->readings()[reading].from.field];
  const ImageStep& step = plan_.trunk()[plan_.heads()[passes_->readings()[reading].head].at];
  const Real* left = x.amplitudes.data() + of.amplitudes * x.lanes;
  const Real* right = z_->amplitudes.data() + of.amplitudes * lanes_;
  std::vector<double>& gap = readings_[step.which].gap;
  for (std::size_t pixel = 0; pixel < of.grid.pixels(); ++pixel)
    for (std::size_t j = 0; j < lanes_; ++j) {
      const double p = static_cast<double>(left[pixel * kAmplitudeNumbers * x.lanes + (x.lanes > 1 ? j : 0)]);
      const double q = static_cast<double>(right[pixel * kAmplitudeNumbers * lanes_ + j]);
      const double apart = static_cast<double>(field.pairs[pixel * pair_numbers(field.both) * lanes_ + j]);
      gap[j] += std::sqrt((p - q) * (p - q) + apart);
    }
}

template <class Real>
bool ImageEvaluator<Real>::pairs_among(const ImagePlan& plan, const ImagePasses* passes) {
  return passes != nullptr && std::all_of(plan.heads().begin(), plan.heads().end(),
                                          [&](const Head& head) { return plan.trunk()[head.at].op == Op::mean; });
}

template <class Real>
void ImageEvaluator<Real>::run_among(const ImageBlock<Real>& images, std::span<const ImageBlock<Real>> singles,
                                     Ticket& ticket, const EmitPair& emit) {
  const FlushDenormals flush;
  const std::size_t n = images.used;
  z_ = &images;
  ticket_ = &ticket;
  for (std::size_t by = 1; by <= n / 2; ++by) {
    clear_readings();
    std::fill(holders_.begin(), holders_.end(), 0);
    run_passes(images.turned(by), ticket);
    // Half a turn meets every pair twice.
    for (std::size_t lane = 0; lane < (2 * by == n ? by : n); ++lane) {
      const std::size_t other = (lane + by) % n;
      x_ = &singles[other];
      read_tails([&](std::size_t e, const Real* rho, const Real* t, double gain) {
        emit(e, std::min(lane, other), std::max(lane, other), lane, rho, t, gain);
      });
    }
  }
}

// The line of equal places, for heads that read nothing else.
template <class Real>
void ImageEvaluator<Real>::read_field(std::size_t reading, const typename PassRunner<Real>::Field& field) {
  const PassReading& from = passes_->readings()[reading];
  const ImagePasses::Field& of = passes_->fields()[from.from.field];
  const ImageStep& step = plan_.trunk()[plan_.heads()[from.head].at];
  State state = fresh(field.y, field.x);
  std::vector<double> unit(lanes_);
  for (std::size_t j = 0; j < lanes_; ++j)
    unit[j] = std::ldexp(1 / step.gain,
                         of.exponent + x_->head_units[reading].tangent + z_->head_units[reading * lanes_ + j].tangent);
  const Real *x = x_->amplitudes.data() + of.amplitudes, *z = z_->amplitudes.data() + of.amplitudes * lanes_;
  Real* t = data(state.t);
  image_rows<Real>().open(state.count(), field.pairs, field.both, {x, z}, data(state.rho), data(state.m), t);
  for_pairs(state, of.grid.width, [&](std::size_t at, std::size_t x_at, std::size_t z_at) {
    for (std::size_t k = at * lanes_, j = 0; j < lanes_; ++k, ++j) {
      const double size = static_cast<double>(x[x_at * kAmplitudeNumbers]) *
                          static_cast<double>(z[z_at * kAmplitudeNumbers * lanes_ + j]);
      const double whole =
          from.from.t * static_cast<double>(t[k]) + from.from.own * size * static_cast<double>(data(state.rho)[k]);
      t[k] = static_cast<Real>(whole * unit[j]);
    }
  });
  read_heads(step, state);
  drop(state);
}

template <class Real>
std::vector<std::vector<OwnState>> ImageEvaluator<Real>::own_means(const ImageBlock<Real>& images, Ticket* progress,
                                                                   const Ticket& ticket) {
  const FlushDenormals flush;
  runner_->clear();
  const auto weight = [&](std::size_t reading, Line start) {
    const Head& head = plan_.heads()[passes_->readings()[reading].head];
    const ImageStep& step = plan_.trunk()[head.at];
    return step.op == Op::mean && plan_.reads(head, start) ? weight_of(step, start) : 0;
  };
  for (const Line start : lines_.front()) {
    bool wanted = false;
    for (std::size_t r = 0; r < passes_->readings().size(); ++r) wanted = wanted || weight(r, start) > 0;
    if (wanted)
      runner_->run(images, images, start, ticket,
                   [&](std::size_t reading, const typename PassRunner<Real>::Field& field) {
                     const double times = weight(reading, start);
                     if (times > 0) runner_->sum(images, images, reading, field, times);
                   });
    if (progress != nullptr) progress->checkpoint(images.used);
  }
  std::vector<std::vector<OwnState>> means(images.used);
  for (std::size_t r = 0; r < passes_->readings().size(); ++r) {
    const ImageStep& step = plan_.trunk()[plan_.heads()[passes_->readings()[r].head].at];
    if (step.op != Op::mean) continue;
    const double count = static_cast<double>(step.in.pixels()) * static_cast<double>(step.in.pixels());
    for (std::size_t j = 0; j < images.used; ++j) {
      const HeadUnits& units = images.head_units[r * lanes_ + j];
      const auto sums = runner_->sums(r, j);
      // In the units of the state before the head.
      const double q = std::ldexp(sums.covariance, sums.exponent + 2 * units.covariance) / count;
      const double theta = std::ldexp(sums.tangent, sums.exponent + 2 * units.tangent) / count;
      means[j].push_back({{{std::max(0.0, q)}, images.exponents[j] - units.covariance},
                          {{std::max(0.0, theta)}, images.exponents[j] - units.tangent}});
    }
  }
  return means;
}

template void ImageEvaluator<double>::run_passes(const ImageBlock<double>&, Ticket&);
template void ImageEvaluator<float>::run_passes(const ImageBlock<float>&, Ticket&);
template bool ImageEvaluator<double>::pairs_among(const ImagePlan&, const ImagePasses*);
template bool ImageEvaluator<float>::pairs_among(const ImagePlan&, const ImagePasses*);
template void ImageEvaluator<double>::run_among(const ImageBlock<double>&, std::span<const ImageBlock<double>>, Ticket&,
                                                const EmitPair&);
template void ImageEvaluator<float>::run_among(const ImageBlock<float>&, std::span<const ImageBlock<float>>, Ticket&,
                                               const EmitPair&);
template std::vector<std::vector<OwnState>> ImageEvaluator<double>::own_means(const ImageBlock<double>&, Ticket*,
                                                                              const Ticket&);

}  // namespace resgram::core
