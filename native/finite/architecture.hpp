// A network of finite width: the listing of a kernel, unrolled into nodes whose weights have shapes. Its kernels are what
// the products of its outputs and gradients tend to as the width grows.                                    [finite-network]
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "core/evaluate.hpp"
#include "core/program.hpp"
#include "phi.hpp"

namespace resgram::finite {

inline constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

// What a node does with the signal of `from`. Signals are arrays samples × pixels × channels, row-major, so that a linear
// map sees one row per sample and pixel.
enum class Kind : unsigned char {
  input,       // the data
  unfold,      // every output pixel gets the channels of its taps side by side, tap by tap; 0 beyond the border
  linear,      // factor · W h + β b in every row
  activation,  // φ(h)
  scale,       // factor · h
  add,         // from + other
  average,     // mean over the taps of every output pixel: pooling, and the heads 'pixel' and 'mean'
  flatten      // the pixels of a sample as one row: the same numbers, seen as samples × 1 × (pixels · channels)
};

struct Shape {
  std::size_t height = 1, width = 1, channels = 0;
  [[nodiscard]] std::size_t pixels() const { return height * width; }
  [[nodiscard]] std::size_t size() const { return pixels() * channels; }
  bool operator==(const Shape&) const = default;
};

// The pixels that every output pixel reads, axis by axis: [output coordinate · taps + tap] → input coordinate, −1 beyond the
// border. A table of whole pixels would take as long to write as a filter takes to run.
struct Window {
  struct Axis {
    std::size_t size = 1, taps = 1;  // of the input; of one output coordinate
    std::vector<int> from;
    [[nodiscard]] int at(std::size_t output, std::size_t tap) const { return from[output * taps + tap]; }
  };
  Axis y, x;
  [[nodiscard]] std::size_t taps() const { return y.taps * x.taps; }
};

struct Node {
  Kind kind = Kind::input;
  std::size_t from = kNone, other = kNone;
  Shape shape;                           // of what leaves
  double factor = 1;                     // linear, scale
  std::size_t weights = kNone;           // linear: index of its block
  std::size_t bias = kNone;              // linear: index of its block, or none
  std::shared_ptr<const Phi> phi;        // activation
  std::shared_ptr<const Window> window;  // unfold, average
  bool moves = false;                    // weights lie on the way here
  const core::Step* step = nullptr;      // input: none
};

// One array of parameters: the fan-out × fan-in weights of a linear node, or its biases.
struct Block {
  std::size_t node = 0;
  std::size_t offset = 0;             // in the vector of all parameters
  std::size_t rows = 0, columns = 0;  // a bias has one column
  double factor = 1;                  // what multiplies them on their way forward: √(σ²/fan-in), or β
  bool bias = false;
  bool trained = true;
  bool starts_at_zero = false;
  [[nodiscard]] std::size_t size() const { return rows * columns; }
};

class Architecture {
 public:
  // `grid` and `dimension` of the data as Points have them. Throws Error{program} where the listing is no single network
  // (several kernels, no linear map before an activation or at the end), Error{shape} where the grid does not fit,
  // Error{range} where there are more parameters than 2⁵³.
  static Architecture compile(std::shared_ptr<const core::Program> program, const core::Grid& grid,
                              std::size_t dimension, std::size_t width, std::size_t outputs = 1);

  // Node 0 is the data, the last one the output; every node comes after those it reads.
  [[nodiscard]] std::span<const Node> nodes() const { return nodes_; }
  [[nodiscard]] std::span<const Block> blocks() const { return blocks_; }
  [[nodiscard]] std::size_t parameters() const { return parameters_; }
  [[nodiscard]] std::size_t trained_parameters() const;
  [[nodiscard]] std::size_t output() const { return nodes_.size() - 1; }
  // The last linear node. Behind it there are scales at most; their product is head_scale().
  [[nodiscard]] std::size_t head() const { return head_; }
  [[nodiscard]] double head_scale() const { return head_scale_; }
  [[nodiscard]] std::size_t inputs() const { return nodes_.front().shape.size(); }
  [[nodiscard]] std::size_t outputs() const { return nodes_.back().shape.channels; }
  [[nodiscard]] std::size_t width() const { return width_; }
  // The highest derivative that all activations have as a bounded function, and the node of the first that has no more;
  // kMostOrder and kNone where every one is smooth. The NTK takes 1, its rate of change 2, and so on.
  [[nodiscard]] int orders() const { return orders_; }
  [[nodiscard]] std::size_t least_smooth() const { return least_smooth_; }
  // The node that a flattened or identical signal shares its memory with.
  [[nodiscard]] std::size_t memory_of(std::size_t node) const;
  // Numbers of all signals of one sample, and multiplications of one forward sweep.
  [[nodiscard]] double signal_size() const;
  [[nodiscard]] double work() const;

  [[nodiscard]] const core::Program& program() const { return *program_; }

 private:
  friend class Compiler;
  std::shared_ptr<const core::Program> program_;
  std::vector<Node> nodes_;
  std::vector<Block> blocks_;
  std::size_t parameters_ = 0, width_ = 0, head_ = 0, least_smooth_ = kNone;
  int orders_ = kMostOrder;
  double head_scale_ = 1;
};

// Throws Error{argument} naming the layer unless all activations have derivatives up to `order`; `what` needs them.
void require_orders(const Architecture& network, int order, const std::string& what);

}  // namespace resgram::finite
