// SPDX-License-Identifier: Apache-2.0
// A device behind a link in a closed loop: so many units in flight, a batch submitted as soon as
// there is room for it. The host takes no time but for its registers, which pay their way, and
// looks at a completion at the moment at which it is written: what is measured is device, link and
// memory.
//
// Limitations: once a process (SystemC elaborates once); no interrupts, no lists; one
// descriptor's length for all.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/device/device.hpp"
#include "model/link/link_config.hpp"

namespace pagepress::bench {

// One descriptor.
struct Unit {
  std::uint8_t opcode = 0;  // PP_OP_*
  std::uint8_t queue = 0;   // its index
  std::vector<std::uint8_t> source;
};

struct SessionConfig {
  model::LinkConfig link;
  std::vector<unsigned> priorities{0};  // of each queue
  unsigned depth = 64;                  // units in flight, all queues together
  unsigned batch = 32;                  // submitted at once; at most `depth`
};

// What came back for one unit. Times: simulated.
struct Outcome {
  std::uint8_t status = 0;
  std::uint8_t flags = 0;  // without the phase
  std::uint32_t out_len = 0;
  std::uint32_t crc32c = 0;  // as the device says
  std::uint64_t info = 0;
  std::uint32_t out_crc32c = 0;  // of the bytes in memory
  std::uint32_t order = 0;       // which completion of its queue it was
  std::uint64_t submit_ps = 0;   // before the doorbell
  std::uint64_t arrive_ps = 0;   // its completion was written
};

struct SessionResult {
  std::vector<Outcome> units;  // as those submitted
  double host_s = 0;           // CPU time that the simulation took, without its elaboration
};

using MakeDevice = std::function<std::unique_ptr<model::Device>()>;

// Throws std::runtime_error if the device answers what it must not, or nothing for 10 ms.
[[nodiscard]] SessionResult run_session(const MakeDevice& make_device, const SessionConfig& config,
                                        std::span<const Unit> units);

}  // namespace pagepress::bench
