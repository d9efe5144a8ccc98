// SPDX-License-Identifier: Apache-2.0
// Pages made against the engine: periods, sequences of chosen lengths and offsets, words of one
// hash bank, text, noise of few symbols, short matches only, the format's limits.
#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

#include "model/codec/lz_hash.hpp"
#include "tests/rtl/equivalence/page_source.hpp"

namespace pagepress::test {
namespace {

unsigned below(Rng& rng, std::uint64_t limit) { return static_cast<unsigned>(rng() % limit); }
std::uint8_t any_byte(Rng& rng) { return static_cast<std::uint8_t>(rng()); }

void noise(PageBytes& page, Rng& rng, unsigned symbols) {
  for (std::uint8_t& byte : page) byte = static_cast<std::uint8_t>(below(rng, symbols));
}

void periodic(PageBytes& page, Rng& rng) {
  noise(page, rng, 256);
  const unsigned period = 1 + below(rng, 1U << (1 + below(rng, 12))) % (kPageBytes - 1);
  for (unsigned i = period; i < kPageBytes; ++i) page[i] = page[i - period];
  for (unsigned n = below(rng, 20); n > 0; --n) page[below(rng, kPageBytes)] ^= any_byte(rng);
}

// Literal runs and matches with lengths around the format's and the engine's limits.
void sequences(PageBytes& page, Rng& rng) {
  noise(page, rng, rng() % 2 == 0 ? 256 : 16);
  const auto draw = [&rng](unsigned most) {
    static constexpr std::array<unsigned, 12> kLimits = {4,  8,  14,  15,  16,  18,
                                                         19, 32, 128, 254, 270, 1024};
    const unsigned limit = kLimits[below(rng, kLimits.size())];
    return std::min(most, rng() % 2 == 0 ? 1 + below(rng, limit) : limit - 1 + below(rng, 3));
  };
  const unsigned most = 8U << below(rng, 9);
  for (unsigned at = 1 + draw(most); at < kPageBytes;) {
    const unsigned offset =
        1 + below(rng, std::min(at, rng() % 2 == 0 ? at : 1U << below(rng, 12)));
    for (unsigned n = 3 + draw(most); n > 0 && at < kPageBytes; --n, ++at) {
      page[at] = page[at - offset];
    }
    at += draw(most) - 1;
  }
}

// Words whose rows of the short table are few, or are all in one bank.
void one_bank(PageBytes& page, Rng& rng, unsigned banks) {
  constexpr unsigned kHashBits = 10;
  std::array<std::uint32_t, 64> words{};
  const unsigned count = 2 + below(rng, words.size() - 1);
  const unsigned bank = below(rng, banks);
  const bool upper = rng() % 2 == 0;  // the bank may be in the index' upper or lower bits
  for (unsigned n = 0; n < count;) {
    const auto word = static_cast<std::uint32_t>(rng());
    const unsigned index = model::short_hash(word, kHashBits);
    const unsigned own = upper ? index >> (kHashBits - std::bit_width(banks - 1)) : index % banks;
    if (own == bank) words[n++] = word;
  }
  const unsigned step = 4 + below(rng, 3);
  noise(page, rng, 256);
  for (unsigned at = 0; at + 4 <= kPageBytes; at += step) {
    std::memcpy(&page[at], &words[below(rng, count)], 4);
  }
}

void text(PageBytes& page, Rng& rng) {
  static constexpr std::array<std::string_view, 20> kWords = {
      "page ",   "memory ",  "{\"id\":", "\"name\":", "the ",   "of ",       "swap ",
      "kswapd ", "0x7ffd",   "error: ",  "true,",     "null,",  "std::",     "return ",
      "if (",    "https://", "user",     "\n",        "      ", "0000000000"};
  for (unsigned at = 0; at < kPageBytes;) {
    const std::string word = rng() % 4 == 0 ? std::to_string(rng() % 100000)
                                            : std::string(kWords[below(rng, kWords.size())]);
    const auto size = std::min<std::size_t>(word.size(), kPageBytes - at);
    std::memcpy(&page[at], word.data(), size);
    at += static_cast<unsigned>(size);
  }
}

void pointers(PageBytes& page, Rng& rng) {
  const std::uint64_t heap = 0x00005581'00000000ULL + (rng() & 0xffff0000ULL);
  for (unsigned at = 0; at < kPageBytes; at += 8) {
    const std::array<std::uint64_t, 5> choice = {heap + below(rng, 4096) * 16ULL, below(rng, 256),
                                                 0, 0x41, rng() % 6 == 0 ? rng() : 0};
    const std::uint64_t word = choice[below(rng, choice.size())];
    std::memcpy(&page[at], &word, sizeof word);
  }
}

void short_matches(PageBytes& page, Rng& rng) {
  noise(page, rng, 256);
  const unsigned gap = below(rng, 6);
  const unsigned size = 4 + below(rng, 3);
  for (unsigned at = 512; at + size + gap <= kPageBytes; at += size + gap) {
    std::copy_n(page.begin() + below(rng, 500), size, page.begin() + at);
  }
}

// Few bytes that differ from one word everywhere; sometimes none.
void nearly_same(PageBytes& page, Rng& rng) {
  const std::uint64_t word = rng() % 2 == 0 ? 0 : rng();
  for (unsigned at = 0; at < kPageBytes; at += 8) std::memcpy(&page[at], &word, sizeof word);
  for (unsigned n = below(rng, 5); n > 0; --n) page[below(rng, kPageBytes)] ^= any_byte(rng);
}

// Noise from somewhere on: blocks of about a unit's length.
void incompressible_tail(PageBytes& page, Rng& rng) {
  text(page, rng);
  std::generate(page.begin() + below(rng, 1200), page.end(), [&] { return any_byte(rng); });
}

// A match that begins or ends where the format's rules for a block's end bite.
void block_end(PageBytes& page, Rng& rng) {
  noise(page, rng, 256);
  const unsigned at = kPageBytes - 40 + below(rng, 40);
  const unsigned from = below(rng, 3000);
  const unsigned size = std::min(1 + below(rng, 40), kPageBytes - at);
  std::copy_n(page.begin() + from, size, page.begin() + at);
  if (rng() % 2 == 0) {
    for (unsigned i = 3000; i < at; ++i) page[i] = page[i - 1 - from % 70];
  }
}

}  // namespace

void make_synthetic(MadePage& page, Rng& rng, unsigned banks) {
  PageBytes& bytes = page.bytes;
  switch (below(rng, 12)) {
    case 0:
      return page.kind = "periodic", periodic(bytes, rng);
    case 1:
    case 2:
    case 3:
      return page.kind = "sequences", sequences(bytes, rng);
    case 4:
      return page.kind = "one bank", one_bank(bytes, rng, banks);
    case 5:
      return page.kind = "text", text(bytes, rng);
    case 6:
      return page.kind = "noise", noise(bytes, rng, 1U << (1 + below(rng, 8)));
    case 7:
      return page.kind = "pointers", pointers(bytes, rng);
    case 8:
      return page.kind = "short matches", short_matches(bytes, rng);
    case 9:
      return page.kind = "nearly same", nearly_same(bytes, rng);
    case 10:
      return page.kind = "incompressible tail", incompressible_tail(bytes, rng);
    default:
      return page.kind = "block end", block_end(bytes, rng);
  }
}

}  // namespace pagepress::test
