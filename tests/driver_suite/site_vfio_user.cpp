// SPDX-License-Identifier: Apache-2.0
// The site behind a socket: `pagepress emulate` as a child of this process, which dies with it, or
// whatever server listens at DRIVER_SUITE_SOCKET. Each case is a client of its own.
//
//   test_driver_suite_vfio [--device fast|rtl] [googletest's options]
//
// Limitation: real time. What a case says of moments, it says of both sides of a race.
#include <gtest/gtest.h>
#include <pagepress/eal.hpp>
#include <pagepress/monotonic_clock.hpp>
#include <pagepress/vfio_user.hpp>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <string>

#include "tests/driver_suite/emulator_process.hpp"
#include "tests/driver_suite/site.hpp"

namespace pagepress::suite {
namespace {

std::string socket_path;
bool is_ours = false;

class VfioUser final : public Site {
 public:
  VfioUser() : bus_(socket_path, {.reply_timeout_ns = kPatience}) {}

  Bus& bus() override { return bus_; }
  Clock& clock() override { return clock_; }
  DmaAllocator& memory() override { return bus_.memory(); }
  Pace pace() const override {
    // Long for a machine with other work, and for the RTL, which is a thousand times slower.
    return {.patience_ns = kPatience,
            .give_up_ns = 500'000'000,
            .settle_ns = 20'000'000,
            .poll_ns = 60'000};
  }
  bool ours() const override { return is_ours; }
  std::string complaint() override {
    if (bus_.failed()) {
      return bus_.failure();
    }
    const std::uint64_t refused = bus_.counters().refused_accesses;
    return refused == 0 ? "" : std::to_string(refused) + " register accesses were refused";
  }

 private:
  static constexpr std::uint64_t kPatience = 30'000'000'000;
  VfioUserBus bus_;
  MonotonicClock clock_;
};

}  // namespace

std::unique_ptr<Site> open_site() { return std::make_unique<VfioUser>(); }

}  // namespace pagepress::suite

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (testing::GTEST_FLAG(list_tests)) {
    return RUN_ALL_TESTS();
  }
  const bool with_device = argc == 3 && std::strcmp(argv[1], "--device") == 0;
  if (argc != 1 && !with_device) {
    std::cerr << "usage: test_driver_suite_vfio [--device fast|rtl]\n";
    return 2;
  }
  try {
    const pagepress::Eal eal({.memory_mib = 32, .pages = pagepress::EalConfig::Pages::kPlain});
    if (const char* socket = std::getenv("DRIVER_SUITE_SOCKET"); socket != nullptr) {
      pagepress::suite::socket_path = socket;
      return RUN_ALL_TESTS();
    }
    const pagepress::suite::EmulatorProcess emulator(with_device ? argv[2] : "fast");
    pagepress::suite::socket_path = emulator.socket();
    pagepress::suite::is_ours = true;
    return RUN_ALL_TESTS();
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
