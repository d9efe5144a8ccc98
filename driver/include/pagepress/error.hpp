// SPDX-License-Identifier: Apache-2.0
// The one exception that the driver throws for a device that is absent, too
// old, silent or lying. The message names the register or queue.
// Limitation: bad arguments of the caller are std::invalid_argument instead.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace pagepress {

enum class DeviceFault : std::uint8_t {
  kNotPresent,   // reads all ones, or not the identity of an engine
  kUnsupported,  // a version or capability that this driver needs is missing
  kTimeout,      // a register or queue did not answer in time
  kProtocol,     // an answer that the contract (rtl/abi) excludes
  kRefused,      // the device logged an error instead of doing what was asked
  kReset,        // the device was reset on behalf of another queue: restart this one
};

class DeviceError : public std::runtime_error {
 public:
  DeviceError(DeviceFault fault, const std::string& message)
      : std::runtime_error(message), fault_(fault) {}
  [[nodiscard]] DeviceFault fault() const noexcept { return fault_; }

 private:
  DeviceFault fault_;
};

}  // namespace pagepress
