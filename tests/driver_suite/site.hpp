// SPDX-License-Identifier: Apache-2.0
// Site: a device and the way to it, as the suite sees them. Each binary of the suite has one kind
// (open_site()); the cases are the same for all.
//
//   site_in_process.cpp   a model in this process behind TLM sockets, on simulated time
//   site_vfio_user.cpp    a device of another process, in real time
//
// Limitation: one site at a time.
#pragma once

#include <pagepress/bus.hpp>
#include <pagepress/clock.hpp>
#include <pagepress/memory.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace pagepress::suite {

// All by the site's Clock.
struct Pace {
  std::uint64_t patience_ns = 0;  // silence for so long is a failure
  std::uint64_t give_up_ns = 0;   // likewise where a case makes the device fall silent
  std::uint64_t settle_ns = 0;    // what was to be written late would have been written by then
  std::uint64_t poll_ns = 0;      // between two looks
};

class Site {
 public:
  virtual ~Site() = default;

  [[nodiscard]] virtual Bus& bus() = 0;
  [[nodiscard]] virtual Clock& clock() = 0;
  [[nodiscard]] virtual DmaAllocator& memory() = 0;
  [[nodiscard]] virtual Pace pace() const = 0;
  // The device is this project's with its default parameters: all that it can do is known.
  [[nodiscard]] virtual bool ours() const = 0;
  // What is wrong with the way to the device, asked when a case is over and all of the driver has
  // been destroyed; empty if nothing is.
  [[nodiscard]] virtual std::string complaint() = 0;
};

// Throws DeviceError if there is no device.
[[nodiscard]] std::unique_ptr<Site> open_site();

}  // namespace pagepress::suite
