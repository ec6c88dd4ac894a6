// The side of an image program that belongs to one image alone: the variances of its pixels at every step, and the
// factors that the pair steps multiply into pairs of pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "dual_tables.hpp"
#include "image_plan.hpp"
#include "rows.hpp"
#include "scaled.hpp"

namespace resgram::core {

// Non-negative numbers v · 4^e, one per pixel: plain doubles that no depth takes out of range. For Θ, e is also the power
// of two in which the pairs of this image carry t: T(x,z) = t · 2^(e_x + e_z), times the plan's gain.
struct Field {
  std::vector<double> v;
  std::int64_t e = 0;
};

struct OwnState {
  Field q;
  Field theta;
};

// The values of one emitted kernel, and the power of two of its t.
struct OwnEmit {
  Scaled covariance;
  Scaled tangent;
  std::int64_t exponent = 0;
};

class OwnRecursion {
 public:
  // `pixels`: squares of the image's pixels. `averages`: its values after each pooling and mean, in the order of the
  // trunk, as far as they are known; these need pairs of its pixels.
  OwnRecursion(const ImagePlan& plan, std::span<const Unit> pixels, const std::vector<OwnState>& averages,
               std::size_t image);

  // Runs to the end, or to the first pooling or mean whose values are not known; returns that step's index in the trunk.
  // Factor number f goes to out[f · stride]; a null `out` drops them.
  // `ranges`, if any, takes in the variances before activations that work with tables.
  template <class Real>
  std::size_t run(Real* out, std::size_t stride, LogRanges* ranges = nullptr);

  // Called behind every step of the trunk with its index.
  using Watch = std::function<void(std::size_t step, const OwnState& state)>;
  void watch(Watch watch) { watch_ = std::move(watch); }

  [[nodiscard]] const std::vector<OwnEmit>& emits() const { return emits_; }
  // The state before the step that `run` stopped at.
  [[nodiscard]] const OwnState& state() const { return state_; }

 private:
  template <class Real>
  struct Out {
    Real* to;
    std::size_t stride;
    void put(std::size_t at, double value) const {
      if (to != nullptr) to[at * stride] = static_cast<Real>(value);
    }
  };

  template <class Real>
  bool apply(const ImageStep& step, const Out<Real>& out);
  template <class Real>
  void affine(const ImageStep& step, const Out<Real>& out);
  template <class Real>
  void activation(const ImageStep& step, const Out<Real>& out);
  template <class Real>
  void add(const ImageStep& step, const Out<Real>& out);
  template <class Real>
  void patch(const ImageStep& step, const Out<Real>& out);
  template <class Real>
  bool average(const ImageStep& step, const Out<Real>& out);
  template <class Real>
  void trace(const ImageStep& step, const Out<Real>& out);

  const ImagePlan& plan_;
  std::span<const Unit> pixels_;
  const std::vector<OwnState>& averages_;
  std::size_t image_;
  std::size_t next_average_ = 0;
  LogRanges* ranges_ = nullptr;
  Watch watch_;
  OwnState state_;
  std::vector<OwnState> saved_;
  std::vector<OwnEmit> emits_;
};

}  // namespace resgram::core
