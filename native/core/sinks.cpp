#include "sinks.hpp"

#include <cmath>
#include <string>
#include <type_traits>

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

template <class Real>
void require_finite(std::span<const Sink<Real>> sinks, std::size_t rows, std::size_t columns) {
  constexpr bool kSingle = std::is_same_v<Real, float>;
  for (const Sink<Real>& sink : sinks) {
    if (sink.finite) continue;
    for (const Real* values : {sink.nngp, sink.ntk}) {
      if (values == nullptr) continue;
      for (std::size_t i = 0; i < rows * columns; ++i) {
        if (std::isfinite(values[i])) continue;
        const std::size_t row = i / columns;
        const std::size_t column = i % columns;
        throw Error(Code::range,
                    "row " + std::to_string(row) + ", column " + std::to_string(column) +
                        " of the kernel leaves the range of " + (kSingle ? "float32" : "float64") +
                        " numbers; scale the data" + (kSingle ? ", or use float64" : ""),
                    {{"row", static_cast<double>(row)}, {"column", static_cast<double>(column)}});
      }
    }
  }
}

template void check_sinks<double>(const Program&, std::span<const Sink<double>>);
template void check_sinks<float>(const Program&, std::span<const Sink<float>>);
template void set_scales<double>(std::span<Sink<double>>, const std::vector<EmitDiagonals>&,
                                 const std::vector<EmitDiagonals>&);
template void set_scales<float>(std::span<Sink<float>>, const std::vector<EmitDiagonals>&,
                                const std::vector<EmitDiagonals>&);

template void require_finite<double>(std::span<const Sink<double>>, std::size_t, std::size_t);
template void require_finite<float>(std::span<const Sink<float>>, std::size_t, std::size_t);

}  // namespace resgram::core
