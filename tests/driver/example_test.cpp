// SPDX-License-Identifier: Apache-2.0
// The example of docs/driver.md, run on the fake device.
#include <gtest/gtest.h>
#include <pagepress/bus.hpp>
#include <pagepress/memory.hpp>

#include <vector>

#include "tests/driver/fake_device.hpp"
#include "tests/driver/support.hpp"

std::size_t compress_pages(pagepress::Bus& bus, pagepress::DmaAllocator& memory,
                           std::span<const std::byte> pages);

namespace pagepress::test {
namespace {

TEST(DriverExample, CompressesWhatItIsGiven) {
  std::vector<std::byte> pages;
  for (unsigned i = 0; i < 100; ++i) {
    const PageData page = i % 4 == 0 ? filled_page(i) : i % 4 == 1 ? random_page(i) : text_page(i);
    pages.insert(pages.end(), page.begin(), page.end());
  }
  FakeDevice bus;
  bus.step_at_doorbell();
  CountedMemory memory;
  const std::size_t bytes = compress_pages(bus, memory, pages);
  EXPECT_GT(bytes, 25 * kPageSize) << "random pages stay as they are";
  EXPECT_LT(bytes, 75 * kPageSize);
  EXPECT_EQ(memory.live(), 0u);
  EXPECT_EQ(bus.mappings(), 0u);
  EXPECT_EQ(bus.contract_violations, 0u);
}

}  // namespace
}  // namespace pagepress::test
