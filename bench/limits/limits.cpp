// What this machine allows, for the benches: OpenBLAS' own products, streams to memory, and multiply-adds. A child process
// that is asked line by line and times itself:
//
//   prepare KEY OP name=value…      run KEY TIMES      forget KEY
//
// Answers are JSON objects, a line each. The BLAS is the one that the package is linked with.
#include <sys/resource.h>
#include <time.h>

#include <cstdio>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

#include "limits.hpp"

namespace {

using resgram::limits::Arguments;
using resgram::limits::Operation;

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Of all threads.
double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Sample {
  double wall, cpu;
};

Sample timed(const Operation& operation, int times) {
  const double cpu = cpu_seconds(), start = now();
  for (int i = 0; i < times; ++i) operation.run();
  const double wall = now() - start;
  return {wall / times / operation.calls, (cpu_seconds() - cpu) / times / operation.calls};
}

Arguments arguments(std::istream& words) {
  Arguments found;
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) throw std::invalid_argument("expected name=value, got " + word);
    found[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return found;
}

std::map<std::string, Operation> prepared;

void answer(const std::string& line) {
  std::istringstream words(line);
  std::string verb, key;
  words >> verb >> key;
  if (verb == "prepare") {
    std::string name;
    words >> name;
    const double start = now();
    Operation operation = resgram::limits::make(name, arguments(words));
    const Sample first = timed(operation, 1);
    const double calls = operation.calls;
    prepared[key] = std::move(operation);
    std::printf("{\"prepare\":%.9g,\"first\":%.9g}\n", now() - start, first.wall * calls);
  } else if (verb == "run") {
    int times = 1;
    words >> times;
    const Sample sample = timed(prepared.at(key), times);
    std::printf("{\"wall\":%.9g,\"cpu\":%.9g}\n", sample.wall, sample.cpu);
  } else if (verb == "forget") {
    prepared.erase(key);
    std::printf("{}\n");
  } else {
    throw std::invalid_argument("expected prepare, run or forget, got " + verb);
  }
}

// A message inside a JSON string.
std::string escaped(const char* message) {
  std::string safe;
  for (const char* c = message; *c != '\0'; ++c) safe += *c == '"' || *c == '\\' || *c < ' ' ? ' ' : *c;
  return safe;
}

}  // namespace

int main() {
  std::printf("{\"versions\":{\"limits' BLAS\":\"%s\"}}\n", escaped(resgram::limits::blas().c_str()).c_str());
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    try {
      answer(line);
    } catch (const std::exception& error) {
      std::printf("{\"error\":\"%s\"}\n", escaped(error.what()).c_str());
    }
    std::fflush(stdout);
  }
}
