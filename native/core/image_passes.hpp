// Homogeneous networks on images as passes over a line: an activation, a filter, and the shortcut, in one go each.  [image-rows]
//
// A pass reads pairs of pixels from one field and leaves them in another. A field is known up to factors that belong to
// the whole network: steps that only multiply (weights, scales) and weights that train are folded into the passes that
// read it. Factors of single images are amplitudes √Q of each field (image_amplitudes.hpp).
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "image_plan.hpp"

namespace resgram::core {

// A state in terms of a field: K = k K_field, T = t T_field + own K_field.
struct Folded {
  std::size_t field = 0;
  double k = 1, t = 1, own = 0;
};

// `sum` is what an activation and a filter make of `from`, up to factors: K′ = Σ S ρ′, T′ = Σ κ0 (T + a S ρ) + b S ρ′.
struct Pass {
  Folded from;  // k, t, own: the sums are multiplied with; own is not used
  double a = 0, b = 0;
  bool relu = false;
  double slope = 0;
  Axes<AxisFilter> filter;
  Extent in, out;
  Axes<bool> wraps;   // behind it
  bool both = false;  // may pairs behind it be opposite, so that S (1 + ρ) is carried as well?
  std::optional<Folded> saved;
  std::size_t last = 0;  // its last step of the trunk
};

struct PassReading {
  std::size_t head = 0;  // of the plan
  Folded from;
};

class ImagePasses {
 public:
  // What a program's passes are, or nothing where it has steps that they do not do.
  static std::optional<ImagePasses> of(const ImagePlan& plan);

  [[nodiscard]] const std::vector<Pass>& passes() const { return passes_; }
  // Of the heads, in the order of the plan.
  [[nodiscard]] const std::vector<PassReading>& readings() const { return readings_; }
  // Field 0 is the input, field i + 1 comes from pass i: shape, the step of the trunk behind which it stands, and where
  // among the planes of a line it is kept.
  struct Field {
    Extent grid;
    std::size_t after = 0;
    std::size_t plane = 0;
    std::size_t amplitudes = 0;  // offset of its first pixel's √Q, 1/√Q among an image's amplitudes
    std::size_t last_use = 0;    // passes up to this one read it
    bool both = true;            // of image_rows.hpp: the input, and what a pass says
    int exponent = 0;            // squares of amplitudes are in units of 2^exponent, times one per image
  };
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  static constexpr std::size_t kNoField = static_cast<std::size_t>(-1);
  // The field that stands behind that step of the trunk.
  [[nodiscard]] std::size_t field_behind(std::size_t step) const { return field_behind_[step]; }
  [[nodiscard]] std::size_t planes() const { return planes_; }
  [[nodiscard]] std::size_t amplitudes() const { return amplitudes_; }
  // Bounds of |K| and of |T| of a field's pairs in units of 2^exponent.
  [[nodiscard]] double covariance_bound() const { return covariance_bound_; }
  [[nodiscard]] double tangent_bound() const { return tangent_bound_; }

 private:
  friend class PassBuilder;
  void place();
  void measure(const ImagePlan& plan);

  std::vector<Pass> passes_;
  std::vector<PassReading> readings_;
  std::vector<Field> fields_;
  std::vector<std::size_t> field_behind_;
  std::size_t planes_ = 0, amplitudes_ = 0;
  double covariance_bound_ = 0, tangent_bound_ = 0;
};

}  // namespace resgram::core
