// SPDX-License-Identifier: Apache-2.0
// Where compressed pages are kept: zswap in front of a swap device, or zram as the device itself.
// A store is told what compressing a page came to, by whoever did it, and keeps it: same-filled
// word, block in zsmalloc, or (zram) the whole page. zswap may say no: then the page goes to the
// device.
//
// Blocks are real bytes, held once for equal ones (block_vault.hpp), so that a read can be decoded
// and compared. Limitation: none of zsmalloc's compaction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include <pagepress/codec.hpp>

#include "sim/reclaim/contents.hpp"
#include "sim/reclaim/costs.hpp"
#include "sim/reclaim/ids.hpp"
#include "sim/reclaim/stats/vmstat.hpp"
#include "sim/reclaim/swap/block_vault.hpp"
#include "sim/reclaim/swap/swap_config.hpp"
#include "sim/reclaim/swap/swap_path.hpp"

namespace pagepress::reclaim {

class Scheduler;
class Task;

enum class Stored : std::uint8_t {
  kStored,
  kRejected,  // zswap: pool limit, incompressible, no memory. To be written to the swap device
  kFailed,    // zram: no memory for it
};

// What is known of a page's copy.
struct Copy {
  enum class Kind : std::uint8_t { kNone, kSameFilled, kBlock, kRaw, kDevice };
  Kind kind = Kind::kNone;
  Version version = 0;
  std::uint64_t word = 0;                 // kSameFilled
  std::span<const std::byte> block = {};  // kBlock: alive until invalidate()
  std::uint32_t crc32c = 0;               // kBlock: of the page, if known
};

class SwapStore {
 public:
  virtual ~SwapStore() = default;
  [[nodiscard]] virtual bool is_zram() const noexcept = 0;
  // A swap slot for the page, as folio_alloc_swap() takes one before pageout(); it stays the
  // page's until invalidate(), or until a store() that is kFailed leaves it without a copy. So who
  // gives up a page that was kRejected invalidates it. False: none is left. Pages that have one
  // keep it. store() and write_to_device() take one for a page without, but then it may be too late
  // to be refused.
  [[nodiscard]] virtual bool reserve_slot(PageId page) = 0;
  // Before compression: false if the store would refuse any page, as zswap's pool has reached its
  // limit (zswap_store() checks that first). Then the page is not compressed, but refuse()d. zram:
  // always true.
  [[nodiscard]] virtual bool accepts() = 0;
  // Instead of store(): the page was not compressed, as accepts() said. Returns kRejected. zram:
  // throws std::logic_error.
  virtual Stored refuse(Task& current, PageId page) = 0;
  // After compression: allocates, copies, enters; CPU time is `current`'s. `done` and `out` as of
  // the driver's PageDone; kOk, kSameFilled or kIncompressible. `memalloc`: as FrameSource.
  // A copy that the page has is replaced. Throws ConservationError if that was of a later version,
  // std::invalid_argument for another status.
  virtual Stored store(Task& current, PageId page, Version version, const Completion& done,
                       std::span<const std::byte> out, bool memalloc) = 0;
  // Writes the page to the swap device as it is (asynchronous: `current` submits; the sink's
  // end_write() comes when the device has it, from no task's process, perhaps before this returns;
  // kFailed if there is no slot). zram has no device behind it: throws std::logic_error.
  virtual void write_to_device(Task& current, PageId page, Version version) = 0;
  [[nodiscard]] virtual Copy find(PageId page) const = 0;
  // Waits for the swap device. Throws ConservationError if the page is not there (kDevice), or the
  // device has another version of it.
  virtual void read_from_device(Task& current, PageId page) = 0;
  // After a read that was served from the store: the kernel's swapin accounting. The copy stays;
  // where the kernel's is gone after a load (MmConfig::swap_in_keeps_copy), Mm invalidates it.
  // Throws ConservationError if it has no copy.
  virtual void note_loaded(Task& current, PageId page) = 0;
  // Copy and slot go, if there are any; a write to the device that is on its way ends as ever.
  virtual void invalidate(PageId page) = 0;
  // Likewise of a page that was stored a moment ago, as another of its folio could not be: 6.13's
  // zswap_store() counts a folio that is stored as a whole.
  virtual void give_up(PageId page) { invalidate(page); }
  [[nodiscard]] virtual std::uint64_t free_slots() const noexcept = 0;
  // Where blocks lie: an engine's driver maps its arenas.
  [[nodiscard]] virtual BlockVault& vault() noexcept = 0;

  struct Use {
    std::uint64_t pages = 0;             // stored, compressed or not
    std::uint64_t same_filled = 0;       // of those
    std::uint64_t raw = 0;               // of those, as whole pages (zram's huge_pages)
    std::uint64_t compressed_bytes = 0;  // raw pages count whole, same-filled ones nothing
    std::uint64_t pool_frames = 0;       // of zsmalloc
    std::uint64_t on_device = 0;         // pages on the swap device, or on their way to it
    std::uint64_t slots = 0;             // taken
    std::uint64_t rejected = 0;          // store() said no, ever
    std::uint64_t limit_hit = 0;         // of those: pool limit
    std::uint64_t compress_poor = 0;     // of those: incompressible
    std::uint64_t no_memory = 0;         // of those: no frame for zsmalloc
    std::uint64_t no_slot = 0;           // of those: the swap device is full
    std::uint64_t written_back = 0;
    std::uint64_t writeback_frames = 0;  // beside the pool's: of pages being written back
    std::uint64_t device_places = 0;     // of the swap device; zram has none
    Ns device_busy_ns = 0;               // of all places together
  };
  [[nodiscard]] virtual Use use() const = 0;
  // Counts, lists, slots and frames agree. Throws ConservationError.
  virtual void check() const = 0;
};

// CPU time at speed 1 to decompress the page of a content index: zswap's writeback pays it.
using DecompressCost = std::function<Ns(std::uint32_t content)>;

// During elaboration. References outlive it. Throws std::invalid_argument: names the setting.
[[nodiscard]] std::unique_ptr<SwapStore> make_swap_store(
    const StoreConfig& store, const SwapDeviceConfig& device, const KernelCosts& costs,
    Vmstat& vmstat, FrameSource& frames, WriteSink& sink, const Contents& contents,
    Scheduler& scheduler, DecompressCost decompress_ns = {});

}  // namespace pagepress::reclaim
