// SPDX-License-Identifier: Apache-2.0
// EnqueueGate: which pages may go to kcompressd at all. The kernel's proposals enqueue a page
// only if conditions hold; any other is compressed by its caller, synchronously.
//
//   kRfc     "mm: Add Kcompressd", 30 Apr 2025, swap_sched_async_compress(), in its order:
//            the thread exists; the caller is kswapd; the folio is anonymous; its memcg
//            allows zswap writeback; zswap is on or the swap device is SWP_SYNCHRONOUS_IO;
//            the FIFO has room
//   kZramV1  the zram series of 7 Mar 2025: the caller is kswapd; a FIFO has room
//   kAny     every page
//
// Room is the queue's to say: enqueue(), and then Refusal::kNoRoom counts here.
// Limitation: one producer's (counters are plain numbers).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pagepress {

// What the kernel knows of a page when reclaim wants it written.
struct PageOrigin {
  bool kswapd = true;                  // the caller is kswapd; else direct reclaim
  bool anonymous = true;               // not of shmem
  bool memcg_allows_writeback = true;  // else zswap must answer to the caller at once
};

// What holds for all pages of a node.
struct EnqueueContext {
  bool thread_exists = true;  // kswapd_run() could start it
  bool zswap_on = true;
  bool synchronous_io = false;  // SWP_SYNCHRONOUS_IO: zram, or a RAM disk
};

enum class EnqueueRule : std::uint8_t { kAny, kRfc, kZramV1 };

// Why a page is compressed synchronously. kNone: it is not.
enum class Refusal : std::uint8_t {
  kNone,
  kNoThread,
  kNotKswapd,
  kNotAnonymous,
  kMemcg,
  kSlowSwap,  // zswap is off and the swap device is not synchronous
  kNoRoom,
};
inline constexpr std::size_t kRefusals = 7;
// "no_thread", ...: as the counters are called in results.json.
[[nodiscard]] std::string_view to_string(Refusal refusal) noexcept;

// The first condition that does not hold; never kNoRoom.
[[nodiscard]] Refusal refuse(EnqueueRule rule, const EnqueueContext& context,
                             const PageOrigin& origin) noexcept;

class EnqueueGate {
 public:
  explicit EnqueueGate(EnqueueRule rule, const EnqueueContext& context = {})
      : rule_(rule), context_(context) {}

  // refuse(), and counts why.
  Refusal check(const PageOrigin& origin) noexcept;
  void count(Refusal refusal) noexcept { ++counts_[static_cast<std::size_t>(refusal)]; }
  // Pages of each Refusal so far. kNone: that may be enqueued, room or not.
  [[nodiscard]] const std::array<std::uint64_t, kRefusals>& counts() const noexcept {
    return counts_;
  }

 private:
  EnqueueRule rule_;
  EnqueueContext context_;
  std::array<std::uint64_t, kRefusals> counts_{};
};

}  // namespace pagepress
