// Points that others will meet again and again, as the samples of a model are: what belongs to their rows alone is
// measured and packed once, which for a single row against 2000 is most of the work. Images are kept as they are.
#pragma once

#include <cstddef>
#include <memory>

#include "evaluate.hpp"
#include "sweep.hpp"

namespace resgram::core {

class Prepared {
 public:
  // The program and the points must outlive it. Throws Error, Cancelled.
  Prepared(const Program& program, const Points& points, const Tuning& tuning, const Ticket& ticket);
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;

  [[nodiscard]] const Points& points() const { return points_; }
  // Null for images.
  [[nodiscard]] const Side<double>* side() const { return side_.get(); }

  // What one takes at most, beside the points.
  static std::size_t bytes(const Program& program, std::size_t rows, std::size_t dimension, const Grid& grid);

 private:
  Points points_;
  std::unique_ptr<const Side<double>> side_;
};

// cross() with prepared points on the right.
Path cross(const Program& program, const Points& x, const Prepared& z, std::span<Sink<double>> sinks,
           const Tuning& tuning, Ticket& ticket);

}  // namespace resgram::core
