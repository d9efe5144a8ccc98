// SPDX-License-Identifier: Apache-2.0
// QemuSession: a stock QEMU whose x-pci-proxy-dev is the device: its accesses to the function, the
// guest's memory for DMA, interrupts through qtest.
//
// What has no meaning (a wrong width, a BAR that is not there) reads all ones and changes nothing,
// as on a bus; only what is no message of QEMU's ends the connection.
// Limitation: addresses are guest-physical: no virtual IOMMU.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "model/emulator/client.hpp"
#include "model/emulator/dma_regions.hpp"
#include "model/emulator/qemu_transport.hpp"
#include "model/emulator/qtest_interrupts.hpp"

namespace pagepress::emulator {

class QemuSession final : public Client, private ClientMemory {
 public:
  // `proxy`: the peer of x-pci-proxy-dev's socket; `qtest`: of qtest's.
  QemuSession(FileDescriptor proxy, FileDescriptor qtest, PciFunction& function);
  ~QemuSession() override;

  bool turn() override;
  void wait(std::chrono::nanoseconds longest) override;
  bool dma_read(std::uint64_t address, std::span<std::byte> to) override;
  bool dma_write(std::uint64_t address, std::span<const std::byte> from) override;

 private:
  void handle(const QemuMessage& message);
  void map_memory(const QemuMessage& message);
  std::uint64_t config_read(const QemuMessage& message);
  std::uint64_t config_write(const QemuMessage& message);
  std::uint64_t bar_read(const QemuMessage& message);
  std::uint64_t bar_write(const QemuMessage& message);
  // The BAR and the offset in it of a guest-physical address.
  [[nodiscard]] std::optional<std::pair<unsigned, std::uint64_t>> locate(std::uint64_t address);

  bool read_by_message(std::uint64_t, std::span<std::byte>) override { return false; }
  bool write_by_message(std::uint64_t, std::span<const std::byte>) override { return false; }

  QemuTransport transport_;
  QtestInterrupts interrupts_;
  PciFunction& function_;
  DmaRegions regions_;
  // What regions_ has.
  struct GuestMemory {
    mpqemu::SysmemBody ranges{};
    std::vector<std::pair<dev_t, ino_t>> files;
    bool operator==(const GuestMemory&) const = default;
  } mapped_;
};

// The one QEMU at the other end of inherited sockets.
class QemuProxy final : public ClientSource {
 public:
  // Both are this process's from now on. Throws std::runtime_error: one is no socket.
  QemuProxy(int proxy, int qtest);

  std::unique_ptr<Client> next(PciFunction& function, RequestWatch& watch,
                               std::chrono::milliseconds longest) override;

 private:
  FileDescriptor proxy_;
  FileDescriptor qtest_;
};

}  // namespace pagepress::emulator
