#include "compiler.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/error.hpp"
#include "core/run.hpp"

namespace resgram::finite {
namespace {

// Beyond this a network of one unit per layer takes longer to lay out than anyone waits.
constexpr double kMostNodes = 1e6;
constexpr double kMostParameters = 0x1p53;
// Of one node: a gibibyte of windows for every sample and channel.
constexpr double kMostTaps = 0x1p27;

std::string shown(const Shape& grid) { return std::to_string(grid.height) + " × " + std::to_string(grid.width); }

Window::Axis axis_of(const core::AxisFilter& filter, std::size_t size) {
  const int input = static_cast<int>(size);
  Window::Axis axis{size, static_cast<std::size_t>(filter.size), {}};
  for (int o = 0; o < filter.output(input); ++o)
    for (int k = 0; k < filter.size; ++k) axis.from.push_back(filter.tap(o, k, input));
  return axis;
}

// One output that reads `count` coordinates from `first` on.
Window::Axis run_of(std::size_t size, std::size_t first, std::size_t count) {
  Window::Axis axis{size, count, std::vector<int>(count)};
  std::iota(axis.from.begin(), axis.from.end(), static_cast<int>(first));
  return axis;
}

}  // namespace

Compiler::Compiler(Architecture& out, const core::Grid& grid, std::size_t dimension, std::size_t width)
    : out_(out), width_(width) {
  const core::Program& program = *out.program_;
  if (width < 1) throw Error(Code::argument, "width: expected at least 1, got 0");
  if (program.image() != (grid.height > 0))
    throw Error(Code::shape, program.image() ? "the network reads images, but the data have no grid of pixels"
                                             : "the network reads vectors, but the data have a grid of pixels");
  if (program.emits() != 1)
    throw Error(Code::program, "expected a listing of one kernel, got one of " + std::to_string(program.emits()) +
                                   "; sample them apart");
  if (program.work() > kMostNodes)
    throw Error(Code::program, "expected a network of at most 10^6 steps, got " + resgram::shown(program.work()));
  Node input;
  input.shape = program.image() ? Shape{grid.height, grid.width, grid.channels} : Shape{1, 1, dimension};
  if (input.shape.size() != dimension || dimension == 0)
    throw Error(Code::shape, "expected rows of " + std::to_string(input.shape.size()) + " numbers, got " +
                                 std::to_string(dimension));
  out_.nodes_.push_back(std::move(input));
}

void Compiler::compile(std::size_t outputs) {
  if (outputs < 1) throw Error(Code::argument, "outputs: expected at least 1, got 0");
  core::run(*out_.program_, [&](const core::Step& step) {
    if (emitted_) refuse(step, "no step may follow the kernel of a network that is sampled");
    take(step);
  });
  find_head(outputs);
  place_blocks();
}

void Compiler::take(const core::Step& step) {
  switch (step.op) {
    case core::Op::input:
      break;
    case core::Op::affine:
      affine(step);
      break;
    case core::Op::scale: {
      Node node = after_current(Kind::scale, step);
      node.factor = step.args[0];
      lay(std::move(node));
      break;
    }
    case core::Op::push:
      saved_.push_back(current_);
      break;
    case core::Op::swap:
      std::swap(saved_.back(), current_);
      break;
    case core::Op::pop:
      refuse(step, "drops a branch, which only listings of several kernels do");
    case core::Op::add:
      add(step);
      break;
    case core::Op::emit:
      emitted_ = true;
      break;
    case core::Op::patch:
      patch(step);
      break;
    case core::Op::average:
      average(step);
      break;
    case core::Op::pixel:
    case core::Op::trace:
    case core::Op::mean:
      read(step);
      break;
    default: {  // activations
      require_fresh(step);
      Node node = after_current(Kind::activation, step);
      std::shared_ptr<const Phi>& phi = phis_[&step];
      if (!phi) phi = phi_of(step);
      node.phi = phi;
      if (phi->orders() < out_.orders_) {
        out_.orders_ = phi->orders();
        out_.least_smooth_ = out_.nodes_.size();
      }
      lay(std::move(node));
    }
  }
}

// Units that meet an activation, a sum or a head must be alike but for their weights. Windows and the flattened image are
// not: their channels are pixels, too.
void Compiler::require_fresh(const core::Step& step) const {
  if (!current().moves || current().kind == Kind::unfold || current().kind == Kind::flatten)
    refuse(step, "expected fresh weights (an affine step) between it and the " +
                     std::string(!current().moves                 ? "data"
                                 : current().kind == Kind::unfold ? "patch before it"
                                                                  : "head before it"));
}

// W h/√fan-in, but where the data enter only the taps of a filter are averaged over unless `input` says otherwise.
void Compiler::affine(const core::Step& step) {
  Node node = after_current(Kind::linear, step);
  const auto fan_in = static_cast<double>(current().shape.channels);
  const auto taps = static_cast<double>(current().kind == Kind::unfold ? current().window->taps() : 1);
  const bool whole = current().moves || out_.program_->per_dimension();
  node.factor = std::sqrt(step.args[0] / (whole ? fan_in : taps));
  node.shape.channels = width_;
  node.moves = true;
  lay(std::move(node));
}

void Compiler::patch(const core::Step& step) {
  if (current().kind == Kind::unfold || current().kind == Kind::flatten) require_fresh(step);
  const core::AxisFilter x{static_cast<int>(step.args[0]), static_cast<int>(step.args[1]),
                           static_cast<core::Padding>(static_cast<int>(step.args[2]))};
  if (x.trivial()) return;
  const core::AxisFilter y = flat() ? core::AxisFilter{} : x;
  const Shape& grid = current().shape;
  const auto longest = static_cast<int>(flat() ? grid.width : std::min(grid.height, grid.width));
  if (x.padding == core::Padding::valid && x.size > longest)
    refuse(step, "a filter of size " + std::to_string(x.size) + " without padding leaves no pixel of a grid of " +
                     shown(grid) + "; smaller filters, less pooling or padding would help");
  if (x.stride > longest)
    refuse(step, "a stride of " + std::to_string(x.stride) + " goes beyond a grid of " + shown(grid) + " pixels");
  const double taps = static_cast<double>(y.size) * x.size * y.output(static_cast<int>(grid.height)) *
                      x.output(static_cast<int>(grid.width));
  if (taps > kMostTaps)
    throw Error(Code::range, core::where(step),
                "expected a filter that reads at most 2^27 pixels in all places together, got " + resgram::shown(taps) +
                    "; a smaller filter or image, or a larger stride, would help",
                {{"taps", taps}});
  Node node = windowed(Kind::unfold, step, y, x);
  node.shape.channels = node.window->taps() * grid.channels;
  lay(std::move(node));
}

void Compiler::average(const core::Step& step) {
  require_fresh(step);
  const auto size = static_cast<int>(step.args[0]);
  const Shape& grid = current().shape;
  const core::AxisFilter x{size, size, core::Padding::valid};
  const core::AxisFilter y = flat() ? core::AxisFilter{} : x;
  if (static_cast<std::size_t>(x.size) > grid.width || static_cast<std::size_t>(y.size) > grid.height)
    refuse(step, "a window of " + std::to_string(size) + " is larger than a grid of " + shown(grid) + " pixels");
  lay(windowed(Kind::average, step, y, x));
}

void Compiler::read(const core::Step& step) {
  require_fresh(step);
  const Shape& grid = current().shape;
  if (step.op == core::Op::trace) {
    Node node = after_current(Kind::flatten, step);
    node.shape = {1, 1, grid.size()};
    lay(std::move(node));
    return;
  }
  Node node = after_current(Kind::average, step);
  node.shape = {1, 1, grid.channels};
  if (step.op == core::Op::pixel) {
    if (step.args[0] >= static_cast<double>(grid.height) || step.args[1] >= static_cast<double>(grid.width))
      refuse(step, "there is no pixel (" + resgram::shown(step.args[0]) + ", " + resgram::shown(step.args[1]) +
                       ") in a grid of " + shown(grid) + ", counted from 0");
    node.window = std::make_shared<const Window>(Window{run_of(grid.height, static_cast<std::size_t>(step.args[0]), 1),
                                                        run_of(grid.width, static_cast<std::size_t>(step.args[1]), 1)});
  } else {
    node.window =
        std::make_shared<const Window>(Window{run_of(grid.height, 0, grid.height), run_of(grid.width, 0, grid.width)});
  }
  lay(std::move(node));
}

void Compiler::add(const core::Step& step) {
  require_fresh(step);
  Node node = after_current(Kind::add, step);
  node.other = saved_.back();
  saved_.pop_back();
  const Node& branch = out_.nodes_[node.other];
  const Shape& saved = branch.shape;
  if (!branch.moves || branch.kind == Kind::unfold || branch.kind == Kind::flatten)
    refuse(step, "expected fresh weights (an affine step) before the push as well, so that both branches have units");
  if (!(saved == node.shape))
    refuse(step, "expected branches of one shape, got " + shown(saved) + " pixels of " +
                     std::to_string(saved.channels) + " channels and " + shown(node.shape) + " of " +
                     std::to_string(node.shape.channels));
  lay(std::move(node));
}

Node Compiler::after_current(Kind kind, const core::Step& step) const {
  Node node;
  node.kind = kind;
  node.from = current_;
  node.shape = current().shape;
  node.moves = current().moves;
  node.step = &step;
  return node;
}

// A node that reads windows, with as many channels as before.
Node Compiler::windowed(Kind kind, const core::Step& step, const core::AxisFilter& y, const core::AxisFilter& x) const {
  Node node = after_current(kind, step);
  const Shape& grid = current().shape;
  node.shape.height = static_cast<std::size_t>(y.output(static_cast<int>(grid.height)));
  node.shape.width = static_cast<std::size_t>(x.output(static_cast<int>(grid.width)));
  node.window = std::make_shared<const Window>(Window{axis_of(y, grid.height), axis_of(x, grid.width)});
  return node;
}

std::size_t Compiler::lay(Node node) {
  current_ = out_.nodes_.size();
  out_.nodes_.push_back(std::move(node));
  return current_;
}

// The kernels are those of one unit behind linear weights of its own, which is what several outputs are as well.
void Compiler::find_head(std::size_t outputs) {
  std::size_t at = current_;
  for (; out_.nodes_[at].kind == Kind::scale; at = out_.nodes_[at].from) {
    out_.nodes_[at].shape.channels = outputs;
    out_.head_scale_ *= out_.nodes_[at].factor;
  }
  Node& head = out_.nodes_[at];
  if (head.kind != Kind::linear)
    throw Error(Code::program,
                "expected a network that ends in linear weights, its head; put an affine step at the end");
  head.shape.channels = outputs;
  out_.head_ = at;
}

void Compiler::place_blocks() {
  double total = 0;
  const auto place = [&](Block block) {
    total += static_cast<double>(block.rows) * static_cast<double>(block.columns);
    if (total > kMostParameters)
      throw Error(Code::range, "expected at most 2^53 parameters, got more; a smaller width would help",
                  {{"width", static_cast<double>(width_)}});
    block.offset = out_.parameters_;
    out_.parameters_ += block.size();
    out_.blocks_.push_back(block);
    return out_.blocks_.size() - 1;
  };
  for (std::size_t at = 0; at < out_.nodes_.size(); ++at) {
    Node& node = out_.nodes_[at];
    if (node.kind != Kind::linear) continue;
    const double* args = node.step->args;
    Block weights{at, 0, node.shape.channels, out_.nodes_[node.from].shape.channels, node.factor};
    weights.trained = args[1] != 0;
    node.weights = place(weights);
    const bool random = args[3] != 0, trained = args[4] != 0;
    if (args[2] == 0 || (!random && !trained)) continue;
    Block bias{at, 0, node.shape.channels, 1, std::sqrt(args[2]), true, trained, !random};
    node.bias = place(bias);
  }
}

void Compiler::refuse(const core::Step& step, const std::string& why) const {
  throw Error(Code::program, core::where(step), why, {{"step", static_cast<double>(step.row)}});
}

}  // namespace resgram::finite
