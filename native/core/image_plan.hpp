// An image program on a grid of a given size: its executed steps with their shapes, the lines of displacements it takes,
// and where each step's factors lie.
//
// A pair of images is evaluated line by line. Between two poolings a step maps a line to a line, so a whole stretch of
// steps, a `Level`, runs on one line in memory that does not grow with the number of lines. A pooled line is a mean over
// several lines of the level before, each of which is run when it is asked for.                             [image-lines]
#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "evaluate.hpp"
#include "image_line.hpp"
#include "program.hpp"

namespace resgram::core {

struct Extent {
  int height = 1, width = 1;
  [[nodiscard]] std::size_t pixels() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  }
  bool operator==(const Extent&) const = default;
};

// One value for each axis, y first.
template <class T>
struct Axes {
  T y{}, x{};
  bool operator==(const Axes&) const = default;
};

// The arrays of factors that one step multiplies into pairs: consecutive, one number per pixel unless said otherwise.
//   affine   per image: carried, bias; per pixel: g, and with a bias in the covariance c, s
//   activations   per image: is any variance zero; per pixel: is it not; but for relu also the factors of activation_row,
//            that of t such that t comes out absolute
//   patch    amplitude before and its reciprocal after, for the filter along x, then along y; trivial filters have none
//   add      per image: saved, current; per pixel: c, s
//   average  amplitude before, its reciprocal after         trace   c          mean   amplitude, and one reciprocal
struct ImageStep {
  Op op = Op::input;
  const Step* step = nullptr;
  std::size_t executed = 0;  // steps before this one
  Extent in, out;
  Axes<AxisFilter> filter;
  Axes<bool> wraps;        // lines after the step
  Axes<int> stride;        // displacements at the start of the level are this multiple of those after the step
  Axes<int> window{1, 1};  // average
  double gain = 1;         // t is kept in units of this before the step,
  double saved_gain = 1;   // and that of the saved branch in units of this
  double slope_gain = 1;   // relu: what κ0 is multiplied with
  bool moves_t = false;    // affine: does any pair's t change, or its ρ?
  bool moves_rho = false;
  std::size_t factors = 0;  // offset of the first array
  std::size_t which = 0;    // index of the head, of the emitted kernel, or of the level that begins here
};

struct Head {
  std::size_t at = 0;  // index in the trunk
  std::size_t level = 0;
  std::vector<ImageStep> tail;  // the vector steps that follow, its emits among them
};

// Steps of a level that touch every pair of a line, counted where their lines are alike.
struct LineCost {
  Extent grid;
  Axes<bool> wraps;
  Axes<int> stride;
  double steps = 0;
};

struct Level {
  std::size_t first = 0, last = 0;  // steps of the trunk
  std::vector<LineCost> costs;
  Extent start, end;
  Axes<bool> start_wraps, end_wraps;
  Axes<int> stride;  // of the whole level
};

// How many numbers an activation's factors take.
std::size_t activation_factors(Op op, std::size_t pixels);

struct Line {
  int y = 0, x = 0;
  auto operator<=>(const Line&) const = default;
};

// A pair of pixels that a pooled pair contains.
struct GatherPair {
  int out, in;      // positions on the pooled line and on the line before it
  int x, z;         // coordinates before it
  bool same_place;  // of the two windows
};

class ImagePlan {
 public:
  // Throws Error naming the step where the grid does not fit.
  ImagePlan(const Program& program, const Grid& grid);

  [[nodiscard]] const Grid& grid() const { return grid_; }
  [[nodiscard]] const std::vector<ImageStep>& trunk() const { return trunk_; }
  [[nodiscard]] const std::vector<Head>& heads() const { return heads_; }
  [[nodiscard]] const std::vector<Level>& levels() const { return levels_; }
  // Numbers per image that all steps' factors take.
  [[nodiscard]] std::size_t factors() const { return factors_; }
  [[nodiscard]] std::size_t stack_depth() const { return stack_depth_; }
  [[nodiscard]] std::size_t emits() const { return emits_; }
  // Homogeneous and without biases: then a pixel without variance adds nothing to any pair.
  [[nodiscard]] bool pure() const { return pure_; }
  [[nodiscard]] std::size_t largest() const { return largest_; }  // pixels of the largest grid

  // Displacements at the start of a level that its own heads read; empty if it has none.
  [[nodiscard]] std::vector<Line> lines(std::size_t level) const;
  // How many lines a run takes.
  [[nodiscard]] std::size_t line_count() const;
  // Does the head read the line that started with this displacement?
  [[nodiscard]] bool reads(const Head& head, Line start) const;
  // For a line of the pooled grid, along one axis: displacements at the end of the level before, and what they bring.
  static std::vector<std::pair<int, std::vector<GatherPair>>> gather(const AxisLine& out, int window, int size,
                                                                     bool wraps);
  // Pairs of pixels times steps for one pair of images.
  [[nodiscard]] double pair_work() const;
  // How many poolings and means need the image's own off-diagonal lines.
  [[nodiscard]] std::size_t own_averages() const;

 private:
  friend class ImagePlanner;
  friend class ImageLines;
  using Works = std::map<std::pair<std::size_t, Line>, double>;
  double line_work(std::size_t level, Line start, Works& known) const;

  Grid grid_;
  std::vector<ImageStep> trunk_;
  std::vector<Head> heads_;
  std::vector<Level> levels_;
  std::size_t factors_ = 0, stack_depth_ = 0, emits_ = 0, largest_ = 0;
  bool pure_ = false;
};

}  // namespace resgram::core
