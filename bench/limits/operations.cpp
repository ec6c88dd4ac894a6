// OpenBLAS' products and plain loops over memory, as operations of the limits program.
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

#include "limits.hpp"

#define RESGRAM_LIMITS_JOIN_EXPANDED(prefix, name, suffix) prefix##name##suffix
#define RESGRAM_LIMITS_JOIN(prefix, name, suffix) RESGRAM_LIMITS_JOIN_EXPANDED(prefix, name, suffix)
#define FORTRAN(name) RESGRAM_LIMITS_JOIN(RESGRAM_BLAS_PREFIX, name, _)
#define OPENBLAS(name) RESGRAM_LIMITS_JOIN(RESGRAM_BLAS_PREFIX, name, )

extern "C" {
void FORTRAN(dsyrk)(const char* uplo, const char* trans, const int* n, const int* k, const double* alpha,
                    const double* a, const int* lda, const double* beta, double* c, const int* ldc, std::size_t,
                    std::size_t);
void FORTRAN(ssyrk)(const char* uplo, const char* trans, const int* n, const int* k, const float* alpha, const float* a,
                    const int* lda, const float* beta, float* c, const int* ldc, std::size_t, std::size_t);
void FORTRAN(dgemm)(const char* trans_a, const char* trans_b, const int* m, const int* n, const int* k,
                    const double* alpha, const double* a, const int* lda, const double* b, const int* ldb,
                    const double* beta, double* c, const int* ldc, std::size_t, std::size_t);
void FORTRAN(sgemm)(const char* trans_a, const char* trans_b, const int* m, const int* n, const int* k,
                    const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
                    const float* beta, float* c, const int* ldc, std::size_t, std::size_t);
void OPENBLAS(openblas_set_num_threads)(int threads);
char* OPENBLAS(openblas_get_config)();
}

namespace resgram::limits {
namespace {

void syrk(int n, int k, const double* a, double* c) {
  const double one = 1, zero = 0;
  FORTRAN(dsyrk)("U", "T", &n, &k, &one, a, &k, &zero, c, &n, 1, 1);
}
void syrk(int n, int k, const float* a, float* c) {
  const float one = 1, zero = 0;
  FORTRAN(ssyrk)("U", "T", &n, &k, &one, a, &k, &zero, c, &n, 1, 1);
}
void gemm(int n, int k, const double* a, double* c) {
  const double one = 1, zero = 0;
  FORTRAN(dgemm)("T", "N", &n, &n, &k, &one, a, &k, a, &k, &zero, c, &n, 1, 1);
}
void gemm(int n, int k, const float* a, float* c) {
  const float one = 1, zero = 0;
  FORTRAN(sgemm)("T", "N", &n, &n, &k, &one, a, &k, a, &k, &zero, c, &n, 1, 1);
}

std::vector<double> doubles(const std::string& file, std::size_t count) {
  std::vector<double> values(count);
  std::ifstream stream(file, std::ios::binary);
  stream.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(double)));
  if (!stream) throw std::invalid_argument("cannot read " + file);
  return values;
}

// Row-major X is column-major Xᵀ, so its product is Xᵀ's transpose times itself. `fresh`: into new memory each time, which
// a caller who has no matrix yet must take too.
template <class Real>
Operation product_in(const Arguments& arguments) {
  const std::size_t rows = count(arguments, "n"), dimension = count(arguments, "d");
  const auto threads = static_cast<int>(count(arguments, "threads", 1));
  const bool symmetric = text(arguments, "routine", "syrk") == "syrk", fresh = count(arguments, "fresh") != 0;
  const std::vector<double> given = doubles(text(arguments, "file"), rows * dimension);
  auto x = std::make_shared<std::vector<Real>>(given.begin(), given.end());
  auto out = std::make_shared<std::unique_ptr<Real[]>>();
  if (!fresh) *out = std::make_unique<Real[]>(rows * rows);
  const auto n = static_cast<int>(rows), k = static_cast<int>(dimension);
  return {[=] {
    if (fresh) {
      out->reset();
      *out = std::make_unique_for_overwrite<Real[]>(rows * rows);
    }
    OPENBLAS(openblas_set_num_threads)(threads);
    symmetric ? syrk(n, k, x->data(), out->get()) : gemm(n, k, x->data(), out->get());
  }};
}

template <class Body>
void on_threads(std::size_t threads, std::size_t size, const Body& body) {
  std::vector<std::thread> others;
  for (std::size_t t = 1; t < threads; ++t) others.emplace_back(body, size * t / threads, size * (t + 1) / threads);
  body(0, size / threads);
  for (std::thread& other : others) other.join();
}

// Past the caches where the compiler knows how.
void store(double* to, double value) {
#if defined(__clang__)
  __builtin_nontemporal_store(value, to);
#elif defined(__x86_64__)
  long long bits = 0;
  __builtin_memcpy(&bits, &value, sizeof bits);
  __builtin_ia32_movnti64(reinterpret_cast<long long*>(to), bits);
#else
  *to = value;
#endif
}

}  // namespace

Operation product(const Arguments& arguments) {
  return text(arguments, "precision", "float64") == "float32" ? product_in<float>(arguments)
                                                              : product_in<double>(arguments);
}

Operation stream(const Arguments& arguments) {
  const std::size_t size = count(arguments, "bytes") / sizeof(double), threads = count(arguments, "threads", 1);
  const std::string way = text(arguments, "way", "store");
  auto to = std::make_shared<std::vector<double>>(size, 1.0);
  auto from = std::make_shared<std::vector<double>>(way == "copy" ? size : 0, 2.0);
  const auto body = [=](std::size_t first, std::size_t end) {
    double* const out = to->data();
    if (way == "read") {
      // Sixteen sums, so that no addition waits for the one before.
      double sums[16] = {};
      for (std::size_t i = first; i + 16 <= end; i += 16) {
        for (std::size_t k = 0; k < 16; ++k) sums[k] += out[i + k];
      }
      double total = 0;
      for (const double sum : sums) total += sum;
      // Never so, but the compiler cannot know.
      if (total < 0) out[first] = total;
    } else if (way == "copy") {
      const double* const in = from->data();
      for (std::size_t i = first; i < end; ++i) out[i] = in[i];
    } else {
      for (std::size_t i = first; i < end; ++i) store(out + i, 3.0);
    }
  };
  if (way != "copy" && way != "store" && way != "read") {
    throw std::invalid_argument("way: expected copy, store or read, got " + way);
  }
  return {[=] { on_threads(threads, size, body); }};
}

std::string blas() { return OPENBLAS(openblas_get_config)(); }

Operation make(const std::string& name, const Arguments& arguments) {
  if (name == "product") return product(arguments);
  if (name == "stream") return stream(arguments);
  if (name == "multiply-adds") return multiply_adds(arguments);
  throw std::invalid_argument("no operation '" + name + "'");
}

std::string text(const Arguments& arguments, const std::string& name, const std::string& otherwise) {
  const auto found = arguments.find(name);
  return found == arguments.end() ? otherwise : found->second;
}

std::size_t count(const Arguments& arguments, const std::string& name, std::size_t otherwise) {
  const auto found = arguments.find(name);
  return found == arguments.end() ? otherwise : std::stoull(found->second);
}

}  // namespace resgram::limits
