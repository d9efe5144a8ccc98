// SPDX-License-Identifier: Apache-2.0
// QueueShape: kcompressd's queues as they have been proposed or built, by name.
//
//   rfc       one thread a node, 256 entries, one page after the other
//   zram-v1   four threads, each with 4,096 entries of its own; the first FIFO that has room
//   batch     one thread, which hands batches of 8, 32 or 64 pages to an engine
//   parallel  several threads: on one FIFO, on one each, or on chunks of joined batches
//
// Where each comes from is in `source` and in docs/kcompressd.md. A shape says how FIFOs and
// workers are to be made; make_page_queue() makes the FIFOs, the workers are the caller's
// (Kcompressd, one a thread). Limitation: numbers are defaults; a caller may change each.
#pragma once

#include <pagepress/enqueue_gate.hpp>
#include <pagepress/page_queue.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace pagepress {

// How workers divide what waits among them.
enum class WorkSplit : std::uint8_t {
  kShared,  // all take from one FIFO
  kOwn,     // a FIFO for each worker
  kChunks,  // one FIFO; batches are split into chunks, completion joined
};
// "shared", "own", "chunks".
[[nodiscard]] std::string_view to_string(WorkSplit split) noexcept;

struct QueueShape {
  std::string_view name;
  std::string_view source;
  unsigned fifo_entries;  // of each FIFO
  unsigned workers;
  unsigned batch;   // pages that a worker takes at once
  bool pipelined;   // a worker takes more while pages are with its codec; else it waits for them
  WorkSplit split;  // among several workers
  Placement placement;      // of pages among several FIFOs
  EnqueueRule rule;         // which pages may be enqueued
  std::string_view policy;  // for a full FIFO: a name of back_pressure_names()

  [[nodiscard]] unsigned fifos() const noexcept { return split == WorkSplit::kOwn ? workers : 1; }
  // Of worker `worker`.
  [[nodiscard]] unsigned fifo_of(unsigned worker) const noexcept {
    return split == WorkSplit::kOwn ? worker : 0;
  }
};

[[nodiscard]] std::span<const QueueShape> queue_shapes() noexcept;
// Throws std::invalid_argument: the message lists the names that there are.
[[nodiscard]] const QueueShape& queue_shape(std::string_view name);

// Throws as PageQueue does.
[[nodiscard]] std::unique_ptr<PageQueue> make_page_queue(const QueueShape& shape);

}  // namespace pagepress
