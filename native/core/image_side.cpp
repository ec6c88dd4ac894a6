#include "image_side.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "pool.hpp"

namespace resgram::core {
namespace {

std::size_t pixels_of(const ImagePlan& plan) { return plan.grid().height * plan.grid().width; }

Points pixels(const ImagePlan& plan, const Points& images) {
  return {images.data, images.rows * pixels_of(plan), plan.grid().channels};
}

// `averages` of each image, or null for means that nobody knows yet: then only what stands on grids is right.
template <class Real>
ImageBlock<Real> block_of(const ImagePlan& plan, const ImagePasses* passes, const std::vector<OwnState>* averages,
                          const Directions<Real>& all, std::size_t first, std::size_t used, std::size_t lanes,
                          std::size_t number) {
  const std::size_t count = pixels_of(plan), size = count * plan.grid().channels;
  const std::vector<OwnState> unknown(averages == nullptr ? plan.own_averages() : 0, OwnState{{{1}, 0}, {{1}, 0}});
  const std::size_t readings = passes == nullptr ? 0 : passes->readings().size();
  ImageBlock<Real> block;
  block.lanes = lanes;
  block.used = used;
  block.pixels = &all;
  block.first = first;
  block.units.resize(size * lanes);
  block.factors.resize(plan.factors() * lanes);
  block.head_units.resize(readings * lanes);
  block.exponents.resize(lanes);
  block.fits.resize(lanes);
  block.images.resize(lanes);
  if (passes != nullptr) block.amplitudes.resize(passes->amplitudes() * lanes);
  std::vector<HeadUnits> units(readings);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const std::size_t image = first + std::min(lane, used - 1);
    block.images[lane] = image;
    const Real* unit = all.unit(image * count);
    for (std::size_t k = 0; k < size; ++k) block.units[k * lanes + lane] = unit[k];
    OwnRecursion own(plan, std::span(all.units()).subspan(image * count, count),
                     averages == nullptr ? unknown : averages[image], number + image);
    if (passes == nullptr) {
      own.run(block.factors.data() + lane, lanes);
      continue;
    }
    ImageAmplitudes<Real> amplitudes(plan, *passes, block.amplitudes.data() + lane, lanes, units);
    own.watch([&](std::size_t step, const OwnState& state) { amplitudes.take(step, state); });
    own.run(block.factors.data() + lane, lanes);
    block.fits[lane] = amplitudes.finish() ? 1 : 0;
    block.exponents[lane] = amplitudes.exponent();
    for (std::size_t r = 0; r < readings; ++r) block.head_units[r * lanes + lane] = units[r];
  }
  return block;
}

// One image of a side, run as far as its values are known.
struct Run {
  const ImagePlan& plan;
  const ImageSide& side;
  std::size_t image;
  Directions<double> all;
  OwnRecursion own;

  Run(const ImagePlan& of, const ImageSide& from, bool per_dimension, std::size_t number)
      : plan(of),
        side(from),
        image(number),
        all(pixels(of, from.part(number, 1)), per_dimension),
        own(of, all.units(), from.averages[number], number) {}
};

// The image's means at the step where its values stop being known: from pairs of its own pixels, in double.
OwnState own_average(Run& run, ImageEvaluator<double>& evaluator, std::size_t lanes, const Ticket& ticket) {
  const std::vector<OwnState>* averages = &run.side.averages[run.image];
  const ImageBlock<double> x = block_of(run.plan, nullptr, averages, run.all, 0, 1, 1, run.image);
  const ImageBlock<double> z = block_of(run.plan, nullptr, averages, run.all, 0, 1, lanes, run.image);
  const std::size_t stopped = run.own.run<double>(nullptr, 1);
  return evaluator.own_average(stopped, x, z, run.own.state(), ticket);
}

// Means of the sides' images by passes, as many images at once as there are lanes. An image whose range they cannot take
// is left as it is.
void means_by_passes(const ImagePlan& plan, const ImagePasses& passes, std::span<ImageSide* const> sides,
                     bool per_dimension, int threads, const Ticket& ticket, Ticket* progress) {
  struct Batch {
    ImageSide* side;
    std::size_t first, count;
  };
  std::vector<Batch> batches;
  for (ImageSide* side : sides)
    for (std::size_t first = 0; first < side->points.rows; first += kImageLanes<double>)
      batches.push_back({side, first, std::min(kImageLanes<double>, side->points.rows - first)});
  const DualTables none;
  std::vector<std::unique_ptr<ImageEvaluator<double>>> evaluators(static_cast<std::size_t>(threads));
  parallel_for(batches.size(), threads, [&](std::size_t at, int slot) {
    auto& evaluator = evaluators[static_cast<std::size_t>(slot)];
    if (!evaluator)
      evaluator = std::make_unique<ImageEvaluator<double>>(plan, &passes, none, kImageLanes<double>, true);
    const auto [side, first, count] = batches[at];
    const Directions<double> all(pixels(plan, side->part(first, count)), per_dimension);
    const ImageBlock<double> block =
        block_of<double>(plan, &passes, nullptr, all, 0, count, kImageLanes<double>, first);
    std::vector<std::vector<OwnState>> means = evaluator->own_means(block, progress, ticket);
    for (std::size_t i = 0; i < count; ++i)
      if (block.fits[i] != 0) side->averages[first + i] = std::move(means[i]);
  });
}

}  // namespace

Points ImageSide::part(std::size_t first, std::size_t count) const {
  return {points.data.subspan(first * points.dimension, count * points.dimension), count, points.dimension,
          points.grid};
}

DualTables prepare(const Program& program, const ImagePlan& plan, const ImagePasses* passes,
                   std::span<ImageSide* const> sides, double pairs, const Tuning& tuning, double smallest_exponent,
                   double largest_exponent, const Ticket& ticket, Ticket* progress) {
  struct OneImage {
    ImageSide* side;
    std::size_t image;
  };
  std::vector<OneImage> images;
  for (ImageSide* side : sides)
    for (std::size_t i = 0; i < side->points.rows; ++i) images.push_back({side, i});
  const bool per_dimension = program.per_dimension(), ranged = has_functions(program);
  const std::size_t lines = plan.line_count(), own_lanes = ranged ? kTableLanes : 1;
  const double own_pairs = static_cast<double>(images.size()) * static_cast<double>(plan.largest());
  std::vector<std::vector<OwnEmit>> emitted(images.size());
  std::vector<LogRanges> parts(ranged ? images.size() : 0);
  if (passes != nullptr && plan.own_averages() > 0)
    means_by_passes(plan, *passes, sides, per_dimension, tuning.threads, ticket, progress);
  // Each round makes the next pooling or mean known; the last one passes through.
  for (std::size_t round = 0;; ++round) {
    parallel_for(images.size(), tuning.threads, [&](std::size_t at, int) {
      if (ticket.cancelled()) throw Cancelled{};
      Run run(plan, *images[at].side, per_dimension, images[at].image);
      run.own.run<double>(nullptr, 1, ranged ? &parts[at] : nullptr);
      emitted[at] = run.own.emits();
    });
    LogRanges ranges;
    for (const LogRanges& part : parts)
      for (const auto& [executed, range] : part) ranges[executed].include(range);
    const bool last = round == plan.own_averages();
    DualTables duals(program, ranges, last ? pairs : own_pairs, tuning.threads, ticket, tuning.direct_duals,
                     tuning.max_hours, progress);
    if (last) {
      std::size_t at = 0;
      for (ImageSide* side : sides) {
        const std::span<const std::vector<OwnEmit>> own(emitted.data() + at, side->points.rows);
        side->take(own, plan.emits(), smallest_exponent, largest_exponent);
        at += side->points.rows;
      }
      return duals;
    }
    std::vector<std::unique_ptr<ImageEvaluator<double>>> evaluators(static_cast<std::size_t>(tuning.threads));
    parallel_for(images.size(), tuning.threads, [&](std::size_t at, int slot) {
      auto& evaluator = evaluators[static_cast<std::size_t>(slot)];
      if (!evaluator) evaluator = std::make_unique<ImageEvaluator<double>>(plan, nullptr, duals, own_lanes, true);
      ImageSide& side = *images[at].side;
      if (side.averages[images[at].image].size() > round) return;
      Run run(plan, side, per_dimension, images[at].image);
      OwnState next = own_average(run, *evaluator, own_lanes, ticket);
      side.averages[images[at].image].push_back(std::move(next));
      if (progress == nullptr) return;
      // Images that passes could not take were announced, and have been counted, as theirs.
      if (passes != nullptr) progress->expect(lines);
      progress->checkpoint(lines);
    });
  }
}

void ImageSide::take(std::span<const std::vector<OwnEmit>> own, std::size_t emits, double smallest_exponent,
                     double largest_exponent) {
  const std::size_t n = points.rows;
  exponents.assign(emits, std::vector<std::int64_t>(n));
  for (std::size_t e = 0; e < emits; ++e) {
    std::vector<Scaled> covariance(n), tangent(n);
    for (std::size_t i = 0; i < n; ++i) {
      covariance[i] = own[i][e].covariance;
      tangent[i] = own[i][e].tangent;
      exponents[e][i] = own[i][e].exponent;
    }
    diagonals.push_back({scaled_diagonal(covariance, smallest_exponent, largest_exponent),
                         scaled_diagonal(tangent, smallest_exponent, largest_exponent)});
  }
}

template <class Real>
ImageChunk<Real>::ImageChunk(const ImagePlan& plan, const ImageSide& side, bool per_dimension, std::size_t first_image,
                             std::size_t images)
    : first(first_image), count(images), pixels(core::pixels(plan, side.part(first_image, images)), per_dimension) {}

template <class Real>
ImageBlock<Real> ImageChunk<Real>::block(const ImagePlan& plan, const ImagePasses* passes, const ImageSide& side,
                                         std::size_t from, std::size_t used, std::size_t lanes) const {
  return block_of(plan, passes, side.averages.data() + first, pixels, from, used, lanes, first);
}

template struct ImageChunk<double>;
template struct ImageChunk<float>;

}  // namespace resgram::core
