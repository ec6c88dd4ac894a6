// A network as a listing of steps that a stack machine runs over pairs of inputs. The listing is made by lib/lower.ts
// and crosses the boundary once; what its steps do is written in rows.hpp (one input) and lanes.hpp (pairs).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "error.hpp"
#include "function.hpp"

namespace resgram::core {

// One row of the listing as it arrives: a mnemonic and its numbers.
struct Row {
  std::string op;
  std::vector<double> args;
};

// The layer that made a row: its path in the network and what messages call it.
struct Place {
  std::string path;
  std::string name;
};
using Places = std::vector<std::shared_ptr<const Place>>;

enum class Op : unsigned char {
  input,
  affine,
  relu,
  erf,
  gelu,
  sine,
  sign,
  function,
  scale,
  push,
  swap,
  add,
  pop,
  repeat,
  end,
  emit,
  patch,
  average,
  pixel,
  trace,
  mean
};

// What one step multiplies into pairs, per row: at most this many numbers; see lanes.hpp.
inline constexpr std::size_t kMostFactors = 6;

struct Step {
  Op op;
  double args[5];
  std::size_t jump;                    // repeat: index of its end; end: index of its repeat
  const Function* function = nullptr;  // function: its φ, kept by the program
  std::size_t row = 0;                 // of the listing
  const Place* place = nullptr;        // of its layer, kept by the program; null where the listing came without
};

// How errors name a step: by its layer, or by its row and mnemonic.
Where where(const Step& step);

// A checked listing. Mnemonics and their numbers:
//   input   perDimension                              K = x·z, divided by the number of inputs if perDimension = 1
//   affine  weightVar trainWeights biasVar biasInCovariance trainBias
//   relu    scale slope                               scale · (u for u > 0, slope · u otherwise)
//   erf     scale
//   gelu    scale
//   sine    scale
//   sign    scale                                     0 at 0; without a tangent kernel
//   tanh    scale     and alike softplus, silu, elu (Op::function)
//   tabulated  scale, then of every piece: from to count c₀ … c_{count−1}; see function.hpp (Op::function)
//   scale   factor                                    multiplies the functions; kernels see factor²
//   push    / swap / add / pop                        save · exchange with saved · saved + current · back to saved
//                                                     `add` is exact if fresh weights (an affine) lie between the push and
//                                                     the add on at least one side: then the two functions are independent
//                                                     given what lies below, but for their means                [means]
//   repeat  times … end                               loop
//   emit                                              one more kernel leaves here
// and of networks on images, which have a head before every emit:                                    [patch; heads]
//   patch   size stride padding                       mean over a filter's taps; padding 0 valid, 1 zero, 2 circular
//   average size                                      average pooling, stride = size
//   pixel y x | trace | mean                          from a grid to one vector; vector steps follow
class Program {
 public:
  // Checks names, arities, values, nesting and the depth of the stack. Throws Error{Code::program} naming the row.
  // `places`: of every row, or none.
  static Program load(std::span<const Row> rows, Places places = {});

  [[nodiscard]] std::span<const Step> steps() const { return steps_; }
  // How many kernels one run emits (repeats unrolled).
  [[nodiscard]] std::size_t emits() const { return emits_; }
  // Deepest nesting of saved branches; sizes the tiles.
  [[nodiscard]] std::size_t stack_depth() const { return stack_depth_; }
  // Steps executed by one run; a measure of work for progress and plans.
  [[nodiscard]] double work() const { return work_; }
  // Is there a tangent kernel? Not after a step whose φ′ has no second moment.                                     [sign]
  [[nodiscard]] bool tangent() const { return tangent_; }
  // Does the input step divide by the number of inputs? Then a profile needs to know that number.
  [[nodiscard]] bool per_dimension() const { return per_dimension_; }
  // Does it read images, that is, has it a head?
  [[nodiscard]] bool image() const { return image_; }

 private:
  std::vector<Step> steps_;
  std::vector<std::shared_ptr<const Function>> functions_;
  Places places_;
  std::size_t emits_ = 0;
  std::size_t stack_depth_ = 0;
  double work_ = 0;
  bool per_dimension_ = false;
  bool tangent_ = true;
  bool image_ = false;
};

// Steps that apply a function to every unit.
bool is_activation(Op op);

// The mnemonics this build knows, for messages and for the catalogue test.
std::vector<std::string> known_steps();

}  // namespace resgram::core
