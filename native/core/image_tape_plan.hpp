// What the tape of a pair of images will take: bytes, time and progress, from the steps and the size of the grid alone.
//                                                                                                        [image-gradient]
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "evaluate.hpp"
#include "program.hpp"

namespace resgram::core {

// Sums over pixels, each over as many places; −1 is a place beyond the edge.
struct Windows {
  std::vector<int> places;
  std::size_t size = 0;  // of each window
  [[nodiscard]] std::size_t count() const { return places.size() / size; }
  [[nodiscard]] const int* at(std::size_t window) const { return places.data() + window * size; }
};

class TapePlan {
 public:
  TapePlan(const Program& program, const Grid& grid);

  // Which pairs of pixels the program needs: those of equal place alone, or all of x with z, x with x and z with z.
  static bool takes_all(const Program& program);

  // The most that one tape holds at a time, in its making and in reverse passes.
  [[nodiscard]] double bytes() const { return bytes_; }
  // What a tape reports of its progress while it is made, and in the reverse pass from an emitted kernel.
  [[nodiscard]] double forward() const { return forward_; }
  [[nodiscard]] double reverse(std::size_t emit) const { return reverse_[emit]; }
  // Pairs of pixels of each executed φ without a closed form, in the order of execution. They are part of `forward` by a
  // nominal time; what they really take is measured.                                                  [dual-derivatives]
  [[nodiscard]] const std::vector<double>& integrated() const { return integrated_; }

  // Units of progress, about ten nanoseconds each: per pair of pixels of an activation with a closed form, of another one,
  // of a dense layer or a sum of branches, and for each pair of places in a window.
  static constexpr std::uint64_t kClosed = 40, kIntegrated = 100'000, kJoin = 3, kPlace = 2;

  // Bytes that an activation keeps of each pair of pixels, of x with z and of x with x, and of each pixel; and those of a
  // pixel, without and with a φ of its own, while it is applied.
  static constexpr std::size_t kRates = 40, kOwnRates = 16, kSide = 16, kPixel = 384, kFunction = 576;

 private:
  struct Extent {
    std::size_t height, width;
    [[nodiscard]] std::size_t pixels() const { return height * width; }
  };

  [[nodiscard]] double pairs(std::size_t pixels) const;
  [[nodiscard]] double state(Extent of) const;
  [[nodiscard]] double adjoint(Extent of) const;
  // The grid behind a step that sums windows, and the size of these.
  static Extent windows(const Step& step, Extent in, bool line, double& size);

  bool all_;
  double planes_;  // x with z, and of `all_` x with x and z with z
  double bytes_ = 0, forward_ = 0;
  std::vector<double> reverse_, integrated_;
};

}  // namespace resgram::core
