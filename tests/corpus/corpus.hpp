// SPDX-License-Identifier: Apache-2.0
// Pages for tests: made by recipes from a seed, plus real ones that this process
// has at hand (its own heap after real work, and its executable's file).
//
// Limitation: heap pages differ from run to run (addresses); a failing test
// prints the page, so that it can be made a recipe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace pagepress::test {

using Page = std::array<std::uint8_t, 4096>;

struct NamedPage {
  std::string name;  // recipe and parameters
  Page bytes;
};

std::vector<NamedPage> random_pages(std::uint64_t seed, unsigned count);
std::vector<NamedPage> same_filled_pages();  // zero, one word, nearly so
std::vector<NamedPage> periodic_pages();     // every small period, long periods, broken periods
std::vector<NamedPage> text_pages(std::uint64_t seed, unsigned count);
std::vector<NamedPage> pointer_pages(std::uint64_t seed, unsigned count);  // as heaps look
// Made against the format and this engine: literal runs and matches of every length
// class, offsets at their limits, matches at the end-of-block rules, one hash bank,
// short matches only, blocks around the limit of one unit.
std::vector<NamedPage> adversarial_pages(std::uint64_t seed);
// The heap of this process after building maps and strings, and its ELF file.
std::vector<NamedPage> real_pages(unsigned most);

// All of the above.
std::vector<NamedPage> all_pages(std::uint64_t seed, unsigned scale = 1);

}  // namespace pagepress::test
