#include "smo_leap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lanes.hpp"
#include "smo_lanes.hpp"

namespace resgram::core {
namespace {

// Bounds that one factor serves: each costs two triangular solves, and SMO may well let its sample go again.
constexpr std::size_t kMostBounds = 64;

// Columns from here on, a whole number of vectors, hold those from i on.
std::size_t begin_of(std::size_t i) { return i / 8 * 8; }

// In eight sums, which do not wait for each other.
double dot(const double* a, const double* b, std::size_t from, std::size_t count) {
  double sums[8] = {};
  std::size_t k = from;
  for (; k + 8 <= count; k += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += a[k + lane] * b[k + lane];
  }
  for (; k < count; ++k) sums[0] += a[k] * b[k];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

}  // namespace

void Leap::resize(std::size_t count) {
  size_ = count;
  stride_ = (count + kColumnPadding - 1) / kColumnPadding * kColumnPadding;
  factor_.assign(size_ * stride_, 0.0);
}

// Rows of Lᵀ, each taken out of all below it. A multiple of the identity above the rounding errors of that makes it exist
// for every semidefinite matrix.
bool Leap::factorise() {
  double trace = 0;
  for (std::size_t i = 0; i < size_; ++i) trace += row(i)[i];
  const double lift = 4 * static_cast<double>(size_) * std::numeric_limits<double>::epsilon() * trace;
  if (!std::isfinite(lift)) return false;
  for (std::size_t i = 0; i < size_; ++i) row(i)[i] += lift;
  for (std::size_t k = 0; k < size_; ++k) {
    double* mine = row(k);
    if (!(mine[k] > 0)) return false;
    const double root = std::sqrt(mine[k]);
    for (std::size_t j = begin_of(k); j < k; ++j) mine[j] = 0;
    for (std::size_t j = k; j < size_; ++j) mine[j] /= root;
    for (std::size_t i = k + 1; i < size_; ++i) {
      const std::size_t from = begin_of(i);
      if (mine[i] != 0) smo_lanes().add(stride_ - from, -mine[i], mine + from, row(i) + from);
    }
  }
  return true;
}

void Leap::forward(double* x) const {
  for (std::size_t k = 0; k < size_; ++k) {
    const double* mine = factor_.data() + k * stride_;
    x[k] /= mine[k];
    const double found = x[k];
    if (found == 0) continue;
    const std::size_t from = begin_of(k);
    // What it adds to places up to k is taken back: they are finished.
    double kept[8];
    std::copy(x + from, x + k + 1, kept);
    smo_lanes().add(stride_ - from, -found, mine + from, x + from);
    std::copy(kept, kept + (k + 1 - from), x + from);
  }
}

void Leap::backward(double* x) const {
  for (std::size_t k = size_; k-- > 0;) {
    const double* mine = factor_.data() + k * stride_;
    x[k] = (x[k] - dot(mine, x, k + 1, size_)) / mine[k];
  }
}

// Takes the direction L⁻¹ w out of the slope, for good. False where nothing is left of it.
bool Leap::forbid(AlignedVector<double> w) {
  forward(w.data());
  const double before = std::sqrt(dot(w.data(), w.data(), 0, size_));
  for (int again = 0; again < 2; ++again) {
    for (const AlignedVector<double>& each : forbidden_) {
      smo_lanes().add(stride_, -dot(each.data(), w.data(), 0, size_), each.data(), w.data());
    }
  }
  const double norm = std::sqrt(dot(w.data(), w.data(), 0, size_));
  if (!(norm > 1e-8 * before)) return false;
  for (double& each : w) each /= norm;
  smo_lanes().add(stride_, -dot(w.data(), slope_.data(), 0, size_), w.data(), slope_.data());
  forbidden_.push_back(std::move(w));
  return true;
}

bool Leap::run(std::span<const double> f, std::span<const double> low, std::span<const double> high,
               std::span<double> beta) {
  if (!factorise()) return false;
  forbidden_.clear();
  slope_.assign(stride_, 0.0);
  for (std::size_t i = 0; i < size_; ++i) slope_[i] = -f[i];
  forward(slope_.data());
  AlignedVector<double> ones(stride_, 0.0);
  std::fill_n(ones.begin(), size_, 1.0);
  if (!forbid(std::move(ones))) return false;
  std::vector<bool> stopped(size_, false);
  double before = 0, after = 0;
  for (const double each : beta) before += each;
  for (std::size_t bounds = 0; bounds <= std::min(kMostBounds, size_ - 1); ++bounds) {
    AlignedVector<double> along = slope_;
    backward(along.data());
    double part = 1;
    std::size_t first = size_;
    for (std::size_t i = 0; i < size_; ++i) {
      if (stopped[i] || along[i] == 0) continue;
      const double room = ((along[i] > 0 ? high[i] : low[i]) - beta[i]) / along[i];
      if (room < part) part = room, first = i;
    }
    for (std::size_t i = 0; i < size_; ++i) {
      if (!stopped[i]) beta[i] = std::clamp(beta[i] + part * along[i], low[i], high[i]);
    }
    if (first == size_) break;
    beta[first] = along[first] > 0 ? high[first] : low[first];
    stopped[first] = true;
    for (double& each : slope_) each *= 1 - part;
    AlignedVector<double> unit(stride_, 0.0);
    unit[first] = 1;
    if (!forbid(std::move(unit))) break;
  }
  // Σ β is as it was up to rounding; the sample with most room makes up for that.
  std::size_t widest = 0;
  double most = -1;
  for (std::size_t i = 0; i < size_; ++i) {
    after += beta[i];
    const double room = std::min(high[i] - beta[i], beta[i] - low[i]);
    if (room > most) most = room, widest = i;
  }
  const double missing = before - after;
  if (!(std::abs(missing) < most)) return false;
  beta[widest] += missing;
  return true;
}

}  // namespace resgram::core
