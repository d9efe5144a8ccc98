// SPDX-License-Identifier: Apache-2.0
// EngineCodec: an engine behind a queue pair as a Codec.
//
// Memory that is mapped for DMA is used where it lies; the rest goes through bounce buffers: slots
// of a pool that is mapped once. Nothing is allocated after construction.
// Limitations: addresses are one range each (no scatter lists); a deadline is looked at when a
// request is submitted, not while the device has it; errors of the device are the caller's
// (ReliableCodec deals with both).
#pragma once

#include <pagepress/codec.hpp>
#include <pagepress/queue_pair.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress {

class BouncePool;

struct EngineCodecConfig {
  // Slots of two pages each; a request whose memory is not mapped takes one for its source and one
  // for its destination. 0: none, and such requests are refused.
  unsigned bounce_slots = 64;
  // Destinations are bounced although they are mapped: then no late write of a device that breaks
  // the contract can reach memory of the caller. Needs bounce_slots.
  bool bounce_destinations = false;
};

struct EngineCodecCounters {
  std::uint64_t bounced_sources = 0;
  std::uint64_t bounced_destinations = 0;
  std::uint64_t deadline_misses = 0;  // passed before submission
  std::uint64_t verified = 0;         // by this CPU, as the device cannot
};

class EngineCodec final : public Codec {
 public:
  // `name` says which engine ("engine:rtl"). `queue` and `map` must outlive the codec. Throws
  // std::invalid_argument for a pool of one slot, and as DmaBuffer does.
  EngineCodec(std::string name, QueuePair& queue, DmaMap& map,
              const EngineCodecConfig& config = {});
  // Stops the queue if anything is outstanding, so that the device is done with all memory.
  ~EngineCodec() override;
  EngineCodec(const EngineCodec&) = delete;
  EngineCodec& operator=(const EngineCodec&) = delete;

  std::string_view name() const noexcept override { return name_; }
  std::size_t depth() const noexcept override { return queue_.depth(); }
  // Throws, before anything is taken: std::invalid_argument for memory that is neither mapped nor
  // can be bounced; DeviceError (kUnsupported) for an operation that the device lacks.
  std::size_t submit(std::span<const Request> requests) override;
  // Likewise, with tags of its own instead of the requests'.
  std::size_t submit(std::span<const Request> requests, std::span<const std::uint32_t> tags);
  // Throws DeviceError as QueuePair does. After QueuePair::stop() or restart() it hands out
  // what was outstanding, as kAborted where it had not completed.
  std::size_t poll(std::span<Completion> done) override;
  void wait(std::uint64_t timeout_ns) override;

  [[nodiscard]] QueuePair& queue() const noexcept { return queue_; }
  // Requests taken and not handed out.
  [[nodiscard]] std::size_t outstanding() const noexcept { return free_.size() - free_count_; }
  // Of those, requests that were past their deadline when they were submitted: never with the
  // device, and what poll() hands out next.
  [[nodiscard]] std::size_t late() const noexcept { return late_.size(); }
  [[nodiscard]] const EngineCodecCounters& counters() const noexcept { return counters_; }

 private:
  struct Flight {  // by the tag on the queue
    std::uint64_t tag;
    bool special;  // bounced or verified here: only then the rest counts
    bool decompress;
    bool verify;
    std::uint16_t src_slot;  // kNoSlot: not bounced
    std::uint16_t dst_slot;
    std::uint32_t src_len;
    std::uint32_t expected_crc32c;
    const void* src;
    void* dst;
  };

  template <class TagOf>
  std::size_t submit_tagged(std::span<const Request> requests, const TagOf& tag_of);
  template <class TagOf>
  std::size_t place_plain(std::span<const Request> requests, std::size_t first, const TagOf& tag_of,
                          pp_sqe* sqe) noexcept;
  [[nodiscard]] bool device_verifies(const Request& request) const noexcept;
  void describe(const Request& request, pp_sqe& sqe);
  bool late(const Request& request, std::uint64_t& now) const;
  bool in_place(const Request& request, pp_sqe& sqe) const noexcept;
  bool place(const Request& request, Flight& flight, pp_sqe& sqe);
  bool place_source(const Request& request, Flight& flight, pp_sqe& sqe);
  bool place_destination(const Request& request, Flight& flight, pp_sqe& sqe);
  [[noreturn]] void refuse(const void* addr, std::size_t len, const char* what) const;
  void give_back(Flight& flight) noexcept;
  void clear_flags() noexcept;
  void undo(std::size_t taken, std::size_t late_before) noexcept;
  void complete(const pp_cqe& cqe, Completion& done);
  void complete_special(Flight& flight, const pp_cqe& cqe, Completion& done);
  [[nodiscard]] bool holds(const Flight& flight, const pp_cqe& cqe);
  [[nodiscard]] bool decodes(const Flight& flight, const pp_cqe& cqe);

  std::string name_;
  QueuePair& queue_;
  DmaMap& map_;
  EngineCodecConfig config_;
  Iova align_mask_;
  std::uint32_t operations_;
  bool device_verifies_;    // what it compresses
  bool device_expects_;     // a CRC of what it decompresses
  bool flags_set_ = false;  // of any of entries_
  std::uint64_t map_version_ = 0;
  DmaWindow src_window_;  // where the last ones were, of that version
  DmaWindow dst_window_;
  std::unique_ptr<BouncePool> pool_;  // may be null
  std::unique_ptr<Codec> decoder_;    // where the device does not verify
  std::vector<std::byte> decoded_;
  std::vector<Flight> flights_;
  std::vector<pp_sqe> entries_;  // fields that no request sets stay as they are
  std::vector<pp_cqe> completions_;
  std::vector<std::uint16_t> free_;  // indices of flights_, the first free_count_ are free
  std::size_t free_count_ = 0;
  std::vector<std::uint16_t> late_;  // likewise: to be handed out as kDeadlineMissed
  EngineCodecCounters counters_;
};

[[nodiscard]] std::unique_ptr<EngineCodec> make_engine_codec(std::string name, QueuePair& queue,
                                                             DmaMap& map,
                                                             const EngineCodecConfig& config = {});

}  // namespace pagepress
