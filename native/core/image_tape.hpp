// A pair of images run through a program with every step's derivative kept, for a reverse pass.          [image-gradient]
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "evaluate.hpp"
#include "image_tape_plan.hpp"
#include "pixel_pairs.hpp"
#include "points.hpp"
#include "program.hpp"
#include "ticket.hpp"

namespace resgram::core {

// What a reverse pass carries: derivatives of one number by the variances of x, by the covariances and tangent kernels of
// x with z, and by the covariances of different pixels of x. Empty vectors are zeros.
struct PixelAdjoint {
  std::vector<double> q, k, t, own;
};

struct PixelState {
  std::size_t height = 0, width = 0;
  std::vector<double> qx, qz;
  PixelPairs xz, xx, zz;  // the latter two where poolings ask for them
  bool mean_x = false;    // may the functions have means?
  bool cone_x = false;    // has a pixel of x without variance met a kink at 0?
  [[nodiscard]] std::size_t pixels() const { return qx.size(); }
};

class ImageTape {
 public:
  // `row`: that of x, for messages. The ticket learns of what TapePlan says, and must outlive the tape. Throws Error,
  // Cancelled.
  ImageTape(const Program& program, const Points& x, const Points& z, std::size_t row, Ticket& ticket);
  ImageTape(const ImageTape&) = delete;
  ImageTape& operator=(const ImageTape&) = delete;

  // ∂k/∂x of an emitted kernel, as many numbers as the image has. Throws Cancelled.
  void gradient(std::size_t emit, bool tangent, double* out) const;

 private:
  using Reverse = std::function<void(PixelAdjoint&)>;
  void input(const Program& program, const Points& x, const Points& z);
  void step(const Step& step);
  void affine(const Step& step);
  void add();
  void linear(Windows windows, double parts, bool independent);
  void patch(const Step& step);
  void average(std::size_t window);
  void head(const Step& step);
  void check_black(const Step& step);
  void activation(const Step& step);
  void look() const {
    if (ticket_->cancelled()) throw Cancelled{};
  }
  // So much progress, which the ticket learns of some forty microseconds at a time: all threads write to it.
  void passed(std::uint64_t each, std::size_t count) const {
    passed_ += each * count;
    if (passed_ >= kTold) tell();
  }
  void tell() const { ticket_->checkpoint(std::exchange(passed_, 0)); }
  // Pairs of one pixel of x.
  [[nodiscard]] std::size_t row_of(std::size_t n) const { return all_ ? n : 1; }
  [[nodiscard]] std::size_t at(std::size_t i, std::size_t j, std::size_t n) const { return all_ ? i * n + j : i; }

  static constexpr std::uint64_t kTold = 4096;
  Ticket* ticket_;
  mutable std::uint64_t passed_ = 0;
  bool all_, own_;  // which pairs; see TapePlan::takes_all
  std::size_t row_;
  double unit_;  // what inner products are multiplied with
  std::size_t channels_;
  Points x_, z_;
  PixelState now_;
  std::vector<PixelState> saved_;
  std::vector<Reverse> tape_;
  mutable std::vector<PixelAdjoint> adjoints_;  // of the saved states, in a reverse pass
  struct Emit {
    std::size_t steps, depth;
  };
  std::vector<Emit> emits_;
};

}  // namespace resgram::core
