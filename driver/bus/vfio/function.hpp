// SPDX-License-Identifier: Apache-2.0
// VfioFunction: a PCI function by the file of vfio-pci: regions, config space, MSI-X, reset.
// Limitation: BAR 0 and MSI-X only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/file_descriptor.hpp"

namespace pagepress {

class VfioFunction {
 public:
  // Resets the function if it can be, checks that it is an engine, enables memory accesses and bus
  // mastering. Throws DeviceError.
  VfioFunction(vfio_user::FileDescriptor device, bool map_registers);
  ~VfioFunction();
  VfioFunction(const VfioFunction&) = delete;
  VfioFunction& operator=(const VfioFunction&) = delete;

  [[nodiscard]] std::uint32_t read32(std::uint64_t offset) const noexcept;
  void write32(std::uint64_t offset, std::uint32_t value) noexcept;
  [[nodiscard]] bool mapped() const noexcept { return registers_ != nullptr; }

  // Vectors of MSI-X that can be eventfds.
  [[nodiscard]] unsigned vectors() const;
  // From vector 0 on; enables MSI-X. Returns 0, or how many vectors the kernel has for the device
  // if those are fewer: then it has enabled none. Throws DeviceError.
  [[nodiscard]] unsigned set_eventfds(const std::vector<int>& eventfds);

  // Throws DeviceError.
  void reset();
  // No access to memory any more: bus mastering off or, if the kernel does not let us, a reset.
  // Ends the process if neither can be had.
  void stop() noexcept;

 private:
  struct Region {
    std::uint64_t size = 0;
    std::uint64_t offset = 0;  // in the device's file
    std::uint32_t flags = 0;
  };
  [[nodiscard]] Region region(unsigned index) const;
  [[nodiscard]] std::uint16_t read_config(std::uint64_t offset) const;
  void write_config(std::uint64_t offset, std::uint16_t value);
  void enable();
  void map_bar0();

  vfio_user::FileDescriptor device_;
  bool can_reset_ = false;
  Region config_;
  Region bar0_;
  std::byte* registers_ = nullptr;
};

}  // namespace pagepress
