// Walks a listing as it executes and lays down nodes. Internal to native/finite.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "architecture.hpp"
#include "core/image_line.hpp"

namespace resgram::finite {

class Compiler {
 public:
  Compiler(Architecture& out, const core::Grid& grid, std::size_t dimension, std::size_t width);
  // Lays the nodes of all steps down, then gives the last linear node its outputs and every weight its place.
  void compile(std::size_t outputs);

 private:
  void take(const core::Step& step);
  void affine(const core::Step& step);
  void patch(const core::Step& step);
  void average(const core::Step& step);
  void read(const core::Step& step);
  void add(const core::Step& step);
  std::size_t lay(Node node);  // and makes it the current one
  Node after_current(Kind kind, const core::Step& step) const;
  Node windowed(Kind kind, const core::Step& step, const core::AxisFilter& y, const core::AxisFilter& x) const;
  void find_head(std::size_t outputs);
  void place_blocks();
  void require_fresh(const core::Step& step) const;
  [[nodiscard]] bool flat() const { return out_.nodes_.front().shape.height == 1; }
  [[nodiscard]] const Node& current() const { return out_.nodes_[current_]; }
  [[noreturn]] void refuse(const core::Step& step, const std::string& why) const;

  Architecture& out_;
  std::size_t width_;
  std::size_t current_ = 0;
  std::vector<std::size_t> saved_;
  std::map<const core::Step*, std::shared_ptr<const Phi>> phis_;
  bool emitted_ = false;
};

}  // namespace resgram::finite
