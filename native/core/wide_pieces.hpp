// Curves over [0, π] as Chebyshev series on pieces that are as short as the curves need.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "ticket.hpp"
#include "wide.hpp"

namespace resgram::core {

// Values of all curves at many angles: out[c][i] is curve c at angles[i].
using CurveSource = std::function<void(std::span<const Wide> angles, std::vector<std::vector<Wide>>& out)>;

class WidePieces {
 public:
  // Halves pieces until the series of every curve has fallen below `tolerance`, relative to the largest value near it and
  // to 1. Throws Error{no_convergence} where a piece would become shorter than 2⁻³⁰ π; `remedy` says what helps then.
  WidePieces(const CurveSource& source, std::size_t curves, double tolerance, std::string_view remedy,
             const Ticket& ticket);

  struct Piece {
    Wide from, to;
    std::vector<std::vector<Wide>> series;  // of every curve
  };
  [[nodiscard]] std::span<const Piece> pieces() const { return pieces_; }

  // Curve c of a piece at t ∈ [−1, 1] of it.
  static Wide value(const Piece& piece, std::size_t c, Wide t);

  // Terms of a series.
  static constexpr std::size_t kTerms = 40;

 private:
  std::vector<Piece> pieces_;
};

}  // namespace resgram::core
