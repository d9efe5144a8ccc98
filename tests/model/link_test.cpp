// SPDX-License-Identifier: Apache-2.0
#include "model/link/link.hpp"

#include <cmath>
#include <fstream>
#include <numeric>
#include <stdexcept>
#include <string>

#include "model/link/host_memory.hpp"
#include "tests/model/narrow_link.hpp"
#include "tests/model/probes.hpp"

namespace pagepress::model {
namespace {

constexpr std::uint64_t kRam = 0x10000;  // IOVA of a Bench's memory

// A link with a probe at every end.
struct Bench : sc_core::sc_module {
  Link link;
  HostMemory memory{"memory"};
  DmaProbe dma{"dma"};
  RegisterProbe registers{"registers", 3.0};
  RegisterMaster host{"host"};
  sc_core::sc_port<IrqSink> device_irq{"device_irq"};
  IrqProbe irq;
  std::vector<std::uint8_t> ram = std::vector<std::uint8_t>(65536);

  Bench(const sc_core::sc_module_name& name, const LinkConfig& config)
      : sc_module(name), link("link", config) {
    dma.socket.bind(link.dma);
    link.memory.bind(memory.socket);
    host.socket.bind(link.host);
    link.registers.bind(registers.socket);
    device_irq.bind(link.irq_in);
    link.irq.bind(irq);
    std::iota(ram.begin(), ram.end(), std::uint8_t{0});
    memory.add_range(kRam, ram.data(), ram.size(), true);
  }
};

// The preset with 32 B/ns, and one where every term has a value that cannot be mistaken for
// another.
Bench* soc = nullptr;
Bench* slow = nullptr;
Bench* packets = nullptr;
Bench* shared = nullptr;

LinkConfig slow_config() {
  LinkConfig c;
  c.upstream_latency_ns = 30;
  c.downstream_latency_ns = 50;
  c.memory_latency_ns = 7;
  c.upstream_bytes_per_ns = 1;
  c.downstream_bytes_per_ns = 2;
  c.header_bytes = 16;
  c.write_buffer_bytes = 100;
  c.reads_queue_behind_writes = true;
  return c;
}

LinkConfig packet_config() {
  LinkConfig c;
  c.upstream_latency_ns = 2;
  c.downstream_latency_ns = 2;
  c.switch_latency_ns = 1;
  c.root_latency_ns = 2;
  c.memory_latency_ns = 20;
  c.upstream_bytes_per_ns = 1;
  c.downstream_bytes_per_ns = 1;
  c.header_bytes = 10;
  c.max_payload_bytes = 64;
  c.read_completion_bytes = 64;
  c.tags = 2;
  c.registers_share_wires = true;
  c.iotlb_entries = 4;
  c.iotlb_miss_ns = 100;
  return c;
}

LinkConfig shared_config() {
  LinkConfig c = narrow_link();
  c.memory_bytes_per_ns = 2;
  c.cpu_bytes_per_ns = 1.5;
  return c;
}

TEST(Link, AReadPaysLatencyMemoryAndItsData) {
  in_thread([] {
    const double t = now_ns();
    const ProbeTransaction& r = soc->dma.read(kRam + 5, 512);
    EXPECT_EQ(r.end_req, t);
    soc->dma.wait_for(r);
    EXPECT_DOUBLE_EQ(r.begin_resp, t + 20 + 60 + 512.0 / 32 + 20);
    EXPECT_EQ(r.get_response_status(), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(r.bytes[0], soc->ram[5]);
    EXPECT_EQ(r.bytes[511], soc->ram[516]);
  });
}

TEST(Link, AnAnnotatedDelayCountsFromItsTime) {
  in_thread([] {
    const double t = now_ns();
    const ProbeTransaction& r = soc->dma.read(kRam, 32, 250);
    EXPECT_DOUBLE_EQ(r.end_req, t + 250);
    soc->dma.wait_for(r);
    EXPECT_DOUBLE_EQ(r.begin_resp, t + 250 + 20 + 60 + 1 + 20);
  });
}

TEST(Link, ReadDataShareTheDownstreamWire) {
  in_thread([] {
    const double t = now_ns();
    const ProbeTransaction& a = soc->dma.read(kRam, 4096);
    const ProbeTransaction& b = soc->dma.read(kRam, 32);
    const ProbeTransaction& c = soc->dma.read(kRam, 32, 1000);
    soc->dma.wait_for(c);
    EXPECT_DOUBLE_EQ(a.begin_resp, t + 100 + 128);
    EXPECT_DOUBLE_EQ(b.begin_resp, t + 100 + 128 + 1);   // behind a's data
    EXPECT_DOUBLE_EQ(c.begin_resp, t + 1000 + 100 + 1);  // the wire is free again
  });
}

TEST(Link, HeadersOccupyTheWires) {
  in_thread([] {
    const double t = now_ns();
    const ProbeTransaction& a = slow->dma.read(kRam, 100);
    const ProbeTransaction& b = slow->dma.read(kRam, 100);
    slow->dma.wait_for(b);
    // Request: 16 B at 1 B/ns, 30 ns, memory 7 ns, (16 + 100) B at 2 B/ns, 50 ns.
    EXPECT_DOUBLE_EQ(a.begin_resp, t + 16 + 30 + 7 + 58 + 50);
    // The second's data follow the first's.
    EXPECT_DOUBLE_EQ(b.begin_resp, t + 16 + 30 + 7 + 58 + 58 + 50);
  });
}

TEST(Link, MemoryIsReadWhenTheRequestArrives) {
  in_thread([] {
    std::uint8_t& byte = soc->ram[300];
    byte = 1;
    const ProbeTransaction& r = soc->dma.read(kRam + 300, 1);
    wait_ns(19);
    byte = 2;  // in time
    wait_ns(2);
    byte = 3;  // too late
    soc->dma.wait_for(r);
    EXPECT_EQ(r.bytes[0], 2);
  });
}

TEST(Link, MemoryIsWrittenWhenTheDataArrive) {
  in_thread([] {
    std::uint8_t& last = soc->ram[1023];
    last = 1;
    const double t = now_ns();
    const ProbeTransaction& w = soc->dma.write(kRam + 512, std::vector<std::uint8_t>(512, 0xa5));
    wait_ns(20 + 16 - 0.5);
    EXPECT_EQ(last, 1);
    wait_ns(1);
    EXPECT_EQ(last, 0xa5);
    EXPECT_LT(w.begin_resp, 0);
    soc->dma.wait_for(w);
    EXPECT_DOUBLE_EQ(w.begin_resp, t + 16 + 20 + 20);
  });
}

TEST(Link, WritesReachMemoryInTheirOrder) {
  in_thread([] {
    const ProbeTransaction& a = slow->dma.write(kRam, std::vector<std::uint8_t>(64, 1));
    const ProbeTransaction& b = slow->dma.write(kRam, std::vector<std::uint8_t>(1, 2));
    slow->dma.wait_for(b);
    EXPECT_GE(a.begin_resp, 0);
    EXPECT_EQ(slow->ram[0], 2);
    EXPECT_EQ(slow->ram[1], 1);
    EXPECT_DOUBLE_EQ(b.begin_resp - a.begin_resp, 17);  // header and byte
  });
}

TEST(Link, AReadOverAnUnsharedPathPassesWriteData) {
  in_thread([] {
    const double t = now_ns();
    const ProbeTransaction& w = soc->dma.write(kRam, std::vector<std::uint8_t>(3200, 1));
    const ProbeTransaction& r = soc->dma.read(kRam, 32);
    soc->dma.wait_for(w);
    soc->dma.wait_for(r);
    EXPECT_DOUBLE_EQ(r.begin_resp, t + 101);
    EXPECT_DOUBLE_EQ(w.begin_resp, t + 100 + 40);
  });
}

TEST(Link, AReadOverASharedPathDoesNot) {
  in_thread([] {
    slow->ram[40] = 1;
    const double t = now_ns();
    slow->dma.write(kRam, std::vector<std::uint8_t>(64, 9));
    const ProbeTransaction& r = slow->dma.read(kRam + 40, 1);
    slow->dma.wait_for(r);
    EXPECT_EQ(r.bytes[0], 9);
    EXPECT_DOUBLE_EQ(r.begin_resp, t + 80 + 16 + 30 + 7 + 8.5 + 50);
  });
}

TEST(Link, AWriteBeyondTheBufferHoldsTheNextRequest) {
  in_thread([] {
    const double t = now_ns();
    const ProbeTransaction& a = slow->dma.write(kRam, std::vector<std::uint8_t>(84, 1));
    EXPECT_DOUBLE_EQ(a.end_req, t);  // 100 B with its header: fits
    const ProbeTransaction& b = slow->dma.write(kRam, std::vector<std::uint8_t>(84, 2));
    EXPECT_LT(b.end_req, 0);
    const ProbeTransaction& c = slow->dma.write(kRam, std::vector<std::uint8_t>(1, 3));
    EXPECT_DOUBLE_EQ(b.end_req, t + 100);
    EXPECT_DOUBLE_EQ(c.begin_req, t + 100);
    slow->dma.wait_for(c);
    EXPECT_DOUBLE_EQ(c.begin_resp, t + 217 + 30 + 50);
  });
}

TEST(Link, ErrorsComeBackAndAreCounted) {
  in_thread([] {
    const std::uint64_t before = soc->link.totals().errors;
    const double t = now_ns();
    const ProbeTransaction& r = soc->dma.read(0x10, 512);
    const ProbeTransaction& w = soc->dma.write(kRam - 1, {1, 2});
    soc->dma.wait_for(r);
    soc->dma.wait_for(w);
    EXPECT_EQ(r.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(w.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_DOUBLE_EQ(r.begin_resp, t + 100);  // no data
    EXPECT_EQ(soc->link.totals().errors, before + 2);
  });
}

TEST(Link, OnlyOneResponseIsOpenAtATime) {
  in_thread([] {
    soc->dma.accept_responses = false;
    ProbeTransaction& a = soc->dma.read(kRam, 32);
    ProbeTransaction& b = soc->dma.read(kRam, 32);
    soc->dma.wait_for(a);
    wait_ns(500);
    EXPECT_LT(b.begin_resp, 0);
    const double t = now_ns();
    soc->dma.end_response(a);
    soc->dma.wait_for(b);
    EXPECT_DOUBLE_EQ(b.begin_resp, t);
    soc->dma.end_response(b);
    soc->dma.accept_responses = true;
  });
}

TEST(Link, ARegisterWriteIsPosted) {
  in_thread([] {
    soc->registers.log.clear();
    const double t = now_ns();
    EXPECT_EQ(soc->host.write(0x20, 7), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(soc->host.write(0x24, 8), tlm::TLM_OK_RESPONSE);
    EXPECT_DOUBLE_EQ(now_ns(), t);
    wait_ns(100);
    using Access = RegisterProbe::Access;
    // The second arrives with the first, and waits the 3 ns that the first takes.
    EXPECT_EQ(soc->registers.log,
              (std::vector<Access>{{t + 20, true, 0x20, 7}, {t + 23, true, 0x24, 8}}));
  });
}

TEST(Link, ARegisterReadTakesARoundTripBehindEarlierWrites) {
  in_thread([] {
    soc->registers.log.clear();
    double t = now_ns();
    EXPECT_EQ(soc->host.read(0x40), 0x80U);
    EXPECT_DOUBLE_EQ(now_ns(), t + 20 + 3 + 20);

    t = now_ns();
    soc->host.write(0x20, 7);
    EXPECT_EQ(soc->host.read(0x44), 0x88U);
    EXPECT_DOUBLE_EQ(now_ns(), t + 20 + 3 + 3 + 20);
    ASSERT_EQ(soc->registers.log.size(), 3U);
    EXPECT_TRUE(soc->registers.log[1].write);
    EXPECT_DOUBLE_EQ(soc->registers.log[2].ns, t + 23);
  });
}

TEST(Link, RegisterReadsOfTwoThreadsFindTheirAnswers) {
  in_thread([] {
    std::uint32_t other = 0;
    sc_core::sc_event done;
    sc_core::sc_spawn([&] {
      other = soc->host.read(0x100);
      done.notify();
    });
    wait_ns(1);
    EXPECT_EQ(soc->host.read(0x200), 0x400U);
    EXPECT_EQ(other, 0x200U);
  });
}

TEST(Link, ARegisterAccessIsFourBytes) {
  in_thread([] {
    std::uint64_t wide = 0;
    EXPECT_EQ(soc->host.access(tlm::TLM_READ_COMMAND, 0, &wide, 8), tlm::TLM_BURST_ERROR_RESPONSE);
  });
}

TEST(Link, AnInterruptFollowsTheDataSentBeforeIt) {
  in_thread([] {
    soc->irq.log.clear();
    const double t = now_ns();
    soc->device_irq->raise(3);
    soc->dma.write(kRam + 2000, std::vector<std::uint8_t>(640, 0x77));
    soc->device_irq->raise(1);
    sc_core::wait(soc->irq.raised);
    sc_core::wait(soc->irq.raised);
    EXPECT_EQ(soc->ram[2639], 0x77);
    EXPECT_EQ(soc->irq.log, (std::vector<IrqProbe::Raised>{{t + 20, 3}, {t + 20 + 20, 1}}));
  });
}

TEST(Link, ItCountsWhatItCarries) {
  in_thread([] {
    const Link::Totals before = slow->link.totals();
    const ProbeTransaction& r = slow->dma.read(kRam, 10);
    const ProbeTransaction& w = slow->dma.write(kRam, {1, 2, 3});
    slow->dma.wait_for(r);
    slow->dma.wait_for(w);
    slow->host.write(0, 0);
    slow->host.read(0);
    slow->device_irq->raise(0);
    const Link::Totals after = slow->link.totals();
    EXPECT_EQ(after.reads - before.reads, 1U);
    EXPECT_EQ(after.read_bytes - before.read_bytes, 10U);
    EXPECT_EQ(after.writes - before.writes, 1U);
    EXPECT_EQ(after.write_bytes - before.write_bytes, 3U);
    EXPECT_EQ(after.register_reads - before.register_reads, 1U);
    EXPECT_EQ(after.register_writes - before.register_writes, 1U);
    EXPECT_EQ(after.interrupts - before.interrupts, 1U);
  });
}

// ---- A packet link: 1 B/ns each way, 10 B of header, packets of 64 B, two tags
TEST(PacketLink, ReadDataComeInPacketsThatEndAtMultiples) {
  in_thread([] {
    const double t = now_ns();
    const ProbeTransaction& r = packets->dma.read(kRam + 32, 128);  // 32 + 64 + 32 B
    packets->dma.wait_for(r);
    // Request 10, way 5, memory 20, miss 100, three headers and data, way 5.
    EXPECT_DOUBLE_EQ(r.begin_resp, t + 10 + 5 + 100 + 20 + 30 + 128 + 5);
  });
}

TEST(PacketLink, WriteDataComeInPackets) {
  in_thread([] {
    const double t = now_ns();
    const ProbeTransaction& w = packets->dma.write(kRam, std::vector<std::uint8_t>(128, 1));
    packets->dma.wait_for(w);
    EXPECT_DOUBLE_EQ(w.begin_resp, t + 20 + 128 + 5 + 5);
  });
}

TEST(PacketLink, ReadsBeyondTheTagsWait) {
  in_thread([] {
    const double t = now_ns();
    const ProbeTransaction& a = packets->dma.read(kRam, 1);
    packets->dma.read(kRam, 1);
    const ProbeTransaction& c = packets->dma.read(kRam, 1);
    packets->dma.wait_for(c);
    EXPECT_DOUBLE_EQ(a.begin_resp, t + 10 + 5 + 20 + 11 + 5);
    EXPECT_DOUBLE_EQ(c.begin_resp, a.begin_resp + 10 + 5 + 20 + 11 + 5);
  });
}

TEST(PacketLink, RegistersAndInterruptsArePackets) {
  in_thread([] {
    packets->registers.log.clear();
    double t = now_ns();
    packets->host.write(0x20, 7);
    EXPECT_EQ(packets->host.read(0x40), 0x80U);
    // 14 B and 10 B down, 3 ns an access, 14 B up.
    EXPECT_DOUBLE_EQ(packets->registers.log[0].ns, t + 14 + 5);
    EXPECT_DOUBLE_EQ(now_ns(), t + 24 + 5 + 3 + 14 + 5);
    t = now_ns();
    packets->irq.log.clear();
    packets->device_irq->raise(2);
    sc_core::wait(packets->irq.raised);
    EXPECT_DOUBLE_EQ(now_ns(), t + 14 + 5);
  });
}

TEST(PacketLink, MissesAreWalkedAndCounted) {
  in_thread([] {
    const std::uint64_t before = packets->link.totals().iotlb_misses;
    // Five pages through four entries: the first one is out again.
    for (unsigned page = 0; page < 5; ++page) {
      packets->dma.wait_for(packets->dma.read(kRam + page * 4096, 1));
    }
    packets->dma.wait_for(packets->dma.read(kRam, 1));
    packets->dma.wait_for(packets->dma.read(kRam, 1));
    const std::uint64_t misses = packets->link.totals().iotlb_misses - before;
    EXPECT_GE(misses, 5U);
    EXPECT_LE(misses, 6U);
  });
}

TEST(PacketLink, AWriteDoesNotOvertakeOneThatIsDueWhenItArrives) {
  in_thread([] {
    // The first one's page is walked to for 100 ns; the second one waits for that, and the third
    // arrives at the very end of it. All were sent before any had arrived.
    for (unsigned page = 8; page < 12; ++page) {
      packets->dma.wait_for(packets->dma.read(kRam + page * 4096, 1));  // page 7 is out
    }
    const double start = now_ns();
    const std::size_t before = packets->dma.responses.size();
    constexpr std::uint64_t kPage = kRam + 7 * 4096;
    ProbeTransaction& a = packets->dma.write(kPage, std::vector<std::uint8_t>(10));
    ProbeTransaction& b = packets->dma.write(kPage + 0x100, std::vector<std::uint8_t>(50));
    ProbeTransaction& c = packets->dma.write(kPage + 0x200, std::vector<std::uint8_t>(30));
    while (packets->dma.responses.size() < before + 3) wait_ns(1);
    EXPECT_DOUBLE_EQ(c.begin_resp, start + 20 + 60 + 40 + 5 + 5);
    EXPECT_EQ(std::vector(packets->dma.responses.begin() + static_cast<std::ptrdiff_t>(before),
                          packets->dma.responses.end()),
              (std::vector<ProbeTransaction*>{&a, &b, &c}));
  });
}

TEST(SharedMemory, CpusLeaveTheRest) {
  in_thread([] {
    // 2 B/ns less the CPUs' 1.5: 64 B take 128 ns, one transaction after the other.
    const double t = now_ns();
    const ProbeTransaction& a = shared->dma.read(kRam, 64);
    const ProbeTransaction& b = shared->dma.read(kRam, 64);
    shared->dma.wait_for(b);
    EXPECT_DOUBLE_EQ(a.begin_resp, t + 20 + 128 + 60 + 2 + 20);
    EXPECT_DOUBLE_EQ(b.begin_resp - a.begin_resp, 128);
  });
}

TEST(LinkConfig, PresetsAreThereAndValid) {
  for (const std::string_view name : link_presets()) {
    SCOPED_TRACE(std::string(name));
    const LinkConfig config = link_preset(name);
    EXPECT_EQ(config.preset, name);
    EXPECT_NO_THROW(validate(config));
    for (const LinkSetting& s : describe(config)) EXPECT_FALSE(s.source.empty()) << s.name;
  }
  EXPECT_NEAR(link_preset("pcie4x8").upstream_bytes_per_ns, 16.0 * 8 * 128 / 130 / 8, 0.001);
  EXPECT_NEAR(link_preset("pcie5x16").upstream_bytes_per_ns, 32.0 * 16 * 128 / 130 / 8, 0.001);
}

TEST(LinkConfig, AFileMayBeAPreset) {
  const std::string path = testing::TempDir() + "link.toml";
  const auto load = [&path](const std::string& text) -> std::string {
    std::ofstream(path) << text;
    try {
      EXPECT_EQ(link_preset(path).memory_latency_ns, 7);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(load("[memory_latency_ns]\nvalue = 7\nsource = 'mine'\n"), "accepted");
  EXPECT_NE(load("[memory_latency]\nvalue = 7\nsource = 'mine'\n").find("unknown setting"),
            std::string::npos);
  EXPECT_NE(load("[memory_latency_ns]\nvalue = 7\n").find("'source'"), std::string::npos);
  EXPECT_NE(load("[tags]\nvalue = 1.5\nsource = 'mine'\n").find("[tags] cannot be 1.5"),
            std::string::npos);
  EXPECT_NE(load("[tags\n").find(":1:"), std::string::npos);
  EXPECT_THROW(static_cast<void>(link_preset("/nowhere/link.toml")), std::invalid_argument);
}

TEST(LinkConfig, ValuesThatCannotBeAreNamed) {
  const auto refused = [](void (*change)(LinkConfig&)) -> std::string {
    LinkConfig c;
    change(c);
    try {
      validate(c);
    } catch (const std::invalid_argument& e) {
      return e.what();
    }
    return "accepted";
  };
  EXPECT_NE(refused([](LinkConfig& c) { c.memory_latency_ns = -1; }).find("memory_latency_ns"),
            std::string::npos);
  EXPECT_NE(refused([](LinkConfig& c) { c.downstream_bytes_per_ns = 0; }).find("bytes_per_ns"),
            std::string::npos);
  EXPECT_NE(refused([](LinkConfig& c) { c.upstream_latency_ns = 0; }).find("upstream_latency_ns"),
            std::string::npos);
  EXPECT_NE(refused([](LinkConfig& c) {
              c.upstream_latency_ns = std::nan("");
            }).find("upstream_latency_ns"),
            std::string::npos);
  EXPECT_NO_THROW(validate(LinkConfig{}));
  EXPECT_THROW(static_cast<void>(link_preset("pcie9")), std::invalid_argument);
}

TEST(LinkConfig, EveryValueNamesItsBasis) {
  LinkConfig c = link_preset("soc");
  c.memory_latency_ns = 61;
  for (const LinkSetting& s : describe(c)) {
    EXPECT_EQ(s.provenance, s.name == "memory_latency_ns" ? "given" : "assumed") << s.name;
    EXPECT_FALSE(s.source.empty()) << s.name;
  }
  EXPECT_EQ(describe(c).size(), 20U);
}

}  // namespace

Modules elaborate() {
  Modules modules;
  soc = make_module<Bench>(modules, "soc", narrow_link());
  slow = make_module<Bench>(modules, "slow", slow_config());
  packets = make_module<Bench>(modules, "packets", packet_config());
  shared = make_module<Bench>(modules, "shared", shared_config());
  return modules;
}

}  // namespace pagepress::model
