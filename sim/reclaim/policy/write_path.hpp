// SPDX-License-Identifier: Apache-2.0
// WritePath: what swap_writepage() does around compression, whoever compresses: same-filled pages
// first, then the store, then the swap device for what the store rejects, then the folio's end.
//
//   open() -- cookies --> who compresses -- settle() once a page --> SwapStore
//     '------ close(): everything was settled (kDone), or goes on behind the caller's back
//
// A folio is settled as a whole, by whoever settles its last page: a task that writes is told by
// close(); behind its back Mm is told by end_write(), or by the store when the swap device is done.
// Limitation: what a task settles costs that task; nothing else knows of folios.
#pragma once

#include <cstdint>
#include <span>

#include <nlohmann/json.hpp>

#include <pagepress/page_queue.hpp>

#include "sim/reclaim/costs.hpp"
#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/policy/folio_table.hpp"
#include "sim/reclaim/policy/page_memo.hpp"
#include "sim/reclaim/swap/swap_path.hpp"
#include "sim/reclaim/swap/swap_store.hpp"

namespace pagepress::reclaim {

class WritePath {
 public:
  struct Counters {
    std::uint64_t folios = 0;
    std::uint64_t pages = 0;
    std::uint64_t caught = 0;         // same-filled, by the caller's own check
    std::uint64_t compressed = 0;     // pages that a codec has seen
    std::uint64_t refused = 0;        // pages that none has, as the store took nothing
    std::uint64_t block_bytes = 0;    // that it made of them
    std::uint64_t engine_cycles = 0;  // that they took an engine
    std::uint64_t stored = 0;         // pages that the store took
    std::uint64_t to_device = 0;      // pages of folios that it rejected
    std::uint64_t failed = 0;         // pages of folios that nobody stored: they stay dirty
    std::uint64_t no_slot = 0;        // folios, not among those above: the swap device was full
    std::uint64_t dropped = 0;        // pages whose copy was not wanted any more when it was ready
  };

  // `may_write_back`: the memcg allows zswap's writeback to the device. References outlive this.
  WritePath(WriteSink& mm, SwapStore& store, const Contents& contents, PageMemo& memo,
            const KernelCosts& costs, bool may_write_back)
      : mm_(mm),
        store_(store),
        contents_(contents),
        memo_(memo),
        costs_(costs),
        may_write_back_(may_write_back) {}

  // Swap slots for a folio, as add_to_swap() takes them. False: there are too few, and it has none.
  [[nodiscard]] bool reserve(std::span<const PageId> pages);
  // Throws as FolioTable::open().
  [[nodiscard]] std::uint32_t open(std::span<const PageId> pages);
  [[nodiscard]] Page page(std::uint64_t cookie);
  // The caller's check before it queues a page. True: same-filled, and settled.
  bool catch_same_filled(Task& task, std::uint64_t cookie);
  // Of each page once. `memalloc`: as SwapStore::store(). Throws ConservationError for an answer
  // that is no outcome of compression.
  void settle(Task& task, const PageDone& done, bool memalloc);
  // The end of write_folio(). `queued`: its answer for what is still under way.
  [[nodiscard]] WriteResult close(Task& task, std::uint32_t slot, WriteResult queued);
  // SwapPath::invalidate().
  void invalidate(PageId page);

  [[nodiscard]] std::uint64_t open_pages() const noexcept { return folios_.open_pages(); }
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

 private:
  using Folio = FolioTable::Folio;
  using Verdict = FolioTable::Verdict;

  void finish(Task& task, std::uint32_t slot);
  Folio take(std::uint32_t slot);     // it is not written any more: counts it
  Folio give_up(std::uint32_t slot);  // the same, of one that nobody stores
  void write_to_device(Task& task, std::uint32_t slot);

  WriteSink& mm_;
  SwapStore& store_;
  const Contents& contents_;
  PageMemo& memo_;
  const KernelCosts& costs_;
  bool may_write_back_;
  FolioTable folios_;
  Counters counters_;
};

[[nodiscard]] nlohmann::json to_json(const WritePath::Counters& counters);

}  // namespace pagepress::reclaim
