// SPDX-License-Identifier: Apache-2.0
#include <pagepress/queue_shape.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace pagepress {
namespace {

constexpr std::array<QueueShape, 4> kShapes = {{
    {.name = "rfc",
     .source = "\"mm: Add Kcompressd\" (RFC), 30 Apr 2025: a thread a node, kfifo of 256 folios, "
               "zswap_store() one after the other",
     .fifo_entries = 256,
     .workers = 1,
     .batch = 1,
     .pipelined = false,
     .split = WorkSplit::kShared,
     .placement = Placement::kFirstWithRoom,
     .rule = EnqueueRule::kRfc,
     .policy = "sync-newest"},
    {.name = "zram-v1",
     .source = "zram series of 7 Mar 2025: 4 threads of 4096 FIFO entries each, the first that "
               "has room",
     .fifo_entries = 4096,
     .workers = 4,
     .batch = 1,
     .pipelined = false,
     .split = WorkSplit::kOwn,
     .placement = Placement::kFirstWithRoom,
     .rule = EnqueueRule::kZramV1,
     .policy = "sync-newest"},
    {.name = "batch",
     .source = "the RFC's FIFO with batches of SWAP_CLUSTER_MAX pages to an engine, as reviewers "
               "asked for",
     .fifo_entries = 256,
     .workers = 1,
     .batch = 32,
     .pipelined = true,
     .split = WorkSplit::kShared,
     .placement = Placement::kFirstWithRoom,
     .rule = EnqueueRule::kRfc,
     .policy = "wait"},
    {.name = "parallel",
     .source = "the RFC's FIFO with several threads and batches, as reviewers asked for; padata's "
               "way with `chunks`",
     .fifo_entries = 256,
     .workers = 4,
     .batch = 32,
     .pipelined = true,
     .split = WorkSplit::kShared,
     .placement = Placement::kInTurn,
     .rule = EnqueueRule::kRfc,
     .policy = "wait"},
}};

}  // namespace

std::string_view to_string(WorkSplit split) noexcept {
  switch (split) {
    case WorkSplit::kShared:
      return "shared";
    case WorkSplit::kOwn:
      return "own";
    case WorkSplit::kChunks:
      return "chunks";
  }
  return "unknown";
}

std::span<const QueueShape> queue_shapes() noexcept { return kShapes; }

const QueueShape& queue_shape(std::string_view name) {
  const auto found = std::find_if(kShapes.begin(), kShapes.end(),
                                  [name](const QueueShape& shape) { return shape.name == name; });
  if (found != kShapes.end()) {
    return *found;
  }
  std::string known;
  for (const QueueShape& shape : kShapes) {
    known += fmt::format("{}{}", known.empty() ? "" : ", ", shape.name);
  }
  throw std::invalid_argument(fmt::format("unknown queue shape '{}' (known: {})", name, known));
}

std::unique_ptr<PageQueue> make_page_queue(const QueueShape& shape) {
  const bool chunks = shape.split == WorkSplit::kChunks;
  return std::make_unique<PageQueue>(PageQueueConfig{.fifos = shape.fifos(),
                                                     .entries = shape.fifo_entries,
                                                     .placement = shape.placement,
                                                     .joined_batch = chunks ? shape.batch : 0,
                                                     .sharers = chunks ? shape.workers : 1});
}

}  // namespace pagepress
