// SPDX-License-Identifier: Apache-2.0
// Device: one engine behind a Bus: probe, reset, enable, error log, counters.
//
// Every wait has a time-out by the Clock; a device that does not answer yields
// a DeviceError that names the register.
// Limitations: one driver a device; polling only, no interrupts; one thread.
#pragma once

#include <pagepress/bus.hpp>
#include <pagepress/clock.hpp>
#include <pagepress/error.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace pagepress {

// PP_REG_CAP*, PP_REG_FEATURES_*.
struct Capabilities {
  unsigned version_major = 0;
  unsigned version_minor = 0;
  unsigned queues = 0;
  unsigned engines = 0;
  unsigned depth_log2 = 0;       // deepest ring
  unsigned unit_log2 = 0;        // largest unit
  std::uint32_t algorithms = 0;  // one bit a PP_ALG_*
  std::uint32_t operations = 0;  // one bit a PP_OP_*
  unsigned positions = 0;        // of the match finder a cycle
  unsigned align_log2 = 0;       // of buffers, unless PP_FEAT_UNALIGNED
  unsigned sge_max = 0;
  unsigned vectors = 0;
  std::uint64_t features = 0;  // PP_FEAT_*

  [[nodiscard]] bool has(std::uint64_t feature) const noexcept {
    return (features & feature) == feature;
  }
};

// One entry of the error log (PP_REG_ERR_*).
struct ErrorLogEntry {
  unsigned condition = 0;  // PP_ERR_*
  unsigned queue = 0;
  std::uint32_t index = 0;
  std::uint64_t address = 0;
};
[[nodiscard]] std::string to_string(const ErrorLogEntry& entry);

struct DeviceConfig {
  std::uint64_t register_timeout_ns = 100'000'000;  // reset, enable, disable, idle
  std::uint64_t register_poll_ns = 1'000;           // between two reads while waiting
};

class Device {
 public:
  // Checks identity, version and what this driver cannot do without (LZ4
  // compression of 4 KiB units), then resets. Throws DeviceError.
  Device(Bus& bus, Clock& clock, const DeviceConfig& config = {});
  // Disables the device and waits until it is idle (at most the time-out).
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] const Capabilities& capabilities() const noexcept { return capabilities_; }
  // All queues disabled, all registers at reset. Queue pairs need restart().
  void reset();
  void enable();
  // Stops fetching, waits until nothing is outstanding.
  void disable();
  // Takes the oldest entry off the error log.
  [[nodiscard]] std::optional<ErrorLogEntry> pop_error();
  // Empties the log: its entries as text, "error log empty" if there are none.
  [[nodiscard]] std::string drain_errors();
  // PP_PERF_SCOPE_*, instance in that scope, PP_PERF_*. Needs PP_FEAT_COUNTERS.
  [[nodiscard]] std::uint64_t counter(unsigned scope, unsigned instance, unsigned counter);

  [[nodiscard]] Bus& bus() noexcept { return bus_; }
  [[nodiscard]] Clock& clock() noexcept { return clock_; }

  // Reads `offset` until (value & mask) == want. Throws DeviceError with
  // `name` if that takes longer than the time-out or the device is gone.
  std::uint32_t wait_register(std::uint64_t offset, std::uint32_t mask, std::uint32_t want,
                              const std::string& name);

 private:
  void probe();

  Bus& bus_;
  Clock& clock_;
  DeviceConfig config_;
  Capabilities capabilities_;
};

}  // namespace pagepress
