// The operations of the limits program.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace resgram::limits {

using Arguments = std::map<std::string, std::string>;

struct Operation {
  std::function<void()> run;
  // Times are per one of so many things that a run does.
  double calls = 1;
};

// Throws std::invalid_argument for a name or an argument that is unknown.
Operation make(const std::string& name, const Arguments& arguments);

// OpenBLAS' description of itself.
std::string blas();

Operation product(const Arguments& arguments);        // dsyrk, dgemm and their float32 kin
Operation stream(const Arguments& arguments);         // a plain loop over memory
Operation multiply_adds(const Arguments& arguments);  // a chain-free loop of multiply-adds

// An argument, or what it is where it was not given.
std::string text(const Arguments& arguments, const std::string& name, const std::string& otherwise = "");
std::size_t count(const Arguments& arguments, const std::string& name, std::size_t otherwise = 0);

}  // namespace resgram::limits
