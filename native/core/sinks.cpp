#include "sinks.hpp"

#include <string>

#include "error.hpp"

namespace resgram::core {
namespace {

constexpr double kLogTwo = 0.693147180559945309417;

}  // namespace

template <class Real>
void check_sinks(const Program& program, std::span<const Sink<Real>> sinks) {
  if (sinks.size() != program.emits())
    throw Error(Code::internal,
                "expected " + std::to_string(program.emits()) + " sinks, got " + std::to_string(sinks.size()));
  for (const Sink<Real>& sink : sinks)
    if (sink.ntk != nullptr && !program.tangent())
      throw Error(Code::program,
                  "expected nngp alone, got ntk: the derivative of sign is a jump, whose square has no mean");
}

template <class Real>
void set_scales(std::span<Sink<Real>> sinks, const std::vector<EmitDiagonals>& x, const std::vector<EmitDiagonals>& z) {
  for (std::size_t e = 0; e < sinks.size(); ++e) {
    sinks[e].nngp_log_scale = -static_cast<double>(x[e].covariance.shift + z[e].covariance.shift) * kLogTwo;
    sinks[e].ntk_log_scale = -static_cast<double>(x[e].tangent.shift + z[e].tangent.shift) * kLogTwo;
  }
}

template void check_sinks<double>(const Program&, std::span<const Sink<double>>);
template void check_sinks<float>(const Program&, std::span<const Sink<float>>);
template void set_scales<double>(std::span<Sink<double>>, const std::vector<EmitDiagonals>&,
                                 const std::vector<EmitDiagonals>&);
template void set_scales<float>(std::span<Sink<float>>, const std::vector<EmitDiagonals>&,
                                const std::vector<EmitDiagonals>&);

}  // namespace resgram::core
