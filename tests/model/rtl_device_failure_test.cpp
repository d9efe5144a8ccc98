// SPDX-License-Identifier: Apache-2.0
// A design that fails ends the simulation with its own words, as an exception.
// Each test ends it, so each runs in a process of its own (see CMakeLists.txt).
#include <string>

#include "model/device/rtl_device.hpp"
#include "tests/model/scripted_target.hpp"
#include "tests/model/standin.hpp"

namespace pagepress::model {
namespace {

struct Bench : sc_core::sc_module {
  RtlDevice device{"device", make_standin_top()};
  ScriptedTarget target{"target"};
  RegisterMaster registers{"registers"};
  Standin standin{registers};

  explicit Bench(const sc_core::sc_module_name& name) : sc_module(name) {
    device.dma.bind(target.socket);
    registers.socket.bind(device.registers);
  }
};

Bench* bench = nullptr;

// What the simulation says when it ends.
std::string failure(const std::function<void()>& body) {
  try {
    in_thread(body);
  } catch (const sc_core::sc_report& report) {
    return report.what();
  }
  return "no failure";
}

void expect_says(const std::string& message, const std::string& part) {
  EXPECT_NE(message.find(part), std::string::npos) << message;
  EXPECT_NE(message.find("bench.device at "), std::string::npos) << message;
}

TEST(RtlDeviceFailure, FatalSaysItsMessage) {
  expect_says(failure([] { bench->standin.set(Standin::kFail, 1); }), "stand-in: asked to fail");
}

TEST(RtlDeviceFailure, FinishIsNotSilent) {
  expect_says(failure([] { bench->standin.set(Standin::kFail, 2); }), "$finish");
}

TEST(RtlDeviceFailure, AnAssertionIsNamed) {
  expect_says(failure([] { bench->standin.set(Standin::kFail, 3); }), "stays_sound");
}

TEST(RtlDeviceFailure, AFixedBurstIsRefused) {
  expect_says(failure([] {
                bench->standin.read(0x1000, 2, 0, Standin::kFixed);
                wait_ns(100);
              }),
              "AR 0x1000: size 5 burst 0");
}

TEST(RtlDeviceFailure, ABurstAcrossAPageIsRefused) {
  expect_says(failure([] {
                bench->standin.write(0x1fe0, 2);
                wait_ns(100);
              }),
              "AW 0x1fe0: a burst of 2 beats crosses a 4 KiB boundary");
}

}  // namespace

Modules elaborate() {
  Modules modules;
  bench = make_module<Bench>(modules, "bench");
  return modules;
}

}  // namespace pagepress::model
