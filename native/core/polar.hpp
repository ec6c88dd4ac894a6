// Derivatives by one input from those by the logarithm of its length and by the angle.                  [input-gradient]
#pragma once

#include <cstddef>
#include <vector>

#include "points.hpp"

namespace resgram::core {

// Where z stands as seen from x.
struct View {
  double smaller = 0.5;  // m = (1 − |cos θ|)/2
  bool acute = true;
  bool same = false;  // one and the same point
};

View view(const Directions<double>& x, std::size_t i, const Directions<double>& z, std::size_t j);

// The unit vector from x̂ towards ẑ, at right angles to x̂; false where there is none.
bool towards(const Directions<double>& x, std::size_t i, const Directions<double>& z, std::size_t j,
             std::vector<double>& out);

// k and its derivatives; s = log ‖x‖.
struct Polar {
  double s = 0, angle = 0, ss = 0, s_angle = 0, angle_angle = 0;
};

// ∇k = (k_s x̂ − k_θ ê)/‖x‖. Where there is no ê, `side` is null and k_θ left out: the mean of opposite directions.
void write_gradient(const Polar& k, double length, std::size_t d, const double* unit, const double* side, double* out);

// ‖x‖² ∇²k = (k_ss − k_s) x̂x̂ᵀ + (k_θ − k_sθ)(x̂êᵀ + êx̂ᵀ) + (k_θθ + k_s) êêᵀ + τ (1 − x̂x̂ᵀ − êêᵀ), τ = k_s + cot θ k_θ.
void write_hessian(const Polar& k, double transverse, double length, std::size_t d, const double* unit,
                   const double* side, double* out);

}  // namespace resgram::core
