// SPDX-License-Identifier: Apache-2.0
// RtlDevice around standin_top.sv, and words for its registers and its log.
#pragma once

#include <cstdint>
#include <vector>

#include "model/device/rtl_device.hpp"
#include "tests/model/probes.hpp"
#include "tests/model/standin_top.hpp"

namespace pagepress::model {

// What the stand-in's buses did, with the cycle of its own counter.
struct BusEvent {
  enum Kind : std::uint8_t { kR = 0, kB = 1, kAr = 2, kAw = 3, kWlast = 4 };
  Kind kind;
  bool last;
  unsigned resp;
  unsigned id;
  unsigned cycle;
  std::uint32_t first_word;  // of an R beat
  std::uint32_t last_word;
  bool operator==(const BusEvent&) const = default;
};

// The stand-in's registers, reached from the calling SC_THREAD.
class Standin {
 public:
  static constexpr std::uint64_t kScratch = 0x00, kCycles = 0x04, kAddrLo = 0x08, kAddrHi = 0x0c,
                                 kCommand = 0x10, kStrobeFirst = 0x14, kStrobeLast = 0x18,
                                 kReady = 0x1c, kLogIndex = 0x20, kLogEvent = 0x24,
                                 kLogFirst = 0x28, kLogLast = 0x2c, kLogCount = 0x30, kIrq = 0x34,
                                 kFail = 0x38, kSlverr = 0x3c, kDecerr = 0x40, kBusyFor = 0x44;
  static constexpr std::uint32_t kDataFirst = 1U << 13, kFixed = 1U << 14;

  explicit Standin(RegisterMaster& registers) : registers_(registers) {}

  void set(std::uint64_t offset, std::uint32_t value) {
    EXPECT_EQ(registers_.write(offset, value), tlm::TLM_OK_RESPONSE);
  }
  std::uint32_t get(std::uint64_t offset) { return registers_.read(offset); }

  // Start a burst; `flags`: kDataFirst, kFixed.
  void read(std::uint64_t address, unsigned beats, unsigned id = 0, std::uint32_t flags = 0) {
    burst(address, beats, id | flags);
  }
  void write(std::uint64_t address, unsigned beats, unsigned id = 0, std::uint32_t flags = 0) {
    burst(address, beats, id | flags | (1U << 12));
  }

  // The events since the last call. Waits until `n` have come; fails the test
  // after 20 us of simulated time.
  std::vector<BusEvent> events(unsigned n) {
    const double deadline = now_ns() + 20000;
    while (get(kLogCount) - seen_ < n && now_ns() < deadline) wait_ns(100);
    const unsigned end = get(kLogCount);
    EXPECT_EQ(end - seen_, n) << "events on the buses";
    std::vector<BusEvent> found;
    for (; seen_ < end; ++seen_) {
      set(kLogIndex, seen_);
      const std::uint32_t e = get(kLogEvent);
      found.push_back({static_cast<BusEvent::Kind>(e >> 29), ((e >> 28) & 1U) != 0, (e >> 26) & 3U,
                       (e >> 20) & 15U, e & 0xfffffU, get(kLogFirst), get(kLogLast)});
    }
    found.resize(n);
    return found;
  }

  static std::vector<BusEvent> of(const std::vector<BusEvent>& events, BusEvent::Kind kind) {
    std::vector<BusEvent> found;
    for (const BusEvent& e : events) {
      if (e.kind == kind) found.push_back(e);
    }
    return found;
  }

 private:
  void burst(std::uint64_t address, unsigned beats, std::uint32_t command) {
    set(kAddrLo, static_cast<std::uint32_t>(address));
    set(kAddrHi, static_cast<std::uint32_t>(address >> 32));
    set(kCommand, command | ((beats - 1) << 4));
  }

  RegisterMaster& registers_;
  unsigned seen_ = 0;
};

}  // namespace pagepress::model
