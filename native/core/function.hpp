// Activations φ without a closed form for their kernels: φ and φ′ as numbers, and what a quadrature must know of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace resgram::core {

enum class Parity : unsigned char { none, odd, even };

// φ on [from, to] = Σ c_k T_k((2u − from − to)/(to − from)).
struct Piece {
  double from, to;
  std::vector<double> coefficients;
};

// Derivatives 0 … kSplineDegree of a polynomial at `centre`.
inline constexpr std::size_t kSplineDegree = 3;
// With more breaks quadrature is as fast: every pair of them is an integral.
inline constexpr std::size_t kMostBreaks = 24;
struct SplinePiece {
  double centre;
  std::array<double, kSplineDegree + 1> derivatives;
  // The n-th derivative.
  [[nodiscard]] double at(std::size_t n, double u) const {
    constexpr std::array<double, kSplineDegree + 1> kInverse{0, 1, 1.0 / 2, 1.0 / 3};
    double value = derivatives[kSplineDegree];
    for (std::size_t k = kSplineDegree; k-- > n;) value = derivatives[k] + value * (u - centre) * kInverse[k - n + 1];
    return value;
  }
};

// Polynomials of degree ≤ kSplineDegree between `breaks`, lines beyond them; one more than breaks.
struct Spline {
  std::vector<double> breaks;
  std::vector<SplinePiece> pieces;
};

// φ′ jumps by `size` at `at`: φ″ has a point mass there.
struct Jump {
  double at, size;
};

class Function {
 public:
  virtual ~Function() = default;

  // φ(u), if `value` is not null, and φ′(u); at a kink either one-sided slope.
  virtual void evaluate(std::span<const double> u, double* value, double* slope) const = 0;

  // φ″ where it exists; at a kink either one-sided value.
  virtual void bend(std::span<const double> u, double* out) const = 0;

  [[nodiscard]] const std::string& name() const { return name_; }
  // No other function of the process has had or will have it; for what is kept from one run to the next.
  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] Parity parity() const { return parity_; }
  // Borders, ascending and symmetric to 0, between which Gauss's rule of 16 nodes integrates products of φ and φ′ to the
  // last digits; beyond the outer ones φ is linear to the last digits.
  [[nodiscard]] std::span<const double> borders() const { return borders_; }
  // Where φ′ or φ″ jumps, ascending.
  [[nodiscard]] std::span<const double> kinks() const { return kinks_; }

  // Those of the kinks where φ′ itself jumps.
  [[nodiscard]] std::span<const Jump> jumps() const { return jumps_; }

  // How much φ′ jumps at most where pieces join that are meant to be one smooth function, relative to its largest value: a
  // series knows φ to an ulp, but φ′ some hundred times worse. Kernels are not smoother than that.
  [[nodiscard]] double roughness() const { return roughness_; }

  // φ as a piecewise polynomial of low degree, if it is one; else null.
  [[nodiscard]] const Spline* spline() const { return spline_.pieces.empty() ? nullptr : &spline_; }

  // The length over which φ′ changes; kernels of variances beyond its square have a layer at ρ = ±1.
  [[nodiscard]] double scale() const { return scale_; }

 protected:
  Function(std::string name, Parity parity);

  std::string name_;
  std::uint64_t id_;
  Parity parity_;
  std::vector<double> borders_, kinks_;
  Spline spline_;
  std::vector<Jump> jumps_;
  double scale_ = 1;
  double roughness_ = 0;
};

// tanh, softplus = log(1 + eᵘ), silu = u/(1 + e⁻ᵘ), elu = eᵘ − 1 for u < 0 and u otherwise; null for another name.
std::shared_ptr<const Function> named_function(const std::string& name);

// A φ of one's own; it goes on linearly beyond the outer pieces. `why` tells what is wrong with the pieces, then the
// result is null: they must be contiguous, finite and of positive length, and φ must not jump between them. A φ that
// jumps has a φ′ that is no function and no tangent kernel.
std::shared_ptr<const Function> tabulated_function(std::vector<Piece> pieces, std::string& why);

}  // namespace resgram::core
