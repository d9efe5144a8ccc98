// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/policy/read_path.hpp"

#include <cstring>

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"

namespace pagepress::reclaim {
namespace {

constexpr std::uint64_t kKibPerPage = kPageSize / 1024;

}  // namespace

void ReadPath::read(Task& task, PageId page) {
  const Copy copy = store_.find(page);
  if (copy.kind == Copy::Kind::kNone) {
    throw ConservationError(fmt::format("page {} is read from swap, which does not have it", page));
  }
  if (copy.version != mm_.version(page)) {
    throw ConservationError(fmt::format("page {} comes back as version {}, not {}", page,
                                        copy.version, mm_.version(page)));
  }
  switch (copy.kind) {
    case Copy::Kind::kNone:
      break;
    case Copy::Kind::kDevice:
      ++counters_.device;
      store_.read_from_device(task, page);
      return;  // the store counts its own loads
    case Copy::Kind::kSameFilled:
      ++counters_.same_filled;
      check_word(page, copy);
      task.charge(costs_.zero_page_ns, "fill page");
      break;
    case Copy::Kind::kRaw:
      ++counters_.raw;
      task.charge(kKibPerPage * costs_.copy_ns_per_kib, "copy page");
      break;
    case Copy::Kind::kBlock:
      read_block(task, page, copy);
      break;
  }
  store_.note_loaded(task, page);
}

void ReadPath::read_block(Task& task, PageId page, const Copy& copy) {
  if (engine_) {
    if (const std::byte* const bytes = engine_(task, copy)) {
      ++counters_.by_engine;
      check(page, copy, bytes);
      return;
    }
  }
  const Request request{.src = copy.block.data(),
                        .dst = page_.data(),
                        .capacity = kPageSize,
                        .operation = Operation::kDecompress,
                        .src_len = static_cast<std::uint32_t>(copy.block.size())};
  Completion done;
  if (decoder_->submit({&request, 1}) != 1 || decoder_->poll({&done, 1}) != 1 ||
      done.status != Status::kOk || done.out_len != kPageSize) {
    throw ConservationError(fmt::format("page {}: what was stored cannot be decompressed", page));
  }
  check(page, copy, page_.data());
  ++counters_.by_cpu;
  const Ns cost = memo_.decompress_ns(contents_.index(page, copy.version));
  counters_.cpu_ns += cost;
  task.run(cost, "decompress");
}

void ReadPath::check(PageId page, const Copy& copy, const std::byte* bytes) const {
  if (std::memcmp(bytes, contents_.of(page, copy.version).data(), kPageSize) == 0) return;
  throw ConservationError(
      fmt::format("page {} comes back with other bytes than version {} has", page, copy.version));
}

void ReadPath::check_word(PageId page, const Copy& copy) const {
  const sim::PageView bytes = contents_.of(page, copy.version);
  for (std::size_t at = 0; at < kPageSize; at += sizeof(copy.word)) {
    if (std::memcmp(bytes.data() + at, &copy.word, sizeof(copy.word)) == 0) continue;
    throw ConservationError(
        fmt::format("page {} is not filled with the word that it comes back as", page));
  }
}

nlohmann::json to_json(const ReadPath::Counters& counters) {
  return {{"same_filled", counters.same_filled}, {"raw", counters.raw},
          {"by_cpu", counters.by_cpu},           {"by_engine", counters.by_engine},
          {"device", counters.device},           {"cpu_ns", counters.cpu_ns}};
}

}  // namespace pagepress::reclaim
