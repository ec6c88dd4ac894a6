#include "image_tape.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "error.hpp"
#include "pixel_pairs.hpp"
#include "polar.hpp"
#include "run.hpp"

namespace resgram::core {
namespace {

void add_to(std::vector<double>& sum, const std::vector<double>& part) {
  if (sum.empty()) sum.assign(part.size(), 0.0);
  for (std::size_t i = 0; i < part.size(); ++i) sum[i] += part[i];
}

void merge(PixelAdjoint& into, const PixelAdjoint& from) {
  add_to(into.q, from.q);
  add_to(into.k, from.k);
  add_to(into.t, from.t);
  add_to(into.own, from.own);
}

}  // namespace

ImageTape::ImageTape(const Program& program, const Points& x, const Points& z, std::size_t row, Ticket& ticket)
    : ticket_(&ticket),
      all_(TapePlan::takes_all(program)),
      // An image's variances behind a pooling are those of its own pairs; only what comes after it asks for them.
      own_(all_),
      row_(row),
      unit_(1),
      channels_(x.grid.channels),
      x_(x),
      z_(z) {
  input(program, x, z);
  run(program, [&](const Step& step) {
    look();
    if (step.op == Op::emit) {
      emits_.push_back({tape_.size(), saved_.size()});
    } else if (is_activation(step.op)) {
      activation(step);
    } else {
      this->step(step);
    }
  });
  tell();
}

void ImageTape::input(const Program& program, const Points& x, const Points& z) {
  const std::size_t n = x.grid.height * x.grid.width;
  if (program.per_dimension()) unit_ = 1 / static_cast<double>(channels_);
  const Directions<double> left({x.data, n, channels_}, program.per_dimension()),
      right({z.data, n, channels_}, program.per_dimension());
  now_.height = x.grid.height;
  now_.width = x.grid.width;
  const auto squares = [n](const Directions<double>& of, std::vector<double>& out) {
    for (std::size_t i = 0; i < n; ++i) out.push_back(of.units()[i].zero ? 0 : of.units()[i].square.value());
  };
  squares(left, now_.qx);
  squares(right, now_.qz);
  const auto fill = [this, n](const Directions<double>& a, const Directions<double>& b, PixelPairs& pairs) {
    pairs.resize(all_ ? n * n : n);
    for (std::size_t i = 0; i < n; ++i) {
      look();
      for (std::size_t j = all_ ? 0 : i; j < (all_ ? n : i + 1); ++j) {
        const View seen = view(a, i, b, j);
        pairs.m[at(i, j, n)] =
            channels_ == 1 && seen.smaller < 0.25 ? 0 : (seen.smaller < kParallel ? 0 : seen.smaller);
        pairs.acute[at(i, j, n)] = seen.acute ? 1 : 0;
      }
    }
  };
  fill(left, right, now_.xz);
  if (!own_) return;
  fill(left, left, now_.xx);
  fill(right, right, now_.zz);
}

void ImageTape::step(const Step& step) {
  switch (step.op) {
    case Op::affine:
      affine(step);
      break;
    case Op::scale: {
      const double square = step.args[0] * step.args[0];
      for (std::vector<double>* of : {&now_.qx, &now_.qz, &now_.xz.t})
        for (double& value : *of) value *= square;
      tape_.emplace_back([square](PixelAdjoint& a) {
        for (std::vector<double>* of : {&a.q, &a.k, &a.t, &a.own})
          for (double& value : *of) value *= square;
      });
      break;
    }
    case Op::push:
      saved_.push_back(now_);
      tape_.emplace_back([this](PixelAdjoint& a) {
        merge(a, adjoints_.back());
        adjoints_.pop_back();
      });
      break;
    case Op::swap:
      std::swap(saved_.back(), now_);
      tape_.emplace_back([this](PixelAdjoint& a) { std::swap(adjoints_.back(), a); });
      break;
    case Op::pop:
      now_ = std::move(saved_.back());
      saved_.pop_back();
      tape_.emplace_back([this](PixelAdjoint& a) { adjoints_.push_back(std::exchange(a, {})); });
      break;
    case Op::add:
      add();
      break;
    case Op::patch:
      patch(step);
      break;
    case Op::average:
      average(static_cast<std::size_t>(step.args[0]));
      break;
    case Op::pixel:
    case Op::trace:
    case Op::mean:
      head(step);
      break;
    default:
      break;
  }
}

// K′ = wK + β, T′ = w(T + gK) + h                                                                       [dense]
void ImageTape::affine(const Step& step) {
  const double weight = step.args[0], train = step.args[1], bias = step.args[2];
  const double inner = step.args[3] != 0 ? bias : 0, trained = step.args[4] != 0 ? bias : 0;
  const std::size_t n = now_.pixels();
  const auto pairs = [&](const std::vector<double>& qa, const std::vector<double>& qb, PixelPairs& of) {
    for (std::size_t i = 0; i < n && !of.m.empty(); ++i) {
      passed(TapePlan::kJoin, row_of(n));
      for (std::size_t j = all_ ? 0 : i; j < (all_ ? n : i + 1); ++j) {
        const std::size_t p = at(i, j, n);
        of.t[p] = weight * (of.t[p] + train * covariance(of, p, qa[i], qb[j])) + trained;
        if (inner == 0) continue;
        const double sa = weight * qa[i] + inner, sb = weight * qb[j] + inner;
        Complements sum;
        sum.add(std::sqrt(weight * qa[i] / sa), std::sqrt(weight * qb[j] / sb), of.m[p], of.acute[p] != 0);
        sum.add(std::sqrt(inner / sa), std::sqrt(inner / sb), 0, true);
        sum.write(of, p);
      }
    }
  };
  pairs(now_.qx, now_.qz, now_.xz);
  pairs(now_.qx, now_.qx, now_.xx);
  pairs(now_.qz, now_.qz, now_.zz);
  for (std::vector<double>* of : {&now_.qx, &now_.qz})
    for (double& value : *of) value = weight * value + inner;
  now_.mean_x = false;
  tape_.emplace_back([weight, train](PixelAdjoint& a) {
    for (std::vector<double>* of : {&a.q, &a.k, &a.t, &a.own})
      for (double& value : *of) value *= weight;
    if (train == 0) return;
    std::vector<double> carried = a.t;
    for (double& value : carried) value *= train;
    add_to(a.k, carried);
  });
}

void ImageTape::add() {
  const PixelState before = std::move(saved_.back());
  saved_.pop_back();
  if (before.mean_x && now_.mean_x)
    throw Error(
        Code::argument,
        "the network adds two functions with means behind its head, whose gradients by images this package does not "
        "have; end the branch with a dense layer");
  const std::size_t n = now_.pixels();
  const auto pairs = [&](const std::vector<double>& pa, const std::vector<double>& pb, const std::vector<double>& qa,
                         const std::vector<double>& qb, const PixelPairs& one, PixelPairs& of) {
    for (std::size_t i = 0; i < n && !of.m.empty(); ++i) {
      passed(TapePlan::kJoin, row_of(n));
      for (std::size_t j = all_ ? 0 : i; j < (all_ ? n : i + 1); ++j) {
        const std::size_t p = at(i, j, n);
        of.t[p] += one.t[p];
        const double sa = pa[i] + qa[i], sb = pb[j] + qb[j];
        if (sa == 0 || sb == 0) {
          without_direction(of, p);
          continue;
        }
        Complements sum;
        sum.add(std::sqrt(pa[i] / sa), std::sqrt(pb[j] / sb), one.m[p], one.acute[p] != 0);
        sum.add(std::sqrt(qa[i] / sa), std::sqrt(qb[j] / sb), of.m[p], of.acute[p] != 0);
        sum.write(of, p);
      }
    }
  };
  pairs(before.qx, before.qz, now_.qx, now_.qz, before.xz, now_.xz);
  pairs(before.qx, before.qx, now_.qx, now_.qx, before.xx, now_.xx);
  pairs(before.qz, before.qz, now_.qz, now_.qz, before.zz, now_.zz);
  for (std::size_t i = 0; i < n; ++i) {
    now_.qx[i] += before.qx[i];
    now_.qz[i] += before.qz[i];
  }
  now_.mean_x = now_.mean_x || before.mean_x;
  now_.cone_x = now_.cone_x || before.cone_x;
  tape_.emplace_back([this](PixelAdjoint& a) { adjoints_.push_back(a); });
}

void ImageTape::gradient(std::size_t emit, bool tangent, double* out) const {
  adjoints_.assign(emits_[emit].depth, {});
  PixelAdjoint a;
  (tangent ? a.t : a.k).assign(1, 1.0);
  for (std::size_t s = emits_[emit].steps; s-- > 0;) {
    look();
    tape_[s](a);
  }
  const std::size_t n = x_.grid.height * x_.grid.width;
  std::fill_n(out, n * channels_, 0.0);
  const auto from = [&](std::size_t i, const double* pixel, double factor) {
    for (std::size_t c = 0; c < channels_ && factor != 0; ++c) out[i * channels_ + c] += factor * unit_ * pixel[c];
  };
  const double *x = x_.data.data(), *z = z_.data.data();
  for (std::size_t i = 0; i < n; ++i) {
    look();
    if (!a.q.empty()) from(i, x + i * channels_, 2 * a.q[i]);
    for (std::size_t j = all_ ? 0 : i; j < (all_ ? n : i + 1); ++j) {
      if (!a.k.empty()) from(i, z + j * channels_, a.k[at(i, j, n)]);
      if (a.own.empty() || i == j) continue;
      from(i, x + j * channels_, a.own[i * n + j]);
      from(j, x + i * channels_, a.own[i * n + j]);
    }
  }
  tell();
}

}  // namespace resgram::core
