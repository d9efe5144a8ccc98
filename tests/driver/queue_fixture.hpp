// SPDX-License-Identifier: Apache-2.0
// A queue pair on the fake device, with source and destination memory.
#pragma once

#include <gtest/gtest.h>
#include <pagepress/queue_pair.hpp>

#include <cstring>
#include <memory>
#include <vector>

#include "tests/driver/fake_device.hpp"
#include "tests/driver/support.hpp"

namespace pagepress::test {

class QueueTest : public ::testing::Test {
 protected:
  void open(const QueueConfig& config = {}) { queue_.emplace(device_, map_, memory_, config); }

  // `count` submissions of the page `kind`, tags from next_tag_.
  std::vector<pp_sqe> entries(unsigned count) {
    std::vector<pp_sqe> list(count);
    for (pp_sqe& sqe : list) {
      sqe.opcode = PP_OP_COMPRESS;
      sqe.src_len = kPageSize;
      sqe.src_addr = source_.iova();
      sqe.dst_addr = destination_.iova();
      sqe.dst_capacity = kPageSize;
      sqe.tag = next_tag_++;
    }
    return list;
  }
  void set_source(const PageData& page) { std::memcpy(source_.data(), page.data(), page.size()); }
  // Polls once for up to `most`.
  std::vector<pp_cqe> poll(std::size_t most = 64) {
    std::vector<pp_cqe> done(most);
    done.resize(queue_->poll(done));
    return done;
  }
  // The error that poll() throws.
  DeviceError poll_error() {
    try {
      (void)poll();
    } catch (const DeviceError& error) {
      return error;
    }
    ADD_FAILURE() << "poll() found nothing wrong";
    return {DeviceFault::kNotPresent, ""};
  }

  FakeDevice bus_;
  ManualClock clock_;
  CountedMemory memory_;
  DmaMap map_{bus_};
  Device device_{bus_, clock_};
  DmaBuffer source_{map_, memory_, kPageSize};
  DmaBuffer destination_{map_, memory_, kPageSize};
  std::optional<QueuePair> queue_;
  std::uint64_t next_tag_ = 1000;
};

}  // namespace pagepress::test
