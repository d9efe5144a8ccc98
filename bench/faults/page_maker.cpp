// SPDX-License-Identifier: Apache-2.0
#include "bench/faults/page_maker.hpp"

#include <cstring>
#include <random>

namespace pagepress::bench {
namespace {

// Words of a small vocabulary, as text and heaps have them.
void fill_words(Page& page, std::mt19937_64& random, std::size_t vocabulary) {
  std::vector<std::uint64_t> words(vocabulary);
  for (std::uint64_t& word : words) word = random();
  for (std::size_t at = 0; at < page.size(); at += sizeof(std::uint64_t)) {
    std::memcpy(page.data() + at, &words[random() % vocabulary], sizeof(std::uint64_t));
  }
}

}  // namespace

std::vector<Page> make_pages(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  std::vector<Page> pages(count);
  for (Page& page : pages) {
    constexpr std::array<std::size_t, 8> kVocabularies{1, 2, 8, 16, 32, 64, 128, 512};
    fill_words(page, random, kVocabularies[random() % kVocabularies.size()]);
    if (random() % 16 == 0) page.fill(std::byte{0});
  }
  return pages;
}

}  // namespace pagepress::bench
