// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/list_walk.hpp"

#include <algorithm>
#include <cstring>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::model::fast {
namespace {

constexpr Cycle kToWalk = 2;  // edges from the job to its first step
constexpr Cycle kToAsk = 3;   // to the first burst of a list
constexpr Cycle kToStep = 2;  // from a list's beat to its entry

}  // namespace

void ListWalk::job(Flow& flow, Cycle now) {
  Walking walking{.flow = &flow, .from = now + kToWalk, .src = {}, .dst = {}};
  const Job& job = flow.job;
  const auto fetch = [&](List& list, std::uint64_t address, unsigned entries) {
    list.address = address;
    list.entries = entries;
    asks_.push_back(
        {{address, entries * static_cast<std::uint32_t>(sizeof(pp_sge))}, now + kToAsk});
  };
  if (job.src_sgl) fetch(walking.src, job.src_addr, job.src_count);
  if (job.dst_sgl) fetch(walking.dst, job.dst_addr, job.dst_count);
  walking_.push_back(std::move(walking));
}

Cut ListWalk::take(Cycle now) {
  Ask& ask = asks_.front();
  const Cut cut = cut_burst(ask.rest, geometry_.beat_bytes, geometry_.burst_beats);
  ask.rest = behind(ask.rest, cut);
  ask.from = now + 1;
  if (ask.rest.len == 0) {
    asks_.pop_front();
    if (!asks_.empty()) asks_.front().from = std::max(asks_.front().from, now + 2);
  }
  return cut;
}

bool ListWalk::complete(const List& list) {
  return list.bytes.size() == list.entries * sizeof(pp_sge);
}

// Lists come in the order in which they were asked for.
void ListWalk::data(const std::uint8_t* bytes, const Cut& cut, bool refused_any,
                    const std::vector<bool>& refused, Cycle last) {
  for (Walking& walking : walking_) {
    for (List* list : {&walking.src, &walking.dst}) {
      if (complete(*list)) continue;
      list->bytes.insert(list->bytes.end(), bytes, bytes + cut.bytes);
      for (unsigned i = 0; i < cut.bytes; ++i) {
        const unsigned lane = static_cast<unsigned>(cut.start % geometry_.beat_bytes);
        list->refused.push_back(refused_any && refused[(lane + i) / geometry_.beat_bytes]);
      }
      list->here = last;
      return;
    }
  }
}

// The ranges of one side, trimmed to the bytes needed; what is wrong goes into the flow.
void ListWalk::walk_side(Flow& flow, const List& list, std::uint64_t address, std::uint32_t need,
                         std::vector<Range>& ranges) const {
  if (list.entries == 0) {
    ranges.push_back({address, need});
    return;
  }
  std::uint32_t left = need;
  for (unsigned i = 0; i < list.entries; ++i) {
    if (list.refused[i * sizeof(pp_sge)]) {
      if (!flow.list_fault) flow.fault_address = address + i * sizeof(pp_sge);
      flow.list_fault = true;
      continue;
    }
    pp_sge entry;
    std::memcpy(&entry, list.bytes.data() + i * sizeof entry, sizeof entry);
    if (entry.reserved != 0) flow.bad_list = true;
    const std::uint32_t take = std::min(entry.len, left);
    if (take != 0) ranges.push_back({entry.addr, take});
    left -= take;
  }
  if (left != 0) flow.bad_list = true;
  if (ranges.empty()) ranges.push_back({address, 0});
}

ListWalk::Shown ListWalk::next() {
  if (walking_.empty()) return {};
  Walking& walking = walking_.front();
  if (!complete(walking.src) || !complete(walking.dst)) return {};
  Flow& flow = *walking.flow;
  walk_side(flow, walking.src, flow.job.src_addr, flow.job.src_len, flow.src);
  walk_side(flow, walking.dst, flow.job.dst_addr, flow.job.dst_capacity, flow.dst);
  // A bus error hides a bad list.
  if (flow.list_fault) flow.bad_list = false;
  // A step an entry, the last one not before its beat; a range for each side without a list.
  Cycle at = std::max(walking.from, free_);
  for (const List* list : {&walking.src, &walking.dst}) {
    const Cycle steps = std::max(1U, list->entries);
    at += steps;
    if (list->entries != 0) at = std::max(at, list->here + kToStep + 1);
  }
  free_ = at + 1;
  walking_.pop_front();
  return {&flow, at};
}

}  // namespace pagepress::model::fast
