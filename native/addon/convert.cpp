#include "convert.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

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

// Copies, and returns the offset of the first number that is not finite, or −1. The exponent test is on the copy.
template <class Real>
std::ptrdiff_t copy_finite(const Real* from, double* to, std::size_t count) {
  if constexpr (std::is_same_v<Real, double>) {
    std::memcpy(to, from, count * sizeof(double));
  } else {
    for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<double>(from[i]);
  }
  constexpr std::uint64_t kExponent = 0x7ff0000000000000;
  std::uint64_t bad = 0;
  for (std::size_t i = 0; i < count; ++i) {
    bad |= static_cast<std::uint64_t>((std::bit_cast<std::uint64_t>(to[i]) & kExponent) == kExponent);
  }
  if (bad == 0) return -1;
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isfinite(to[i])) return static_cast<std::ptrdiff_t>(i);
  }
  return -1;
}

class MatrixObject : public Napi::ObjectWrap<MatrixObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Matrix",
        {InstanceMethod<&MatrixObject::write>("write"), InstanceMethod<&MatrixObject::dispose>("dispose"),
         InstanceAccessor<&MatrixObject::rows>("rows"), InstanceAccessor<&MatrixObject::columns>("columns")});
  }

  explicit MatrixObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MatrixObject>(info) {
    guarded(info.Env(), [&] {
      if (info.Length() > 0) {
        const std::size_t row_count = count(info[0], "rows");
        hold(info.Env(), std::make_shared<Numbers>(row_count, count(info[1], "columns")));
      }
      info.This().As<Napi::Object>().TypeTag(&kMatrixTag);
    });
  }
  ~MatrixObject() override { release(Env()); }

  void hold(Napi::Env env, std::shared_ptr<Numbers> numbers) {
    release(env);
    held_ = std::move(numbers);
    Napi::MemoryManagement::AdjustExternalMemory(env, bytes());
  }
  [[nodiscard]] const std::shared_ptr<Numbers>& held() const {
    if (!held_) throw Failure{"ERR_DISPOSED", "this matrix was disposed of", {}};
    return held_;
  }

 private:
  [[nodiscard]] std::int64_t bytes() const {
    return static_cast<std::int64_t>(held_->rows * held_->columns * sizeof(double));
  }
  void release(Napi::Env env) {
    if (!held_) return;
    Napi::MemoryManagement::AdjustExternalMemory(env, -bytes());
    held_.reset();
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

  Napi::Value dispose(const Napi::CallbackInfo& info) {
    release(info.Env());
    return info.Env().Undefined();
  }
  Napi::Value rows(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return Napi::Number::New(info.Env(), static_cast<double>(held()->rows)); });
  }
  Napi::Value columns(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return Napi::Number::New(info.Env(), static_cast<double>(held()->columns)); });
  }

  std::shared_ptr<Numbers> held_;
};

core::Row row_of(Napi::Value value, std::uint32_t index) {
  const std::string where = "program row " + std::to_string(index);
  if (!value.IsArray()) throw Failure{"ERR_PROGRAM", where + ": expected [mnemonic, ...numbers]", {}};
  const Napi::Array items = value.As<Napi::Array>();
  const std::uint32_t length = items.Length();
  if (length == 0 || length > 16) throw Failure{"ERR_PROGRAM", where + ": expected a mnemonic and its numbers", {}};
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
    return DefineClass(env, "Program",
                       {InstanceMethod<&ProgramObject::dispose>("dispose"),
                        InstanceAccessor<&ProgramObject::emits>("emits"),
                        InstanceAccessor<&ProgramObject::work>("work"),
                        InstanceAccessor<&ProgramObject::per_dimension>("perDimension")});
  }

  explicit ProgramObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ProgramObject>(info) {
    guarded(info.Env(), [&] {
      if (!info[0].IsArray()) throw wrong("program", "an array of rows");
      const Napi::Array steps = info[0].As<Napi::Array>();
      std::vector<core::Row> rows;
      for (std::uint32_t i = 0; i < steps.Length(); ++i) rows.push_back(row_of(steps.Get(i), i));
      held_ = std::make_shared<const core::Program>(core::Program::load(rows));
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
  Napi::Value work(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return Napi::Number::New(info.Env(), held()->work()); });
  }
  Napi::Value per_dimension(const Napi::CallbackInfo& info) {
    return guarded(info.Env(), [&] { return Napi::Boolean::New(info.Env(), held()->per_dimension()); });
  }

  std::shared_ptr<const core::Program> held_;
};

}  // namespace

std::size_t checked_product(std::size_t a, std::size_t b) {
  std::size_t product = 0;
  if (__builtin_mul_overflow(a, b, &product) || product > PTRDIFF_MAX / sizeof(double)) {
    throw Failure{"ERR_OUT_OF_MEMORY", "a size beyond what memory can hold", {}};
  }
  return product;
}

Numbers::Numbers(std::size_t row_count, std::size_t column_count)
    : rows(row_count),
      columns(column_count),
      data(std::make_unique_for_overwrite<double[]>(checked_product(row_count, column_count))) {}

void define_matrix(Napi::Env env) { Environment::of(env).matrix = Napi::Persistent(MatrixObject::define(env)); }

void define_program(Napi::Env env) { Environment::of(env).program = Napi::Persistent(ProgramObject::define(env)); }

std::shared_ptr<Numbers> matrix(Napi::Value value) {
  if (!tagged(value, kMatrixTag)) throw wrong("matrix", "a Matrix");
  return MatrixObject::Unwrap(value.As<Napi::Object>())->held();
}

Napi::Value wrap(Napi::Env env, std::shared_ptr<Numbers> numbers) {
  const Napi::Object object = Environment::of(env).matrix.New({});
  MatrixObject::Unwrap(object)->hold(env, std::move(numbers));
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
    return held->data.get();
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

}  // namespace resgram::addon
