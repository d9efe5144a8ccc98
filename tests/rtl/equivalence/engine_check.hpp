// SPDX-License-Identifier: Apache-2.0
// One page after the other through everything that must agree: RTL compressor, reference codec,
// liblz4, RTL decompressor.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/rtl/equivalence/page_source.hpp"

namespace pagepress::test {

// A page on which two of them differ.
struct Difference : std::runtime_error {
  Difference(std::uint64_t page_number, MadePage made, const std::string& what)
      : std::runtime_error(what), number(page_number), page(std::move(made)) {}

  std::uint64_t number;
  MadePage page;
};

struct Counts {
  std::uint64_t pages = 0;
  std::uint64_t same_filled = 0;
  std::uint64_t incompressible = 0;
  std::uint64_t decompressed = 0;  // blocks, of the RTL compressor and of liblz4
  std::uint64_t compressor_cycles = 0;
  std::uint64_t decompressor_cycles = 0;
};

// Positions a cycle and hash banks of the engine that this program was made with.
[[nodiscard]] unsigned engine_width();
[[nodiscard]] unsigned engine_banks();

// Pages [first, first + count) of the source. Calls `progress` now and then. Throws Difference,
// or std::runtime_error if the hardware breaks its handshakes.
[[nodiscard]] Counts check_pages(const PageSource& source, std::uint64_t seed, std::uint64_t first,
                                 std::uint64_t count,
                                 const std::function<void(const Counts&)>& progress);

}  // namespace pagepress::test
