// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/policy/page_memo.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

namespace pagepress::reclaim {
namespace {

constexpr std::size_t kArena = 1u << 20;

const CpuCodec& find_codec(const std::string& name) {
  for (const CpuCodec& codec : cpu_codecs()) {
    if (codec.name == name) return codec;
  }
  throw std::invalid_argument(fmt::format("unknown CPU codec '{}'", name));
}

}  // namespace

PageMemo::PageMemo(const std::string& codec, const Contents& contents, const sim::CostTable& costs,
                   double scale, std::uint32_t limit_bytes)
    : codec_(find_codec(codec)),
      contents_(contents),
      costs_(costs.codec(codec, fmt::format("{} {}", codec_.library, codec_.version))),
      scale_(scale),
      limit_(limit_bytes),
      mean_decompress_(scaled(costs_.mean_decompress_ns())),
      compressor_(make_codec()),
      entries_(contents.size()),
      known_(contents.size()),
      arena_used_(kArena) {
  if (costs_.compress.ns.size() != 1 || costs_.compress.ns.front().size() != contents.size() ||
      costs_.decompress.ns.size() != 1 || costs_.decompress.ns.front().size() != contents.size()) {
    throw sim::CostError(
        fmt::format("the costs of {} are not of one input of {} pages", codec, contents.size()));
  }
  for (std::uint32_t i = 0; i < contents.size(); ++i) {
    const auto at = reinterpret_cast<std::uintptr_t>(contents.at(i).data());
    if (!runs_.empty() && runs_.back().first + runs_.back().bytes == at) {
      runs_.back().bytes += kPageSize;
    } else {
      runs_.push_back({.first = at, .bytes = kPageSize, .index = i});
    }
  }
  std::sort(runs_.begin(), runs_.end(),
            [](const Run& a, const Run& b) { return a.first < b.first; });
}

std::uint32_t PageMemo::index_of(const void* page) const {
  const auto at = reinterpret_cast<std::uintptr_t>(page);
  const auto behind = std::upper_bound(
      runs_.begin(), runs_.end(), at, [](auto value, const Run& run) { return value < run.first; });
  if (behind == runs_.begin() || at - std::prev(behind)->first >= std::prev(behind)->bytes) {
    throw std::logic_error("a page to compress is none of the contents");
  }
  const Run& run = *std::prev(behind);
  return run.index + static_cast<std::uint32_t>((at - run.first) / kPageSize);
}

const PageMemo::Entry& PageMemo::compressed(std::uint32_t index) {
  Entry& entry = entries_[index];
  if (known_[index]) return entry;
  std::byte block[kPageSize];
  const Request request{.src = contents_.at(index).data(),
                        .dst = block,
                        .capacity = kPageSize,
                        .limit = limit_,
                        .tag = index};
  if (compressor_->submit({&request, 1}) != 1 || compressor_->poll({&entry.done, 1}) != 1) {
    throw std::logic_error(fmt::format("{} did not compress a page at once", codec_.name));
  }
  entry.block = keep({block, entry.done.out_len});
  known_[index] = true;
  return entry;
}

std::optional<std::uint64_t> PageMemo::fill_word(std::uint32_t index) {
  const Completion& done = compressed(index).done;
  if (done.status != Status::kSameFilled) return std::nullopt;
  return done.info;
}

Ns PageMemo::compress_ns(std::uint32_t index) const {
  return scaled(costs_.compress.ns.front()[index]);
}

Ns PageMemo::decompress_ns(std::uint32_t index) const {
  const std::uint32_t ns = costs_.decompress.ns.front()[index];
  return ns != 0 ? scaled(ns) : mean_decompress_;
}

std::unique_ptr<Codec> PageMemo::make_codec() const {
  return make_cpu_codec(codec_.make(codec_.standard_level()));
}

std::vector<std::span<const std::byte>> PageMemo::ranges() const {
  std::vector<std::span<const std::byte>> ranges;
  for (const Run& run : runs_) {
    const std::byte* const first = std::as_bytes(contents_.at(run.index)).data();
    ranges.emplace_back(first, run.bytes);
  }
  return ranges;
}

const std::byte* PageMemo::keep(std::span<const std::byte> block) {
  if (kArena - arena_used_ < block.size()) {
    arenas_.push_back(std::make_unique<std::byte[]>(kArena));
    arena_used_ = 0;
  }
  if (block.empty()) return nullptr;
  std::byte* const at = arenas_.back().get() + arena_used_;
  std::memcpy(at, block.data(), block.size());
  arena_used_ += block.size();
  return at;
}

Ns PageMemo::scaled(double ns) const { return static_cast<Ns>(std::llround(ns * scale_)); }

}  // namespace pagepress::reclaim
