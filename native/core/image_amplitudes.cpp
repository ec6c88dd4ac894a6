#include "image_amplitudes.hpp"

#include <algorithm>
#include <cmath>

namespace resgram::core {
namespace {

template <class Real>
constexpr double kLeastAmplitude = sizeof(Real) == 8 ? 0x1p-200 : 0x1p-24;

int shift(std::int64_t by) { return static_cast<int>(std::clamp<std::int64_t>(by, -1 << 28, 1 << 28)); }

}  // namespace

template <class Real>
ImageAmplitudes<Real>::ImageAmplitudes(const ImagePlan& plan, const ImagePasses& passes, Real* out, std::size_t stride,
                                       std::span<HeadUnits> units)
    : plan_(plan), passes_(passes), out_(out), stride_(stride), units_(units) {}

template <class Real>
void ImageAmplitudes<Real>::take(std::size_t step, const OwnState& state) {
  if (step == 0) unit_ = state.q.e;
  if (const std::size_t which = passes_.field_behind(step); which != ImagePasses::kNoField) {
    const ImagePasses::Field& field = passes_.fields()[which];
    const int unit = shift(2 * (state.q.e - unit_) - field.exponent);
    Real* to = out_ + field.amplitudes * stride_;
    for (std::size_t i = 0; i < state.q.v.size(); ++i) {
      const double amplitude = std::sqrt(std::ldexp(state.q.v[i], unit));
      fits_ = fits_ && (amplitude == 0 ? state.q.v[i] == 0 : amplitude >= kLeastAmplitude<Real>);
      to[2 * i * stride_] = static_cast<Real>(amplitude);
      to[(2 * i + 1) * stride_] = amplitude > 0 ? static_cast<Real>(1 / amplitude) : Real(0);
    }
  }
  // Heads read what stands before them.
  for (std::size_t r = 0; r < passes_.readings().size(); ++r)
    if (plan_.heads()[passes_.readings()[r].head].at == step + 1)
      units_[r] = {shift(unit_ - state.q.e), shift(unit_ - state.theta.e)};
}

template <class Real>
bool ImageAmplitudes<Real>::finish() {
  if (!fits_)
    for (std::size_t k = 0; k < passes_.amplitudes(); ++k) out_[k * stride_] = Real(0);
  return fits_;
}

template class ImageAmplitudes<double>;
template class ImageAmplitudes<float>;

}  // namespace resgram::core
