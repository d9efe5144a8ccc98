// SPDX-License-Identifier: Apache-2.0
// FolioTable: folios that are being written, from write_folio() until the last of their pages has
// been stored or has not. A folio is whole: it ends with its last page, and when one page of it
// cannot be stored, none is (zswap_store() of a large folio, mm/zswap.c).
//
// A page is named by a cookie (the driver's Page::cookie): slot of the folio and place in it.
// Limitation: folios of up to 16 pages; nothing is allocated once the table has grown.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/reclaim/conservation.hpp"
#include "sim/reclaim/ids.hpp"
#include "sim/reclaim/swap/swap_path.hpp"

namespace pagepress::reclaim {

class FolioTable {
 public:
  static constexpr std::size_t kMostPages = 16;
  // Worse ones are greater; a folio has its worst page's.
  enum class Verdict : std::uint8_t { kStored, kRejected, kFailed };

  struct Folio {
    std::array<PageId, kMostPages> pages;
    std::array<Version, kMostPages> versions;
    std::uint32_t count = 0;
    std::uint32_t left = 0;     // pages under way, and one for write_folio() itself
    std::uint32_t dropped = 0;  // bits: pages whose copy nobody wants any more
    Verdict verdict = Verdict::kStored;
  };

  // Throws ConservationError for a page that is being written already, std::invalid_argument for
  // too many pages or none.
  std::uint32_t open(std::span<const PageId> pages, const WriteSink& mm) {
    if (pages.empty() || pages.size() > kMostPages) {
      throw std::invalid_argument("a folio of no page, or of more than 16");
    }
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(folios_.size()));
      folios_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    Folio& folio = folios_[slot];
    folio = {};
    for (const PageId page : pages) {
      if (page >= cookie_of_.size()) cookie_of_.resize(std::size_t{page} + page / 2 + 1, kNone);
      if (cookie_of_[page] != kNone) {
        throw ConservationError("page " + std::to_string(page) + " is written twice at a time");
      }
      cookie_of_[page] = cookie(slot, folio.count);
      folio.pages[folio.count] = page;
      folio.versions[folio.count] = mm.version(page);
      ++folio.count;
    }
    folio.left = folio.count + 1;
    open_pages_ += folio.count;
    return slot;
  }
  void close(std::uint32_t slot) {
    const Folio& folio = folios_[slot];
    for (std::uint32_t i = 0; i < folio.count; ++i) cookie_of_[folio.pages[i]] = kNone;
    open_pages_ -= folio.count;
    free_.push_back(slot);
  }

  [[nodiscard]] Folio& at(std::uint32_t slot) { return folios_[slot]; }
  [[nodiscard]] static std::uint64_t cookie(std::uint32_t slot, std::uint32_t place) noexcept {
    return std::uint64_t{slot} * kMostPages + place;
  }
  [[nodiscard]] static std::uint32_t slot_of(std::uint64_t cookie) noexcept {
    return static_cast<std::uint32_t>(cookie / kMostPages);
  }
  [[nodiscard]] static std::uint32_t place_of(std::uint64_t cookie) noexcept {
    return static_cast<std::uint32_t>(cookie % kMostPages);
  }
  // Nobody wants a copy of it any more. False: it is not being written.
  bool drop(PageId page) {
    if (page >= cookie_of_.size() || cookie_of_[page] == kNone) return false;
    const std::uint64_t at = cookie_of_[page];
    folios_[slot_of(at)].dropped |= 1u << place_of(at);
    return true;
  }
  [[nodiscard]] std::uint64_t open_pages() const noexcept { return open_pages_; }

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  std::deque<Folio> folios_;  // stays where it is: time passes while a folio is in hand
  std::vector<std::uint32_t> free_;
  std::vector<std::uint64_t> cookie_of_;  // by page
  std::uint64_t open_pages_ = 0;
};

}  // namespace pagepress::reclaim
