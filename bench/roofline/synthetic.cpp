// SPDX-License-Identifier: Apache-2.0
#include "bench/roofline/synthetic.hpp"

#include <array>
#include <cstring>
#include <random>
#include <span>
#include <string_view>

#include "sim/pagefile/page_file.hpp"

namespace pagepress::bench {
namespace {

using Page = std::span<std::uint8_t, sim::kPageBytes>;
using Random = std::mt19937_64;  // its numbers are the standard's, and so the same everywhere

constexpr std::uint64_t kSeed = 5;
constexpr std::size_t kWord = sizeof(std::uint64_t);

void put(Page page, std::size_t word, std::uint64_t value) {
  std::memcpy(page.data() + word * kWord, &value, kWord);
}

void text(Page page, Random& random) {
  constexpr std::array<std::string_view, 24> kWords = {
      "page",  "swap",   "memory",  "kswapd", "compress", "queue", "engine",  "the ",
      "of",    "and",    "0x7ffd",  "true",   "null",     "order", "session", "index",
      "count", "status", "pending", "name",   "value",    "2024-", "\", \"",  "}\n  {"};
  for (std::size_t at = 0; at < page.size();) {
    const std::string_view word = kWords[random() % kWords.size()];
    for (const char c : word) {
      if (at < page.size()) page[at++] = static_cast<std::uint8_t>(c);
    }
    if (at < page.size()) page[at++] = static_cast<std::uint8_t>(random() % 8 == 0 ? '\n' : ' ');
  }
}

void records(Page page, Random& random) {
  const std::uint64_t heap = 0x5581'0000'0000 + (random() & 0xfff'f000);
  std::uint64_t count = random() % 100000;
  for (std::size_t word = 0; word < page.size() / kWord; word += 4) {
    put(page, word, heap + random() % 65536 * 16);
    put(page, word + 1, ++count);
    put(page, word + 2, random() % 4 == 0 ? heap + random() % 64 * 64 : 0);
    put(page, word + 3, 0x21);
  }
}

void sparse(Page page, Random& random) {
  for (std::size_t word = 0; word < page.size() / kWord; ++word) {
    put(page, word, random() % 8 == 0 ? random() % 65536 : 0);
  }
}

void part_noise(Page page, Random& random) {
  text(page, random);
  const std::size_t noisy = (16 + random() % 64) * kWord;
  for (std::size_t at = 0; at < noisy; at += kWord) put(page, at / kWord, random());
}

}  // namespace

std::vector<std::uint8_t> synthetic_pages(std::size_t count) {
  std::vector<std::uint8_t> bytes(count * sim::kPageBytes);
  Random random(kSeed);
  constexpr std::array kMakers = {text, records, sparse, part_noise};
  for (std::size_t i = 0; i < count; ++i) {
    const Page page(bytes.data() + i * sim::kPageBytes, sim::kPageBytes);
    kMakers[i % kMakers.size()](page, random);
  }
  return bytes;
}

}  // namespace pagepress::bench
