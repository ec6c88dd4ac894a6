// JavaScript values to what the layers below take. The facade in lib/ has validated by the time a value comes here and
// words the messages that users see; these checks keep a mistake in the facade from becoming a crash.
#pragma once

#include <napi.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/buffer.hpp"
#include "core/evaluate.hpp"
#include "core/program.hpp"
#include "job.hpp"

namespace resgram::addon {

// Row-major numbers outside JavaScript's reach: staged inputs, and results that only other verbs read.
struct Numbers {
  Numbers(std::size_t row_count, std::size_t column_count);

  std::size_t rows;
  std::size_t columns;
  core::Buffer<double> data;

  [[nodiscard]] std::span<double> span() const { return {data.data(), rows * columns}; }
};

// Matrix: a handle to Numbers, with `rows`, `columns` and
//   write(source, from, at, count)   copies source[from, from + count) to position `at`; −1, or the offset in the slice
//                                    of the first number that is NaN or infinite. One pass: what was checked is what
//                                    was copied, whoever else writes to a shared buffer.
//   gather(source, width, rows, columns, first, count)   fills rows [first, first + count) with the entries
//                                    source[rows[r] · width + columns[c]]; returns what write returns
//   copyTo(target)                   copies all numbers out
//   read(target, at, from, count)    copies numbers [from, from + count) to position `at` of target
//   keep()                           tells the engine of the memory, for matrices that live until they are collected.
//                                    The copies of one call are not worth the collections that telling sets off.
//   dispose()                        frees the memory once no job uses it
void define_matrix(Napi::Env env);
std::shared_ptr<Numbers> matrix(Napi::Value value);
Napi::Value wrap(Napi::Env env, std::shared_ptr<Numbers> numbers);

// Program: a handle to a checked listing, with `emits`, `work`, `perDimension` and dispose().
void define_program(Napi::Env env);
std::shared_ptr<const core::Program> program(Napi::Value value);

// An integer in [low, 2⁵³): counts and sizes.
std::size_t count(Napi::Value value, const char* name, double low = 0);
int threads(Napi::Value value);
double number(Napi::Value value, const char* name);
// Every number of a Float64Array, copied.
std::vector<double> numbers(Napi::Value value, const char* name);

// Where a job writes: an array of exactly `length` numbers, a Matrix of that many, or null for "not wanted". Arrays
// are kept alive by `kept`.
using Target = std::variant<std::monostate, double*, float*>;
Target target(Napi::Value value, std::size_t length, const char* name, Work& work);
// The same, where only doubles make sense; null stays null.
double* doubles(Napi::Value value, std::size_t length, const char* name, Work& work);

// [height, width, channels] of images, or nothing for vectors.
core::Grid grid_of(Napi::Value value);

std::size_t checked_product(std::size_t a, std::size_t b);

// Errors of a facade that gave a verb what does not belong together.
void require(bool fits, const char* message);
// The number of rows, which is that of columns.
std::size_t square(const Numbers& numbers, const char* name);

}  // namespace resgram::addon
