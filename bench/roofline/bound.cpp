// SPDX-License-Identifier: Apache-2.0
#include "bench/roofline/bound.hpp"

#include <algorithm>
#include <cstdint>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::bench {
namespace {

constexpr double kPage = sim::kPageBytes;
constexpr std::uint32_t kDoorbell = 4;  // bytes of a register write
constexpr unsigned kDoorbells = 2;      // a page: its submission's and its completion's

std::uint32_t pieces(std::uint32_t bytes, std::uint32_t most) { return (bytes + most - 1) / most; }

// Packets of `bytes` that begin at a multiple of `most`, in bursts of at most `burst`.
std::uint32_t packets(std::uint32_t bytes, std::uint32_t burst, std::uint32_t most) {
  const std::uint32_t whole = bytes / burst;
  const std::uint32_t rest = bytes % burst;
  if (most == 0) return whole + (rest == 0 ? 0 : 1);
  return whole * pieces(burst, most) + pieces(rest, most);
}

// Submissions that one request fetches at most.
std::uint32_t fetched_at_once(const model::fast::Geometry& g) {
  const std::uint32_t in_burst = g.burst_beats * g.beat_bytes / PP_SQE_SIZE;
  return std::max(1U, std::min(in_burst, g.sq_prefetch / 2));
}

Traffic traffic_of_unit(const model::LinkConfig& link, const model::fast::Geometry& g,
                        const Unit& unit) {
  const std::uint32_t burst = g.burst_beats * g.beat_bytes;
  const std::uint32_t src_beats = pieces(unit.src_len, g.beat_bytes);
  const std::uint32_t src_bytes = src_beats * g.beat_bytes;  // reads are whole beats
  const std::uint32_t header = link.header_bytes;
  const double at_once = fetched_at_once(g);
  const std::uint32_t fetch_bytes = fetched_at_once(g) * PP_SQE_SIZE;

  Traffic t;
  t.read_beats = src_beats + PP_SQE_SIZE / g.beat_bytes;
  t.write_beats = pieces(unit.out_len, g.beat_bytes) + 1;
  t.memory_bytes = src_bytes + PP_SQE_SIZE + unit.out_len + PP_CQE_SIZE;

  t.downstream_bytes = src_bytes + packets(src_bytes, burst, link.read_completion_bytes) * header;
  t.downstream_bytes +=
      PP_SQE_SIZE +
      packets(fetch_bytes, fetch_bytes, link.read_completion_bytes) * header / at_once;
  if (link.registers_share_wires) t.downstream_bytes += kDoorbells * (header + kDoorbell);

  t.upstream_bytes = unit.out_len + packets(unit.out_len, burst, link.max_payload_bytes) * header;
  t.upstream_bytes += PP_CQE_SIZE + header;
  t.upstream_bytes += (pieces(src_bytes, burst) + 1 / at_once) * header;  // read requests
  return t;
}

}  // namespace

Traffic traffic_of(const model::LinkConfig& link, const model::fast::Geometry& geometry,
                   std::span<const Unit> units) {
  Traffic sum;
  for (const Unit& unit : units) {
    const Traffic t = traffic_of_unit(link, geometry, unit);
    sum.read_beats += t.read_beats;
    sum.write_beats += t.write_beats;
    sum.downstream_bytes += t.downstream_bytes;
    sum.upstream_bytes += t.upstream_bytes;
    sum.memory_bytes += t.memory_bytes;
  }
  const auto count = static_cast<double>(units.size());
  return {sum.read_beats / count, sum.write_beats / count, sum.downstream_bytes / count,
          sum.upstream_bytes / count, sum.memory_bytes / count};
}

std::vector<Term> terms_of(const Machine& machine, const Traffic& traffic, const Pace& pace) {
  const model::LinkConfig& link = machine.link;
  std::vector<Term> terms = {
      {"engines", machine.geometry.engines * pace.bytes_per_cycle * machine.clock_ghz},
      {"link_downstream", kPage * link.downstream_bytes_per_ns / traffic.downstream_bytes},
      {"link_upstream", kPage * link.upstream_bytes_per_ns / traffic.upstream_bytes},
      {"axi_read", kPage * machine.clock_ghz / traffic.read_beats},
      {"axi_write", kPage * machine.clock_ghz / traffic.write_beats}};
  if (link.memory_bytes_per_ns > 0) {
    terms.push_back({"memory", kPage * (link.memory_bytes_per_ns - link.cpu_bytes_per_ns) /
                                   traffic.memory_bytes});
  }
  return terms;
}

const Term& least(std::span<const Term> terms) {
  return *std::ranges::min_element(terms, {}, &Term::bytes_per_ns);
}

double round_trip_ns(const Machine& machine, const Pace& pace) {
  const model::LinkConfig& link = machine.link;
  const double on_the_way = link.switch_latency_ns + link.root_latency_ns;
  const double up = link.upstream_latency_ns + on_the_way;
  const double down = link.downstream_latency_ns + on_the_way;
  const double walk = link.iotlb_entries == 0 ? 0 : link.iotlb_miss_ns;
  const double doorbell = down;
  const double fetch = up + link.memory_latency_ns + down;
  const double read = up + walk + link.memory_latency_ns + down;
  const double engine = pace.latency_cycles / machine.clock_ghz;
  const double write = up + walk + down;  // data, and the response to it
  const double completion = up;
  return doorbell + fetch + read + engine + write + completion;
}

double latency_bound(unsigned depth, double round_trip_ns) { return depth * kPage / round_trip_ns; }

}  // namespace pagepress::bench
