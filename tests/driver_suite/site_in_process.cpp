// SPDX-License-Identifier: Apache-2.0
// The site in this process: the device that the binary is linked with (make_fast_device.cpp,
// make_rtl_device.cpp) behind a link, and googletest in an SC_THREAD. SystemC elaborates once a
// process: the device is there for all cases, the driver anew for each.
//
// Limitation: what happens at random does so in the same way each time.
#include <gtest/gtest.h>
#include <pagepress/eal.hpp>

#include <fmt/format.h>

#include "model/link/host_memory.hpp"
#include "model/link/link.hpp"
#include "sim/host/sc_clock.hpp"
#include "sim/host/tlm_bus.hpp"
#include "tests/driver/support.hpp"
#include "tests/driver_suite/site.hpp"
#include "tests/model/pagepress_bench.hpp"

namespace pagepress::suite {
namespace {

constexpr std::size_t kStack = 4u << 20;
constexpr unsigned kVectors = 16;

struct Hardware {
  Hardware() {
    bus.socket.bind(link.host);
    link.registers.bind(device->registers);
    device->dma.bind(link.dma);
    link.memory.bind(memory.socket);
    device->irq.bind(link.irq_in);
    link.irq.bind(bus.irq);
  }

  model::HostMemory memory{"memory"};
  model::Link link{"link", model::link_preset("soc")};
  sim::TlmBus bus{"bus", memory, sc_core::SC_ZERO_TIME, kVectors};
  std::unique_ptr<model::Device> device = model::make_test_device();
};

Hardware* hardware = nullptr;

class InProcess final : public Site {
 public:
  Bus& bus() override { return hardware->bus; }
  Clock& clock() override { return clock_; }
  DmaAllocator& memory() override { return memory_; }
  Pace pace() const override {
    return {.patience_ns = 20'000'000, .give_up_ns = 50'000, .settle_ns = 20'000, .poll_ns = 500};
  }
  bool ours() const override { return true; }
  std::string complaint() override {
    if (memory_.live() != 0) {
      return fmt::format("{} pieces of DMA memory were never given back", memory_.live());
    }
    if (hardware->memory.ranges() != 0) {
      return fmt::format("{} mappings were never removed", hardware->memory.ranges());
    }
    return {};
  }

 private:
  sim::ScClock clock_;
  test::CountedMemory memory_;
};

}  // namespace

std::unique_ptr<Site> open_site() { return std::make_unique<InProcess>(); }

}  // namespace pagepress::suite

int sc_main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const pagepress::Eal eal({.memory_mib = 32, .pages = pagepress::EalConfig::Pages::kPlain});
  pagepress::suite::Hardware hardware;
  pagepress::suite::hardware = &hardware;
  int result = 1;  // should the simulation run dry
  sc_core::sc_spawn_options options;
  options.set_stack_size(static_cast<int>(pagepress::suite::kStack));
  sc_core::sc_spawn(
      [&] {
        result = RUN_ALL_TESTS();
        sc_core::sc_stop();
      },
      "tests", &options);
  sc_core::sc_start();
  return result;
}
