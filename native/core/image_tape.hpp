// A pair of images run through a program with every step's derivative kept, for a reverse pass.          [image-gradient]
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "evaluate.hpp"
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
  // Which pairs a program needs: those of equal place alone, or all; and those of an image with itself.
  static bool takes_all(const Program& program);
  static bool takes_own(const Program& program);
  // Bytes that one pair of images takes.
  static double bytes(const Program& program, const Grid& grid);

  // `row`: that of x, for messages. Throws Error, Cancelled.
  ImageTape(const Program& program, const Points& x, const Points& z, std::size_t row, const Ticket& ticket);

  // ∂k/∂x of an emitted kernel, as many numbers as the image has.
  void gradient(std::size_t emit, bool tangent, double* out) const;

 private:
  using Reverse = std::function<void(PixelAdjoint&)>;
  void input(const Program& program, const Points& x, const Points& z);
  void step(const Step& step);
  void affine(const Step& step);
  void add();
  void linear(const std::vector<std::vector<int>>& windows, double parts, bool independent);
  void patch(const Step& step);
  void average(std::size_t window);
  void head(const Step& step);
  void check_black(const Step& step);
  void activation(const Step& step, std::size_t executed);
  [[nodiscard]] std::size_t at(std::size_t i, std::size_t j, std::size_t n) const { return all_ ? i * n + j : i; }

  bool all_, own_;
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
