// SPDX-License-Identifier: Apache-2.0
// Changes that keep most of a page, so that the engine goes deep before it meets them.
#include <algorithm>
#include <cstring>

#include "tests/rtl/equivalence/page_source.hpp"

namespace pagepress::test {
namespace {

unsigned below(Rng& rng, std::uint64_t limit) { return static_cast<unsigned>(rng() % limit); }

// A length that is short more often than not.
unsigned length(Rng& rng, unsigned most) { return below(rng, (2U << below(rng, 11)) % most) + 1; }

void change_once(PageBytes& page, Rng& rng, const PageBytes& other) {
  const unsigned at = below(rng, kPageBytes);
  const unsigned from = below(rng, kPageBytes);
  const unsigned size = std::min({length(rng, kPageBytes), kPageBytes - at, kPageBytes - from});
  switch (below(rng, 9)) {
    case 0:
      page[at] = static_cast<std::uint8_t>(rng());
      break;
    case 1:
      page[at] ^= static_cast<std::uint8_t>(1U << below(rng, 8));
      break;
    case 2:  // a copy within the page, overlapping or not
      std::memmove(&page[at], &page[from], size);
      break;
    case 3:  // a match into itself: a period
      for (unsigned i = std::max(at, from % 40 + 1); i < std::min(at + size, kPageBytes); ++i) {
        page[i] = page[i - from % 40 - 1];
      }
      break;
    case 4:
      std::copy_n(&other[from], size, &page[at]);
      break;
    case 5:  // what follows moves by a few bytes
      std::rotate(page.begin() + at, page.begin() + std::min(at + from % 17, kPageBytes - 1),
                  page.end());
      break;
    case 6:
      std::fill_n(page.begin() + at, size, static_cast<std::uint8_t>(rng() % 3 == 0 ? rng() : 0));
      break;
    case 7:
      std::generate_n(page.begin() + at, size, [&] { return static_cast<std::uint8_t>(rng()); });
      break;
    default:  // one bit in every so many bytes: short matches everywhere
      for (unsigned i = at, step = 5 + from % 60; i < kPageBytes; i += step) page[i] ^= 0x10;
      break;
  }
}

}  // namespace

void mutate(MadePage& page, Rng& rng, const PageBytes& other) {
  for (unsigned n = 1U << below(rng, 6); n > 0; --n) change_once(page.bytes, rng, other);
  page.kind += page.kind == "mutated" ? "" : ", mutated";
}

}  // namespace pagepress::test
