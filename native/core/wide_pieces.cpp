#include "wide_pieces.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "error.hpp"

namespace resgram::core {
namespace {

constexpr std::size_t kTerms = WidePieces::kTerms;
// Terms that must have become small: more than one, as every other vanishes on curves with a parity.
constexpr std::size_t kTail = 4;
constexpr double kShortest = 0x1p-30;

// cos(π i / (2 kTerms)) for 0 ≤ i < 4 kTerms, from the first quadrant.
const std::array<Wide, 4 * kTerms>& cosines() {
  static const auto made = [] {
    std::array<Wide, 4 * kTerms> out;
    for (std::size_t i = 0; i <= kTerms; ++i) {
      const Wide angle = kWidePi * Wide(static_cast<double>(i)) / Wide(2.0 * kTerms);
      out[i] = i == kTerms ? Wide(0) : sin_cos(angle).cos;
    }
    for (std::size_t i = kTerms + 1; i <= 2 * kTerms; ++i) out[i] = -out[2 * kTerms - i];
    for (std::size_t i = 2 * kTerms + 1; i < 4 * kTerms; ++i) out[i] = out[4 * kTerms - i];
    return out;
  }();
  return made;
}

// c_k = (2/n) Σ_j f(t_j) cos(πk(2j+1)/(2n)), half of that for k = 0.
std::vector<Wide> series_of(std::span<const Wide> values) {
  const auto& cosine = cosines();
  std::vector<Wide> out(kTerms);
  for (std::size_t k = 0; k < kTerms; ++k) {
    Wide sum = 0;
    for (std::size_t j = 0; j < kTerms; ++j) sum += values[j] * cosine[k * (2 * j + 1) % (4 * kTerms)];
    out[k] = sum * Wide(k == 0 ? 1.0 : 2.0) / Wide(static_cast<double>(kTerms));
  }
  return out;
}

bool settled(std::span<const Wide> series, double tolerance) {
  double tail = 0;
  for (std::size_t k = kTerms - kTail; k < kTerms; ++k) tail = std::max(tail, std::fabs(series[k].high));
  return tail <= tolerance;
}

}  // namespace

WidePieces::WidePieces(const CurveSource& source, std::size_t curves, double tolerance, std::string_view remedy,
                       const Ticket& ticket) {
  std::vector<Piece> open = {{Wide(0), kWidePi, {}}};
  std::vector<std::vector<Wide>> values(curves);
  while (!open.empty()) {
    std::vector<Wide> angles;
    angles.reserve(open.size() * kTerms);
    for (const Piece& piece : open) {
      const Wide half = ldexp(piece.to - piece.from, -1), middle = piece.from + half;
      for (std::size_t j = 0; j < kTerms; ++j) angles.push_back(middle + half * cosines()[2 * j + 1]);
    }
    for (auto& curve : values) curve.resize(angles.size());
    source(angles, values);
    std::vector<Piece> next;
    for (std::size_t p = 0; p < open.size(); ++p) {
      if (ticket.cancelled()) throw Cancelled{};
      Piece& piece = open[p];
      bool good = true;
      for (std::size_t c = 0; c < curves; ++c) {
        piece.series.push_back(series_of(std::span(values[c]).subspan(p * kTerms, kTerms)));
        good = good && settled(piece.series.back(), tolerance);
      }
      if (good) {
        pieces_.push_back(std::move(piece));
        continue;
      }
      const Wide middle = piece.from + ldexp(piece.to - piece.from, -1);
      if ((piece.to - piece.from).high < kShortest * kWidePi.high)
        throw Error(Code::no_convergence, "the kernel's curve over the angle turns too sharply near " +
                                              shown(middle.high) + " radians to be integrated; " + std::string(remedy));
      next.push_back({piece.from, middle, {}});
      next.push_back({middle, piece.to, {}});
    }
    open = std::move(next);
  }
  std::sort(pieces_.begin(), pieces_.end(), [](const Piece& a, const Piece& b) { return a.from < b.from; });
}

Wide WidePieces::value(const Piece& piece, std::size_t c, Wide t) {
  const std::vector<Wide>& series = piece.series[c];
  const Wide twice = ldexp(t, 1);
  Wide first = 0, second = 0;
  for (std::size_t k = kTerms; k-- > 1;) {
    const Wide next = twice * first - second + series[k];
    second = first;
    first = next;
  }
  return t * first - second + series[0];
}

}  // namespace resgram::core
