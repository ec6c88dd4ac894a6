#include "zonal.hpp"

#include <bit>
#include <cmath>
#include <cstdint>

#include "chebyshev.hpp"
#include "rows.hpp"

namespace resgram::core {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kMostTableBytes = std::size_t{64} << 20;

template <class Real>
constexpr std::size_t kLength = 2 * ZonalMesh<Real>::kPieces * ZonalMesh<Real>::kTerms;

std::size_t count_outputs(std::span<const ZonalWanted> wanted) {
  std::size_t count = 0;
  for (const ZonalWanted& one : wanted) count += (one.covariance ? 1 : 0) + (one.tangent ? 1 : 0);
  return count;
}

// Borders of piece p, as the vector loop cuts them.
template <class Real>
double border(std::size_t p) {
  using Mesh = ZonalMesh<Real>;
  return std::bit_cast<Real>(static_cast<typename Mesh::Bits>((Mesh::kFirst + p) << Mesh::kShift));
}

// From values at the zeros of T_n on [−1, 1] to the coefficients of powers, row-major.
template <std::size_t kTerms>
std::vector<double> to_powers() {
  const std::vector<double> chebyshev = chebyshev_transform(kTerms);
  std::vector<double> out(kTerms * kTerms);
  double before[kTerms] = {}, now[kTerms] = {};  // powers of T_{k−1}, T_k
  now[0] = 1;
  for (std::size_t k = 0; k < kTerms; ++k) {
    for (std::size_t power = 0; power < kTerms; ++power)
      for (std::size_t j = 0; j < kTerms; ++j) out[power * kTerms + j] += now[power] * chebyshev[k * kTerms + j];
    for (std::size_t power = kTerms; power-- > 0;) {
      const double raised = power == 0 ? 0 : now[power - 1];
      const double next = (k == 0 ? 1 : 2) * raised - before[power];
      before[power] = next;
    }
    std::swap(before, now);
  }
  return out;
}

}  // namespace

bool worth_a_table(const Program& program, std::span<const ZonalWanted> wanted, double pairs) {
  if (program.image() || !is_uniform(program)) return false;
  const auto outputs = static_cast<double>(count_outputs(wanted));
  if (outputs * static_cast<double>(Zonal<double>::most_bytes(1)) > static_cast<double>(kMostTableBytes)) return false;
  // In units of one step of one pair, roughly a nanosecond.
  constexpr double kAngles = 800, kFit = 1e5;
  return pairs * (program.work() - outputs) > kAngles * program.work() + outputs * kFit;
}

template <class Real>
Zonal<Real>::Zonal(std::unique_ptr<const ZonalPanels> panels)
    : panels_(std::move(panels)), terms_(panels_->outputs() * kLength<Real> + kAlignment / sizeof(Real)) {
  const auto address = reinterpret_cast<std::uintptr_t>(terms_.data());
  first_ = (kAlignment - address % kAlignment) % kAlignment / sizeof(Real);
}

template <class Real>
std::shared_ptr<const Zonal<Real>> Zonal<Real>::build(const Program& program, std::span<const ZonalWanted> wanted,
                                                      const Ticket& ticket) {
  const ZonalNodes nodes(program, wanted, ticket);
  auto panels = ZonalPanels::build(program, nodes);
  if (panels == nullptr) return nullptr;
  const std::shared_ptr<Zonal> built(new Zonal(std::move(panels)));
  std::size_t output = 0;
  for (const ZonalWanted& one : wanted) {
    Outputs& outputs = built->outputs_.emplace_back();
    if (one.covariance) outputs.covariance = output++;
    if (one.tangent) outputs.tangent = output++;
  }
  for (std::size_t k = 0; k < output; ++k)
    if (!built->spread(k)) return nullptr;
  return built;
}

// Pieces are narrow in m: differences from the value at the centre are small, and round as such.
template <class Real>
bool Zonal<Real>::spread(std::size_t output) {
  using Mesh = ZonalMesh<Real>;
  constexpr std::size_t kTerms = Mesh::kTerms;
  static const std::vector<double> nodes = chebyshev_nodes(kTerms);
  static const std::vector<double> powers = to_powers<kTerms>();
  // What is left off a piece shows at its ends; half a unit of Real is lost to rounding anyway.
  const double allowed = 0.5 * std::numeric_limits<Real>::epsilon() + 2 * panels_->noise();
  for (const bool acute : {true, false})
    for (std::size_t p = 0; p < Mesh::kPieces; ++p) {
      const double lo = border<Real>(p), half = 0.5 * (border<Real>(p + 1) - lo), centre = lo + half;
      const ZonalPanels::Sample middle = panels_->sample(output, {centre, acute});
      const auto difference = [&](double m) {
        const ZonalPanels::Sample here = panels_->sample(output, {m, acute});
        return (here.base - middle.base) + (here.rest - middle.rest);
      };
      double values[kTerms], terms[kTerms] = {};
      for (std::size_t j = 0; j < kTerms; ++j) values[j] = difference(lo + 2 * half * nodes[j]);
      double even = 0, odd = 0, scale = 1;
      Real* out = terms_.data() + first_ + output * kLength<Real> + ((acute ? 0 : Mesh::kPieces) + p) * kTerms;
      for (std::size_t k = 0; k < kTerms; ++k) {
        for (std::size_t j = 0; j < kTerms; ++j) terms[k] += powers[k * kTerms + j] * values[j];
        (k % 2 == 0 ? even : odd) += terms[k];
        out[k] = static_cast<Real>(k == 0 ? middle.base + (middle.rest + terms[0]) : terms[k] * scale);
        scale /= half;
      }
      if (p + 1 == Mesh::kPieces) continue;  // of this one only m = ½ is ever asked, which the next line tests as well
      if (!(std::fabs(even + odd - difference(lo + 2 * half)) <= allowed) ||
          !(std::fabs(even - odd - difference(lo)) <= allowed))
        return false;
    }
  return true;
}

template <class Real>
ZonalLane<Real> Zonal<Real>::lane(std::size_t output) const {
  return {terms_.data() + first_ + output * kLength<Real>};
}

template <class Real>
double Zonal<Real>::value(std::size_t output, double m, bool acute) const {
  return panels_->at(output, {m, acute});
}

template <class Real>
std::size_t Zonal<Real>::bytes() const {
  return terms_.size() * sizeof(Real) + panels_->bytes();
}

template <class Real>
std::size_t Zonal<Real>::most_bytes(std::size_t outputs) {
  return outputs * kLength<Real> * sizeof(Real) + kAlignment + ZonalPanels::most_bytes(outputs);
}

template class Zonal<double>;
template class Zonal<float>;

}  // namespace resgram::core
