// SPDX-License-Identifier: Apache-2.0
#include "driver/bus/vfio/function.hpp"

#include <linux/pci_regs.h>
#include <sys/mman.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <exception>
#include <utility>

#include "driver/bus/vfio/ioctl.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress {
namespace {

using vfio::call;

constexpr std::uint32_t kGone = 0xffffffffu;

}  // namespace

VfioFunction::VfioFunction(vfio_user::FileDescriptor device, bool map_registers)
    : device_(std::move(device)) {
  vfio_device_info info{};
  info.argsz = sizeof(info);
  call(device_.get(), VFIO_DEVICE_GET_INFO, &info, "VFIO_DEVICE_GET_INFO");
  if ((info.flags & VFIO_DEVICE_FLAGS_PCI) == 0 ||
      info.num_regions <= VFIO_PCI_CONFIG_REGION_INDEX) {
    throw DeviceError(DeviceFault::kNotPresent, "the device is no PCI function");
  }
  can_reset_ = (info.flags & VFIO_DEVICE_FLAGS_RESET) != 0;
  config_ = region(VFIO_PCI_CONFIG_REGION_INDEX);
  const std::uint16_t vendor = read_config(PCI_VENDOR_ID);
  const std::uint16_t id = read_config(PCI_DEVICE_ID);
  if (vendor != PP_PCI_VENDOR_ID || id != PP_PCI_DEVICE_ID) {
    throw DeviceError(DeviceFault::kNotPresent,
                      fmt::format("PCI device {:04x}:{:04x}, which is not a page-compression "
                                  "engine ({:04x}:{:04x})",
                                  vendor, id, PP_PCI_VENDOR_ID, PP_PCI_DEVICE_ID));
  }
  bar0_ = region(PP_BAR_REGISTERS);
  constexpr std::uint32_t kReadWrite = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
  if (bar0_.size < PP_BAR0_SIZE || (bar0_.flags & kReadWrite) != kReadWrite) {
    throw DeviceError(DeviceFault::kProtocol,
                      fmt::format("BAR0 has {:#x} bytes and flags {:#x}; registers need {:#x} "
                                  "bytes, readable and writable",
                                  bar0_.size, bar0_.flags, PP_BAR0_SIZE));
  }
  if (can_reset_) {
    reset();
  } else {
    enable();
  }
  if (map_registers && (bar0_.flags & VFIO_REGION_INFO_FLAG_MMAP) != 0) {
    map_bar0();
  }
}

VfioFunction::~VfioFunction() {
  if (registers_ != nullptr) {
    ::munmap(registers_, PP_BAR0_SIZE);
  }
}

VfioFunction::Region VfioFunction::region(unsigned index) const {
  vfio_region_info info{};
  info.argsz = sizeof(info);
  info.index = index;
  call(device_.get(), VFIO_DEVICE_GET_REGION_INFO, &info, "VFIO_DEVICE_GET_REGION_INFO");
  return {.size = info.size, .offset = info.offset, .flags = info.flags};
}

void VfioFunction::map_bar0() {
  void* addr = ::mmap(nullptr, PP_BAR0_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, device_.get(),
                      static_cast<off_t>(bar0_.offset));
  // Where the kernel keeps a part of it to itself (a table of MSI-X), system calls will do.
  if (addr != MAP_FAILED) {
    registers_ = static_cast<std::byte*>(addr);
  }
}

std::uint16_t VfioFunction::read_config(std::uint64_t offset) const {
  std::uint16_t value = 0;
  errno = EIO;  // what a short transfer is
  if (::pread(device_.get(), &value, sizeof(value), static_cast<off_t>(config_.offset + offset)) !=
      sizeof(value)) {
    throw DeviceError(DeviceFault::kRefused,
                      vfio::failure(fmt::format("config space at {:#x}, read", offset), errno));
  }
  return value;
}

void VfioFunction::write_config(std::uint64_t offset, std::uint16_t value) {
  errno = EIO;
  if (::pwrite(device_.get(), &value, sizeof(value), static_cast<off_t>(config_.offset + offset)) !=
      sizeof(value)) {
    throw DeviceError(DeviceFault::kRefused,
                      vfio::failure(fmt::format("config space at {:#x}, write", offset), errno));
  }
}

void VfioFunction::enable() {
  const std::uint16_t command = read_config(PCI_COMMAND);
  write_config(PCI_COMMAND,
               static_cast<std::uint16_t>(command | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER));
}

void VfioFunction::stop() noexcept {
  try {
    write_config(PCI_COMMAND, PCI_COMMAND_MEMORY);
  } catch (const DeviceError& error) {
    if (!can_reset_ || ::ioctl(device_.get(), VFIO_DEVICE_RESET) != 0) {
      fmt::print(stderr, "vfio: memory cannot be taken back from the device: {}\n", error.what());
      std::terminate();
    }
  }
}

void VfioFunction::reset() {
  if (!can_reset_) {
    throw DeviceError(DeviceFault::kUnsupported, "the kernel knows no way to reset the function");
  }
  call(device_.get(), VFIO_DEVICE_RESET, 0, "VFIO_DEVICE_RESET");
  enable();
}

unsigned VfioFunction::vectors() const {
  vfio_irq_info info{};
  info.argsz = sizeof(info);
  info.index = VFIO_PCI_MSIX_IRQ_INDEX;
  call(device_.get(), VFIO_DEVICE_GET_IRQ_INFO, &info, "VFIO_DEVICE_GET_IRQ_INFO");
  return (info.flags & VFIO_IRQ_INFO_EVENTFD) != 0 ? info.count : 0;
}

unsigned VfioFunction::set_eventfds(const std::vector<int>& eventfds) {
  std::vector<std::byte> bytes(sizeof(vfio_irq_set) + eventfds.size() * sizeof(int));
  vfio_irq_set set{};
  set.argsz = static_cast<std::uint32_t>(bytes.size());
  set.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
  set.index = VFIO_PCI_MSIX_IRQ_INDEX;
  set.count = static_cast<std::uint32_t>(eventfds.size());
  std::memcpy(bytes.data(), &set, sizeof(set));
  std::memcpy(bytes.data() + sizeof(set), eventfds.data(), eventfds.size() * sizeof(int));
  return static_cast<unsigned>(
      call(device_.get(), VFIO_DEVICE_SET_IRQS, bytes.data(), "VFIO_DEVICE_SET_IRQS"));
}

std::uint32_t VfioFunction::read32(std::uint64_t offset) const noexcept {
  if (registers_ != nullptr) {
    auto* at = reinterpret_cast<std::uint32_t*>(registers_ + offset);
    return std::atomic_ref(*at).load(std::memory_order_acquire);
  }
  std::uint32_t value = kGone;
  const ssize_t count =
      ::pread(device_.get(), &value, sizeof(value), static_cast<off_t>(bar0_.offset + offset));
  return count == sizeof(value) ? value : kGone;
}

void VfioFunction::write32(std::uint64_t offset, std::uint32_t value) noexcept {
  if (registers_ != nullptr) {
    auto* at = reinterpret_cast<std::uint32_t*>(registers_ + offset);
    std::atomic_ref(*at).store(value, std::memory_order_release);
    return;
  }
  // What fails is lost, as with a device that is gone.
  [[maybe_unused]] const ssize_t count =
      ::pwrite(device_.get(), &value, sizeof(value), static_cast<off_t>(bar0_.offset + offset));
}

}  // namespace pagepress
