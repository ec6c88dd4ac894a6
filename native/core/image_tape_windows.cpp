// The steps of an image tape that read several pixels: filters, pooling and heads.
#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "image_tape.hpp"

namespace resgram::core {
namespace {

std::vector<int> axis_taps(int out, int size, int stride, int padding, int length) {
  std::vector<int> taps;
  const int half = (size - 1) / 2, centre = out * stride + (padding == 0 ? half : 0);
  for (int k = -half; k <= half; ++k) {
    int at = centre + k;
    if (padding == 2) at = ((at % length) + length) % length;
    taps.push_back(at >= 0 && at < length ? at : -1);
  }
  return taps;
}

int axis_outputs(int size, int stride, int padding, int length) {
  return (length - (padding == 0 ? size - 1 : 0) + stride - 1) / stride;
}

}  // namespace

// Sums of pixels `windows` divided by `parts`: over equal places of two windows, or, where the terms are not independent,
// over all pairs of places.                                                              [patch; image-average; heads]
void ImageTape::linear(Windows windows, double parts, bool independent) {
  const std::size_t n = now_.pixels(), count = windows.count(), size = windows.size;
  const auto kept = std::make_shared<const Windows>(std::move(windows));
  // Pairs of places of two windows that one place of the first takes part in.
  const std::size_t places = independent ? 1 : size;
  const bool all = all_;
  const auto own_q = [&](const std::vector<double>& q, const PixelPairs& own) {
    std::vector<double> out(count, 0.0);
    for (std::size_t i = 0; i < count; ++i) {
      const int* window = kept->at(i);
      for (std::size_t u = 0; u < size; ++u) {
        if (u == 0 || !independent) look();
        for (std::size_t v = independent ? u : 0; v < (independent ? u + 1 : size); ++v) {
          if (window[u] < 0 || window[v] < 0) continue;
          const auto a = static_cast<std::size_t>(window[u]), b = static_cast<std::size_t>(window[v]);
          out[i] += (a == b ? q[a] : covariance(own, a * n + b, q[a], q[b])) / parts;
        }
      }
    }
    return out;
  };
  const auto pairs = [&](const std::vector<double>& qa, const std::vector<double>& qb, const std::vector<double>& na,
                         const std::vector<double>& nb, const PixelPairs& from, PixelPairs& out) {
    if (from.m.empty()) return;
    out.resize(all ? count * count : count);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = all ? 0 : i; j < (all ? count : i + 1); ++j) {
        const std::size_t at_out = all ? i * count + j : i;
        const bool none = na[i] == 0 || nb[j] == 0;
        double t = 0, k = 0, bound = 0;
        Complements sum;
        const int *left = kept->at(i), *right = kept->at(j);
        for (std::size_t u = 0; u < size; ++u) {
          passed(TapePlan::kPlace, places);
          const int p = left[u], same = right[u];
          if (same >= 0 || p >= 0) {
            const double a = p < 0 ? 0 : qa[static_cast<std::size_t>(p)],
                         b = same < 0 ? 0 : qb[static_cast<std::size_t>(same)];
            double m = 0.5;
            bool acute = true;
            if (p >= 0 && same >= 0) {
              const std::size_t s = at(static_cast<std::size_t>(p), static_cast<std::size_t>(same), n);
              m = from.m[s];
              acute = from.acute[s] != 0;
            }
            if (independent && !none) sum.add(std::sqrt(a / parts / na[i]), std::sqrt(b / parts / nb[j]), m, acute);
            const double gap = std::sqrt(a) - std::sqrt(b);
            bound += std::sqrt(gap * gap + 4 * std::sqrt(a * b) * (acute ? m : 1 - m));
          }
          for (std::size_t v = independent ? u : 0; v < (independent ? u + 1 : size); ++v) {
            const int r = right[v];
            if (p < 0 || r < 0) continue;
            const std::size_t s = at(static_cast<std::size_t>(p), static_cast<std::size_t>(r), n);
            t += from.t[s] / parts;
            k += covariance(from, s, qa[static_cast<std::size_t>(p)], qb[static_cast<std::size_t>(r)]) / parts;
          }
        }
        out.t[at_out] = t;
        if (none) {
          without_direction(out, at_out);
        } else if (independent) {
          sum.write(out, at_out);
        } else {
          const double both = std::sqrt(na[i]) * std::sqrt(nb[j]), gap = std::sqrt(na[i]) - std::sqrt(nb[j]);
          bound /= static_cast<double>(size);
          Complements whole;
          whole.lower = std::max(0.0, std::min(0.5 * (1 - k / both), (bound * bound - gap * gap) / (4 * both)));
          whole.upper = 1 - whole.lower;
          whole.write(out, at_out);
        }
      }
  };
  PixelState next;
  next.mean_x = now_.mean_x;
  next.cone_x = now_.cone_x;
  next.qx = own_q(now_.qx, now_.xx);
  next.qz = own_q(now_.qz, now_.zz);
  pairs(now_.qx, now_.qz, next.qx, next.qz, now_.xz, next.xz);
  pairs(now_.qx, now_.qx, next.qx, next.qx, now_.xx, next.xx);
  pairs(now_.qz, now_.qz, next.qz, next.qz, now_.zz, next.zz);
  const bool own = own_;
  now_ = std::move(next);
  tape_.emplace_back([this, kept, parts, independent, n, count, size, places, all, own](PixelAdjoint& a) {
    PixelAdjoint out;
    if (!a.q.empty()) out.q.assign(n, 0.0);
    if (!a.k.empty()) out.k.assign(all ? n * n : n, 0.0);
    if (!a.t.empty()) out.t.assign(all ? n * n : n, 0.0);
    if (own && (!a.own.empty() || (!independent && !a.q.empty()))) out.own.assign(n * n, 0.0);
    if (!out.own.empty() && out.q.empty()) out.q.assign(n, 0.0);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = all ? 0 : i; j < (all ? count : i + 1); ++j) {
        const std::size_t from = all ? i * count + j : i;
        const int *left = kept->at(i), *right = kept->at(j);
        for (std::size_t u = 0; u < size; ++u) {
          passed(TapePlan::kPlace, places);
          for (std::size_t v = independent ? u : 0; v < (independent ? u + 1 : size); ++v) {
            if (left[u] < 0 || right[v] < 0) continue;
            const auto p = static_cast<std::size_t>(left[u]), r = static_cast<std::size_t>(right[v]);
            const std::size_t to = all ? p * n + r : p;
            if (!a.k.empty()) out.k[to] += a.k[from] / parts;
            if (!a.t.empty()) out.t[to] += a.t[from] / parts;
            const double own_part = i == j ? (a.q.empty() ? 0 : a.q[i]) : (a.own.empty() ? 0 : a.own[from]);
            if (own_part == 0) continue;
            (p == r ? out.q[p] : out.own[to]) += own_part / parts;
          }
        }
      }
    a = std::move(out);
  });
}

void ImageTape::patch(const Step& step) {
  const int size = static_cast<int>(step.args[0]), stride = static_cast<int>(step.args[1]);
  const int padding = static_cast<int>(step.args[2]);
  const int height = static_cast<int>(now_.height), width = static_cast<int>(now_.width);
  const bool line = x_.grid.height == 1;
  const int rows = line ? 1 : axis_outputs(size, stride, padding, height);
  const int columns = axis_outputs(size, stride, padding, width);
  Windows windows;
  windows.size = static_cast<std::size_t>(line ? size : size * size);
  windows.places.reserve(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) * windows.size);
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < columns; ++x)
      for (const int p : line ? std::vector<int>{0} : axis_taps(y, size, stride, padding, height))
        for (const int q : axis_taps(x, size, stride, padding, width))
          windows.places.push_back(p < 0 || q < 0 ? -1 : p * width + q);
  linear(std::move(windows), line ? size : size * size, true);
  now_.height = static_cast<std::size_t>(rows);
  now_.width = static_cast<std::size_t>(columns);
}

void ImageTape::average(std::size_t window) {
  const bool line = x_.grid.height == 1;
  const std::size_t rows = line ? 1 : now_.height / window, columns = now_.width / window, width = now_.width;
  Windows windows;
  windows.size = line ? window : window * window;
  windows.places.reserve(rows * columns * windows.size);
  for (std::size_t y = 0; y < rows; ++y)
    for (std::size_t x = 0; x < columns; ++x)
      for (std::size_t p = 0; p < (line ? 1 : window); ++p)
        for (std::size_t q = 0; q < window; ++q)
          windows.places.push_back(static_cast<int>((y * (line ? 1 : window) + p) * width + x * window + q));
  const auto size = static_cast<double>(windows.size);
  linear(std::move(windows), size * size, false);
  now_.height = rows;
  now_.width = columns;
}

void ImageTape::head(const Step& step) {
  std::vector<int> all(now_.pixels());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
  const std::size_t count = all.size();
  const auto size = static_cast<double>(count);
  if (step.op == Op::pixel) {
    linear({{static_cast<int>(step.args[0]) * static_cast<int>(now_.width) + static_cast<int>(step.args[1])}, 1}, 1,
           true);
  } else if (step.op == Op::trace) {
    linear({std::move(all), count}, size, true);
  } else {
    linear({std::move(all), count}, size * size, false);
  }
  now_.height = now_.width = 1;
}

}  // namespace resgram::core
