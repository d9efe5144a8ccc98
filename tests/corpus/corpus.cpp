// SPDX-License-Identifier: Apache-2.0
#include "tests/corpus/corpus.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>

namespace pagepress::test {
namespace {

using Rng = std::mt19937_64;

std::uint8_t any_byte(Rng& rng) { return static_cast<std::uint8_t>(rng()); }

NamedPage filled_by(std::string name, auto&& byte_at) {
  NamedPage page{std::move(name), {}};
  for (unsigned i = 0; i < page.bytes.size(); ++i) {
    page.bytes[i] = static_cast<std::uint8_t>(byte_at(i));
  }
  return page;
}

// Random bytes with copies of earlier bytes laid over them.
struct Copy {
  unsigned at, from, len;
};
NamedPage with_copies(std::string name, Rng& rng, const std::vector<Copy>& copies) {
  NamedPage page = filled_by(std::move(name), [&](unsigned) { return any_byte(rng); });
  for (const Copy& copy : copies) {
    for (unsigned i = 0; i < copy.len && copy.at + i < page.bytes.size(); ++i) {
      page.bytes[copy.at + i] = page.bytes[copy.from + i];
    }
  }
  return page;
}

void append(std::vector<NamedPage>& to, std::vector<NamedPage> from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

}  // namespace

std::vector<NamedPage> random_pages(std::uint64_t seed, unsigned count) {
  std::vector<NamedPage> pages;
  Rng rng(seed);
  for (unsigned n = 0; n < count; ++n) {
    // Fewer symbols make more and longer matches.
    const unsigned symbols = 1U << (1 + n % 8);
    pages.push_back(filled_by("random, " + std::to_string(symbols) + " symbols",
                              [&](unsigned) { return rng() % symbols; }));
  }
  return pages;
}

std::vector<NamedPage> same_filled_pages() {
  std::vector<NamedPage> pages;
  pages.push_back({"zero", {}});
  pages.push_back(filled_by("ones", [](unsigned) { return 0xff; }));
  pages.push_back(filled_by("word", [](unsigned i) { return 0x11 * (i % 8) + 1; }));
  for (const unsigned at : {0U, 7U, 8U, 31U, 32U, 2048U, 4088U, 4095U}) {
    NamedPage page{"zero but byte " + std::to_string(at), {}};
    page.bytes[at] = 1;
    pages.push_back(page);
  }
  return pages;
}

std::vector<NamedPage> periodic_pages() {
  std::vector<NamedPage> pages;
  Rng rng(7);
  std::array<std::uint8_t, 4096> noise{};
  std::generate(noise.begin(), noise.end(), [&] { return any_byte(rng); });
  for (unsigned period = 1; period < 70; ++period) {
    pages.push_back(filled_by("period " + std::to_string(period),
                              [&](unsigned i) { return noise[i % period]; }));
  }
  for (const unsigned period : {100U, 127U, 255U, 256U, 257U, 1000U, 1024U, 2047U, 2048U, 4000U}) {
    pages.push_back(filled_by("period " + std::to_string(period),
                              [&](unsigned i) { return noise[i % period]; }));
    NamedPage broken = pages.back();
    broken.name += ", broken";
    for (unsigned i = 13; i < 4096; i += 97) broken.bytes[i] ^= 0x40;
    pages.push_back(broken);
  }
  return pages;
}

std::vector<NamedPage> text_pages(std::uint64_t seed, unsigned count) {
  static constexpr std::array<const char*, 24> kWords = {
      "page",     "memory", "{\"id\":", "\"name\":", "the",   "of",     "swap",   "kswapd",
      "compress", "0x7ffd", "error",    "true",      "null",  "std::",  "return", "if (",
      "://",      "user",   "session",  "and",       "queue", "engine", "a",      "in"};
  std::vector<NamedPage> pages;
  Rng rng(seed);
  for (unsigned n = 0; n < count; ++n) {
    std::string text;
    while (text.size() < 4096) {
      text += kWords[rng() % kWords.size()];
      if (rng() % 4 == 0) text += std::to_string(rng() % 100000);
      text += rng() % 9 == 0 ? '\n' : ' ';
    }
    NamedPage page{"text", {}};
    std::memcpy(page.bytes.data(), text.data(), page.bytes.size());
    pages.push_back(page);
  }
  return pages;
}

std::vector<NamedPage> pointer_pages(std::uint64_t seed, unsigned count) {
  std::vector<NamedPage> pages;
  Rng rng(seed);
  for (unsigned n = 0; n < count; ++n) {
    NamedPage page{"pointers", {}};
    const std::uint64_t heap = 0x00005581'00000000ULL + (rng() & 0xffff0000ULL);
    for (unsigned i = 0; i < 512; ++i) {
      std::uint64_t word = 0;
      switch (rng() % 4) {
        case 0:
          word = heap + (rng() % 4096) * 16;
          break;
        case 1:
          word = rng() % 256;
          break;
        case 2:
          word = rng() % 8 == 0 ? rng() : 0;
          break;
        default:
          word = 0x41;
          break;
      }
      std::memcpy(page.bytes.data() + 8UL * i, &word, sizeof word);
    }
    pages.push_back(page);
  }
  return pages;
}

std::vector<NamedPage> adversarial_pages(std::uint64_t seed) {
  std::vector<NamedPage> pages;
  Rng rng(seed);
  // Literal runs around every extension byte, then a match.
  for (const unsigned run : {1U,   4U,   11U,  12U,  13U,  14U,  15U,  16U,  17U,   29U,   30U,
                             268U, 269U, 270U, 271U, 524U, 525U, 526U, 780U, 3000U, 4000U, 4070U}) {
    pages.push_back(with_copies("literal run " + std::to_string(run), rng, {{run, 0, 24}}));
  }
  // Matches around every extension byte.
  for (unsigned len = 3; len < 64; ++len) {
    pages.push_back(with_copies("match " + std::to_string(len), rng,
                                {{1000, 8, len}, {2000, 500 + len, len}, {3000, 700, len}}));
  }
  for (const unsigned len : {272U, 273U, 274U, 275U, 528U, 529U, 530U, 1500U, 2000U}) {
    pages.push_back(with_copies("match " + std::to_string(len), rng, {{2040, 3, len}}));
  }
  // The end of the block: the last match starts at 4084, ends at 4091.
  for (unsigned at = 4060; at < 4093; ++at) {
    pages.push_back(with_copies("copy at " + std::to_string(at), rng, {{at, 100, 4096}}));
    pages.push_back(with_copies("run up to " + std::to_string(at), rng, {{64, 63, at - 64}}));
  }
  // Matches that reach backward over window borders.
  for (unsigned shift = 0; shift < 24; ++shift) {
    pages.push_back(with_copies("copies by " + std::to_string(shift), rng,
                                {{800 + shift, 100, 60},
                                 {1600 + 3 * shift, 305, 33},
                                 {2400 + shift, 1500 + shift, 90},
                                 {3200, 2300 - shift, 200}}));
  }
  // Short matches only, one after the other: the most sequences a page can have.
  for (const unsigned gap : {0U, 1U, 2U, 3U, 4U}) {
    NamedPage page{"short matches, gap " + std::to_string(gap), {}};
    std::generate(page.bytes.begin(), page.bytes.end(), [&] { return any_byte(rng); });
    for (unsigned at = 512; at + 4 + gap <= 4096; at += 4 + gap) {
      const unsigned from = static_cast<unsigned>(rng() % 500);
      std::copy_n(page.bytes.begin() + from, 4, page.bytes.begin() + at);
    }
    pages.push_back(page);
  }
  // Few distinct words: every position wants the same few banks.
  for (const unsigned words : {2U, 3U, 5U}) {
    std::array<std::uint32_t, 8> word{};
    std::generate(word.begin(), word.end(), [&] { return static_cast<std::uint32_t>(rng()); });
    NamedPage page{std::to_string(words) + " words in random order", {}};
    for (unsigned at = 0; at < 4096; at += 4) {
      std::memcpy(page.bytes.data() + at, &word[rng() % words], 4);
    }
    pages.push_back(page);
  }
  // Compressible up to a point: blocks of about every length up to a unit and beyond.
  for (unsigned kept = 0; kept <= 4096; kept += 64) {
    NamedPage page{"noise after " + std::to_string(kept), {}};
    for (unsigned i = kept; i < 4096; ++i) page.bytes[i] = any_byte(rng);
    pages.push_back(page);
  }
  return pages;
}

std::vector<NamedPage> real_pages(unsigned most) {
  std::vector<NamedPage> pages;
  // Real work, so that the heap holds what heaps hold.
  std::map<std::string, std::string> index;
  for (unsigned i = 0; i < 4000; ++i) {
    std::ostringstream value;
    value << "{\"id\":" << i << ",\"score\":" << 1.0 / (i + 1) << ",\"name\":\"user" << i * 7919
          << "\"}";
    index["session:" + std::to_string(i * 31)] = value.str();
  }
  std::ifstream maps("/proc/self/maps");
  std::ifstream memory("/proc/self/mem", std::ios::binary);
  for (std::string line; std::getline(maps, line) && pages.size() < most / 2;) {
    if (line.find("[heap]") == std::string::npos) continue;
    const std::uint64_t begin = std::stoull(line, nullptr, 16);
    const std::uint64_t end = std::stoull(line.substr(line.find('-') + 1), nullptr, 16);
    for (std::uint64_t at = begin; at < end && pages.size() < most / 2; at += 4096) {
      NamedPage page{"heap", {}};
      memory.seekg(static_cast<std::streamoff>(at));
      if (memory.read(reinterpret_cast<char*>(page.bytes.data()), 4096)) pages.push_back(page);
    }
  }
  std::ifstream self("/proc/self/exe", std::ios::binary);
  NamedPage page{"executable", {}};
  while (pages.size() < most && self.read(reinterpret_cast<char*>(page.bytes.data()), 4096)) {
    pages.push_back(page);
  }
  return pages;
}

std::vector<NamedPage> all_pages(std::uint64_t seed, unsigned scale) {
  std::vector<NamedPage> pages = same_filled_pages();
  append(pages, random_pages(seed, 64 * scale));
  append(pages, periodic_pages());
  append(pages, text_pages(seed + 1, 40 * scale));
  append(pages, pointer_pages(seed + 2, 40 * scale));
  for (unsigned n = 0; n < scale; ++n) append(pages, adversarial_pages(seed + 3 + n));
  append(pages, real_pages(200 * scale));
  return pages;
}

}  // namespace pagepress::test
