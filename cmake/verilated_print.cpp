// SPDX-License-Identifier: Apache-2.0
#include "verilated_print.h"

#include <cstdarg>
#include <cstdio>
#include <utility>

namespace {

constexpr std::size_t kMostKept = 4096;

std::string& messages() {
  thread_local std::string text;
  return text;
}

}  // namespace

int pp_verilated_printf(const char* format, ...) {
  char line[1024];
  va_list args;
  va_start(args, format);
  const int n = std::vsnprintf(line, sizeof line, format, args);
  va_end(args);
  std::fputs(line, stderr);
  if (messages().size() + sizeof line <= kMostKept) messages() += line;
  return n;
}

std::string pp_take_verilated_messages() { return std::exchange(messages(), {}); }
