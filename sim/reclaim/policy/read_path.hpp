// SPDX-License-Identifier: Apache-2.0
// ReadPath: what swap_read_folio() does for a fault: finds the copy, decompresses it, and holds the
// bytes against those that the page had when it was written (swap/verify_copy.hpp). A block is
// decoded once: by an engine on the timeline, or by the CPU's codec, whose time is the cost
// table's. Limitation: one page a read (no read-ahead).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <nlohmann/json.hpp>

#include "sim/reclaim/contents.hpp"
#include "sim/reclaim/costs.hpp"
#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/policy/page_memo.hpp"
#include "sim/reclaim/swap/swap_path.hpp"
#include "sim/reclaim/swap/swap_store.hpp"

namespace pagepress::reclaim {

class ReadPath {
 public:
  struct Counters {
    std::uint64_t same_filled = 0;
    std::uint64_t raw = 0;
    std::uint64_t by_cpu = 0;
    std::uint64_t by_engine = 0;
    std::uint64_t device = 0;
    Ns cpu_ns = 0;  // of decompressing, at speed 1
  };
  // Decompresses `block` with an engine, to a page; none: the CPU is to do it.
  using Engine = std::function<const std::byte*(Task& task, const Copy& copy)>;

  // `engine` may be empty. References outlive this.
  ReadPath(WriteSink& mm, SwapStore& store, const Contents& contents, PageMemo& memo,
           const KernelCosts& costs, Engine engine)
      : mm_(mm),
        store_(store),
        contents_(contents),
        memo_(memo),
        costs_(costs),
        engine_(std::move(engine)),
        decoder_(memo.make_codec()) {}

  // SwapPath::read_page().
  SwapPath::ReadFrom read(Task& task, PageId page);
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

 private:
  void read_block(Task& task, PageId page, const Copy& copy);
  void verify(PageId page, const Copy& copy) const;

  WriteSink& mm_;
  SwapStore& store_;
  const Contents& contents_;
  PageMemo& memo_;
  const KernelCosts& costs_;
  Engine engine_;
  std::unique_ptr<Codec> decoder_;
  Counters counters_;
};

[[nodiscard]] nlohmann::json to_json(const ReadPath::Counters& counters);

}  // namespace pagepress::reclaim
