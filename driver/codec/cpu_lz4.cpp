// SPDX-License-Identifier: Apache-2.0
// cpu:lz4: liblz4 with the engine's completion semantics.
//
// liblz4 answers 0 if the block does not fit its output size, and succeeds
// exactly if the block that it would have made without a limit fits, so the
// limit can be given to it as the output size.
// Limitation: depth 1; the state is LZ4_compress_fast_extState's, which clears
// its 16 KiB hash table for every page, as the kernel's lz4 does.
#include <pagepress/codecs.hpp>

#include <lz4.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress {
namespace {

// The 8-byte word that fills the page, if one does. Most pages that are not
// filled differ in the first words, so the loop ends early on them.
std::optional<std::uint64_t> fill_word(const std::byte* page) noexcept {
  std::uint64_t first = 0;
  std::memcpy(&first, page, sizeof(first));
  for (std::size_t at = sizeof(first); at < kPageSize; at += sizeof(first)) {
    std::uint64_t word = 0;
    std::memcpy(&word, page + at, sizeof(word));
    if (word != first) {
      return std::nullopt;
    }
  }
  return first;
}

class CpuLz4 final : public Codec {
 public:
  explicit CpuLz4(bool with_crc32c)
      : with_crc32c_(with_crc32c),
        state_((static_cast<std::size_t>(LZ4_sizeofState()) + 7) / sizeof(std::uint64_t)) {}

  std::string_view name() const noexcept override { return "cpu:lz4"; }
  std::size_t depth() const noexcept override { return 1; }

  std::size_t submit(std::span<const Request> requests) override {
    if (requests.empty() || done_) {
      return 0;
    }
    const Request& request = requests.front();
    done_ = request.operation == Operation::kCompress ? compress(request) : decompress(request);
    return 1;
  }

  std::size_t poll(std::span<Completion> done) override {
    if (done.empty() || !done_) {
      return 0;
    }
    done.front() = *done_;
    done_.reset();
    return 1;
  }

 private:
  Completion compress(const Request& request) {
    Completion result;
    result.tag = request.tag;
    const std::uint32_t limit = request.limit == 0 ? PP_LIMIT_DEFAULT : request.limit;
    if (limit > kPageSize || request.src_len != kPageSize) {
      result.status = Status::kBadDescriptor;
      return result;
    }
    if (with_crc32c_) {
      result.crc32c = crc32c(request.src, kPageSize);
    }
    if (const auto word = fill_word(static_cast<const std::byte*>(request.src))) {
      result.status = Status::kSameFilled;
      result.info = *word;
      return result;
    }
    const int room = static_cast<int>(std::min(limit, request.capacity));
    const int out = LZ4_compress_fast_extState(state_.data(), static_cast<const char*>(request.src),
                                               static_cast<char*>(request.dst),
                                               static_cast<int>(kPageSize), room, 1);
    result.status = out > 0 ? Status::kOk : Status::kIncompressible;
    result.out_len = static_cast<std::uint32_t>(std::max(out, 0));
    return result;
  }

  Completion decompress(const Request& request) const {
    Completion result;
    result.tag = request.tag;
    if (request.src_len == 0 || request.src_len > kMaxBlockSize) {
      result.status = Status::kBadDescriptor;
      return result;
    }
    const auto capacity = std::min(request.capacity, static_cast<std::uint32_t>(kPageSize));
    const int out =
        LZ4_decompress_safe(static_cast<const char*>(request.src), static_cast<char*>(request.dst),
                            static_cast<int>(request.src_len), static_cast<int>(capacity));
    if (out < 0) {
      result.status = Status::kMalformed;
      return result;
    }
    result.status = Status::kOk;
    result.out_len = static_cast<std::uint32_t>(out);
    if (with_crc32c_) {
      result.crc32c = crc32c(request.dst, result.out_len);
    }
    return result;
  }

  bool with_crc32c_;
  std::vector<std::uint64_t> state_;  // LZ4_stream_t wants 8-byte alignment
  std::optional<Completion> done_;
};

}  // namespace

std::unique_ptr<Codec> make_cpu_lz4(bool with_crc32c) {
  return std::make_unique<CpuLz4>(with_crc32c);
}

}  // namespace pagepress
