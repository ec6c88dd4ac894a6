// A weight block of D_β ∇f_α is factor · Σ_p (δ̇_αβp h_αpᵀ + δ_αp ḣ_αβpᵀ), so that a product of two has four terms, each of an
// inner product of cotangents times one of inputs, summed over both pixels. Biases have the first factor alone.
//                                                                                                    [hierarchy-sweeps]
#include "gradient_products.hpp"

#include <algorithm>

#include "linalg/gemm.hpp"

namespace resgram::finite {
namespace {

// Rows of `width` numbers, as many for each direction as there are pixels.
struct Rows {
  const double* data;
  std::size_t count, width;
};

// Room that is handed out piece by piece.
class Desk {
 public:
  explicit Desk(std::span<double> room) : room_(room) {}
  // All inner products of the rows of a with those of b.
  const double* products(const Rows& a, const Rows& b) {
    double* const out = room_.data();
    room_ = room_.subspan(a.count * b.count);
    linalg::add_product(1, {a.data, a.width}, {b.data, b.width, true}, false, out, b.count, a.count, a.width, b.count);
    return out;
  }

 private:
  std::span<double> room_;
};

struct Sides {
  Rows moved_left, still_left, moved_right, still_right;
};

// out[β][δ] += factor · Σ_pp′ a[βp][δp′] b[p][p′], and alike for the other three places that dots may have.
struct Pairs {
  std::size_t pixels, left, right, stride;
  double factor;
  double* out;

  template <class Term>
  void add(const Term& term) const {
    for (std::size_t b = 0; b < left; ++b)
      for (std::size_t d = 0; d < right; ++d) {
        double sum = 0;
        for (std::size_t p = 0; p < pixels; ++p)
          for (std::size_t q = 0; q < pixels; ++q) sum += term(b * pixels + p, d * pixels + q, p, q);
        out[b * stride + d] += factor * sum;
      }
  }
};

}  // namespace

std::size_t gradient_product_numbers(const Architecture& network, std::size_t directions, std::size_t trained) {
  std::size_t pixels = 1;
  for (const Node& node : network.nodes())
    if (node.kind == Kind::linear) pixels = std::max(pixels, node.shape.pixels());
  return 2 * (directions + 1) * pixels * (trained + 1) * pixels;
}

void gradient_products(const Expansion& at, const Tangents& left, const Tile& tile, std::size_t alpha,
                       const Tangents& right, std::span<double> room, std::span<double> out) {
  const Architecture& network = at.network;
  const std::size_t d = tile.directions, n = at.trained, i = alpha - tile.first;
  std::fill_n(out.data(), d * n * n, 0.0);
  for (const Block& block : network.blocks()) {
    if (!block.trained) continue;
    const Node& node = network.nodes()[block.node];
    const Node& before = network.nodes()[node.from];
    const std::size_t pixels = node.shape.pixels(), width = node.shape.channels, fan_in = before.shape.channels;
    const double square = block.factor * block.factor;
    for (std::size_t gamma = 0; gamma < n; ++gamma) {
      Desk desk(room);
      const Pairs pairs{pixels, d, n, n * n, square, out.data() + gamma * n};
      const Rows turned_left{left.cotangent(block.node) + i * d * pixels * width, d * pixels, width};
      const Rows turned_right{right.cotangent(block.node) + gamma * at.points * pixels * width, n * pixels, width};
      const double* const turned = desk.products(turned_left, turned_right);
      const std::size_t across = n * pixels;
      if (block.bias) {
        pairs.add([&](std::size_t b, std::size_t e, std::size_t, std::size_t) { return turned[b * across + e]; });
        continue;
      }
      const Rows h_left{at.values.at(node.from) + alpha * pixels * fan_in, pixels, fan_in};
      const Rows h_right{at.values.at(node.from) + gamma * pixels * fan_in, pixels, fan_in};
      const double* const still = desk.products(h_left, h_right);
      if (!before.moves) {
        pairs.add([&](std::size_t b, std::size_t e, std::size_t p, std::size_t q) {
          return turned[b * across + e] * still[p * pixels + q];
        });
        continue;
      }
      const Rows delta_left{at.cotangents.at(block.node) + alpha * pixels * width, pixels, width};
      const Rows delta_right{at.cotangents.at(block.node) + gamma * pixels * width, pixels, width};
      const Rows moved_left{left.value(node.from) + i * d * pixels * fan_in, d * pixels, fan_in};
      const Rows moved_right{right.value(node.from) + gamma * at.points * pixels * fan_in, n * pixels, fan_in};
      const double* const moved = desk.products(moved_left, moved_right);
      const double* const deltas = desk.products(delta_left, delta_right);
      const double* const turned_delta = desk.products(turned_left, delta_right);  // [βp][p′]
      const double* const h_moved = desk.products(h_left, moved_right);            // [p][δp′]
      const double* const delta_turned = desk.products(delta_left, turned_right);  // [p][δp′]
      const double* const moved_h = desk.products(moved_left, h_right);            // [βp][p′]
      pairs.add([&](std::size_t b, std::size_t e, std::size_t p, std::size_t q) {
        return turned[b * across + e] * still[p * pixels + q] + deltas[p * pixels + q] * moved[b * across + e] +
               turned_delta[b * pixels + q] * h_moved[p * across + e] +
               delta_turned[p * across + e] * moved_h[b * pixels + q];
      });
    }
  }
}

}  // namespace resgram::finite
