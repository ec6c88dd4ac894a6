// The kernels of a homogeneous network as functions of the angle alone: Chebyshev polynomials in the half-sine s on panels
// that grow away from either end, where deep networks change fastest.                                            [zonal]
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "zonal_nodes.hpp"

namespace resgram::core {

class ZonalPanels {
 public:
  // Null if the steps are not the smooth functions of s that panels can follow. Throws Cancelled.
  static std::unique_ptr<const ZonalPanels> build(const Program& program, const ZonalNodes& nodes);

  // κ/κ(1) of one output.
  [[nodiscard]] double at(std::size_t output, ZonalAngle angle) const;

  // The same in two parts: a `base` shared by all angles of a panel, and a small rest that is rounded as such.
  struct Sample {
    double base;
    double rest;
  };
  [[nodiscard]] Sample sample(std::size_t output, ZonalAngle angle) const;

  // What the steps themselves leave uncertain, relative to κ(1).
  [[nodiscard]] double noise() const { return noise_; }
  [[nodiscard]] std::size_t outputs() const { return outputs_; }
  [[nodiscard]] std::size_t panels() const { return panels_[0].size() + panels_[1].size(); }
  [[nodiscard]] std::size_t bytes() const;
  // What a table of so many outputs takes at most.
  static std::size_t most_bytes(std::size_t outputs);

 private:
  struct Panel {
    double lo, hi;
    std::vector<double> base;   // per output
    std::vector<double> terms;  // kNodes per output
  };

  bool fill(Panel& panel, const std::vector<double>& values, std::size_t first, std::size_t stride) const;
  bool agrees(const Panel& panel, const std::vector<double>& values, std::size_t first, std::size_t stride) const;
  void pin(Panel& panel, const std::vector<double>& values, std::size_t at, std::size_t stride, bool acute) const;
  [[nodiscard]] double allowed(const Panel& panel) const;
  [[nodiscard]] const Panel& panel_of(double s, bool acute) const;

  std::size_t outputs_ = 0;
  double noise_ = 0, near_ = 0;
  std::vector<Panel> panels_[2];  // acute, obtuse; by s
};

}  // namespace resgram::core
