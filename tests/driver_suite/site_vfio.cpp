// SPDX-License-Identifier: Apache-2.0
// The site on this machine's PCI: a device that vfio-pci has. Each case opens it anew.
//
//   test_driver_suite_pci ADDRESS[,iova=va|pa] [googletest's options]
//
// Limitation: real time, as site_vfio_user.cpp has it; not in CTest, which has no such device (a
// guest has: docs/vfio.md).
#include <gtest/gtest.h>
#include <pagepress/monotonic_clock.hpp>
#include <pagepress/vfio.hpp>

#include <exception>
#include <iostream>
#include <string>

#include "tests/driver_suite/site.hpp"

namespace pagepress::suite {
namespace {

std::string target;

class Vfio final : public Site {
 public:
  Vfio() : bus_(target) {}

  Bus& bus() override { return bus_; }
  Clock& clock() override { return clock_; }
  DmaAllocator& memory() override { return bus_.memory(); }
  Pace pace() const override {
    return {.patience_ns = 30'000'000'000,
            .give_up_ns = 500'000'000,
            .settle_ns = 20'000'000,
            .poll_ns = 60'000};
  }
  bool ours() const override { return false; }
  std::string complaint() override { return {}; }

 private:
  VfioBus bus_;
  MonotonicClock clock_;
};

}  // namespace

std::unique_ptr<Site> open_site() { return std::make_unique<Vfio>(); }

}  // namespace pagepress::suite

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) {
    std::cerr << "usage: test_driver_suite_pci ADDRESS[,iova=va|pa]\n";
    return 2;
  }
  try {
    pagepress::suite::target = argv[1];
    (void)pagepress::parse_vfio_target(argv[1]);
    return RUN_ALL_TESTS();
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
