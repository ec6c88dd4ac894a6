// The layers that errors name, as they cross the boundary beside a listing.
#pragma once

#include <napi.h>

#include "core/program.hpp"

namespace resgram::addon {

// [layers, rows]: layers [path, name], each once, and of every row of the listing the number of its own; undefined gives
// none. Throws Failure.
core::Places places_of(Napi::Value value);

}  // namespace resgram::addon
