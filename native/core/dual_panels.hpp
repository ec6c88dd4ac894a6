// Panels of one or two normal variables on which Gauss's rule integrates what φ makes of them.              [dual-panels]
#pragma once

#include <cstddef>
#include <vector>

#include "dual_quadrature.hpp"
#include "function.hpp"
#include "gauss.hpp"

namespace resgram::core::panels {

inline constexpr double kReach = 9;  // e^(−t²/2) < 1e-17 beyond

// The normal density.
double density(double t);

// 16 nodes on the panels, 24 on the panels, 24 on their halves.
struct Order {
  const GaussRule& rule;
  int parts;
};
Order order_of(Rule rule);

// Nodes in t with weights that hold the normal density.
struct Nodes {
  std::vector<double> t, weight;
  std::vector<double> cut;  // ends of the panels, ascending

  void between(const Order& order);
};

// Nodes for the mean of functions of φ(√a t), φ(±√b t).
void line_nodes(const Function& phi, double root_a, double root_b, const Order& order, Nodes& nodes);

// Plane integrals: u = √a t, v = √b(±(1 − 2m) t + 2√(m(1 − m)) t′). The conditional mean of φ(v) given t changes as fast
// as φ does, but not faster than the spread σ of v, and within some σ of a kink it does change. Of an odd or even φ the
// integrand is the same at (−t, −t′), and half of the plane is integrated. `reach`: the root of the largest a.
class Plane {
 public:
  Plane(const Function& phi, double reach, double b, double m, bool acute, const Order& order);

  // Weights are doubled where half of the plane stands for all of it.
  [[nodiscard]] const Nodes& outer() const { return outer_; }
  [[nodiscard]] bool half() const { return half_; }
  // v = centre(t) + spread · t′.
  [[nodiscard]] double centre(double t) const { return tilt_ * t; }
  [[nodiscard]] double spread() const { return spread_; }
  // Nodes in t′; valid until the next call.
  const Nodes& inner(double t);

 private:
  const Function& phi_;
  Order order_;
  double tilt_, spread_, shortest_;
  bool half_;
  Nodes outer_, plain_, own_;
  std::vector<double> stops_;
};

}  // namespace resgram::core::panels
