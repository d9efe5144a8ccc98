// SPDX-License-Identifier: Apache-2.0
// main() of tests that need DPDK: it can be started only once in a process.
#include <gtest/gtest.h>
#include <pagepress/eal.hpp>

#include "tests/driver/eal_memory.hpp"

namespace pagepress::test {
namespace {

Eal* eal = nullptr;

}  // namespace

DmaAllocator& eal_memory() { return eal->memory(); }

}  // namespace pagepress::test

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  pagepress::Eal eal({.memory_mib = 32, .pages = pagepress::EalConfig::Pages::kPlain});
  pagepress::test::eal = &eal;
  return RUN_ALL_TESTS();
}
