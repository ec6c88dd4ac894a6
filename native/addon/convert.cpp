#include "convert.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "core/rows.hpp"
#include "places.hpp"

namespace resgram::addon {

namespace {

// Objects of one class must not be taken for another's: each carries its tag.
constexpr napi_type_tag kMatrixTag = {0x6b1d0c5a4e2f4a17, 0x9d3e81f0b2c46a55};
constexpr napi_type_tag kProgramTag = {0x2f9a7be310c84d66, 0xb7154ce0a98d3f02};

bool tagged(Napi::Value value, const napi_type_tag& tag) {
  return value.IsObject() && value.As<Napi::Object>().CheckTypeTag(&tag);
}

Failure wrong(const char* name, const char* expected) {
  return {"ERR_ARGUMENT", std::string(name) + ": expected " + expected, {}};
}

// A typed array as the engine sees it, whatever its JavaScript properties claim. A detached or out-of-bounds array has
// length 0.
struct View {
  napi_typedarray_type type;
  std::size_t length;
  void* data;
};

View view(Napi::Value value, const char* name) {
  if (!value.IsTypedArray()) throw wrong(name, "a typed array");
  View seen{};
  const napi_status status =
      napi_get_typedarray_info(value.Env(), value, &seen.type, &seen.length, &seen.data, nullptr, nullptr);
  if (status != napi_ok) throw wrong(name, "a readable typed array");
  return seen;
}

// The offset of the first number that is NaN or infinite (all exponent bits set), or −1.
std::ptrdiff_t first_not_finite(const double* numbers, std::size_t count) {
  constexpr std::uint64_t kExponent = 0x7ff0000000000000;
  std::uint64_t bad = 0;
  for (std::size_t i = 0; i < count; ++i) {
    bad |= static_cast<std::uint64_t>((std::bit_cast<std::uint64_t>(numbers[i]) & kExponent) == kExponent);
  }
  if (bad == 0) return -1;
  std::size_t i = 0;
  while (std::isfinite(numbers[i])) ++i;
  return static_cast<std::ptrdiff_t>(i);
}

// Copies, then checks the copy: a shared array may change between the two. A piece at a time, while it is in the cache.
template <class Real>
std::ptrdiff_t copy_finite(const Real* from, double* to, std::size_t count) {
  constexpr std::size_t kPiece = 1024;
  for (std::size_t at = 0; at < count; at += kPiece) {
    const std::size_t length = std::min(kPiece, count - at);
    std::copy_n(from + at, length, to + at);
    const std::ptrdiff_t bad = first_not_finite(to + at, length);
    if (bad >= 0) return static_cast<std::ptrdiff_t>(at) + bad;
  }
  return -1;
}

// to[r, c] = from[rows[r] · width + columns[c]]
template <class Real>
void pick(std::span<const Real> from, std::size_t width, std::span<const double> rows, std::span<const double> columns,
          double* to) {
  for (const double row : rows) {
    for (const double column : columns) {
      // Sums of products of integers below 2⁵³ may round, but never from above the length to below it.
      const double index = row * static_cast<double>(width) + column;
      if (!(row >= 0 && column >= 0 && column < static_cast<double>(width) &&
            index < static_cast<double>(from.size()))) {
        throw Failure{"ERR_DETACHED", "the array was detached or shrunk while it was read", {}};
      }
      *to++ = static_cast<double>(from[static_cast<std::size_t>(index)]);
    }
  }
}

class MatrixObject : public Napi::ObjectWrap<MatrixObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Matrix",
        {InstanceMethod<&MatrixObject::write>("write"), InstanceMethod<&MatrixObject::gather>("gather"),
         InstanceMethod<&MatrixObject::copy_to>("copyTo"), InstanceMethod<&MatrixObject::read>("read"),
         InstanceMethod<&MatrixObject::keep>("keep"), InstanceMethod<&MatrixObject::dispose>("dispose"),
         InstanceAccessor<&MatrixObject::rows>("rows"), InstanceAccessor<&MatrixObject::columns>("columns")});
  }

  explicit MatrixObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MatrixObject>(info) {
    guarded(info.Env(), [&] {
      if (info.Length() > 0) {
        const std::size_t row_count = count(info[0], "rows");
        held_ = std::make_shared<Numbers>(row_count, count(info[1], "columns"));
      }
      info.This().As<Napi::Object>().TypeTag(&kMatrixTag);
    });
  }
  ~MatrixObject() override { release(Env()); }

  void hold(std::shared_ptr<Numbers> numbers) { held_ = std::move(numbers); }
  [[nodiscard]] const std::shared_ptr<Numbers>& held() const {
    if (!held_) throw Failure{"ERR_DISPOSED", "this matrix was disposed of", {}};
    return held_;
  }

 private:
  void release(Napi::Env env) {
    if (reported_ != 0) Napi::MemoryManagement::AdjustExternalMemory(env, -reported_);
    reported_ = 0;
    held_.reset();
  }

  Napi::Value keep(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      const auto bytes = static_cast<std::int64_t>(held()->span().size_bytes());
      Napi::MemoryManagement::AdjustExternalMemory(info.Env(), bytes - reported_);
      reported_ = bytes;
      return info.This();
    });
  }

  Napi::Value write(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      const std::size_t from = count(info[1], "from");
      const std::size_t at = count(info[2], "at");
      const std::size_t amount = count(info[3], "count");
      const std::span<double> all = held()->span();
      if (at > all.size() || amount > all.size() - at) throw wrong("count", "a slice inside the matrix");
      const View source = view(info[0], "source");  // last, so that nothing can detach it before the copy
      if (from > source.length || amount > source.length - from) {
        throw Failure{"ERR_DETACHED", "the array was detached or shrunk while it was read", {}};
      }
      std::ptrdiff_t bad = -1;
      if (source.type == napi_float64_array) {
        bad = copy_finite(static_cast<const double*>(source.data) + from, all.data() + at, amount);
      } else if (source.type == napi_float32_array) {
        bad = copy_finite(static_cast<const float*>(source.data) + from, all.data() + at, amount);
      } else {
        throw wrong("source", "a Float64Array or Float32Array");
      }
      return Napi::Number::New(info.Env(), static_cast<double>(bad));
    });
  }

  Napi::Value gather(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      const std::size_t width = count(info[1], "width", 1);
      const std::size_t first = count(info[4], "first");
      const std::size_t amount = count(info[5], "count");
      const Numbers& to = *held();
      if (first > to.rows || amount > to.rows - first) throw wrong("count", "rows of the matrix");
      const View row_list = view(info[2], "rows");
      const View column_list = view(info[3], "columns");
      const View source = view(info[0], "source");
      if (row_list.type != napi_float64_array || row_list.length != to.rows || column_list.type != napi_float64_array ||
          column_list.length != to.columns) {
        throw wrong("rows and columns", "one index for each row and column of the matrix");
      }
      const std::span rows_from(static_cast<const double*>(row_list.data) + first, amount);
      const std::span columns_from(static_cast<const double*>(column_list.data), to.columns);
      double* const into = to.data.data() + first * to.columns;
      if (source.type == napi_float64_array) {
        pick(std::span(static_cast<const double*>(source.data), source.length), width, rows_from, columns_from, into);
      } else if (source.type == napi_float32_array) {
        pick(std::span(static_cast<const float*>(source.data), source.length), width, rows_from, columns_from, into);
      } else {
        throw wrong("source", "a Float64Array or Float32Array");
      }
      return Napi::Number::New(info.Env(), static_cast<double>(first_not_finite(into, amount * to.columns)));
    });
  }

  Napi::Value copy_to(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      const std::span<const double> all = held()->span();
      const View to = view(info[0], "target");
      if (to.type != napi_float64_array || to.length != all.size())
        throw wrong("target", "a Float64Array of that size");
      std::copy(all.begin(), all.end(), static_cast<double*>(to.data));
      return info.Env().Undefined();
    });
  }

  Napi::Value read(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      const std::size_t at = count(info[1], "at");
      const std::size_t from = count(info[2], "from");
      const std::size_t amount = count(info[3], "count");
      const std::span<const double> all = held()->span();
      if (from > all.size() || amount > all.size() - from) throw wrong("count", "a slice inside the matrix");
      const View to = view(info[0], "target");
      if (to.type != napi_float64_array || at > to.length || amount > to.length - at)
        throw wrong("target", "a Float64Array with room for the slice");
      std::copy_n(all.data() + from, amount, static_cast<double*>(to.data) + at);
      return info.Env().Undefined();
    });
  }

  Napi::Value dispose(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      constexpr std::size_t kMuch = std::size_t{8} << 20;
      if (held_ && held_->span().size_bytes() > kMuch) drop_in_background(info.Env(), std::move(held_));
      release(info.Env());
      return info.Env().Undefined();
    });
  }
  Napi::Value rows(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return Napi::Number::New(info.Env(), static_cast<double>(held()->rows)); });
  }
  Napi::Value columns(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return Napi::Number::New(info.Env(), static_cast<double>(held()->columns)); });
  }

  std::shared_ptr<Numbers> held_;
  std::int64_t reported_ = 0;
};

core::Row row_of(Napi::Value value, std::uint32_t index) {
  const std::string where = "program row " + std::to_string(index);
  if (!value.IsArray()) throw Failure{"ERR_PROGRAM", where + ": expected [mnemonic, ...numbers]", {}};
  const Napi::Array items = value.As<Napi::Array>();
  const std::uint32_t length = items.Length();
  // The longest rows are those of a φ of one's own: pieces with their coefficients.
  if (length == 0 || length > (1U << 20))
    throw Failure{"ERR_PROGRAM", where + ": expected a mnemonic and its numbers", {}};
  const Napi::Value op = items.Get(0u);
  if (!op.IsString()) throw Failure{"ERR_PROGRAM", where + ": expected a mnemonic first", {}};
  core::Row row{op.As<Napi::String>().Utf8Value(), {}};
  for (std::uint32_t i = 1; i < length; ++i) {
    const Napi::Value argument = items.Get(i);
    if (!argument.IsNumber()) throw Failure{"ERR_PROGRAM", where + ": expected numbers after the mnemonic", {}};
    row.args.push_back(argument.As<Napi::Number>().DoubleValue());
  }
  return row;
}

class ProgramObject : public Napi::ObjectWrap<ProgramObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Program",
        {InstanceMethod<&ProgramObject::dispose>("dispose"), InstanceAccessor<&ProgramObject::emits>("emits"),
         InstanceAccessor<&ProgramObject::tangent>("tangent"), InstanceAccessor<&ProgramObject::image>("image"),
         InstanceAccessor<&ProgramObject::work>("work"), InstanceAccessor<&ProgramObject::homogeneous>("homogeneous"),
         InstanceAccessor<&ProgramObject::per_dimension>("perDimension")});
  }

  explicit ProgramObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ProgramObject>(info) {
    guarded(info.Env(), [&] {
      if (!info[0].IsArray()) throw wrong("program", "an array of rows");
      const Napi::Array steps = info[0].As<Napi::Array>();
      std::vector<core::Row> rows;
      for (std::uint32_t i = 0; i < steps.Length(); ++i) rows.push_back(row_of(steps.Get(i), i));
      held_ = std::make_shared<const core::Program>(core::Program::load(rows, places_of(info[1])));
      info.This().As<Napi::Object>().TypeTag(&kProgramTag);
    });
  }

  [[nodiscard]] const std::shared_ptr<const core::Program>& held() const {
    if (!held_) throw Failure{"ERR_DISPOSED", "this kernel was disposed of", {}};
    return held_;
  }

 private:
  Napi::Value dispose(const Napi::CallbackInfo& info) {
    held_.reset();
    return info.Env().Undefined();
  }
  Napi::Value emits(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return Napi::Number::New(info.Env(), static_cast<double>(held()->emits())); });
  }
  Napi::Value image(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return Napi::Boolean::New(info.Env(), held()->image()); });
  }
  Napi::Value tangent(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return Napi::Boolean::New(info.Env(), held()->tangent()); });
  }
  Napi::Value work(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return Napi::Number::New(info.Env(), held()->work()); });
  }
  Napi::Value homogeneous(const Napi::CallbackInfo& info) {
    return guarded(info.Env(),
                   [&] { return Napi::Boolean::New(info.Env(), !held()->image() && core::is_uniform(*held())); });
  }
  Napi::Value per_dimension(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return Napi::Boolean::New(info.Env(), held()->per_dimension()); });
  }

  std::shared_ptr<const core::Program> held_;
};

}  // namespace

core::Grid grid_of(Napi::Value value) {
  if (value.IsUndefined() || value.IsNull()) return {};
  if (!value.IsArray() || value.As<Napi::Array>().Length() != 3)
    throw Failure{"ERR_ARGUMENT", "grid: expected [height, width, channels]", {}};
  const Napi::Array sizes = value.As<Napi::Array>();
  return {count(sizes.Get(0u), "height", 1), count(sizes.Get(1u), "width", 1), count(sizes.Get(2u), "channels", 1)};
}

std::size_t checked_product(std::size_t a, std::size_t b) {
  std::size_t product = 0;
  if (__builtin_mul_overflow(a, b, &product) || product > PTRDIFF_MAX / sizeof(double)) {
    throw Failure{"ERR_OUT_OF_MEMORY", "a size beyond what memory can hold", {}};
  }
  return product;
}

Numbers::Numbers(std::size_t row_count, std::size_t column_count)
    : rows(row_count), columns(column_count), data(checked_product(row_count, column_count)) {}

void define_matrix(Napi::Env env) { Environment::of(env).matrix = Napi::Persistent(MatrixObject::define(env)); }

void define_program(Napi::Env env) { Environment::of(env).program = Napi::Persistent(ProgramObject::define(env)); }

std::shared_ptr<Numbers> matrix(Napi::Value value) {
  if (!tagged(value, kMatrixTag)) throw wrong("matrix", "a Matrix");
  return MatrixObject::Unwrap(value.As<Napi::Object>())->held();
}

Napi::Value wrap(Napi::Env env, std::shared_ptr<Numbers> numbers) {
  const Napi::Object object = Environment::of(env).matrix.New({});
  MatrixObject::Unwrap(object)->hold(std::move(numbers));
  return object;
}

std::shared_ptr<const core::Program> program(Napi::Value value) {
  if (!tagged(value, kProgramTag)) throw wrong("program", "a Program");
  return ProgramObject::Unwrap(value.As<Napi::Object>())->held();
}

double number(Napi::Value value, const char* name) {
  if (!value.IsNumber()) throw wrong(name, "a number");
  return value.As<Napi::Number>().DoubleValue();
}

std::size_t count(Napi::Value value, const char* name, double low) {
  const double given = number(value, name);
  if (!(given >= low && given < 0x1p53) || given != std::floor(given)) throw wrong(name, "a count");
  return static_cast<std::size_t>(given);
}

int threads(Napi::Value value) {
  const std::size_t given = count(value, "threads", 1);
  if (given > 1024) throw wrong("threads", "an integer from 1 to 1024");
  return static_cast<int>(given);
}

std::vector<double> numbers(Napi::Value value, const char* name) {
  const View seen = view(value, name);
  if (seen.type != napi_float64_array) throw wrong(name, "a Float64Array");
  const auto* first = static_cast<const double*>(seen.data);
  return {first, first + seen.length};
}

Target target(Napi::Value value, std::size_t length, const char* name, Work& work) {
  if (value.IsNull() || value.IsUndefined()) return std::monostate{};
  if (tagged(value, kMatrixTag)) {
    const std::shared_ptr<Numbers> held = matrix(value);
    if (held->span().size() != length) throw wrong(name, "a Matrix of the result's size");
    work.owned.push_back(held);
    return held->data.data();
  }
  const View seen = view(value, name);
  if (seen.length != length) throw wrong(name, "an array of the result's size");
  work.kept.push_back(Napi::Persistent(value.As<Napi::Object>()));
  if (seen.type == napi_float64_array) return static_cast<double*>(seen.data);
  if (seen.type == napi_float32_array) return static_cast<float*>(seen.data);
  throw wrong(name, "a Float64Array or Float32Array");
}

double* doubles(Napi::Value value, std::size_t length, const char* name, Work& work) {
  const Target given = target(value, length, name, work);
  if (std::holds_alternative<std::monostate>(given)) return nullptr;
  if (double* const* found = std::get_if<double*>(&given)) return *found;
  throw wrong(name, "a Float64Array");
}

void require(bool fits, const char* message) {
  if (!fits) throw Failure{"ERR_ARGUMENT", message, {}};
}

std::size_t square(const Numbers& numbers, const char* name) {
  if (numbers.rows == numbers.columns) return numbers.rows;
  throw Failure{"ERR_SHAPE", std::string(name) + ": expected as many rows as columns", {}};
}

}  // namespace resgram::addon
