// The passes of a homogeneous network over lines of pairs, row by row: what a row needs lies in the first-level cache, the
// planes of a line in the second.                                                                             [image-rows]
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "aligned.hpp"
#include "image_block.hpp"
#include "image_passes.hpp"
#include "image_rows.hpp"
#include "image_taps.hpp"
#include "ticket.hpp"

namespace resgram::core {

template <class Real>
class PassRunner {
 public:
  static constexpr std::size_t kLanes = kImageLanes<Real>;

  PassRunner(const ImagePlan& plan, const ImagePasses& passes);

  // A field of the line at hand: its pairs, position by position, lane by lane.
  struct Field {
    AxisLine y, x;
    bool dead = true;  // no pair is left
    bool both = true;  // of image_rows.hpp
    Real* pairs = nullptr;
  };
  // Called for each reading whose field is alive, while it is.
  using Reader = std::function<void(std::size_t reading, const Field& field)>;

  // One line of x against z, which has kLanes images. Of x there is one image, or as many: then lane meets lane.
  void run(const ImageBlock<Real>& x, const ImageBlock<Real>& z, Line start, const Ticket& ticket,
           const Reader& reader);

  // Adds a field of a line to the sums over all pairs of pixels that `reading` has read since `clear`, `weight` times.
  void sum(const ImageBlock<Real>& x, const ImageBlock<Real>& z, std::size_t reading, const Field& field,
           double weight);
  void clear();
  // Those sums for lane j, times 2^(exponent + what both images' HeadUnits say).
  struct Sums {
    double covariance, tangent;
    int exponent;
  };
  [[nodiscard]] Sums sums(std::size_t reading, std::size_t lane) const;

  static std::size_t bytes(const ImagePlan& plan, const ImagePasses& passes);

 private:
  // The taps of a pass along one axis, by displacement modulo the size: of a long signal those of a few lines, since all of
  // them would be as many numbers as it has pairs of positions.
  struct KeptTaps {
    std::size_t displacement = 0;
    std::shared_ptr<const SlidingTaps> taps;
  };
  using Axis = std::vector<KeptTaps>;
  static constexpr std::size_t kMostTaps = 256;
  // Sums of a row's positions.
  struct Scratch {
    AlignedVector<Real> numbers;
    std::size_t stride = 0;
    void fit(std::size_t positions, bool both) {
      stride = pair_numbers(both) * kLanes;
      if (numbers.size() < positions * stride) numbers.resize(positions * stride);
    }
    Real* at(std::size_t position) { return numbers.data() + position * stride; }
  };

  void measure(Line start);
  void pass(std::size_t index);
  void lift(const Pass& pass, const SlidingTaps::Entry& row, bool apart, Scratch& out);
  void close(const Pass& pass, std::size_t index, std::size_t row);
  void close_again(const Pass& pass, std::size_t row, const SlidingTaps::Piece& piece, CloseRow<Real> one,
                   const CloseForm<Real>& form);
  std::shared_ptr<const SlidingTaps> taps(std::size_t axis, const AxisFilter& filter, const AxisLine& in,
                                          const AxisLine& out);
  Amplitudes<Real> amplitude(std::size_t field, std::size_t pixel_x, std::size_t pixel_z) const;

  const ImagePlan& plan_;
  const ImagePasses& passes_;
  const ImageRowTable<Real>& rows_;
  const ImageBlock<Real>* x_ = nullptr;
  const ImageBlock<Real>* z_ = nullptr;
  bool lanes_of_x_ = false;
  std::vector<AlignedVector<Real>> planes_;
  std::vector<Field> fields_;
  std::vector<std::vector<std::size_t>> readings_;  // of each field
  std::vector<Axes<std::size_t>> axes_;             // of each pass
  std::vector<std::size_t> along_;                  // of each field: rows of it as they are
  std::vector<Axis> taps_;
  std::shared_ptr<const SlidingTaps> taps_y_, taps_x_;
  Scratch lifted_;
  // Rows of sums, and where `close_again` wants them what activations make of angles alone.
  struct Slot {
    Scratch sums, apart;
    bool parted = false;
  };
  std::vector<Slot> slots_;
  std::vector<std::size_t> slot_of_, free_;
  std::vector<double> sums_;
  SumForm covariance_cuts_, tangent_cuts_;
};

}  // namespace resgram::core
