// One image against a block of images: pairs of pixels, line by line, through a whole image program.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "activate.hpp"
#include "image_block.hpp"
#include "image_lanes.hpp"
#include "image_own.hpp"
#include "image_passes.hpp"
#include "image_plan.hpp"
#include "image_runner.hpp"
#include "ticket.hpp"

namespace resgram::core {

template <class Real>
class ImageEvaluator {
 public:
  // `duals`: tables for the variances of all pixels, where the program has activations without a closed form.
  // `passes`: what to run in place of single steps, or null; then kImageLanes lanes are needed.
  ImageEvaluator(const ImagePlan& plan, const ImagePasses* passes, const DualTables& duals, std::size_t lanes,
                 bool want_tangent);

  // Values of one emitted kernel, one per lane: ρ, and t in units of gain · 2^(e_x + e_z). Valid during the call only.
  using Emit = std::function<void(std::size_t emit, const Real* rho, const Real* t, double gain)>;
  // `x` holds one image. One checkpoint for each line.
  void run(const ImageBlock<Real>& x, const ImageBlock<Real>& z, Ticket& ticket, const Emit& emit);

  // All pairs of different images of one block by passes alone, where every head is a mean: half as many runs as single
  // images would take. `singles`: the same images one by one. Emits once for each pair, its values at lane `lane`.
  using EmitPair = std::function<void(std::size_t emit, std::size_t one, std::size_t other, std::size_t lane,
                                      const Real* rho, const Real* t, double gain)>;
  void run_among(const ImageBlock<Real>& images, std::span<const ImageBlock<Real>> singles, Ticket& ticket,
                 const EmitPair& emit);
  // Can `run_among` do it?
  [[nodiscard]] static bool pairs_among(const ImagePlan& plan, const ImagePasses* passes);

  // Means over an image's own pairs at the pooling or mean that stands at `trunk_index`: x and all of z are the same image,
  // whose factors are known up to there; `before` is its state there.
  OwnState own_average(std::size_t trunk_index, const ImageBlock<Real>& x, const ImageBlock<Real>& z,
                       const OwnState& before, const Ticket& ticket);

  // The same for all poolings and means of as many images at once as there are lanes, by passes alone: x and z are the
  // same block. In the order of the plan's heads, for each lane.
  std::vector<std::vector<OwnState>> own_means(const ImageBlock<Real>& images, Ticket* progress, const Ticket& ticket);

  static std::size_t bytes(const ImagePlan& plan, const ImagePasses* passes, std::size_t lanes);

 private:
  struct State {
    int rho = -1, m = -1, t = -1;
    AxisLine y, x;
    bool dead = false;  // no pair of the line is left
    [[nodiscard]] std::size_t count() const {
      return static_cast<std::size_t>(y.count()) * static_cast<std::size_t>(x.count());
    }
  };
  // What a head has read of all lines so far, one number per lane.
  struct Reading {
    std::vector<double> covariance, lower, upper, tangent, gap;
  };

  State run_level(std::size_t level, Line start, bool read, std::size_t end);
  State measure(Line start);
  State gather(std::size_t level, Line start);
  void normalise(const ImageStep& pooling, State& sums, const Real* gap);
  void read_heads(const ImageStep& step, const State& state);
  State reading_of(const Head& head);
  void clear_readings();
  void run_lines(Ticket& ticket, bool counts);
  void run_passes(const ImageBlock<Real>& x, Ticket& ticket);
  void read_field(std::size_t reading, const typename PassRunner<Real>::Field& field);
  void read_gap(const ImageBlock<Real>& x, std::size_t reading, const typename PassRunner<Real>::Field& field);
  void read_tails(const Emit& emit);

  void apply(const ImageStep& step, State& state, std::vector<State>& saved);
  void affine(const ImageStep& step, State& state);
  void activation(const ImageStep& step, State& state);
  void add(const ImageStep& step, State& state, State& saved);
  void patch(const ImageStep& step, State& state);
  void filter_x(const ImageStep& step, State& state, const AxisLine& out, std::size_t factors);
  void filter_y(const ImageStep& step, State& state, const AxisLine& out, std::size_t factors);
  void clear_zeros(const ImageStep& step, const State& state);
  // Calls body(position, pixel of x, pixel of z) for every pair of the line, pixels counted in a grid of that width.
  template <class Body>
  void for_pairs(const State& state, int width, Body&& body) const;

  // Planes are shared between states until written.
  int take();
  State fresh(const AxisLine& y, const AxisLine& x);
  void hold(const State& state);
  void drop(State& state);
  int writable(int plane);
  Real* data(int plane) { return planes_[static_cast<std::size_t>(plane)].data(); }
  MutablePlanes<Real> planes_at(const State& s, std::size_t position);
  Planes<Real> read_at(const State& s, std::size_t position);
  // Factor arrays of a step: x's numbers, and z's numbers lane by lane.
  const Real* x_factor(std::size_t at) const { return x_->factors.data() + at; }
  const Real* z_factor(std::size_t at) const { return z_->factors.data() + at * lanes_; }

  const ImagePlan& plan_;
  const ImagePasses* passes_;
  std::unique_ptr<PassRunner<Real>> runner_;
  const LaneTable<Real>& table_;
  const ImageLaneTable<Real>& images_;
  std::size_t lanes_;
  bool want_tangent_;
  Activator<Real> activator_;
  const ImageBlock<Real>* x_ = nullptr;
  const ImageBlock<Real>* z_ = nullptr;
  const Ticket* ticket_ = nullptr;
  std::vector<std::vector<Real>> planes_;
  std::vector<int> holders_;
  std::vector<std::vector<Line>> lines_;  // of each level
  std::vector<Reading> readings_;         // of each head
  std::vector<Real> zeros_, ones_, row_;
  TapTable taps_;
  std::vector<FilterTap<Real>> filter_taps_;
};

template <class Real>
template <class Body>
void ImageEvaluator<Real>::for_pairs(const State& state, int width, Body&& body) const {
  std::size_t position = 0;
  for (int y = 0; y < state.y.count(); ++y)
    for (int x = 0; x < state.x.count(); ++x)
      body(position++, static_cast<std::size_t>(state.y.x(y) * width + state.x.x(x)),
           static_cast<std::size_t>(state.y.z(y) * width + state.x.z(x)));
}

}  // namespace resgram::core
