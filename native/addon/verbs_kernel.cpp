#include <limits>

#include "convert.hpp"
#include "core/evaluate.hpp"
#include "core/sinks.hpp"
#include "linalg/linalg.hpp"
#include "verbs.hpp"

namespace resgram::addon {

namespace {

using core::Grid;
using core::Path;
using core::Points;
using core::Program;
using core::Sink;
using core::Tuning;

double hours(Napi::Value value) {
  return value.IsUndefined() ? std::numeric_limits<double>::infinity() : number(value, "maxHours");
}

Points points_of(const Numbers& numbers, const Grid& grid) {
  return {numbers.span(), numbers.rows, numbers.columns, grid};
}

// Rows [first, first + rows) of them.
Points part_of(const Numbers& numbers, std::size_t first, std::size_t rows, const Grid& grid) {
  return {numbers.span().subspan(first * numbers.columns, rows * numbers.columns), rows, numbers.columns, grid};
}

// The sinks of one run, one per emitted kernel, in the precision that all of its arrays share.
template <class Real>
using Sinks = std::vector<Sink<Real>>;

template <class Real>
void put(const Target& from, Real*& to) {
  if (std::holds_alternative<std::monostate>(from)) return;
  Real* const* found = std::get_if<Real*>(&from);
  if (found == nullptr) throw Failure{"ERR_ARGUMENT", "outputs: expected one precision for all arrays", {}};
  to = *found;
}

// outputs: [[nngp | null, ntk | null], …], one pair per emit.
template <class Real>
std::shared_ptr<Sinks<Real>> sinks_of(Napi::Value value, const Program& program, std::size_t length, Work& work) {
  if (!value.IsArray() || value.As<Napi::Array>().Length() != program.emits()) {
    throw Failure{"ERR_ARGUMENT", "outputs: expected one pair of arrays per emitted kernel", {}};
  }
  const Napi::Array pairs = value.As<Napi::Array>();
  auto sinks = std::make_shared<Sinks<Real>>(program.emits());
  for (std::uint32_t i = 0; i < pairs.Length(); ++i) {
    const Napi::Value pair = pairs.Get(i);
    if (!pair.IsArray()) throw Failure{"ERR_ARGUMENT", "outputs: expected pairs", {}};
    put<Real>(target(pair.As<Napi::Array>().Get(0u), length, "nngp", work), (*sinks)[i].nngp);
    put<Real>(target(pair.As<Napi::Array>().Get(1u), length, "ntk", work), (*sinks)[i].ntk);
  }
  return sinks;
}

// [[log scale of nngp, log scale of ntk, 'steps' or 'table'], …]; adding 0 makes a plain 0 of −0.
template <class Real>
Napi::Value scales(Napi::Env env, const Sinks<Real>& sinks, Path path) {
  Napi::Array all = Napi::Array::New(env, sinks.size());
  for (std::uint32_t i = 0; i < sinks.size(); ++i) {
    Napi::Array entry = Napi::Array::New(env, 3);
    entry[0u] = Napi::Number::New(env, sinks[i].nngp_log_scale + 0.0);
    entry[1u] = Napi::Number::New(env, sinks[i].ntk_log_scale + 0.0);
    entry[2u] = Napi::String::New(env, path == Path::table ? "table" : "steps");
    all[i] = entry;
  }
  return all;
}

Path path_of(Napi::Value value) {
  if (!value.IsString()) return Path::automatic;
  const std::string name = value.As<Napi::String>().Utf8Value();
  if (name == "automatic") return Path::automatic;
  if (name == "steps") return Path::steps;
  if (name == "table") return Path::table;
  throw Failure{"ERR_ARGUMENT", "path: expected 'automatic', 'steps' or 'table', got '" + name + "'", {}};
}

bool is_float32(Napi::Value precision) {
  return precision.IsString() && precision.As<Napi::String>().Utf8Value() == "float32";
}

// A job that fills sinks: `fill` runs off the main thread and says which path it took.
template <class Real, class Fill>
Napi::Value sink_job(Napi::Env env, Work work, std::shared_ptr<Sinks<Real>> sinks, std::size_t rows,
                     std::size_t columns, Fill fill) {
  auto path = std::make_shared<Path>(Path::steps);
  work.run = [sinks, path, rows, columns, fill](Ticket& ticket) {
    *path = fill(*sinks, ticket);
    core::require_finite<Real>(*sinks, rows, columns);
  };
  work.result = [sinks, path](Napi::Env target_env) { return scales(target_env, *sinks, *path); };
  return make_job(env, std::move(work));
}

// gram(program, x, outputs, precision, threads, grid?, maxHours?, path?): job → scales
template <class Real>
Napi::Value gram_of(const Napi::CallbackInfo& info) {
  const auto steps = program(info[0]);
  const auto x = matrix(info[1]);
  Work work;
  work.threads = threads(info[4]);
  auto sinks = sinks_of<Real>(info[2], *steps, checked_product(x->rows, x->rows), work);
  const Tuning tuning{.threads = work.threads, .max_hours = hours(info[6]), .path = path_of(info[7])};
  const Grid grid = grid_of(info[5]);
  return sink_job<Real>(info.Env(), std::move(work), sinks, x->rows, x->rows,
                        [steps, x, grid, tuning](Sinks<Real>& out, Ticket& ticket) {
                          return core::gram<Real>(*steps, points_of(*x, grid), std::span(out), tuning, ticket);
                        });
}

Napi::Value gram(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return is_float32(info[3]) ? gram_of<float>(info) : gram_of<double>(info); });
}

// cross(program, x, z, outputs, precision, threads, first, rows, grid?, maxHours?, path?): job → scales, for rows [first, first + rows) of x
template <class Real>
Napi::Value cross_of(const Napi::CallbackInfo& info) {
  const auto steps = program(info[0]);
  const auto x = matrix(info[1]);
  const auto z = matrix(info[2]);
  const std::size_t first = count(info[6], "first");
  const std::size_t rows = count(info[7], "rows");
  if (first > x->rows || rows > x->rows - first) throw Failure{"ERR_ARGUMENT", "rows: expected rows of x", {}};
  if (x->columns != z->columns) throw Failure{"ERR_SHAPE", "x and z: expected points of one dimension", {}};
  Work work;
  work.threads = threads(info[5]);
  auto sinks = sinks_of<Real>(info[3], *steps, checked_product(rows, z->rows), work);
  const Tuning tuning{.threads = work.threads,
                      .max_hours = hours(info[9]),
                      .path = path_of(info[10]),
                      .pairs = static_cast<double>(x->rows) * static_cast<double>(z->rows)};
  const Grid grid = grid_of(info[8]);
  return sink_job<Real>(info.Env(), std::move(work), sinks, rows, z->rows,
                        [steps, x, z, first, rows, grid, tuning](Sinks<Real>& out, Ticket& ticket) {
                          return core::cross<Real>(*steps, part_of(*x, first, rows, grid), points_of(*z, grid),
                                                   std::span(out), tuning, ticket);
                        });
}

Napi::Value cross(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return is_float32(info[4]) ? cross_of<float>(info) : cross_of<double>(info); });
}

// diagonal(program, x, outputs, first, rows, grid?): job → scales
Napi::Value diagonal(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto steps = program(info[0]);
    const auto x = matrix(info[1]);
    const std::size_t first = count(info[3], "first");
    const std::size_t rows = count(info[4], "rows");
    if (first > x->rows || rows > x->rows - first) throw Failure{"ERR_ARGUMENT", "rows: expected rows of x", {}};
    Work work;
    work.lane = Lane::light;
    auto sinks = sinks_of<double>(info[2], *steps, rows, work);
    const Grid grid = grid_of(info[5]);
    return sink_job<double>(info.Env(), std::move(work), sinks, rows, 1,
                            [steps, x, first, rows, grid](Sinks<double>& out, Ticket& ticket) {
                              core::diagonal(*steps, part_of(*x, first, rows, grid), std::span(out), ticket);
                              return Path::steps;
                            });
  });
}

// profile(program, angles, dimension, outputs): job → scales
Napi::Value profile(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto steps = program(info[0]);
    auto angles = std::make_shared<const std::vector<double>>(numbers(info[1], "angles"));
    const std::size_t dimension = count(info[2], "dimension", 1);
    Work work;
    work.lane = Lane::light;
    auto sinks = sinks_of<double>(info[3], *steps, angles->size(), work);
    const std::size_t rows = angles->size();
    return sink_job<double>(info.Env(), std::move(work), sinks, rows, 1,
                            [steps, angles, dimension](Sinks<double>& out, Ticket&) {
                              core::profile(*steps, *angles, dimension, std::span(out));
                              return Path::steps;
                            });
  });
}

// workspaceBytes(program, rows, columns, dimension, bytesPerValue, threads, grid?): number
Napi::Value workspace_bytes(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const Tuning tuning{.threads = threads(info[5])};
    const std::size_t bytes = core::workspace_bytes(*program(info[0]), count(info[1], "rows"),
                                                    count(info[2], "columns"), count(info[3], "dimension"),
                                                    count(info[4], "bytesPerValue", 1), tuning, grid_of(info[6]));
    return Napi::Number::New(info.Env(), static_cast<double>(bytes));
  });
}

// imageWork(program, rows, columns, grid): number of pairs of pixels times steps
Napi::Value image_work(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const double work =
        core::image_work(*program(info[0]), count(info[1], "rows"), count(info[2], "columns"), grid_of(info[3]));
    return Napi::Number::New(info.Env(), work);
  });
}

}  // namespace

void define_kernel_verbs(Napi::Env env, Napi::Object exports) {
  exports["gram"] = Napi::Function::New(env, gram, "gram");
  exports["cross"] = Napi::Function::New(env, cross, "cross");
  exports["diagonal"] = Napi::Function::New(env, diagonal, "diagonal");
  exports["profile"] = Napi::Function::New(env, profile, "profile");
  exports["imageWork"] = Napi::Function::New(env, image_work, "imageWork");
  exports["workspaceBytes"] = Napi::Function::New(env, workspace_bytes, "workspaceBytes");
}

}  // namespace resgram::addon
