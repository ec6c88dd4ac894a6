#include "random.hpp"

#include <cmath>

namespace resgram::finite {
namespace {

constexpr int kRounds = 10;
constexpr std::uint32_t kMultiply[] = {0xD251'1F53, 0xCD9E'8D57};
constexpr std::uint32_t kWeyl[] = {0x9E37'79B9, 0xBB67'AE85};

// Horner, highest power first.
template <std::size_t n>
double polynomial(const double (&c)[n], double x) {
  double value = c[0];
  for (std::size_t k = 1; k < n; ++k) value = value * x + c[k];
  return value;
}

// Wichura's PPND16: the quantile as rational functions of degree 7, in q² near the middle, and in √(−log p) beyond.
constexpr double kMiddleOver[] = {2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4,
                                  4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3,
                                  1.3314166789178437745e+2, 3.3871328727963666080e+0};
constexpr double kMiddleUnder[] = {
    5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4, 2.1213794301586595867e+4,
    5.3941960214247511077e+3, 6.8718700749205790830e+2, 4.2313330701600911252e+1, 1.0};
constexpr double kNearOver[] = {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
                                1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0,
                                4.63033784615654529590e+0, 1.42343711074968357734e+0};
constexpr double kNearUnder[] = {
    1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
    6.89767334985100004550e-1, 1.67638483018380384940e+0, 2.05319162663775882187e+0, 1.0};
constexpr double kFarOver[] = {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
                               2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e+0,
                               5.46378491116411436990e+0, 6.65790464350110377720e+0};
constexpr double kFarUnder[] = {
    2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
    1.48753612908506148525e-2,  1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0};

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> c, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t even = static_cast<std::uint64_t>(kMultiply[0]) * c[0];
    const std::uint64_t odd = static_cast<std::uint64_t>(kMultiply[1]) * c[2];
    c = {static_cast<std::uint32_t>(odd >> 32) ^ c[1] ^ key[0], static_cast<std::uint32_t>(odd),
         static_cast<std::uint32_t>(even >> 32) ^ c[3] ^ key[1], static_cast<std::uint32_t>(even)};
    key[0] += kWeyl[0];
    key[1] += kWeyl[1];
  }
  return c;
}

// q = p − ½ and the smaller of p and 1 − p are whole multiples of 2⁻⁵⁴ below 2⁵³ of them: exact.
double normal_quantile(std::uint64_t k) {
  const auto whole = static_cast<std::int64_t>(k);
  const double q = static_cast<double>(2 * whole + 1 - (std::int64_t{1} << 53)) * 0x1p-54;
  if (std::fabs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(kMiddleOver, r) / polynomial(kMiddleUnder, r);
  }
  const double r = std::sqrt(-std::log(0.5 - std::fabs(q)));
  const double size = r <= 5 ? polynomial(kNearOver, r - 1.6) / polynomial(kNearUnder, r - 1.6)
                             : polynomial(kFarOver, r - 5) / polynomial(kFarUnder, r - 5);
  return std::copysign(size, q);
}

// Two numbers to a block: words 0 and 1 make the even one, 2 and 3 the odd one, the first word of a pair on top.
void fill_normal(std::uint64_t seed, std::uint32_t stream, std::uint64_t first, std::span<double> out) {
  const std::array<std::uint32_t, 2> key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  std::array<std::uint32_t, 4> bits{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t at = first + i, block = at / 2;
    if (i == 0 || at % 2 == 0)
      bits = philox({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), stream, 0}, key);
    const std::size_t word = at % 2 * 2;
    out[i] = normal_quantile((static_cast<std::uint64_t>(bits[word]) << 32 | bits[word + 1]) >> 11);
  }
}

}  // namespace resgram::finite
