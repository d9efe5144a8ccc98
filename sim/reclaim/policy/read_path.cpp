// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/policy/read_path.hpp"

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"
#include "sim/reclaim/swap/verify_copy.hpp"

namespace pagepress::reclaim {
namespace {}  // namespace

SwapPath::ReadFrom ReadPath::read(Task& task, PageId page) {
  const Copy copy = store_.find(page);
  if (copy.kind != Copy::Kind::kBlock) verify(page, copy);
  switch (copy.kind) {
    case Copy::Kind::kNone:
      break;  // verify() has thrown
    case Copy::Kind::kDevice:
      ++counters_.device;
      store_.read_from_device(task, page);
      return SwapPath::ReadFrom::kDevice;  // the store counts its own loads
    case Copy::Kind::kSameFilled:
      ++counters_.same_filled;
      task.charge(costs_.zero_page_ns, "fill page");
      break;
    case Copy::Kind::kRaw:
      ++counters_.raw;
      task.charge(costs_.copy_ns(kPageSize), "copy page");
      break;
    case Copy::Kind::kBlock:
      read_block(task, page, copy);
      break;
  }
  store_.note_loaded(task, page);
  return SwapPath::ReadFrom::kStore;
}

void ReadPath::read_block(Task& task, PageId page, const Copy& copy) {
  if (engine_) {
    if (const std::byte* const bytes = engine_(task, copy)) {
      ++counters_.by_engine;
      const Version version = mm_.version(page);
      verify_decoded(page, version, copy, {bytes, kPageSize}, contents_.of(page, version));
      return;
    }
  }
  verify(page, copy);  // decodes it, while the block is there: time passes below
  ++counters_.by_cpu;
  const Ns cost = memo_.decompress_ns(contents_.index(page, copy.version));
  counters_.cpu_ns += cost;
  task.run(cost, "decompress");
}

void ReadPath::verify(PageId page, const Copy& copy) const {
  const Version version = mm_.version(page);
  verify_copy(*decoder_, page, version, copy, contents_.of(page, version));
}

nlohmann::json to_json(const ReadPath::Counters& counters) {
  return {{"same_filled", counters.same_filled}, {"raw", counters.raw},
          {"by_cpu", counters.by_cpu},           {"by_engine", counters.by_engine},
          {"device", counters.device},           {"cpu_ns", counters.cpu_ns}};
}

}  // namespace pagepress::reclaim
