// SPDX-License-Identifier: Apache-2.0
// Memory that a device reaches: where it comes from (DmaAllocator), what is
// mapped at which IOVA (DmaMap), and a piece that is both (DmaBuffer).
//
// A DmaMap is the only caller of Bus::map(), so that it knows every address
// that may stand in a descriptor.
// Limitations: host memory of this process; a range lies in one mapping. add() and remove() must
// not run beside anything else; translate(), revoke() and restore() may run beside each other.
#pragma once

#include <pagepress/bus.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pagepress {

// Where DMA memory comes from (EAL's heap: eal.hpp).
class DmaAllocator {
 public:
  virtual ~DmaAllocator() = default;
  // `len` zeroed bytes; `align` is a power of two. Throws std::bad_alloc.
  [[nodiscard]] virtual void* allocate(std::size_t len, std::size_t align) = 0;
  virtual void release(void* addr) noexcept = 0;
};

// What the *device* may do with a mapping.
enum class DmaAccess : std::uint8_t { kRead, kReadWrite };

// Buses carry whole beats: around a source a device reads up to the next multiple of this, which a
// bus that maps bytes and not pages refuses at a mapping's edge.
inline constexpr std::size_t kReadBeat = 64;

// A mapping, for whoever looks up many addresses that lie close together.
struct DmaWindow {
  std::uintptr_t start = 0;
  std::size_t len = 0;
  Iova iova = 0;

  // Whether [addr, addr + size) lies in it, and where the device sees it.
  [[nodiscard]] bool covers(const void* addr, std::size_t size, Iova& at) const noexcept {
    const std::uintptr_t offset = reinterpret_cast<std::uintptr_t>(addr) - start;
    at = iova + offset;
    return offset <= len && size <= len - offset;
  }
  // The part of it of which a device that reads whole beats reads nothing else.
  [[nodiscard]] DmaWindow whole_beats() const noexcept {
    const std::size_t before = (kReadBeat - iova % kReadBeat) % kReadBeat;
    const std::size_t behind = (iova + len) % kReadBeat;
    return before + behind > len ? DmaWindow{start, 0, iova}
                                 : DmaWindow{start + before, len - before - behind, iova + before};
  }
};

class DmaMap {
 public:
  explicit DmaMap(Bus& bus) : bus_(bus) {}
  ~DmaMap();  // unmaps what is left; the device must be idle
  DmaMap(const DmaMap&) = delete;
  DmaMap& operator=(const DmaMap&) = delete;

  // Maps [addr, addr + len). Throws std::invalid_argument if it is empty or
  // overlaps a mapping, std::system_error if the bus cannot map it.
  Iova add(void* addr, std::size_t len, DmaAccess access);
  // As add() with kRead: pages to compress are never written by the device.
  Iova add_source(std::span<const std::byte> range);
  // Unmaps what add() mapped at `addr`; nothing if there is no such mapping.
  void remove(const void* addr) noexcept;
  // The device's address of [addr, addr + len), if it lies in one mapping that
  // grants `access`.
  [[nodiscard]] std::optional<Iova> translate(const void* addr, std::size_t len,
                                              DmaAccess access) const noexcept;
  // The mapping that does: good until version() changes.
  [[nodiscard]] std::optional<DmaWindow> window(const void* addr, std::size_t len,
                                                DmaAccess access) const noexcept;
  [[nodiscard]] std::uint64_t version() const noexcept {
    return version_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::size_t mappings() const noexcept { return ranges_.size(); }

  // Cuts the device off from all of it: the last resort against one that neither stops nor
  // resets. Nothing translates until restore(). Does nothing if it is revoked already.
  void revoke() noexcept;
  // Maps all of it again, perhaps at other addresses: for a device that is well again. Throws
  // std::system_error, and all stays revoked, if the bus cannot.
  void restore();
  [[nodiscard]] bool revoked() const noexcept { return revoked_.load(std::memory_order_acquire); }

 private:
  struct Range {
    std::uintptr_t start;
    std::size_t len;
    mutable Iova iova;  // by atomic_ref: restore() may change it beside translate()
    DmaAccess access;
  };
  Bus& bus_;
  std::vector<Range> ranges_;  // sorted by start, disjoint
  std::atomic<bool> revoked_ = false;
  std::atomic<std::uint64_t> version_ = 1;
};

// Zeroed memory from an allocator, mapped read-write while it lives. Destroy
// it only when the device no longer uses it.
class DmaBuffer {
 public:
  DmaBuffer(DmaMap& map, DmaAllocator& allocator, std::size_t len, std::size_t align = 4096);
  ~DmaBuffer();
  DmaBuffer(const DmaBuffer&) = delete;
  DmaBuffer& operator=(const DmaBuffer&) = delete;

  // For memory that a device may still write because it does not stop: neither
  // unmapped (before the DmaMap goes) nor ever given back.
  void abandon() noexcept { abandoned_ = true; }

  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<std::byte> span() const noexcept { return {data_, size_}; }
  // Valid until the mapping is revoked; another one after restore().
  [[nodiscard]] Iova iova() const noexcept;

 private:
  DmaMap& map_;
  DmaAllocator& allocator_;
  std::byte* data_;
  std::size_t size_;
  bool abandoned_ = false;
};

}  // namespace pagepress
