#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "derive.hpp"
#include "derive_hours.hpp"
#include "dual_tables.hpp"
#include "error.hpp"
#include "jet_strip.hpp"
#include "linalg/linalg.hpp"
#include "polar.hpp"
#include "pool.hpp"
#include "row_jet.hpp"
#include "run.hpp"

namespace resgram::core {
namespace {

// Pairs between two looks at the ticket; those that are integrated one by one take milliseconds.
constexpr std::size_t kBlock = 256, kSlowBlock = 4;
constexpr double kLogTwo = 0.693147180559945309417;
// In place of a zero vector: so short that k is linear in it, far from where doubles end.
constexpr double kTiny = 0x1p-120;
// m of an angle that may be rounding alone.
constexpr double kParallel = 0x1p-90;

// What forbids a gradient at x = 0: a cone, where a kinked function is applied while K(x, x) = 0 (a kink of φ′ makes one of
// the tangent kernel, where that is not 0 itself), or a φ in pieces, whose values next to φ(0) are rounded. Empty if nothing.
std::string forbidden_at_zero(const Program& program, bool tangent) {
  const Unit zero{Scaled{1, 0}, true};
  RowRecursion row({&zero, 1}, false);
  bool cone = false, pieces = false;
  run(program, [&](const Step& step) {
    bool kink = (step.op == Op::relu && step.args[1] != 1) || step.op == Op::sign;
    if (step.op == Op::function) {
      for (const Jump& jump : step.function->jumps()) kink = kink || jump.at == 0;
      for (const double at : step.function->kinks())
        kink = kink || (at == 0 && tangent && !row.state().theta[0].zero());
    }
    cone = cone || (kink && row.state().q[0].zero());
    pieces = pieces || (step.op == Op::function && step.function->name() == "tabulated" && row.state().q[0].zero());
    row.step(step);
  });
  if (cone) return "this kernel is a cone";
  return pieces ? "a tabulated function is known to its rounding alone" : "";
}

struct Side {
  Directions<double> directions;
  std::vector<Unit> units;  // those of the directions, but for zero vectors that stand for short ones
  FactorCache cache;
  std::vector<EmitDiagonals> diagonals;

  Side(const Program& program, const Points& points)
      : directions(points, program.per_dimension()), units(directions.units()) {}

  void prepare(const Program& program, int threads, bool cached, const Ticket& ticket) {
    if (cached) cache = FactorCache(program, units.size());
    diagonals =
        core::diagonals(program, units, threads, kSmallestExponent<double>, kLargestExponent<double>, ticket, &cache);
  }
};

Jet<2> angle_only(const Jet<1>& a) {
  Jet<2> out(a.v);
  out.d[1] = a.d[0];
  out.h[2] = a.h[0];
  return out;
}

// u of a pair by the angle, as derive.cpp has it; a pair without an angle does not depend on it.
Start<1> start_of(const View& view, bool angle) {
  const double u = std::sqrt(view.smaller);
  Start<1> start{Jet<1>(u), view.acute};
  if (!angle) return start;
  start.u.d[0] = (view.acute ? 0.5 : -0.5) * std::sqrt(1 - view.smaller);
  start.u.h[0] = -u / 4;
  return start;
}

// One row of x against a block of z.
class Sweep {
 public:
  Sweep(const Program& program, const Side& x, const Side& z, Order order, std::span<const Sink<double>> sinks)
      : program_(program), x_(x), z_(z), order_(order), sinks_(sinks), uniform_(is_uniform(program)) {}

  void run(std::size_t row, std::size_t first, std::size_t count, const Ticket& ticket) {
    row_ = row;
    first_ = first;
    views_.clear();
    for (std::size_t j = 0; j < count; ++j) views_.push_back(seen(row, first + j));
    if (uniform_) {
      pass<1>(ticket);
    } else {
      pass<2>(ticket);
    }
  }

 private:
  // A short vector in place of zero lies along z. What has no direction but that of x is parallel to it, whatever
  // rounding says of the angle.
  [[nodiscard]] View seen(std::size_t i, std::size_t j) {
    if (x_.directions.units()[i].zero) return {z_.directions.units()[j].zero ? 0.5 : 0, true, false};
    View out = view(x_.directions, i, z_.directions, j);
    if (out.smaller < kParallel && !towards(x_.directions, i, z_.directions, j, side_)) out.smaller = 0;
    return out;
  }
  [[nodiscard]] bool has_angle(std::size_t j) const { return !z_.directions.units()[first_ + j].zero; }

  template <std::size_t N>
  void pass(const Ticket& ticket);
  template <std::size_t N>
  void emit(std::size_t which, const JetStrip<N>& strip, const RowJets* row);
  void write(std::size_t j, const Polar& k, bool corner, const char* name, double* out);
  [[noreturn]] void refuse(std::size_t j, const char* name, const std::string& why) const;

  const Program& program_;
  const Side &x_, &z_;
  Order order_;
  std::span<const Sink<double>> sinks_;
  bool uniform_;
  std::size_t row_ = 0, first_ = 0;
  std::vector<View> views_;
  std::vector<double> side_, unit_;
};

template <std::size_t N>
void Sweep::pass(const Ticket& ticket) {
  std::vector<Start<N>> starts;
  for (std::size_t j = 0; j < views_.size(); ++j) {
    const Start<1> start = start_of(views_[j], has_angle(j));
    if constexpr (N == 1) starts.push_back(start);
    if constexpr (N == 2) starts.push_back({angle_only(start.u), start.acute});
  }
  JetStrip<N> strip(uniform_, starts);
  RowCursor z(z_.units, z_.cache, first_, views_.size(), uniform_);
  std::unique_ptr<RowJets> row;
  if constexpr (N == 2) row = std::make_unique<RowJets>(x_.units[row_]);
  std::size_t which = 0, executed = 0;
  core::run(program_, [&](const Step& step) {
    if (((++executed & 15U) == 0 || step.op == Op::function) && ticket.cancelled()) throw Cancelled{};
    z.step(step);
    std::array<Jet<N>, kMostFactors> factors{};
    if constexpr (N == 2) {
      row->step(step);
      factors = row->factors();
    } else {
      for (std::size_t k = 0; k < kMostFactors; ++k) factors[k] = Jet<1>(z.factor(k, 0));
    }
    strip.step(step, factors, row != nullptr && row->zero(), z, [](std::size_t j) { return j; });
    if (step.op == Op::emit) emit(which++, strip, row.get());
  });
}

// √Q_x √Q_z times the normalised kernel. Homogeneous networks have k = ‖x‖ · something of the angle.
template <std::size_t N>
void Sweep::emit(std::size_t which, const JetStrip<N>& strip, const RowJets* row) {
  const Sink<double>& sink = sinks_[which];
  const EmitDiagonals &dx = x_.diagonals[which], &dz = z_.diagonals[which];
  const std::size_t d = x_.directions.dimension(), size = order_ == Order::gradient ? d : d * d;
  const auto polar = [](const Jet<N>& k, double amplitude) {
    if constexpr (N == 1)
      return Polar{k.v * amplitude, k.d[0] * amplitude, k.v * amplitude, k.d[0] * amplitude, k.h[0] * amplitude};
    else
      return Polar{k.d[0] * amplitude, k.d[1] * amplitude, k.h[0] * amplitude, k.h[1] * amplitude, k.h[2] * amplitude};
  };
  const auto scaled = [row](const Jet<N>& k, bool tangent) {
    if constexpr (N == 1)
      return k;
    else
      return k * (tangent ? row->tangent_root() : row->covariance_root());
  };
  for (std::size_t j = 0; j < strip.size(); ++j) {
    const std::size_t column = first_ + j, at = (row_ * z_.directions.rows() + column) * size;
    if (sink.nngp != nullptr) {
      const double amplitude = dx.covariance.root[row_] * dz.covariance.root[column];
      write(j, polar(scaled(strip.rho(j), false), amplitude), false, "NNGP kernel", sink.nngp + at);
    }
    if (sink.ntk != nullptr) {
      const double amplitude = dx.tangent.root[row_] * dz.tangent.root[column];
      write(j, polar(scaled(strip.t(j), true), amplitude), strip.corner(j), "NTK", sink.ntk + at);
    }
  }
}

void Sweep::refuse(std::size_t j, const char* name, const std::string& why) const {
  throw Error(Code::argument,
              "the Hessian of the " + std::string(name) + " by row " + std::to_string(row_) + " of x at row " +
                  std::to_string(first_ + j) + " of z does not exist: " + why,
              {{"row", static_cast<double>(row_)}, {"column", static_cast<double>(first_ + j)}});
}

void Sweep::write(std::size_t j, const Polar& k, bool corner, const char* name, double* out) {
  const std::size_t d = x_.directions.dimension(), column = first_ + j;
  const Unit& x = x_.units[row_];
  const bool zero = x_.directions.units()[row_].zero;
  // The unit of length of directions is the plain one, whatever the program divides by.
  const double length = root_of(x.square, 0) * (program_.per_dimension() ? std::sqrt(static_cast<double>(d)) : 1);
  if (zero && z_.directions.units()[column].zero) {
    std::fill_n(out, d, 0.0);
    return;
  }
  const double* unit = zero ? z_.directions.unit(column) : x_.directions.unit(row_);
  const double m = views_[j].smaller;
  const bool beside =
      !zero && has_angle(j) && m > 0 && d > 1 && towards(x_.directions, row_, z_.directions, column, side_);
  const double* side = beside ? side_.data() : nullptr;
  if (order_ == Order::gradient) {
    write_gradient(k, length, d, unit, side, out);
    return;
  }
  if (corner && (d > 1 || views_[j].same))
    refuse(j, name, "the two are one point, where the kernel has a corner; leave the pair out");
  double transverse = k.s + k.angle_angle;
  if (side != nullptr) {
    const double sine = 2 * std::sqrt(m * (1 - m)), cosine = 1 - 2 * m;
    transverse = k.s + (views_[j].acute ? cosine : -cosine) / sine * k.angle;
  } else if (d > 1 && has_angle(j) && k.angle != 0) {
    refuse(j, name, "the two are parallel, where the kernel has a corner; leave the pair out");
  }
  write_hessian(k, transverse, length, d, unit, side, out);
}

}  // namespace

void derive(const Program& program, const Points& x, const Points& z, Order order, std::span<Sink<double>> sinks,
            const Tuning& tuning, Ticket& ticket) {
  if (sinks.size() != program.emits()) throw Error(Code::internal, "expected one sink per emit");
  if (x.dimension != z.dimension) throw Error(Code::shape, "x and z: expected points of one dimension");
  const int threads = std::clamp(tuning.threads, 1, 4 * linalg::available_cpus());
  require_derivative_hours(program, x, z, threads, tuning.max_hours, ticket);
  Side left(program, x), right(program, z);
  const bool tangent = std::any_of(sinks.begin(), sinks.end(), [](const Sink<double>& s) { return s.ntk != nullptr; });
  for (std::size_t i = 0; i < x.rows; ++i) {
    if (!left.units[i].zero) continue;
    const std::string why =
        order == Order::hessian ? "this package has no Hessians" : forbidden_at_zero(program, tangent);
    if (!why.empty())
      throw Error(
          Code::argument,
          "row " + std::to_string(i) + " of x is zero, where " + why + "; leave the row out, or move it a little",
          {{"row", static_cast<double>(i)}});
    const double scale = program.per_dimension() ? static_cast<double>(x.dimension) : 1;
    left.units[i] = {Scaled{kTiny * kTiny / scale, 0}, false};
  }
  left.prepare(program, threads, false, ticket);
  right.prepare(program, threads, !is_uniform(program), ticket);
  for (std::size_t e = 0; e < sinks.size(); ++e) {
    const EmitDiagonals &a = left.diagonals[e], &b = right.diagonals[e];
    sinks[e].nngp_log_scale = -static_cast<double>(a.covariance.shift + b.covariance.shift) * kLogTwo;
    sinks[e].ntk_log_scale = -static_cast<double>(a.tangent.shift + b.tangent.shift) * kLogTwo;
  }
  const std::size_t block = has_functions(program) ? kSlowBlock : kBlock, blocks = (z.rows + block - 1) / block;
  ticket.expect(x.rows * blocks);
  parallel_for(x.rows * blocks, threads, [&](std::size_t index, int) {
    const std::size_t first = index % blocks * block;
    Sweep sweep(program, left, right, order, sinks);
    sweep.run(index / blocks, first, std::min(block, z.rows - first), ticket);
    ticket.checkpoint();
  });
}

}  // namespace resgram::core
