#include "places.hpp"

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>

#include "job.hpp"

namespace resgram::addon {
namespace {

Failure refused(const std::string& expected) { return {"ERR_PROGRAM", "places: expected " + expected, {}}; }

}  // namespace

core::Places places_of(Napi::Value value) {
  if (value.IsUndefined()) return {};
  core::Places layers, places;
  const auto list = [&](Napi::Value of) {
    if (!of.IsArray()) throw refused("layers [path, name], and the number of one for each row");
    return of.As<Napi::Array>();
  };
  const auto word = [&](Napi::Value of) {
    if (!of.IsString()) throw refused("a path and a name");
    return of.As<Napi::String>().Utf8Value();
  };
  const Napi::Array both = list(value), named = list(both.Get(0u)), rows = list(both.Get(1u));
  for (std::uint32_t i = 0; i < named.Length(); ++i) {
    const Napi::Array one = list(named.Get(i));
    layers.push_back(std::make_shared<const core::Place>(core::Place{word(one.Get(0u)), word(one.Get(1u))}));
  }
  for (std::uint32_t i = 0; i < rows.Length(); ++i) {
    const Napi::Value number = rows.Get(i);
    const double at = number.IsNumber() ? number.As<Napi::Number>().DoubleValue() : -1;
    if (!(at >= 0 && at < static_cast<double>(layers.size())) || at != std::floor(at))
      throw refused("the number of a layer for each row");
    places.push_back(layers[static_cast<std::size_t>(at)]);
  }
  return places;
}

}  // namespace resgram::addon
