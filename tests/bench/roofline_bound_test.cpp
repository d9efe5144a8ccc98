// SPDX-License-Identifier: Apache-2.0
// The roofline's arithmetic against examples worked out by hand.
#include "bench/roofline/bound.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>

#include "bench/roofline/point.hpp"

namespace pagepress::bench {
namespace {

constexpr std::array kCompress = {Unit{4096, 1500}};
constexpr std::array kDecompress = {Unit{1500, 4096}};

model::LinkConfig pcie() {
  model::LinkConfig link;
  link.upstream_latency_ns = link.downstream_latency_ns = 100;
  link.root_latency_ns = 50;
  link.memory_latency_ns = 80;
  link.upstream_bytes_per_ns = 60;
  link.downstream_bytes_per_ns = 50;
  link.header_bytes = 24;
  link.max_payload_bytes = 512;
  link.read_completion_bytes = 64;
  link.registers_share_wires = true;
  return link;
}

double term(const std::vector<Term>& terms, std::string_view name) {
  for (const Term& one : terms) {
    if (one.name == name) return one.bytes_per_ns;
  }
  throw std::out_of_range(std::string(name));
}

TEST(Traffic, AnOnChipPageHasNoHeaders) {
  const Traffic t = traffic_of(model::LinkConfig{}, {}, kCompress);
  EXPECT_DOUBLE_EQ(t.read_beats, 64 + 1);   // the page, a submission
  EXPECT_DOUBLE_EQ(t.write_beats, 24 + 1);  // 1,500 bytes in beats of 64, a completion
  EXPECT_DOUBLE_EQ(t.downstream_bytes, 4096 + 64);
  EXPECT_DOUBLE_EQ(t.upstream_bytes, 1500 + 32);
  EXPECT_DOUBLE_EQ(t.memory_bytes, 4096 + 64 + 1500 + 32);
}

TEST(Traffic, ANarrowBusNeedsTwoBeatsForASubmission) {
  model::fast::Geometry geometry;
  geometry.beat_bytes = 32;
  const Traffic t = traffic_of(model::LinkConfig{}, geometry, kCompress);
  EXPECT_DOUBLE_EQ(t.read_beats, 128 + 2);
  EXPECT_DOUBLE_EQ(t.write_beats, 47 + 1);
}

TEST(Traffic, PacketsHaveHeaders) {
  const Traffic t = traffic_of(pcie(), {}, kCompress);
  // 64 completions of 64 bytes; a submission in one more; two doorbells of 4 bytes.
  EXPECT_DOUBLE_EQ(t.downstream_bytes, 64 * (64 + 24) + (64 + 24) + 2 * (4 + 24));
  // Three packets of data; the completion; requests of 1 KiB, and one for four submissions.
  EXPECT_DOUBLE_EQ(t.upstream_bytes, 1500 + 3 * 24 + (32 + 24) + (4 + 0.25) * 24);
}

TEST(Traffic, ABlockIsReadInWholeBeats) {
  const Traffic t = traffic_of(pcie(), {}, kDecompress);
  EXPECT_DOUBLE_EQ(t.read_beats, 24 + 1);
  EXPECT_DOUBLE_EQ(t.write_beats, 64 + 1);
  EXPECT_DOUBLE_EQ(t.downstream_bytes, 24 * (64 + 24) + (64 + 24) + 2 * (4 + 24));
  EXPECT_DOUBLE_EQ(t.upstream_bytes, 4096 + 8 * 24 + (32 + 24) + (2 + 0.25) * 24);
}

TEST(Traffic, APageThatDoesNotShrinkWritesNothing) {
  const std::array units = {Unit{4096, 0}, Unit{4096, 1024}};
  const Traffic t = traffic_of(model::LinkConfig{}, {}, units);
  EXPECT_DOUBLE_EQ(t.upstream_bytes, 512 + 32);  // the mean of both
  EXPECT_DOUBLE_EQ(t.write_beats, 8 + 1);
}

TEST(Bound, EveryTermIsInPageBytes) {
  Machine machine{.link = pcie(), .geometry = {}, .clock_ghz = 0.5};
  machine.link.memory_bytes_per_ns = 100;
  machine.link.cpu_bytes_per_ns = 20;
  machine.geometry.engines = 3;
  const Traffic traffic{.read_beats = 65,
                        .write_beats = 25,
                        .downstream_bytes = 8192,
                        .upstream_bytes = 2048,
                        .memory_bytes = 5000};
  const auto terms = terms_of(machine, traffic, {.bytes_per_cycle = 16, .latency_cycles = 400});
  EXPECT_DOUBLE_EQ(term(terms, "engines"), 3 * 16 * 0.5);
  EXPECT_DOUBLE_EQ(term(terms, "link_downstream"), 50.0 / 2);
  EXPECT_DOUBLE_EQ(term(terms, "link_upstream"), 60.0 * 2);
  EXPECT_DOUBLE_EQ(term(terms, "axi_read"), 4096.0 / 65 * 0.5);
  EXPECT_DOUBLE_EQ(term(terms, "axi_write"), 4096.0 / 25 * 0.5);
  EXPECT_DOUBLE_EQ(term(terms, "memory"), 4096 * 80.0 / 5000);
  EXPECT_EQ(least(terms).name, "engines");
}

TEST(Bound, MemoryWithoutALimitIsNoTerm) {
  const Machine machine;
  const auto terms = terms_of(machine, traffic_of(machine.link, machine.geometry, kCompress), {16});
  EXPECT_THROW(term(terms, "memory"), std::out_of_range);
}

TEST(RoundTrip, IsTheWayOfAPageThatIsAlone) {
  Machine machine{.link = pcie(), .geometry = {}, .clock_ghz = 2};
  // Doorbell, request and data of the submission and of the page, result and response, completion:
  // four ways of 150 ns each way. Memory twice, and 400 cycles.
  const double plain = 4 * 150 + 4 * 150 + 2 * 80 + 200;
  EXPECT_DOUBLE_EQ(round_trip_ns(machine, {16, 400}), plain);
  machine.link.iotlb_entries = 64;
  machine.link.iotlb_miss_ns = 300;
  EXPECT_DOUBLE_EQ(round_trip_ns(machine, {16, 400}), plain + 2 * 300);
  EXPECT_DOUBLE_EQ(latency_bound(64, 2000), 64 * 4096 / 2000.0);
}

Point point(const std::string& link, unsigned depth, double bytes_per_ns) {
  Point p{.link = link,
          .operation = "compress",
          .engines = 2,
          .depth = depth,
          .queues = 8,
          .terms = {{"engines", 100}, {"axi_read", 200}},
          .round_trip_ns = 1000,
          .measured = {}};
  p.measured.bytes_per_ns = bytes_per_ns;
  p.measured.engines = {{.busy = 1, .stall_input = 0.2, .stall_output = 0},
                        {.busy = 0.8, .stall_input = 0.1, .stall_output = 0.1}};
  return p;
}

TEST(Rule, IsAboutDeepQueuesOnTwoLinks) {
  EXPECT_FALSE(good(point("soc", 64, 94.9)));
  EXPECT_TRUE(good(point("soc", 64, 95)));
  EXPECT_FALSE(good(point("pcie5x16", 256, 94.9)));
  EXPECT_TRUE(good(point("soc", 32, 10)));
  EXPECT_TRUE(good(point("pcie4x8", 64, 10)));
}

TEST(Counters, CyclesAddUp) {
  const Cycles cycles = cycles_of(point("soc", 64, 50).measured.engines);
  EXPECT_DOUBLE_EQ(cycles.work, 0.7);
  EXPECT_DOUBLE_EQ(cycles.wait_input, 0.15);
  EXPECT_DOUBLE_EQ(cycles.wait_output, 0.05);
  EXPECT_DOUBLE_EQ(cycles.idle, 0.1);
  EXPECT_EQ(binds(cycles), "input");
  EXPECT_EQ(binds({.work = 0.96, .wait_input = 0.04}), "engines");
  EXPECT_EQ(binds({.work = 0.5, .wait_input = 0.1, .wait_output = 0.4}), "output");
  EXPECT_EQ(binds({.work = 0.5, .wait_input = 0.1, .idle = 0.4}), "units");
}

TEST(Counters, TheExplanationNamesTheLatencyWhereItBinds) {
  EXPECT_EQ(explanation(point("soc", 64, 50)).find("in flight"), std::string::npos);
  EXPECT_NE(explanation(point("soc", 16, 50)).find("16 pages in flight"), std::string::npos);
}

}  // namespace
}  // namespace pagepress::bench
