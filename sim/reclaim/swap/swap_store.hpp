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
#include <memory>
#include <span>

#include <pagepress/codec.hpp>

#include "sim/reclaim/ids.hpp"

namespace pagepress::reclaim {

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
  // After compression: allocates, copies, enters; CPU time is `current`'s. `done` and `out` as of
  // the driver's PageDone; kOk, kSameFilled or kIncompressible. `memalloc`: as FrameSource.
  virtual Stored store(Task& current, PageId page, Version version, const Completion& done,
                       std::span<const std::byte> out, bool memalloc) = 0;
  // Writes the page to the swap device as it is (asynchronous: `current` submits; the sink's
  // end_write() comes when the device has it), or stores it. zram has no device behind it.
  virtual void write_to_device(Task& current, PageId page, Version version) = 0;
  [[nodiscard]] virtual Copy find(PageId page) const = 0;
  // Waits for the swap device (kDevice only).
  virtual void read_from_device(Task& current, PageId page) = 0;
  // After a read that was served from the store: the kernel's swapin accounting (zswap keeps its
  // copy until the slot is freed, zram too).
  virtual void note_loaded(Task& current, PageId page) = 0;
  virtual void invalidate(PageId page) = 0;
  [[nodiscard]] virtual std::uint64_t free_slots() const noexcept = 0;

  struct Use {
    std::uint64_t pages = 0;        // stored, compressed or not
    std::uint64_t same_filled = 0;  // of those
    std::uint64_t raw = 0;          // of those, as whole pages (zram's huge_pages)
    std::uint64_t compressed_bytes = 0;
    std::uint64_t pool_frames = 0;  // of zsmalloc
    std::uint64_t on_device = 0;    // pages on the swap device
    std::uint64_t rejected = 0;     // store() said no, ever
    std::uint64_t limit_hit = 0;    // of those: pool limit
    std::uint64_t written_back = 0;
  };
  [[nodiscard]] virtual Use use() const = 0;
};

}  // namespace pagepress::reclaim
