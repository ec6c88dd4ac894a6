// A plain oracle for networks on images: whole matrices over pairs of pixels, for both images and between them, and the
// textbook formulas of the activations. Slow, and accurate to some 1e-8 where pixels are almost but not quite parallel.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "kernels.hpp"

namespace resgram::core::trial {

// Covariance and tangent over all pairs of pixels of two images on one grid.
struct PixelPairs {
  std::size_t height = 0, width = 0;
  std::vector<double> k, t;
  [[nodiscard]] std::size_t pixels() const { return height * width; }
  [[nodiscard]] std::size_t at(std::size_t i, std::size_t j) const { return i * pixels() + j; }
};

// (x,x), (z,z), (x,z)
struct ImageTriple {
  PixelPairs xx, zz, xz;
  template <class Each>
  void each(Each&& each) {
    for (PixelPairs* pairs : {&xx, &zz, &xz}) each(*pairs);
  }
};

class ImageOracle {
 public:
  ImageOracle(const Rows& rows, const Grid& grid) : rows_(rows), grid_(grid) {}

  // (K, T) of every emit.
  std::vector<std::pair<double, double>> operator()(std::span<const double> x, std::span<const double> z) {
    emits_.clear();
    saved_.clear();
    now_ = {input(x, x), input(z, z), input(x, z)};
    run(1, rows_.size());
    return emits_;
  }

 private:
  PixelPairs input(std::span<const double> x, std::span<const double> z) const {
    PixelPairs pairs{grid_.height, grid_.width, {}, {}};
    const std::size_t p = pairs.pixels(), c = grid_.channels;
    for (std::size_t i = 0; i < p; ++i)
      for (std::size_t j = 0; j < p; ++j) {
        double sum = 0;
        for (std::size_t k = 0; k < c; ++k) sum += x[i * c + k] * z[j * c + k];
        pairs.k.push_back(rows_[0].args[0] == 1 ? sum / static_cast<double>(c) : sum);
      }
    pairs.t.assign(pairs.k.size(), 0.0);
    return pairs;
  }

  void run(std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const Row& row = rows_[i];
      if (row.op == "repeat") {
        std::size_t end = i + 1;
        for (int open = 1; open > 0; ++end) open += rows_[end].op == "repeat" ? 1 : (rows_[end].op == "end" ? -1 : 0);
        for (double turn = 0; turn < row.args[0]; ++turn) run(i + 1, end - 1);
        i = end - 1;
      } else {
        step(row);
      }
    }
  }

  void step(const Row& row) {
    const auto& a = row.args;
    if (row.op == "affine") {
      now_.each([&](PixelPairs& p) {
        for (std::size_t i = 0; i < p.k.size(); ++i) {
          p.t[i] = a[0] * (p.t[i] + a[1] * p.k[i]) + a[4] * a[2];
          p.k[i] = a[0] * p.k[i] + a[3] * a[2];
        }
      });
    } else if (row.op == "scale") {
      now_.each([&](PixelPairs& p) {
        for (double& v : p.k) v *= a[0] * a[0];
        for (double& v : p.t) v *= a[0] * a[0];
      });
    } else if (row.op == "push") {
      saved_.push_back(now_);
    } else if (row.op == "swap") {
      std::swap(saved_.back(), now_);
    } else if (row.op == "pop") {
      now_ = saved_.back();
      saved_.pop_back();
    } else if (row.op == "add") {
      ImageTriple other = saved_.back();
      saved_.pop_back();
      std::vector<PixelPairs*> from;
      other.each([&](PixelPairs& p) { from.push_back(&p); });
      std::size_t which = 0;
      now_.each([&](PixelPairs& p) {
        const PixelPairs& q = *from[which++];
        for (std::size_t i = 0; i < p.k.size(); ++i) {
          p.k[i] += q.k[i];
          p.t[i] += q.t[i];
        }
      });
    } else if (row.op == "patch") {
      now_.each([&](PixelPairs& p) { p = patched(p, a); });
    } else if (row.op == "average") {
      now_.each([&](PixelPairs& p) { p = averaged(p, static_cast<std::size_t>(a[0])); });
    } else if (row.op == "pixel" || row.op == "trace" || row.op == "mean") {
      now_.each([&](PixelPairs& p) { p = read(p, row); });
    } else if (row.op == "emit") {
      emits_.emplace_back(now_.xz.k[0], now_.xz.t[0]);
    } else {
      activate(row);
    }
  }

  // Outputs of a filter along one axis, and the input of its tap k, −1 outside.
  static long outputs(long size, const std::vector<double>& a) {
    const long q = static_cast<long>(a[0]), s = static_cast<long>(a[1]);
    return a[2] == 0 ? (size - q) / s + 1 : (size + s - 1) / s;
  }
  static long tap(long out, long k, long size, const std::vector<double>& a) {
    const long q = static_cast<long>(a[0]), s = static_cast<long>(a[1]);
    if (a[2] == 0) return out * s + k;
    const long at = out * s + k - (q - 1) / 2;
    if (a[2] == 2) return ((at % size) + size) % size;
    return at >= 0 && at < size ? at : -1;
  }

  [[nodiscard]] PixelPairs patched(const PixelPairs& p, const std::vector<double>& a) const {
    const bool flat = grid_.height == 1;
    const long q = static_cast<long>(a[0]), h = static_cast<long>(p.height), w = static_cast<long>(p.width);
    const std::vector<double> along_y = flat ? std::vector<double>{1, 1, 1} : a;
    PixelPairs out{static_cast<std::size_t>(outputs(h, along_y)), static_cast<std::size_t>(outputs(w, a)), {}, {}};
    const double taps = static_cast<double>(flat ? q : q * q);
    for (std::size_t i = 0; i < out.pixels(); ++i)
      for (std::size_t j = 0; j < out.pixels(); ++j) {
        double k = 0, t = 0;
        for (long dy = 0; dy < (flat ? 1 : q); ++dy)
          for (long dx = 0; dx < q; ++dx) {
            const auto in = [&](std::size_t o) {
              const long y = tap(static_cast<long>(o / out.width), dy, h, along_y);
              const long x = tap(static_cast<long>(o % out.width), dx, w, a);
              return y < 0 || x < 0 ? -1 : y * w + x;
            };
            const long left = in(i), right = in(j);
            if (left < 0 || right < 0) continue;
            const std::size_t at = p.at(static_cast<std::size_t>(left), static_cast<std::size_t>(right));
            k += p.k[at];
            t += p.t[at];
          }
        out.k.push_back(k / taps);
        out.t.push_back(t / taps);
      }
    return out;
  }

  [[nodiscard]] PixelPairs averaged(const PixelPairs& p, std::size_t size) const {
    const std::size_t tall = grid_.height == 1 ? 1 : size;
    PixelPairs out{p.height / tall, p.width / size, {}, {}};
    const double count = static_cast<double>(tall * size);
    for (std::size_t i = 0; i < out.pixels(); ++i)
      for (std::size_t j = 0; j < out.pixels(); ++j) {
        double k = 0, t = 0;
        for (std::size_t a = 0; a < tall * size; ++a)
          for (std::size_t b = 0; b < tall * size; ++b) {
            const auto in = [&](std::size_t o, std::size_t of) {
              return (o / out.width * tall + of / size) * p.width + o % out.width * size + of % size;
            };
            k += p.k[p.at(in(i, a), in(j, b))];
            t += p.t[p.at(in(i, a), in(j, b))];
          }
        out.k.push_back(k / (count * count));
        out.t.push_back(t / (count * count));
      }
    return out;
  }

  static PixelPairs read(const PixelPairs& p, const Row& row) {
    PixelPairs out{1, 1, {0}, {0}};
    const std::size_t n = p.pixels();
    if (row.op == "pixel") {
      const std::size_t i = static_cast<std::size_t>(row.args[0]) * p.width + static_cast<std::size_t>(row.args[1]);
      out.k[0] = p.k[p.at(i, i)];
      out.t[0] = p.t[p.at(i, i)];
      return out;
    }
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        if (row.op == "trace" && i != j) continue;
        out.k[0] += p.k[p.at(i, j)];
        out.t[0] += p.t[p.at(i, j)];
      }
    const double count = static_cast<double>(row.op == "trace" ? n : n * n);
    out.k[0] /= count;
    out.t[0] /= count;
    return out;
  }

  void activate(const Row& row) {
    const auto variances = [](const PixelPairs& p) {
      std::vector<double> v;
      for (std::size_t i = 0; i < p.pixels(); ++i) v.push_back(p.k[p.at(i, i)]);
      return v;
    };
    const std::vector<double> x = variances(now_.xx), z = variances(now_.zz);
    const auto over = [&](PixelPairs& p, const std::vector<double>& left, const std::vector<double>& right) {
      for (std::size_t i = 0; i < left.size(); ++i)
        for (std::size_t j = 0; j < right.size(); ++j) {
          const auto [s, d] = dual(row, left[i], right[j], p.k[p.at(i, j)]);
          p.k[p.at(i, j)] = s;
          p.t[p.at(i, j)] *= d;
        }
    };
    over(now_.xx, x, x);
    over(now_.zz, z, z);
    over(now_.xz, x, z);
  }

  static std::pair<double, double> dual(const Row& row, double a, double b, double k) {
    const double c = row.args[0] * row.args[0], norm = std::sqrt(a * b);
    const double rho = norm > 0 ? std::clamp(k / norm, -1.0, 1.0) : 0;
    if (row.op == "relu") {
      const double slope = row.args[1], theta = std::acos(rho);
      const double k0 = 1 - theta / kPi, k1 = (std::sin(theta) + (kPi - theta) * rho) / kPi;
      const double g = (1 - slope) * (1 - slope) / 2;
      return {c * (slope * norm * rho + g * norm * k1), c * (slope + g * k0)};
    }
    if (row.op == "erf") {
      const double all = (1 + 2 * a) * (1 + 2 * b);
      return {c * 2 / kPi * std::asin(2 * rho * norm / std::sqrt(all)),
              c * 4 / kPi / std::sqrt(all - 4 * rho * rho * norm * norm)};
    }
    const double A = 1 + a, B = 1 + b, kk = rho * norm, D = A * B - kk * kk, P = 1 / (2 * kPi * std::sqrt(D));
    const double F = 0.25 + std::asin(kk / std::sqrt(A * B)) / (2 * kPi), h = 1 / A + 1 / B;
    return {c * (kk * F + P * (a * b + kk * kk * (h - 1))), c * (F + kk * P * h + P * kk / D)};
  }

  const Rows& rows_;
  Grid grid_;
  ImageTriple now_;
  std::vector<ImageTriple> saved_;
  std::vector<std::pair<double, double>> emits_;
};

// --- Listings of networks on images ------------------------------------------------------------------------------

inline Row patch(double size, double stride = 1, double padding = 2) { return {"patch", {size, stride, padding}}; }
inline Rows conv(double size, double padding, double stride = 1, const Row& layer = affine()) {
  return {patch(size, stride, padding), layer};
}
inline Row trace_head() { return {"trace", {}}; }
inline Row mean_head() { return {"mean", {}}; }
inline Row pixel_head(double y, double x) { return {"pixel", {y, x}}; }
inline Rows read_by(const Row& head, const Row& dense = affine()) { return {head, dense, {"emit", {}}}; }

inline Rows block(double inner, double outer, double padding, double alpha, const Row& phi, const Row& w = affine(),
                  const Row& v = affine()) {
  return Rows{{"push", {}}, patch(inner, 1, padding), w, phi, patch(outer, 1, padding), v, {"scale", {alpha}},
              {"add", {}}};
}

// ResCNTK: 1 × 1 convolution on the channels, `depth` blocks, a head.
inline Rows rescntk(std::size_t depth, double inner, double outer, double padding, double alpha, const Row& phi,
                    const Row& head, bool ends = true, const Row& layer = affine()) {
  return Rows{{"input", {1}}, affine(1, ends), repeat(depth)} + block(inner, outer, padding, alpha, phi, layer, layer) +
         Rows{{"end", {}}} + read_by(head, affine(1, ends));
}

inline Rows cntk(std::size_t depth, double size, double padding, const Row& phi, const Row& head) {
  return Rows{{"input", {1}}, repeat(depth), patch(size, 1, padding), affine(), phi, {"end", {}}} + read_by(head);
}

// --- Images --------------------------------------------------------------------------------------------------------

struct Images {
  Grid grid;
  Cloud cloud;
  [[nodiscard]] Points points() const {
    Points points = cloud.points();
    points.grid = grid;
    return points;
  }
};

inline Images normal_images(std::size_t n, Grid grid, std::uint64_t seed) {
  return {grid, normal_cloud(n, grid.height * grid.width * grid.channels, seed)};
}

template <class Real = double>
PerEmit<Real> image_grams(const Rows& rows, const Images& x, const Tuning& tuning = {}) {
  const Program program = Program::load(rows);
  return detail::filled<Real>(program, x.cloud.rows * x.cloud.rows, [&](std::span<Sink<Real>> sinks) {
    Ticket ticket;
    gram(program, x.points(), sinks, tuning, ticket);
  });
}

template <class Real = double>
Kernels<Real> image_gram_of(const Rows& rows, const Images& x, const Tuning& tuning = {}) {
  return image_grams<Real>(rows, x, tuning).front();
}

template <class Real = double>
Kernels<Real> image_cross_of(const Rows& rows, const Images& x, const Images& z, const Tuning& tuning = {}) {
  const Program program = Program::load(rows);
  return detail::filled<Real>(program, x.cloud.rows * z.cloud.rows,
                              [&](std::span<Sink<Real>> sinks) {
                                Ticket ticket;
                                cross(program, x.points(), z.points(), sinks, tuning, ticket);
                              })
      .front();
}

inline Kernels<double> image_diagonal_of(const Rows& rows, const Images& x) {
  const Program program = Program::load(rows);
  return detail::filled<double>(program, x.cloud.rows,
                                [&](std::span<Sink<double>> sinks) { diagonal(program, x.points(), sinks); })
      .front();
}

}  // namespace resgram::core::trial
