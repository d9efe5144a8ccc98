// SPDX-License-Identifier: Apache-2.0
// RtlDevice around the stand-in: registers, interrupts, idleness. Its DMA is in
// rtl_device_dma_test.cpp.
#include "model/device/rtl_device.hpp"

#include "rtl/abi/pagepress_abi.h"
#include "tests/model/standin_benches.hpp"

namespace pagepress::model {

Linked* linked = nullptr;
Direct* direct = nullptr;

namespace {

// ---- Registers

TEST_F(RtlDeviceTest, RegistersAreReachedThroughTheDesignsPort) {
  in_thread([] {
    direct->standin.set(Standin::kScratch, 0xcafe0123);
    EXPECT_EQ(direct->standin.get(Standin::kScratch), 0xcafe0123U);
  });
}

TEST_F(RtlDeviceTest, ARegisterAccessTakesTheDesignsCycles) {
  in_thread([] {
    // The stand-in answers in the cycle after the request: two edges after arrival.
    wait_ns(1000);
    const double t = now_ns();
    direct->standin.set(Standin::kScratch, 1);
    EXPECT_DOUBLE_EQ(now_ns(), t + 2);
    direct->standin.get(Standin::kScratch);
    EXPECT_DOUBLE_EQ(now_ns(), t + 4);
    wait_ns(0.5);  // between edges: the next whole nanosecond is the first edge
    direct->standin.get(Standin::kScratch);
    EXPECT_DOUBLE_EQ(now_ns(), t + 6);
  });
}

TEST_F(RtlDeviceTest, AccessesThatCannotBeAreRefused) {
  in_thread([] {
    std::uint64_t data = 0;
    RegisterMaster& r = direct->registers;
    EXPECT_EQ(r.access(tlm::TLM_READ_COMMAND, PP_BAR0_SIZE, &data, 4),
              tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(r.access(tlm::TLM_READ_COMMAND, 2, &data, 4), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(r.access(tlm::TLM_WRITE_COMMAND, 0, &data, 8), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(r.access(tlm::TLM_IGNORE_COMMAND, 0, &data, 4), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(r.access(tlm::TLM_READ_COMMAND, PP_BAR0_SIZE - 4, &data, 4), tlm::TLM_OK_RESPONSE);
  });
}

TEST_F(RtlDeviceTest, TheDesignsOwnErrorsComeBack) {
  in_thread([] {
    std::uint32_t data = 0;
    RegisterMaster& r = direct->registers;
    for (const auto command : {tlm::TLM_READ_COMMAND, tlm::TLM_WRITE_COMMAND}) {
      EXPECT_EQ(r.access(command, Standin::kSlverr, &data, 4), tlm::TLM_GENERIC_ERROR_RESPONSE);
      EXPECT_EQ(r.access(command, Standin::kDecerr, &data, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    }
  });
}

TEST_F(RtlDeviceTest, AccessesOfTwoThreadsDoNotMix) {
  in_thread([] {
    direct->standin.set(Standin::kScratch, 5);
    std::uint32_t a = 0;
    sc_core::sc_event done;
    sc_core::sc_spawn([&] {
      a = direct->standin.get(Standin::kScratch);
      direct->standin.set(Standin::kScratch, 6);
      done.notify();
    });
    EXPECT_EQ(direct->standin.get(Standin::kLogFirst + 0x100), 0U);  // reserved
    sc_core::wait(done);
    EXPECT_EQ(a, 5U);
    EXPECT_EQ(direct->standin.get(Standin::kScratch), 6U);
  });
}

// ---- Interrupts and idleness

TEST_F(RtlDeviceTest, InterruptsAreRaisedAtTheirEdge) {
  in_thread([] {
    direct->irq.log.clear();
    wait_ns(100);
    const double t = now_ns();
    direct->standin.set(Standin::kIrq, 3);
    direct->standin.set(Standin::kBusyFor, 100);
    sc_core::wait(direct->irq.raised);
    wait_ns(200);
    // irq_o is high in the cycle after the register write's edge.
    EXPECT_EQ(direct->irq.log,
              (std::vector<IrqProbe::Raised>{{t + 2, 0}, {t + 2, 1}, {t + 2 + 1 + 101, 0}}));
  });
}

TEST_F(RtlDeviceTest, InterruptsCrossTheLink) {
  in_thread([] {
    linked->irq.log.clear();
    wait_ns(100);
    const double t = now_ns();
    linked->standin.set(Standin::kIrq, 2);
    wait_ns(100);
    EXPECT_EQ(linked->irq.log, (std::vector<IrqProbe::Raised>{{t + 20 + 2 + 20, 1}}));
  });
}

TEST_F(RtlDeviceTest, AnIdleDeviceIsNotRun) {
  in_thread([] {
    wait_ns(1000);
    const std::uint64_t before = direct->device.cycles();
    sc_core::wait(1, sc_core::SC_SEC);
    EXPECT_EQ(direct->device.cycles(), before);
    direct->standin.get(Standin::kCycles);
    EXPECT_GT(direct->device.cycles(), before);
    EXPECT_LT(direct->device.cycles(), before + 10);
  });
}

}  // namespace

Modules elaborate() {
  Modules modules;
  linked = make_module<Linked>(modules, "linked");
  direct = make_module<Direct>(modules, "direct");
  return modules;
}

}  // namespace pagepress::model
