// SPDX-License-Identifier: Apache-2.0
// An intrusive list of folios, by 32-bit index. The kernel's LRU lists take in at the head and give
// from the tail.
#pragma once

#include <cstdint>

#include "sim/reclaim/mm/page.hpp"

namespace pagepress::reclaim {

struct LruList {
  std::uint32_t head = kNoPage;
  std::uint32_t tail = kNoPage;
  std::uint64_t pages = 0;

  void push_head(PageTable& table, PageId folio, std::uint8_t id) noexcept {
    Page& page = table[folio];
    page.prev = kNoPage;
    page.next = head;
    (head == kNoPage ? tail : table[head].prev) = folio;
    head = folio;
    enter(page, id);
  }

  void push_tail(PageTable& table, PageId folio, std::uint8_t id) noexcept {
    Page& page = table[folio];
    page.prev = tail;
    page.next = kNoPage;
    (tail == kNoPage ? head : table[tail].next) = folio;
    tail = folio;
    enter(page, id);
  }

  void remove(PageTable& table, PageId folio) noexcept {
    Page& page = table[folio];
    (page.prev == kNoPage ? head : table[page.prev].next) = page.next;
    (page.next == kNoPage ? tail : table[page.next].prev) = page.prev;
    page.prev = page.next = kNoPage;
    page.list = kNoList;
    pages -= page.pages();
  }

 private:
  void enter(Page& page, std::uint8_t id) noexcept {
    page.list = id;
    pages += page.pages();
  }
};

}  // namespace pagepress::reclaim
