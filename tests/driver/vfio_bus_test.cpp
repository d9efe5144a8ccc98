// SPDX-License-Identifier: Apache-2.0
// A device of vfio-pci in use: registers, interrupts, reset, and what the IOMMU is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/pci_regs.h>
#include <pagepress/error.hpp>

#include <cstdint>
#include <optional>
#include <system_error>
#include <vector>

#include "driver/bus/vfio/dma_memory.hpp"
#include "rtl/abi/pagepress_abi.h"
#include "tests/driver/fake_vfio_kernel.hpp"

namespace pagepress {
namespace {

using test::FakeVfioKernel;
using ::testing::HasSubstr;

constexpr std::uint64_t kLast = (std::uint64_t{1} << 48) - 1;
constexpr std::uint32_t kReadWrite = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
constexpr std::uint16_t kEnabled = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

class Vfio : public ::testing::Test {
 protected:
  VfioBus& open(const std::string& mode = "va") {
    return bus_.emplace(FakeVfioKernel::kAddress + (",iova=" + mode), kernel_.config());
  }
  // The code of what map() throws, whose text has `words`.
  int map_error(void* addr, std::size_t len, const std::string& words) {
    try {
      bus_->map(addr, len, true);
    } catch (const std::system_error& error) {
      EXPECT_THAT(error.what(), HasSubstr(words));
      return error.code().value();
    }
    ADD_FAILURE() << "mapped, without: " << words;
    return 0;
  }

  FakeVfioKernel kernel_;
  std::optional<VfioBus> bus_;
};

TEST_F(Vfio, IsResetAndEnabled) {
  open();
  EXPECT_EQ(kernel_.resets, 1u);
  EXPECT_EQ(kernel_.config_word(PCI_COMMAND), kEnabled);
  bus_->reset();
  EXPECT_EQ(kernel_.resets, 2u);
  EXPECT_EQ(kernel_.config_word(PCI_COMMAND), kEnabled);
}

TEST_F(Vfio, ThatCannotBeResetIsEnabledAllTheSame) {
  kernel_.device_flags = VFIO_DEVICE_FLAGS_PCI;
  open();
  EXPECT_EQ(kernel_.resets, 0u);
  EXPECT_EQ(kernel_.config_word(PCI_COMMAND), kEnabled);
  EXPECT_THROW(bus_->reset(), DeviceError);
}

TEST_F(Vfio, FewerVectorsThanAskedFor) {
  kernel_.granted = 3;
  EXPECT_EQ(open().vectors(), 3u);
  EXPECT_EQ(kernel_.eventfds.size(), 3u);
  const std::uint64_t one = 1;
  ASSERT_EQ(::write(kernel_.eventfds[2], &one, sizeof(one)), ssize_t{sizeof(one)});
  EXPECT_TRUE(bus_->wait_interrupt(2, 0));
  EXPECT_FALSE(bus_->wait_interrupt(3, 0));
}

TEST_F(Vfio, AMappingThatTheKernelKeepsStopsTheDevice) {
  open();
  void* memory = bus_->memory().allocate(4096, 4096);
  const Iova iova = bus_->map(memory, 4096, true);
  EXPECT_NE(kernel_.config_word(PCI_COMMAND) & PCI_COMMAND_MASTER, 0);
  kernel_.errors[VFIO_IOMMU_UNMAP_DMA] = EINVAL;
  bus_->unmap(iova, 4096);
  EXPECT_EQ(kernel_.config_word(PCI_COMMAND) & PCI_COMMAND_MASTER, 0);
  EXPECT_EQ(map_error(memory, 4096, "open it anew"), EIO);
  EXPECT_THROW(bus_->reset(), DeviceError);
  EXPECT_EQ(kernel_.config_word(PCI_COMMAND) & PCI_COMMAND_MASTER, 0) << "reset() let it loose";
}

TEST_F(Vfio, RegistersAreStoresOrCalls) {
  for (const bool mapped : {true, false}) {
    VfioConfig config = kernel_.config();
    config.map_registers = mapped;
    VfioBus bus(FakeVfioKernel::kAddress, config);
    EXPECT_EQ(bus.registers_mapped(), mapped);
    const std::uint32_t value = mapped ? 0x12345678 : 0x9abcdef0;
    bus.write32(PP_QUEUE_BASE, value);
    EXPECT_EQ(kernel_.bar0_word(PP_QUEUE_BASE), value);
    EXPECT_EQ(bus.read32(PP_QUEUE_BASE), value);
  }
  kernel_.bar0_flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
  EXPECT_FALSE(open().registers_mapped()) << "the region does not allow it";
}

TEST_F(Vfio, InterruptsAreEventfds) {
  open();
  ASSERT_EQ(bus_->vectors(), 9u);
  ASSERT_EQ(kernel_.eventfds.size(), 9u);
  EXPECT_FALSE(bus_->wait_interrupt(2, 0));
  const std::uint64_t twice = 2;
  ASSERT_EQ(::write(kernel_.eventfds[2], &twice, sizeof(twice)), 8);
  EXPECT_FALSE(bus_->wait_interrupt(1, 0));
  EXPECT_TRUE(bus_->wait_interrupt(2, 0));
  EXPECT_FALSE(bus_->wait_interrupt(2, 1'000'000)) << "several are one";
  EXPECT_FALSE(bus_->wait_interrupt(9, 0)) << "there is no such vector";
  VfioConfig config = kernel_.config();
  config.max_vectors = 0;
  EXPECT_EQ(VfioBus(FakeVfioKernel::kAddress, config).vectors(), 0u);
}

TEST_F(Vfio, AutoTakesVirtualAddressesIfAllFit) {
  kernel_.ranges = {{0, 0xfedfffff}, {0xfef00000, kLast}};
  EXPECT_EQ(open("auto").iova_mode(), IovaMode::kVirtual);
  kernel_.ranges = {{0, 0xfedfffff}, {0xfef00000, (std::uint64_t{1} << 39) - 1}};
  EXPECT_EQ(open("auto").iova_mode(), IovaMode::kPhysical);
}

TEST_F(Vfio, VirtualAddressesAreMappedInWholePages) {
  open();
  auto* memory = static_cast<std::byte*>(bus_->memory().allocate(3 * 4096, 4096));
  const auto start = reinterpret_cast<std::uintptr_t>(memory);
  EXPECT_EQ(bus_->map(memory + 100, 4096, true), start + 100);
  EXPECT_EQ(bus_->map(memory + 8192, 10, false), start + 8192);
  const std::map<std::uint64_t, FakeVfioKernel::Mapping> expected = {
      {start, {8192, start, kReadWrite}},
      {start + 8192, {4096, start + 8192, VFIO_DMA_MAP_FLAG_READ}}};
  EXPECT_EQ(kernel_.maps, expected);
  EXPECT_EQ(map_error(memory + 5000, 1, "mapped already"), EEXIST);
  bus_->unmap(start + 100, 4096);
  EXPECT_EQ(kernel_.maps.size(), 1u);
  bus_->unmap(start + 8192, 10);
  EXPECT_TRUE(kernel_.maps.empty());
  bus_->memory().release(memory);
}

TEST_F(Vfio, AddressesThatTheIommuDoesNotTake) {
  kernel_.ranges = {{0, 0xffff}, {0x20000, (std::uint64_t{1} << 39) - 1}};
  open();
  alignas(4096) std::byte high[4096];
  EXPECT_EQ(map_error(high, sizeof(high), "take memory of VfioBus::memory(), or iova=pa"), EINVAL);
  EXPECT_TRUE(kernel_.maps.empty());
}

TEST_F(Vfio, ItsOwnMemoryLiesLow) {
  kernel_.ranges = {{0, (std::uint64_t{1} << 39) - 1}};
  open();
  void* low = bus_->memory().allocate(4096, 4096);
  if (reinterpret_cast<std::uintptr_t>(low) >> 39 != 0) {
    GTEST_SKIP() << "something else is there: AddressSanitizer's shadow";
  }
  EXPECT_NO_THROW(bus_->map(low, 4096, true));
}

TEST_F(Vfio, WhatCannotBeMapped) {
  open();
  std::byte one{};
  EXPECT_EQ(map_error(&one, 0, "0 bytes"), EINVAL);
  EXPECT_EQ(map_error(&one, ~std::size_t{0}, "bytes at"), EINVAL);
  kernel_.errors[VFIO_IOMMU_MAP_DMA] = ENOMEM;
  EXPECT_EQ(map_error(&one, 1, "VFIO_IOMMU_MAP_DMA of 4096 bytes"), ENOMEM);
  kernel_.errors[VFIO_IOMMU_MAP_DMA] = ENOSPC;
  EXPECT_EQ(map_error(&one, 1, "VFIO_IOMMU_MAP_DMA"), ENOSPC);
}

TEST_F(Vfio, MemoryThatIsNotGivenBackStopsTheDevice) {
  open();
  std::byte one{};
  const Iova iova = bus_->map(&one, 1, true);
  kernel_.errors[VFIO_IOMMU_UNMAP_DMA] = EINVAL;
  bus_->unmap(iova, 1);
  EXPECT_EQ(kernel_.config_word(PCI_COMMAND) & PCI_COMMAND_MASTER, 0);
}

// Where this process may not know physical addresses, the error says so.
TEST_F(Vfio, PhysicalAddressesOfAPageAreItsOwn) {
  open("pa");
  alignas(4096) static std::byte pages[2][4096];
  try {
    const Iova first = bus_->map(pages[0] + 8, 16, true);
    const Iova second = bus_->map(pages[1], 4096, true);
    EXPECT_EQ(first % 4096, 8u);
    EXPECT_EQ(second % 4096, 0u);
    EXPECT_NE(first - 8, second);
    EXPECT_EQ(kernel_.maps.at(second).vaddr, reinterpret_cast<std::uintptr_t>(pages[1]));
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), EPERM) << error.what();
    EXPECT_THAT(error.what(), HasSubstr("CAP_SYS_ADMIN"));
  }
}

TEST(DmaMemory, GivesWholeZeroedPagesAndTakesThemBack) {
  DmaMemory memory(/*hugepages=*/false);
  auto* a = static_cast<std::byte*>(memory.allocate(5000, 64));
  auto* b = static_cast<std::byte*>(memory.allocate(1, 16384));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a) % 4096, 0u);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(b) % 16384, 0u);
  EXPECT_TRUE(b >= a + 8192 || b + 4096 <= a) << "they overlap";
  a[0] = std::byte{1};
  memory.release(a);
  EXPECT_EQ(memory.allocate(8192, 4096), a);
  EXPECT_EQ(a[0], std::byte{0});
  memory.release(a);
  memory.release(b);
  memory.release(b);  // what is not its own is let alone
  // All joined again: an arena's whole length is to be had where it was.
  EXPECT_EQ(memory.allocate(std::size_t{2} << 20, 4096), a);
}

TEST(DmaMemory, SaysWhatItLacks) {
  DmaMemory plain(/*hugepages=*/false);
  EXPECT_THROW(plain.allocate(4096, std::size_t{4} << 20), std::bad_alloc);
  EXPECT_THROW(plain.allocate(~std::size_t{0}, 4096), std::bad_alloc);
  DmaMemory huge(/*hugepages=*/true);
  try {
    huge.allocate(std::size_t{1} << 46, 4096);
    ADD_FAILURE() << "64 TiB of hugepages";
  } catch (const std::bad_alloc& error) {
    EXPECT_THAT(error.what(), HasSubstr("nr_hugepages"));
  }
}

}  // namespace
}  // namespace pagepress
