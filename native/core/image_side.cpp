#include "image_side.hpp"

#include <algorithm>
#include <utility>

#include "pool.hpp"

namespace resgram::core {
namespace {

std::size_t pixels_of(const ImagePlan& plan) { return plan.grid().height * plan.grid().width; }

Points pixels(const ImagePlan& plan, const Points& images) {
  return {images.data, images.rows * pixels_of(plan), plan.grid().channels};
}

template <class Real>
ImageBlock<Real> block_of(const ImagePlan& plan, const std::vector<OwnState>* averages, const Directions<Real>& all,
                          std::size_t first, std::size_t used, std::size_t lanes, std::size_t number) {
  const std::size_t count = pixels_of(plan), size = count * plan.grid().channels;
  ImageBlock<Real> block;
  block.lanes = lanes;
  block.used = used;
  block.pixels = &all;
  block.first = first;
  block.units.resize(size * lanes);
  block.factors.resize(plan.factors() * lanes);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const std::size_t image = first + std::min(lane, used - 1);
    const Real* unit = all.unit(image * count);
    for (std::size_t k = 0; k < size; ++k) block.units[k * lanes + lane] = unit[k];
    OwnRecursion own(plan, std::span(all.units()).subspan(image * count, count), averages[image], number + image);
    own.run(block.factors.data() + lane, lanes);
  }
  return block;
}

}  // namespace

Points ImageSide::part(std::size_t first, std::size_t count) const {
  return {points.data.subspan(first * points.dimension, count * points.dimension), count, points.dimension,
          points.grid};
}

ImageSide::ImageSide(const ImagePlan& plan, const Points& images, bool per_dimension, int threads,
                     double smallest_exponent, double largest_exponent, const Ticket& ticket, Ticket* progress)
    : points(images), averages(images.rows) {
  const std::size_t n = images.rows, count = pixels_of(plan);
  std::vector<std::vector<Scaled>> covariance(plan.emits(), std::vector<Scaled>(n)), tangent = covariance;
  exponents.assign(plan.emits(), std::vector<std::int64_t>(n));
  // Values that need the image's own pairs are made in double, one after the other: each is a factor of the next.
  const auto complete = [&](std::size_t image) {
    const Directions<double> all(pixels(plan, part(image, 1)), per_dimension);
    ImageEvaluator<double> evaluator(plan, 1, true);
    for (;;) {
      ImageBlock<double> block;
      block.units.assign(all.unit(0), all.unit(0) + count * plan.grid().channels);
      block.factors.resize(plan.factors());
      block.pixels = &all;
      OwnRecursion own(plan, all.units(), averages[image], image);
      const std::size_t stopped = own.run(block.factors.data(), 1);
      if (stopped == plan.trunk().size()) return;
      averages[image].push_back(evaluator.own_average(stopped, block, own.state(), ticket));
    }
  };
  const std::size_t lines = plan.needs_own_lines() ? ImageEvaluator<double>(plan, 1, true).lines() : 0;
  parallel_for(n, threads, [&](std::size_t image, int) {
    if (ticket.cancelled()) throw Cancelled{};
    if (plan.needs_own_lines()) complete(image);
    const Directions<double> all(pixels(plan, part(image, 1)), per_dimension);
    OwnRecursion own(plan, all.units(), averages[image], image);
    own.run<double>(nullptr, 1);
    for (std::size_t e = 0; e < plan.emits(); ++e) {
      covariance[e][image] = own.emits()[e].covariance;
      tangent[e][image] = own.emits()[e].tangent;
      exponents[e][image] = own.emits()[e].exponent;
    }
    if (progress != nullptr) progress->checkpoint(lines);
  });
  for (std::size_t e = 0; e < plan.emits(); ++e)
    diagonals.push_back({scaled_diagonal(covariance[e], smallest_exponent, largest_exponent),
                         scaled_diagonal(tangent[e], smallest_exponent, largest_exponent)});
}

template <class Real>
ImageChunk<Real>::ImageChunk(const ImagePlan& plan, const ImageSide& side, bool per_dimension, std::size_t first_image,
                             std::size_t images)
    : first(first_image), count(images), pixels(core::pixels(plan, side.part(first_image, images)), per_dimension) {}

template <class Real>
ImageBlock<Real> ImageChunk<Real>::block(const ImagePlan& plan, const ImageSide& side, std::size_t from,
                                         std::size_t used, std::size_t lanes) const {
  return block_of(plan, side.averages.data() + first, pixels, from, used, lanes, first);
}

template struct ImageChunk<double>;
template struct ImageChunk<float>;

}  // namespace resgram::core
