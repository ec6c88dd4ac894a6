// Networks of finite width as JavaScript hands them over.
#pragma once

#include <napi.h>

#include <memory>

#include "convert.hpp"
#include "finite/batch.hpp"

namespace resgram::addon {

// [program, grid | null, dimension, width, outputs] → the network. Compiling takes microseconds, whatever the size of
// images, so no handle is kept.
std::shared_ptr<const finite::Architecture> finite_network(Napi::Value value);

// A Matrix of all its parameters, in one row.
std::shared_ptr<Numbers> finite_weights(Napi::Value value, const finite::Architecture& network);

// A Matrix of rows that the network takes.
std::shared_ptr<Numbers> finite_inputs(Napi::Value value, const finite::Architecture& network);

// Threads of a job whose tasks call BLAS side by side.
int finite_threads(Napi::Value value);

}  // namespace resgram::addon
