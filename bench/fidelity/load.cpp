// SPDX-License-Identifier: Apache-2.0
#include "bench/fidelity/load.hpp"

#include <lz4.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <span>
#include <utility>

#include "model/codec/lz4_engine.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::bench {
namespace {

using Random = std::mt19937_64;

Page file_page(const std::vector<sim::PageFile>& files, std::size_t n, std::size_t count) {
  const sim::PageFile& file = files[n % files.size()];
  const std::size_t of_it = (count + files.size() - 1) / files.size();
  const sim::PageView view = file.page(n / files.size() * file.page_count() / of_it);
  Page page;
  std::copy(view.begin(), view.end(), page.begin());
  return page;
}

Page same_filled_page(Random& random) {
  const std::uint64_t word = random() % 2 == 0 ? 0 : random();
  Page page;
  for (std::size_t at = 0; at < page.size(); at += sizeof word) {
    std::memcpy(page.data() + at, &word, sizeof word);
  }
  return page;
}

Page random_page(Random& random) {
  Page page;
  std::generate(page.begin(), page.end(), [&] { return static_cast<std::uint8_t>(random()); });
  return page;
}

// Words of 4 to 6 bytes from a small set: a match each, with no literals or one.
Page short_page(Random& random) {
  std::array<std::array<std::uint8_t, 6>, 24> words;
  for (auto& word : words) {
    std::generate(word.begin(), word.end(), [&] { return static_cast<std::uint8_t>(random()); });
  }
  Page page;
  for (std::size_t at = 0; at < page.size();) {
    const auto& word = words[random() % words.size()];
    const std::size_t len = std::min<std::size_t>(4 + random() % 3, page.size() - at);
    std::copy_n(word.begin(), len, page.begin() + static_cast<std::ptrdiff_t>(at));
    at += len;
  }
  return page;
}

std::vector<std::uint8_t> block_of(const Page& page) {
  model::EngineResult own = model::compress_unit(page, sim::kPageBytes);
  if (own.status == model::EngineStatus::kOk) return std::move(own.data);
  std::vector<std::uint8_t> block(LZ4_COMPRESSBOUND(sim::kPageBytes));
  block.resize(static_cast<std::size_t>(LZ4_compress_default(
      reinterpret_cast<const char*>(page.data()), reinterpret_cast<char*>(block.data()),
      static_cast<int>(page.size()), static_cast<int>(block.size()))));
  return block;
}

}  // namespace

std::vector<Page> make_pages(Mix mix, const std::vector<sim::PageFile>& files, std::size_t count) {
  Random random(1);
  std::vector<Page> pages;
  for (std::size_t n = 0; n < count; ++n) {
    Mix kind = mix;
    if (mix == Mix::kSameFilled && n % 2 == 0) kind = Mix::kFiles;
    if (mix == Mix::kAll) kind = static_cast<Mix>(random() % 4);
    switch (kind) {
      case Mix::kSameFilled:
        pages.push_back(same_filled_page(random));
        break;
      case Mix::kRandom:
        pages.push_back(random_page(random));
        break;
      case Mix::kShort:
        pages.push_back(short_page(random));
        break;
      default:
        pages.push_back(file_page(files, n, count));
    }
  }
  return pages;
}

std::vector<Unit> make_units(Work work, const std::vector<Page>& pages) {
  std::vector<Unit> units;
  for (const Page& page : pages) {
    Unit unit;
    if (work == Work::kDecompress || (work == Work::kBoth && units.size() % 2 == 1)) {
      unit.opcode = PP_OP_DECOMPRESS;
      unit.queue = work == Work::kBoth ? 1 : 0;
      unit.source = block_of(page);
    } else {
      unit.opcode = work == Work::kVerify ? PP_OP_COMPRESS_VERIFY : PP_OP_COMPRESS;
      unit.source.assign(page.begin(), page.end());
    }
    units.push_back(std::move(unit));
  }
  return units;
}

}  // namespace pagepress::bench
