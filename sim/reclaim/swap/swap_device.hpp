// SPDX-License-Identifier: Apache-2.0
// SwapDevice: the storage behind zswap: when requests end, and which page is in which slot.
//
//   submit --> host queue (in order) --> one of `queue_depth` places: latency --> data at the
//   direction's bandwidth, one request after the other --> done
//
// So a request alone takes latency + 4096 / bandwidth, and many together get the bandwidth, or
// queue_depth pages a latency if that is less. When a request ends is known as it is submitted: a
// read is one sleep of its task; writes end in one process for all of them, as an interrupt would.
// Limitations: no merging of neighbouring slots (each page is a request), no erase or garbage
// collection, reads and writes do not share bandwidth. CPU time is the caller's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <vector>

#include <systemc>

#include "sim/reclaim/ids.hpp"
#include "sim/reclaim/swap/swap_config.hpp"
#include "sim/reclaim/swap/swap_path.hpp"
#include "sim/reclaim/swap/swap_slots.hpp"

namespace pagepress::reclaim {

class SwapDevice {
 public:
  struct Write {
    SwapSlots::Slot slot;
    PageId page;
    Version version;
    std::uint32_t id;  // of the request
    bool of_mm;        // a folio of Mm's waits for its end
  };
  // From the device's own process: may neither wait nor throw.
  using WriteDone = std::function<void(const Write&, WriteEnd)>;

  // During elaboration: makes the process. Throws std::invalid_argument: names the setting.
  SwapDevice(const SwapDeviceConfig& config, WriteDone done);
  SwapDevice(const SwapDevice&) = delete;
  SwapDevice& operator=(const SwapDevice&) = delete;

  // Returns the request's id, never 0. Writes end in the order in which they were submitted.
  std::uint32_t write(SwapSlots::Slot slot, PageId page, Version version, bool of_mm);
  // A write that cannot be made (no slot): ends with kFailed at once, but not inside this call.
  void fail(PageId page, Version version);
  // Takes the request; how long from now on until its data are there.
  [[nodiscard]] Ns read();
  // That slot has this version of the page. Throws ConservationError.
  void expect(SwapSlots::Slot slot, PageId page, Version version) const;
  [[nodiscard]] std::size_t writing() const noexcept { return writes_.size(); }
  // Time that requests have held places so far, all places together: places() times the time that
  // has passed if the device was never short of requests.
  [[nodiscard]] Ns busy_ns() const;
  [[nodiscard]] std::uint64_t places() const noexcept { return depth_; }

 private:
  struct Channel {
    Ns latency_ns;
    double bytes_per_ns;
    Ns data_until = 0;  // of the last request's data
  };
  struct Held {  // a place
    Ns from;
    Ns until;
  };
  struct Pending {
    Write write;
    Ns ends;
  };
  struct Contents {
    PageId page = kNoPage;
    Version version = 0;
  };
  [[nodiscard]] Ns schedule(Channel& channel);
  void end_writes();

  std::uint64_t depth_;
  Channel reads_;
  Channel writes_channel_;
  WriteDone done_;
  // When the requests end that hold a place; the earliest first.
  std::priority_queue<Ns, std::vector<Ns>, std::greater<>> places_;
  Ns held_ns_ = 0;         // of requests that have left held_
  std::deque<Held> held_;  // as submitted; the first has not ended
  std::deque<Pending> writes_;
  std::vector<Write> failed_;
  std::vector<Contents> slots_;
  std::uint32_t next_id_ = 1;
  sc_core::sc_event due_{"swap_device_due"};
};

}  // namespace pagepress::reclaim
