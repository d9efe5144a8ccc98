// SPDX-License-Identifier: Apache-2.0
// What a run leaves behind, page by page, and the figures of results.json that
// are made of it (docs/results.md). No simulation here: plain data in, JSON out.
// Limitation: completions are recorded in the order they were seen.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <pagepress/codec.hpp>
#include <pagepress/codec_router.hpp>
#include <pagepress/device.hpp>
#include <pagepress/enqueue_gate.hpp>
#include <pagepress/kcompressd.hpp>
#include <pagepress/reliable_codec.hpp>

#include "sim/experiment/workload.hpp"

namespace pagepress::sim {

struct PageRecord {
  Status status = Status::kInternal;
  std::uint32_t out_len = 0;
  std::uint32_t engine_cycles = 0;
  bool zero = false;  // same-filled with the word 0
  bool completed = false;
  bool synchronous = false;       // by kswapd, not by a worker
  std::uint64_t enqueue_ns = 0;   // handed to the FIFO
  std::uint64_t submit_ns = 0;    // handed to the back end
  std::uint64_t complete_ns = 0;  // its completion was seen by the poller
  // An engine's completion was written; with several workers: as complete_ns.
  std::uint64_t arrive_ps = 0;
  std::uint64_t answer = 0;  // hash of status, word and bytes: what two runs have in common
};

// What of a completed page is kept; arrive_ps and answer are left 0.
[[nodiscard]] PageRecord to_record(const PageDone& done);

// PageRecord::answer of what a back end answered, whatever it took. The CRC32C is left out, as CPU
// codecs may be told to make none; it is verified on its own.
[[nodiscard]] std::uint64_t answer_hash(const Completion& answer, std::span<const std::byte> out);

// A thread of a run in real time.
struct ThreadRun {
  std::string name;          // "kcompressd/0"
  std::uint64_t cpu_ns = 0;  // by its own clock, from its first page's wait to its end
  std::uint64_t pages = 0;   // that it compressed or decompressed
};

struct Mismatch {
  std::size_t page = 0;  // index in the workload
  std::string reason;
};

// What became of pages on their way to the back end.
struct QueueRun {
  PageQueueCounters pages;
  std::array<std::uint64_t, kRefusals> refused{};  // by Refusal; kNone: that could be enqueued
  std::uint64_t synchronous = 0;                   // pages that kswapd compressed itself
  std::uint64_t synchronous_ns = 0;                // and its CPU time for them
  std::vector<KcompressdCounters> workers;
  std::optional<RouterCounters> route;  // of all workers, with queue.route = "adaptive"
};

// All pages of one operation.
struct PassRun {
  std::vector<PageRecord> pages;       // by index in the pass
  std::vector<std::uint32_t> order;    // of those by workers, as completions were seen
  std::vector<Mismatch> mismatches;    // all of them
  std::vector<std::uint64_t> idle_ns;  // latencies of the depth-1 probe
  std::vector<std::uint64_t> busy_ns;  // decompress: the same while compression runs
  KcompressdCounters worker;           // simulated time that the workers spent, together
  QueueRun queue;
  std::optional<double> cpu_ns_per_page;  // none if there are no pages
  double wall_s = 0;
  std::vector<ThreadRun> threads;  // of a run in real time
};

// What a fault plan came to.
struct FaultReport {
  std::map<std::string, std::uint64_t> applied;  // by kind
  std::vector<std::string> log;                  // the first of them, as text
  std::vector<std::string> not_due;
};

// What became of an engine's pages where faults were expected of it.
struct DriverReport {
  ReliableCounters counters;  // of all workers
  std::string no_device;      // why there was none from the start; empty: there was
};

struct BackendRun {
  std::string name;
  bool real_time = false;              // times are the host's, measured
  bool mixed = false;                  // an engine's workers may give pages to CPUs
  bool emulated = false;               // an engine with a time of its own: they say nothing of it
  std::optional<double> clock_mhz;     // of an engine: as simulated, so of a period of whole ps
  std::optional<Capabilities> device;  // of an engine: what it says of itself
  PassRun compress;                    // all pages: an index is one in the workload
  PassRun decompress;                  // those stored as blocks that verified
  std::uint64_t block_bytes = 0;       // of those blocks
  std::optional<FaultReport> faults;   // of an engine that had a plan
  std::optional<DriverReport> driver;  // of one whose plan has faults
};

// One entry of `backends`. Every page must have completed.
[[nodiscard]] nlohmann::json to_json(const BackendRun& run, const Workload& workload);

// Bytes of pages a clock cycle of an engine under load.
struct Throughput {
  std::optional<double> matched;  // over units that were not same-filled
  std::optional<double> all;      // over everything, same-filled pages too
};
// matched: over all pairs of successive completions of which neither unit was
// same-filled, 4096 a pair / the cycles between the two writes. A same-filled page
// thus adds neither bytes nor cycles. With several engines, whose units overlap: 4096 a
// unit that was not same-filled / the cycles from the first write to the last.
// all: 4096 a unit after the first / the cycles from the first write to the last.
[[nodiscard]] Throughput steady_throughput(const PassRun& run, std::optional<double> clock_mhz,
                                           unsigned engines = 1);

}  // namespace pagepress::sim
