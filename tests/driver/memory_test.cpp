// SPDX-License-Identifier: Apache-2.0
// What is mapped where, and what a device may do there.
#include <gtest/gtest.h>
#include <pagepress/memory.hpp>

#include <system_error>

#include "tests/driver/fake_device.hpp"
#include "tests/driver/support.hpp"

namespace pagepress {
namespace {

using test::CountedMemory;
using test::FakeDevice;

class FullBus final : public Bus {
 public:
  std::uint32_t read32(std::uint64_t) override { return 0; }
  void write32(std::uint64_t, std::uint32_t) override {}
  Iova map(void*, std::size_t, bool) override {
    throw std::system_error(ENOSPC, std::generic_category(), "map");
  }
  void unmap(Iova, std::size_t) override { ADD_FAILURE() << "nothing was mapped"; }
};

TEST(DmaMap, TranslatesWithinOneMapping) {
  FakeDevice bus;
  DmaMap map(bus);
  std::vector<std::byte> a(8192);
  std::vector<std::byte> b(4096);
  const Iova iova_a = map.add(a.data(), a.size(), DmaAccess::kReadWrite);
  const Iova iova_b = map.add_source(b);
  EXPECT_EQ(map.translate(a.data(), a.size(), DmaAccess::kReadWrite), iova_a);
  EXPECT_EQ(map.translate(a.data() + 4000, 100, DmaAccess::kRead), iova_a + 4000);
  EXPECT_EQ(map.translate(b.data() + 4095, 1, DmaAccess::kRead), iova_b + 4095);
  EXPECT_FALSE(map.translate(a.data(), a.size() + 1, DmaAccess::kRead));
  EXPECT_FALSE(map.translate(a.data() + 8192, 1, DmaAccess::kRead));
  EXPECT_FALSE(map.translate(b.data(), 1, DmaAccess::kReadWrite)) << "mapped for reading only";
  EXPECT_FALSE(map.translate(nullptr, 1, DmaAccess::kRead));
  EXPECT_FALSE(map.translate(a.data() + 1, ~std::size_t{0}, DmaAccess::kRead));
}

TEST(DmaMap, RefusesOverlapsAndEmptyRanges) {
  FakeDevice bus;
  DmaMap map(bus);
  std::vector<std::byte> a(16384);
  map.add(a.data() + 4096, 4096, DmaAccess::kRead);
  EXPECT_THROW(map.add(a.data() + 4096, 4096, DmaAccess::kRead), std::invalid_argument);
  EXPECT_THROW(map.add(a.data(), 4097, DmaAccess::kRead), std::invalid_argument);
  EXPECT_THROW(map.add(a.data() + 8191, 10, DmaAccess::kRead), std::invalid_argument);
  EXPECT_THROW(map.add(a.data() + 5000, 10, DmaAccess::kRead), std::invalid_argument);
  EXPECT_THROW(map.add(a.data(), 16384, DmaAccess::kRead), std::invalid_argument);
  EXPECT_THROW(map.add(a.data(), 0, DmaAccess::kRead), std::invalid_argument);
  EXPECT_THROW(map.add(a.data(), ~std::size_t{0}, DmaAccess::kRead), std::invalid_argument);
  EXPECT_EQ(map.mappings(), 1u);
  map.add(a.data(), 4096, DmaAccess::kRead);
  map.add(a.data() + 8192, 8192, DmaAccess::kRead);
  EXPECT_EQ(bus.mappings(), 3u);
}

TEST(DmaMap, UnmapsOnRemoveAndInTheEnd) {
  FakeDevice bus;
  std::vector<std::byte> a(8192);
  {
    DmaMap map(bus);
    map.add(a.data(), 4096, DmaAccess::kRead);
    map.add(a.data() + 4096, 4096, DmaAccess::kRead);
    map.remove(a.data());
    map.remove(a.data() + 1);  // no such mapping
    EXPECT_EQ(bus.mappings(), 1u);
    EXPECT_FALSE(map.translate(a.data(), 1, DmaAccess::kRead));
  }
  EXPECT_EQ(bus.mappings(), 0u);
}

TEST(DmaMap, ForgetsWhatTheBusCannotMap) {
  FullBus bus;
  DmaMap map(bus);
  std::vector<std::byte> a(4096);
  EXPECT_THROW(map.add_source(a), std::system_error);
  EXPECT_EQ(map.mappings(), 0u);
}

TEST(DmaBuffer, GivesMemoryBackWhenItCannotBeMapped) {
  FullBus bus;
  DmaMap map(bus);
  CountedMemory memory;
  EXPECT_THROW(DmaBuffer(map, memory, 4096), std::system_error);
  EXPECT_EQ(memory.live(), 0u);
}

TEST(DmaBuffer, IsZeroedMappedAndReturned) {
  FakeDevice bus;
  DmaMap map(bus);
  CountedMemory memory;
  {
    const DmaBuffer buffer(map, memory, 10000);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 4096, 0u);
    EXPECT_EQ(map.translate(buffer.data(), 10000, DmaAccess::kReadWrite), buffer.iova());
    for (const std::byte byte : buffer.span()) {
      ASSERT_EQ(byte, std::byte{0});
    }
  }
  EXPECT_EQ(bus.mappings(), 0u);
  EXPECT_EQ(memory.live(), 0u);
}

}  // namespace
}  // namespace pagepress
