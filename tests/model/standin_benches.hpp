// SPDX-License-Identifier: Apache-2.0
// The stand-in in its two surroundings, and the fixture of its tests.
#pragma once

#include <cstdint>
#include <cstring>
#include <numeric>
#include <systemc>
#include <vector>

#include "model/link/host_memory.hpp"
#include "model/link/link.hpp"
#include "tests/model/narrow_link.hpp"
#include "tests/model/scripted_target.hpp"
#include "tests/model/standin.hpp"

namespace pagepress::model {

inline constexpr std::uint64_t kRam = 0x1'2345'0000;  // IOVA

// Behind a link, with memory.
struct Linked : sc_core::sc_module {
  RtlDevice device{"device", make_standin_top()};
  Link link{"link", narrow_link()};
  HostMemory memory{"memory"};
  RegisterMaster registers{"registers"};
  IrqProbe irq;
  Standin standin{registers};
  std::vector<std::uint8_t> ram = std::vector<std::uint8_t>(16384);

  explicit Linked(const sc_core::sc_module_name& name) : sc_module(name) {
    device.dma.bind(link.dma);
    link.memory.bind(memory.socket);
    registers.socket.bind(link.host);
    link.registers.bind(device.registers);
    device.irq.bind(link.irq_in);
    link.irq.bind(irq);
    memory.add_range(kRam, ram.data(), ram.size(), true);
  }
  std::uint32_t word(std::size_t at) const {
    std::uint32_t w = 0;
    std::memcpy(&w, ram.data() + at, sizeof w);
    return w;
  }
};

// Without a link: registers directly, DMA to a target that the test scripts.
struct Direct : sc_core::sc_module {
  RtlDevice device{"device", make_standin_top()};
  ScriptedTarget target{"target"};
  RegisterMaster registers{"registers"};
  IrqProbe irq;
  Standin standin{registers};

  explicit Direct(const sc_core::sc_module_name& name) : sc_module(name) {
    device.dma.bind(target.socket);
    registers.socket.bind(device.registers);
    device.irq.bind(irq);
  }
};

// Made by elaborate().
extern Linked* linked;
extern Direct* direct;

class RtlDeviceTest : public testing::Test {
 protected:
  RtlDeviceTest() {
    std::iota(linked->ram.begin(), linked->ram.end(), std::uint8_t{1});
    direct->target.requests.clear();
    direct->target.script = [](const ScriptedTarget::Request&) { return ScriptedTarget::Answer{}; };
  }
};

}  // namespace pagepress::model
