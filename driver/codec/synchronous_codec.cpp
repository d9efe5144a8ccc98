// SPDX-License-Identifier: Apache-2.0
// A BlockCodec as a Codec: all that the engine does around a block, once for every library.
// Limitation: depth 1.
#include <pagepress/codecs.hpp>
#include <pagepress/cpu_codecs.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress {
namespace {

class SynchronousCodec final : public Codec {
 public:
  SynchronousCodec(std::unique_ptr<BlockCodec> block, bool with_crc32c)
      : block_(std::move(block)), with_crc32c_(with_crc32c) {}

  std::string_view name() const noexcept override { return block_->name(); }
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
    const auto* page = static_cast<const std::byte*>(request.src);
    if (with_crc32c_) {
      result.crc32c = crc32c(page, kPageSize);
    }
    if (const auto word = fill_word(page)) {
      result.status = Status::kSameFilled;
      result.info = *word;
      return result;
    }
    const std::size_t len =
        block_->compress(std::span<const std::byte, kPageSize>(page, kPageSize),
                         {static_cast<std::byte*>(request.dst), std::min(limit, request.capacity)});
    result.status = len != 0 ? Status::kOk : Status::kIncompressible;
    result.out_len = static_cast<std::uint32_t>(len);
    return result;
  }

  Completion decompress(const Request& request) {
    Completion result;
    result.tag = request.tag;
    if (request.src_len == 0 || request.src_len > kMaxBlockSize) {
      result.status = Status::kBadDescriptor;
      return result;
    }
    const std::size_t capacity = std::min<std::size_t>(request.capacity, kPageSize);
    const auto len =
        block_->decompress({static_cast<const std::byte*>(request.src), request.src_len},
                           {static_cast<std::byte*>(request.dst), capacity});
    if (!len) {
      result.status = Status::kMalformed;
      return result;
    }
    result.status = Status::kOk;
    result.out_len = static_cast<std::uint32_t>(*len);
    if (with_crc32c_ || request.verify) {
      result.crc32c = crc32c(request.dst, *len);
    }
    if (request.verify && result.crc32c != request.expected_crc32c) {
      result.status = Status::kVerifyFailed;
      result.out_len = 0;
    }
    return result;
  }

  std::unique_ptr<BlockCodec> block_;
  bool with_crc32c_;
  std::optional<Completion> done_;
};

}  // namespace

std::unique_ptr<Codec> make_cpu_codec(std::unique_ptr<BlockCodec> block, bool with_crc32c) {
  return std::make_unique<SynchronousCodec>(std::move(block), with_crc32c);
}

}  // namespace pagepress
