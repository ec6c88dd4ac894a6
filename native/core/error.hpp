// One error type for everything below the addon: a code that scripts may switch on, a message that says what was
// expected, what came and what helps, and the numbers behind it. Only native/addon turns it into a JavaScript error.
#pragma once

#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace resgram {

// The names match `errorCodes` in lib/errors.ts.
enum class Code {
  argument,
  program,
  not_finite,
  shape,
  range,
  not_positive_definite,
  no_convergence,
  out_of_memory,
  internal,
};

// Where in a network something went wrong.
struct Where {
  std::string label;                // as messages begin: layers[3].body (tanh), or step 7 (tanh)
  std::optional<std::string> path;  // of the layer, where the listing came with them
};

class Error : public std::runtime_error {
 public:
  using Details = std::vector<std::pair<std::string, double>>;

  Error(Code code, const std::string& message, Details details = {})
      : std::runtime_error(message), code_(code), details_(std::move(details)) {}
  Error(Code code, const Where& where, const std::string& why, Details details = {})
      : std::runtime_error(where.label + ": " + why), code_(code), path_(where.path), details_(std::move(details)) {}

  [[nodiscard]] Code code() const { return code_; }
  [[nodiscard]] const std::optional<std::string>& path() const { return path_; }
  [[nodiscard]] const Details& details() const { return details_; }

 private:
  Code code_;
  std::optional<std::string> path_;
  Details details_;
};

// A number in a message: three digits, small ones not as 0.000000.
inline std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

}  // namespace resgram
