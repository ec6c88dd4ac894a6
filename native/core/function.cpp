#include "function.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <string>
#include <utility>

#include "error.hpp"

namespace resgram::core {
namespace {

// Borders of panels of one length on [−reach, reach].
std::vector<double> panels(double reach, double step) {
  std::vector<double> at;
  const int half = static_cast<int>(std::lround(reach / step));
  for (int k = -half; k <= half; ++k) at.push_back(step * k);
  return at;
}

// Gauss's rule with 16 nodes on a panel whose half is h, for a function with poles at the distance d from the real axis,
// is good to (d/h + √(1 + d²/h²))⁻³²: 10⁻¹⁷ for h = 1, d = π/2 (tanh) and h = 2, d = π (the logistic functions). [dual-panels]
class Tanh final : public Function {
 public:
  Tanh() : Function("tanh", Parity::odd) { borders_ = panels(20, 2); }
  void evaluate(std::span<const double> u, double* value, double* slope) const override {
    for (std::size_t i = 0; i < u.size(); ++i) {
      if (value != nullptr) value[i] = std::tanh(u[i]);
      const double e = std::exp(-2 * std::fabs(u[i]));
      slope[i] = 4 * e / ((1 + e) * (1 + e));
    }
  }
  void bend(std::span<const double> u, double* out) const override {
    for (std::size_t i = 0; i < u.size(); ++i) {
      const double e = std::exp(-2 * std::fabs(u[i]));
      out[i] = -8 * std::tanh(u[i]) * e / ((1 + e) * (1 + e));
    }
  }
};

class Softplus final : public Function {
 public:
  Softplus() : Function("softplus", Parity::none) { borders_ = panels(39, 3); }
  void evaluate(std::span<const double> u, double* value, double* slope) const override {
    for (std::size_t i = 0; i < u.size(); ++i) {
      const double e = std::exp(-std::fabs(u[i]));
      if (value != nullptr) value[i] = std::max(u[i], 0.0) + std::log1p(e);
      slope[i] = (u[i] < 0 ? e : 1) / (1 + e);
    }
  }
  void bend(std::span<const double> u, double* out) const override {
    for (std::size_t i = 0; i < u.size(); ++i) {
      const double e = std::exp(-std::fabs(u[i]));
      out[i] = e / ((1 + e) * (1 + e));
    }
  }
};

class Silu final : public Function {
 public:
  Silu() : Function("silu", Parity::none) { borders_ = panels(39, 3); }
  void evaluate(std::span<const double> u, double* value, double* slope) const override {
    for (std::size_t i = 0; i < u.size(); ++i) {
      const double e = std::exp(-std::fabs(u[i]));
      const double on = (u[i] < 0 ? e : 1) / (1 + e), off = (u[i] < 0 ? 1 : e) / (1 + e);
      if (value != nullptr) value[i] = u[i] * on;
      slope[i] = on * (1 + u[i] * off);
    }
  }
  void bend(std::span<const double> u, double* out) const override {
    for (std::size_t i = 0; i < u.size(); ++i) {
      const double e = std::exp(-std::fabs(u[i]));
      // on − off = tanh(u/2), without cancellation
      out[i] = e / ((1 + e) * (1 + e)) * (2 - u[i] * std::tanh(u[i] / 2));
    }
  }
};

class Elu final : public Function {
 public:
  Elu() : Function("elu", Parity::none) {
    borders_ = panels(40, 8);
    kinks_ = {0};
  }
  void evaluate(std::span<const double> u, double* value, double* slope) const override {
    for (std::size_t i = 0; i < u.size(); ++i) {
      if (value != nullptr) value[i] = u[i] < 0 ? std::expm1(u[i]) : u[i];
      slope[i] = u[i] < 0 ? std::exp(u[i]) : 1;
    }
  }
  void bend(std::span<const double> u, double* out) const override {
    for (std::size_t i = 0; i < u.size(); ++i) out[i] = u[i] < 0 ? std::exp(u[i]) : 0;
  }
};

double clenshaw(const std::vector<double>& c, double x) {
  double b1 = 0, b2 = 0;
  for (std::size_t k = c.size(); k-- > 1;) b2 = std::exchange(b1, c[k] + 2 * x * b1 - b2);
  return c.empty() ? 0 : c[0] + x * b1 - b2;
}

// At kAbreast points at a time: the sum at one point is a chain of operations that wait for each other, and points that lie
// side by side in a quadrature mostly share their piece. The same numbers, to the last bit.
constexpr std::size_t kAbreast = 8;
using Abreast = std::array<double, kAbreast>;

Abreast clenshaw(const std::vector<double>& c, const Abreast& x) {
  Abreast b1{}, b2{}, twice{};
  if (c.empty()) return b1;
  for (std::size_t i = 0; i < kAbreast; ++i) twice[i] = 2 * x[i];
  std::size_t k = c.size();
  // Two terms a turn, so that nothing is moved from one array to the other.
  for (; k > 2; k -= 2) {
    const double first = c[k - 1], second = c[k - 2];
    for (std::size_t i = 0; i < kAbreast; ++i) b2[i] = first + twice[i] * b1[i] - b2[i];
    for (std::size_t i = 0; i < kAbreast; ++i) b1[i] = second + twice[i] * b2[i] - b1[i];
  }
  if (k == 2) {
    for (std::size_t i = 0; i < kAbreast; ++i) b2[i] = c[1] + twice[i] * b1[i] - b2[i];
    std::swap(b1, b2);
  }
  for (std::size_t i = 0; i < kAbreast; ++i) b1[i] = c[0] + x[i] * b1[i] - b2[i];
  return b1;
}

// Coefficients of the derivative with respect to u.
std::vector<double> differentiated(const std::vector<double>& c, double length) {
  const std::size_t n = c.size();
  std::vector<double> d(std::max<std::size_t>(n, 2) - 1, 0.0);
  for (std::size_t k = n; k-- > 1;) d[k - 1] = (k + 1 < d.size() ? d[k + 1] : 0) + 2 * static_cast<double>(k) * c[k];
  d[0] /= 2;
  for (double& x : d) x *= 2 / length;
  return d;
}

class Tabulated final : public Function {
 public:
  explicit Tabulated(std::vector<Piece> pieces) : Function("tabulated", Parity::none), pieces_(std::move(pieces)) {
    for (const Piece& p : pieces_) {
      slopes_.push_back(differentiated(p.coefficients, p.to - p.from));
      bends_.push_back(differentiated(slopes_.back(), p.to - p.from));
    }
    const Piece &first = pieces_.front(), &last = pieces_.back();
    left_ = {first.from, clenshaw(first.coefficients, -1), clenshaw(slopes_.front(), -1)};
    right_ = {last.to, clenshaw(last.coefficients, 1), clenshaw(slopes_.back(), 1)};
    find_borders();
    find_parity();
    find_spline();
  }

  void evaluate(std::span<const double> u, double* value, double* slope) const override {
    Abreast x{};
    for (std::size_t i = 0, count = 1; i < u.size(); i += count) {
      const Place at = place(u, i, x, count);
      if (at.tail != nullptr) {
        if (value != nullptr) value[i] = at.tail->value + at.tail->slope * (u[i] - at.tail->at);
        slope[i] = at.tail->slope;
        continue;
      }
      if (value != nullptr) put(pieces_[at.piece].coefficients, x, count, value + i);
      put(slopes_[at.piece], x, count, slope + i);
    }
  }

  void bend(std::span<const double> u, double* out) const override {
    Abreast x{};
    for (std::size_t i = 0, count = 1; i < u.size(); i += count) {
      const Place at = place(u, i, x, count);
      if (at.tail != nullptr) {
        out[i] = 0;
      } else {
        put(bends_[at.piece], x, count, out + i);
      }
    }
  }

 private:
  struct Tail {
    double at, value, slope;
  };
  struct Place {
    const Tail* tail;  // or null
    std::size_t piece;
  };
  // Where u[i] lies; in a piece, so do the `count` − 1 points behind it. `x`: where they lie in it, from −1 to 1.
  Place place(std::span<const double> u, std::size_t i, Abreast& x, std::size_t& count) const {
    count = 1;
    if (!(u[i] > left_.at && u[i] < right_.at)) return {u[i] <= left_.at ? &left_ : &right_, 0};
    const auto after = std::upper_bound(pieces_.begin(), pieces_.end(), u[i],
                                        [](double at, const Piece& piece) { return at < piece.from; });
    const auto k = static_cast<std::size_t>(after - pieces_.begin()) - 1;
    const Piece& p = pieces_[k];
    while (count < kAbreast && i + count < u.size() && u[i + count] >= p.from && u[i + count] < p.to &&
           u[i + count] > left_.at)
      ++count;
    for (std::size_t j = 0; j < count; ++j) x[j] = ((u[i + j] - p.from) - (p.to - u[i + j])) / (p.to - p.from);
    return {nullptr, k};
  }

  static void put(const std::vector<double>& series, const Abreast& x, std::size_t count, double* out) {
    if (count == 1) {
      *out = clenshaw(series, x[0]);
    } else {
      const Abreast values = clenshaw(series, x);
      std::copy_n(values.begin(), count, out);
    }
  }

  // A polynomial of degree 8 per panel leaves Gauss enough for the normal density beside the product of two. [dual-panels]
  void find_borders() {
    // Interpolation of a smooth function knows φ′ to some 1e-12 of its size and φ″ to some 1e-8: less is no kink.
    double most_slope = 0, most_bend = 0;
    for (std::size_t k = 0; k < pieces_.size(); ++k) {
      for (const double x : {-1.0, 0.0, 1.0}) {
        most_slope = std::max(most_slope, std::fabs(clenshaw(slopes_[k], x)));
        most_bend = std::max(most_bend, std::fabs(clenshaw(bends_[k], x)));
      }
    }
    const auto note = [&](double at, double slope, double other, double bend, double other_bend) {
      const double jump = std::fabs(slope - other);
      if (jump > 1e-10 * most_slope || std::fabs(bend - other_bend) > 1e-6 * most_bend) {
        kinks_.push_back(at);
        if (jump > 1e-10 * most_slope) jumps_.push_back({at, other - slope});
      } else if (jump > 0) {
        roughness_ = std::max(roughness_, jump / most_slope);
      }
    };
    for (std::size_t k = 0; k < pieces_.size(); ++k) {
      const Piece& p = pieces_[k];
      const double slope = k == 0 ? left_.slope : clenshaw(slopes_[k - 1], 1);
      note(p.from, slope, clenshaw(slopes_[k], -1), k == 0 ? 0 : clenshaw(bends_[k - 1], 1), clenshaw(bends_[k], -1));
      const std::size_t parts = 1 + (std::max<std::size_t>(p.coefficients.size(), 1) - 1) / 8;
      for (std::size_t j = 0; j < parts; ++j)
        borders_.push_back(p.from + (p.to - p.from) * static_cast<double>(j) / static_cast<double>(parts));
    }
    borders_.push_back(right_.at);
    const std::size_t own = borders_.size();
    for (std::size_t k = 0; k < own; ++k) borders_.push_back(-borders_[k]);
    std::sort(borders_.begin(), borders_.end());
    // Of a border and its mirror image that rounding has set apart, one is enough: panels are as short as gaps are.
    const double apart = 1e-12 * (right_.at - left_.at);
    borders_.erase(std::unique(borders_.begin(), borders_.end(), [&](double a, double b) { return b - a <= apart; }),
                   borders_.end());
    scale_ = right_.at - left_.at;
    for (const Piece& p : pieces_)
      scale_ = std::min(scale_, (p.to - p.from) / static_cast<double>(2 + p.coefficients.size() / 4));
    note(right_.at, right_.slope, right_.slope, clenshaw(bends_.back(), 1), 0);
  }

  // Neighbours whose derivatives agree but for rounding are one piece.
  void find_spline() {
    constexpr double kRounded = 1e-14;
    Spline found;
    std::array<double, kSplineDegree + 1> sizes{};
    const auto note = [&](double from, double to, const std::vector<double>& coefficients) {
      SplinePiece piece{0.5 * (from + to), {}};
      std::vector<double> c = coefficients;
      for (double& derivative : piece.derivatives) {
        derivative = clenshaw(c, 0);
        c = differentiated(c, to - from);
      }
      for (std::size_t n = 0; n <= kSplineDegree; ++n) sizes[n] = std::max(sizes[n], std::fabs(piece.derivatives[n]));
      found.pieces.push_back(piece);
    };
    const double reach = right_.at - left_.at;
    note(left_.at - reach, left_.at, {left_.value - 0.5 * reach * left_.slope, 0.5 * reach * left_.slope});
    for (const Piece& p : pieces_) {
      if (p.coefficients.size() > kSplineDegree + 1) return;
      found.breaks.push_back(p.from);
      note(p.from, p.to, p.coefficients);
    }
    found.breaks.push_back(right_.at);
    note(right_.at, right_.at + reach, {right_.value + 0.5 * reach * right_.slope, 0.5 * reach * right_.slope});
    const auto joins = [&](std::size_t k) {
      for (std::size_t n = 1; n <= kSplineDegree; ++n) {
        const double before = found.pieces[k].at(n, found.breaks[k]),
                     after = found.pieces[k + 1].at(n, found.breaks[k]);
        if (std::fabs(after - before) > kRounded * sizes[n]) return false;
      }
      return true;
    };
    for (std::size_t k = 0; k < found.breaks.size();) {
      if (!joins(k)) {
        ++k;
        continue;
      }
      found.breaks.erase(found.breaks.begin() + static_cast<std::ptrdiff_t>(k));
      found.pieces.erase(found.pieces.begin() + static_cast<std::ptrdiff_t>(k + 1));
    }
    if (found.breaks.size() <= kMostBreaks) spline_ = std::move(found);
  }

  void find_parity() {
    const std::size_t n = pieces_.size();
    double largest = 0, odd = 0, even = 0;
    for (std::size_t k = 0; k < n; ++k) {
      const Piece &p = pieces_[k], &q = pieces_[n - 1 - k];
      if (p.from != -q.to || p.coefficients.size() != q.coefficients.size()) return;
      for (std::size_t c = 0; c < p.coefficients.size(); ++c) {
        const double mirrored = c % 2 == 0 ? q.coefficients[c] : -q.coefficients[c];
        largest = std::max(largest, std::fabs(p.coefficients[c]));
        even = std::max(even, std::fabs(p.coefficients[c] - mirrored));
        odd = std::max(odd, std::fabs(p.coefficients[c] + mirrored));
      }
    }
    // A series is sampled from φ to some 1e-14, so less than ten times that is no lack of symmetry.
    constexpr double kSampled = 1e-13;
    if (odd <= kSampled * largest) parity_ = Parity::odd;
    if (even <= kSampled * largest) parity_ = Parity::even;
  }

  std::vector<Piece> pieces_;
  std::vector<std::vector<double>> slopes_, bends_;
  Tail left_{}, right_{};
};

}  // namespace

Function::Function(std::string name, Parity parity) : name_(std::move(name)), parity_(parity) {
  static std::atomic<std::uint64_t> next{0};
  id_ = next++;
}

std::shared_ptr<const Function> named_function(const std::string& name) {
  static const std::shared_ptr<const Function> kNamed[] = {std::make_shared<Tanh>(), std::make_shared<Softplus>(),
                                                           std::make_shared<Silu>(), std::make_shared<Elu>()};
  for (const auto& function : kNamed)
    if (function->name() == name) return function;
  return nullptr;
}

std::shared_ptr<const Function> tabulated_function(std::vector<Piece> pieces, std::string& why) {
  double size = 0;
  if (pieces.empty()) why = "a tabulated function needs at least one piece";
  for (std::size_t k = 0; k < pieces.size() && why.empty(); ++k) {
    const Piece& p = pieces[k];
    const std::string which = "piece " + std::to_string(k) + " ";
    double sum = 0;
    for (const double c : p.coefficients) sum += std::fabs(c);
    size = std::max(size, sum);
    if (!(p.from < p.to)) why = which + "must go from a number to a larger one";
    if (p.coefficients.empty()) why = which + "has no coefficients";
    if (k > 0 && pieces[k - 1].to != p.from) why = which + "must begin where the one before it ends";
    if (!std::isfinite(sum)) why = which + "has coefficients whose sum is not finite";
  }
  for (std::size_t k = 1; k < pieces.size() && why.empty(); ++k) {
    const double jump = clenshaw(pieces[k].coefficients, -1) - clenshaw(pieces[k - 1].coefficients, 1);
    if (std::fabs(jump) > 1e-12 * size)
      why = "the function jumps by " + shown(jump) + " at " + shown(pieces[k].from) +
            ", so its tangent kernel does not exist; join its pieces there";
  }
  if (why.empty() && size == 0) why = "the function is 0 everywhere";
  return why.empty() ? std::make_shared<Tabulated>(std::move(pieces)) : nullptr;
}

}  // namespace resgram::core
