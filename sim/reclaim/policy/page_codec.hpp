// SPDX-License-Identifier: Apache-2.0
// PageCodec: a CPU codec for the driver's pieces, whose answers come from PageMemo and whose time
// is CPU time of the task that polls: one page at a time, as a kernel thread does it.
// Limitations: compresses pages of Contents only; what decompressing costs is the mean over all
// blocks, as a request does not say which page its block is of.
#pragma once

#include <cstring>
#include <memory>
#include <stdexcept>

#include <pagepress/codec.hpp>

#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/policy/page_memo.hpp"

namespace pagepress::reclaim {

class PageCodec final : public Codec {
 public:
  // References outlive this.
  PageCodec(PageMemo& memo, Scheduler& scheduler) : memo_(memo), scheduler_(scheduler) {}

  [[nodiscard]] std::string_view name() const noexcept override { return memo_.name(); }
  [[nodiscard]] std::size_t depth() const noexcept override { return 1; }

  std::size_t submit(std::span<const Request> requests) override {
    if (busy_ || requests.empty()) return 0;
    const Request& request = requests.front();
    busy_ = true;
    if (request.operation == Operation::kDecompress) {
      decompress(request);
      return 1;
    }
    const std::uint32_t index = memo_.index_of(request.src);
    const PageMemo::Entry& entry = memo_.compressed(index);
    if (entry.done.out_len > request.capacity)
      throw std::logic_error("a block longer than allowed");
    if (entry.done.out_len != 0) std::memcpy(request.dst, entry.block, entry.done.out_len);
    done_ = entry.done;
    done_.tag = request.tag;
    cost_ = memo_.compress_ns(index);
    doing_ = "compress";
    return 1;
  }
  // The CPU time is spent here.
  std::size_t poll(std::span<Completion> done) override {
    if (!busy_ || done.empty()) return 0;
    scheduler_.current().run(cost_, doing_);
    spent_ns_ += cost_;
    ++pages_;
    busy_ = false;
    done.front() = done_;
    return 1;
  }
  [[nodiscard]] Ns spent_ns() const noexcept { return spent_ns_; }
  [[nodiscard]] std::uint64_t pages() const noexcept { return pages_; }

 private:
  void decompress(const Request& request) {
    if (!decoder_) decoder_ = memo_.make_codec();
    if (decoder_->submit({&request, 1}) != 1 || decoder_->poll({&done_, 1}) != 1) {
      throw std::logic_error("a CPU codec did not decompress a block at once");
    }
    cost_ = memo_.mean_decompress_ns();
    doing_ = "decompress";
  }

  PageMemo& memo_;
  Scheduler& scheduler_;
  std::unique_ptr<Codec> decoder_;
  Completion done_;
  Ns cost_ = 0;
  const char* doing_ = nullptr;
  bool busy_ = false;
  Ns spent_ns_ = 0;
  std::uint64_t pages_ = 0;
};

}  // namespace pagepress::reclaim
