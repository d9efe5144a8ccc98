// SPDX-License-Identifier: Apache-2.0
// VfioBus: an engine on this machine's PCI that Linux's vfio-pci hands to this process, behind Bus.
//
// Registers are the mapped BAR 0, DMA mappings are those of the IOMMU (type 1), interrupts are
// eventfds of MSI-X vectors. How to bind a device to vfio-pci: docs/vfio.md.
//
// What the device sees as an address (IOVA), as DPDK has it:
//   virtual   the virtual address: any memory whose addresses the IOMMU takes
//   physical  the physical address: memory that is physically contiguous (hugepages), and the right
//             to read it from /proc/self/pagemap
// The IOMMU deals in whole pages: the device reaches all of the pages that a mapping touches, and
// two mappings cannot share one.
//
// Thread-safe but for reset() and the destructor.
// Limitations: x86-64 (its order of stores before a doorbell); Linux 5.14 for memory that was never
// written; needs an IOMMU (no no-IOMMU mode, where unmap() could take nothing back); one device
// of a group; a device that is pulled out of the machine can end the process (SIGBUS).
#pragma once

#include <pagepress/bus.hpp>
#include <pagepress/memory.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace pagepress {

enum class IovaMode : std::uint8_t {
  kAuto,  // virtual if the IOMMU takes every address of a process, else physical
  kVirtual,
  kPhysical,
};

struct VfioConfig {
  unsigned max_vectors = 64;   // an eventfd each; 0: no interrupts
  bool map_registers = true;   // false: each register access is a system call
  std::string sysfs = "/sys";  // where they are mounted
  std::string dev = "/dev";
};

// What follows "vfio:" on a command line: "0000:00:01.0", "00:01.0", "0000:00:01.0,iova=pa".
struct VfioTarget {
  std::string address;  // with its domain
  IovaMode iova = IovaMode::kAuto;
};
// Throws std::invalid_argument that says what is wrong.
[[nodiscard]] VfioTarget parse_vfio_target(std::string_view text);

class VfioBus final : public Bus {
 public:
  // `target`: what parse_vfio_target() takes. Opens container, group and device, resets the
  // function if it can be, checks that it is an engine, enables memory accesses, bus mastering and
  // MSI-X. Throws DeviceError that names the device and says how to mend it: kNotPresent (no such
  // device, not bound to vfio-pci, another device), kRefused (by the kernel), kUnsupported;
  // std::invalid_argument for a target that is none; std::system_error if this process lacks
  // resources.
  explicit VfioBus(std::string_view target, const VfioConfig& config = {});
  // The kernel stops and resets the device. What memory() handed out goes with the bus.
  ~VfioBus() override;

  std::uint32_t read32(std::uint64_t offset) override;
  void write32(std::uint64_t offset, std::uint32_t value) override;
  // As Bus says: EINVAL also for memory that the mode cannot have, EEXIST for a page that is
  // mapped.
  Iova map(void* addr, std::size_t len, bool writable) override;
  void unmap(Iova iova, std::size_t len) override;
  [[nodiscard]] unsigned vectors() const noexcept override;
  // `timeout_ns` of real time.
  bool wait_interrupt(unsigned vector, std::uint64_t timeout_ns) override;

  // Memory that can be mapped whatever the mode. Physical: of hugepages, and an allocation longer
  // than one (2 MiB) only where they happen to lie side by side. Valid while the bus lives.
  [[nodiscard]] DmaAllocator& memory() noexcept;

  // Resets the function and enables it anew; mappings and eventfds stay. Throws DeviceError.
  void reset();

  // kVirtual or kPhysical.
  [[nodiscard]] IovaMode iova_mode() const noexcept;
  [[nodiscard]] bool registers_mapped() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pagepress
