// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/equivalence/page_source.hpp"

#include <algorithm>
#include <stdexcept>

#include "sim/pagefile/page_file.hpp"

namespace pagepress::test {

namespace fs = std::filesystem;

PageSource::PageSource(const std::vector<fs::path>& corpus, std::uint64_t seed, unsigned banks)
    : seed_(seed), banks_(banks) {
  for (const fs::path& path : corpus) {
    if (!fs::is_directory(path)) {
      read(path);
      continue;
    }
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file() && entry.path().extension() == ".pages") {
        files.push_back(entry.path());
      }
    }
    if (files.empty()) throw std::runtime_error(path.string() + ": no .pages files in it");
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) read(file);
  }
}

void PageSource::read(const fs::path& path) {
  const sim::PageFile file(path);
  for (std::size_t n = 0; n < file.page_count(); ++n) {
    std::ranges::copy(file.page(n), real_.emplace_back().begin());
  }
}

MadePage PageSource::page(std::uint64_t number) const {
  if (number < real_.size()) return {real_[number], "real"};
  // Neighbouring numbers must not give related pages: mt19937_64 seeds by a sequence.
  std::seed_seq words{seed_, seed_ >> 32, number, number >> 32};
  Rng rng(words);
  const auto any_real = [&]() -> const PageBytes& { return real_[rng() % real_.size()]; };
  MadePage page;
  if (real_.empty()) {
    make_synthetic(page, rng, banks_);
    if (rng() % 2 == 0) {
      MadePage other;
      make_synthetic(other, rng, banks_);
      mutate(page, rng, other.bytes);
    }
    return page;
  }
  switch (rng() % 4) {
    case 0:
      make_synthetic(page, rng, banks_);
      break;
    case 1: {  // parts of a few real pages, at any place
      page = {any_real(), "spliced"};
      for (auto parts = rng() % 4 + 1; parts > 0; --parts) {
        const PageBytes& other = any_real();
        const auto from = rng() % kPageBytes;
        const auto at = rng() % kPageBytes;
        const auto size = std::min({rng() % 2048, kPageBytes - from, kPageBytes - at});
        std::copy_n(&other[from], size, &page.bytes[at]);
      }
      break;
    }
    default:
      page = {any_real(), "mutated"};
      mutate(page, rng, any_real());
      break;
  }
  return page;
}

}  // namespace pagepress::test
