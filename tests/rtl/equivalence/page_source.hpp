// SPDX-License-Identifier: Apache-2.0
// The pages of the equivalence check: page number n of a seed is the same whenever and wherever
// it is made, so that a failing one can be made again.
//
// With real pages (page files) the first ones are these, each once; then half are mutations of
// real ones, a quarter pages made of parts of several, and a quarter synthetic. Without, all
// are synthetic or mutations of such.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace pagepress::test {

inline constexpr unsigned kPageBytes = 4096;
using PageBytes = std::array<std::uint8_t, kPageBytes>;
using Rng = std::mt19937_64;

struct MadePage {
  PageBytes bytes{};
  std::string kind;
};

// A page made from nothing (synthetic_pages.cpp). `banks`: of the engine's hash tables.
void make_synthetic(MadePage& page, Rng& rng, unsigned banks);
// One or more changes to a page (mutations.cpp); `other` gives what is spliced in.
void mutate(MadePage& page, Rng& rng, const PageBytes& other);

class PageSource {
 public:
  // Page files, or folders of which all *.pages are taken, in order of their names. Throws
  // sim::FileError: a path that is neither, or a file that is not made of pages;
  // std::runtime_error: a folder without any.
  PageSource(const std::vector<std::filesystem::path>& corpus, std::uint64_t seed, unsigned banks);

  [[nodiscard]] MadePage page(std::uint64_t number) const;
  [[nodiscard]] std::uint64_t real_pages() const { return real_.size(); }

 private:
  void read(const std::filesystem::path& path);

  std::vector<PageBytes> real_;
  std::uint64_t seed_;
  unsigned banks_;
};

}  // namespace pagepress::test
