// The loops of smo_lanes.hpp. Part of lanes_<isa>.cpp, which has chosen the set and defined RESGRAM_ISA and RESGRAM_VECTOR,
// its bytes. No include guard, as in lanes_body.hpp. Nothing is fused, so that every set takes the same steps.

namespace resgram::core::RESGRAM_ISA {

// Vectors of the compiler's own: it knows how to compare and choose between them on every architecture.
using Reals [[gnu::vector_size(RESGRAM_VECTOR)]] = double;
inline constexpr std::size_t kReals = RESGRAM_VECTOR / sizeof(double);

[[gnu::always_inline]] inline Reals reals(double a) {
  Reals all;
  for (std::size_t k = 0; k < kReals; ++k) all[k] = a;
  return all;
}
[[gnu::always_inline]] inline Reals load(const double* p) {
  Reals all;
  __builtin_memcpy(&all, p, sizeof all);
  return all;
}
[[gnu::always_inline]] inline void store(double* p, Reals all) { __builtin_memcpy(p, &all, sizeof all); }

// The largest of many values and where it stood first. Places are counted as doubles, which are as wide as the values.
template <std::size_t Width>
struct Highest {
  Reals value[Width], at[Width];

  [[gnu::always_inline]] explicit Highest(double least) {
    for (std::size_t w = 0; w < Width; ++w) value[w] = reals(least), at[w] = reals(0);
  }
  [[gnu::always_inline]] void see(std::size_t w, Reals next, Reals place) {
    const auto better = next > value[w];
    value[w] = better ? next : value[w];
    at[w] = better ? place : at[w];
  }
  // The w-th vector of a round starts kReals · w behind its beginning.
  [[gnu::always_inline]] Peak peak() const {
    Peak best{value[0][0], static_cast<std::size_t>(at[0][0])};
    for (std::size_t w = 0; w < Width; ++w) {
      for (std::size_t k = 0; k < kReals; ++k) {
        const std::size_t index = static_cast<std::size_t>(at[w][k]) + w * kReals + k;
        if (value[w][k] > best.value || (value[w][k] == best.value && index < best.index)) {
          best = {value[w][k], index};
        }
      }
    }
    return best;
  }
};

// Vectors per round: enough to hide the latency of comparing, few enough for sixteen registers.
inline constexpr std::size_t kSmoWidth = 2;
static_assert(kColumnPadding % (kSmoWidth * kReals) == 0);

inline Peak smo_move(std::size_t count, double delta, const double* ki, const double* kj, double* f, Openings open,
                     double* lowest) {
  constexpr double kNone = -__builtin_inf();
  Highest<kSmoWidth> top(kNone);
  Reals low[kSmoWidth];
  for (Reals& each : low) each = reals(kNone);
  const Reals step = reals(delta);
  Reals place = reals(0);
  for (std::size_t t = 0; t < count; t += kSmoWidth * kReals) {
    for (std::size_t w = 0; w < kSmoWidth; ++w) {
      const std::size_t at = t + w * kReals;
      const Reals next = load(f + at) + step * (load(ki + at) - load(kj + at));
      store(f + at, next);
      top.see(w, load(open.grow + at) - next, place);
      const Reals down = load(open.drop + at) + next;
      low[w] = down > low[w] ? down : low[w];
    }
    place = place + reals(kSmoWidth * kReals);
  }
  double least = kNone;
  for (const Reals& each : low) {
    for (std::size_t k = 0; k < kReals; ++k) least = each[k] > least ? each[k] : least;
  }
  *lowest = least;
  return top.peak();
}

inline Peak smo_partner(std::size_t count, double top, double own, const double* ki, const double* diagonal,
                        const double* f, const double* drop) {
  Highest<kSmoWidth> best(-1);
  const Reals high = reals(top), mine = reals(own), least = reals(kLeastCurvature), zero = reals(0), none = reals(-1);
  Reals place = reals(0);
  for (std::size_t t = 0; t < count; t += kSmoWidth * kReals) {
    for (std::size_t w = 0; w < kSmoWidth; ++w) {
      const std::size_t at = t + w * kReals;
      const Reals slope = high + load(f + at) + load(drop + at);
      const Reals k = load(ki + at);
      const Reals bend = mine + load(diagonal + at) - (k + k);
      const Reals curvature = bend > least ? bend : least;
      best.see(w, slope > zero ? slope * slope / curvature : none, place);
    }
    place = place + reals(kSmoWidth * kReals);
  }
  return best.peak();
}

inline void smo_add(std::size_t count, double scale, const double* k, double* f) {
  const Reals factor = reals(scale);
  for (std::size_t t = 0; t < count; t += kReals) store(f + t, load(f + t) + factor * load(k + t));
}

extern const SmoLanes kSmoLanes;
const SmoLanes kSmoLanes = {smo_move, smo_partner, smo_add};

}  // namespace resgram::core::RESGRAM_ISA
