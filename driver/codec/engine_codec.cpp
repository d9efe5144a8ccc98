// SPDX-License-Identifier: Apache-2.0
// The engine as a Codec: requests become descriptors, completions come back.
// Limitations: addresses are one range each (no scatter lists); one queue pair.
#include <pagepress/codecs.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress {
namespace {

class EngineCodec final : public Codec {
 public:
  EngineCodec(std::string name, QueuePair& queue, const DmaMap& map)
      : name_(std::move(name)), queue_(queue), map_(map) {
    entries_.reserve(queue.depth());
    completions_.resize(queue.depth());
  }

  std::string_view name() const noexcept override { return name_; }
  std::size_t depth() const noexcept override { return queue_.depth(); }

  std::size_t submit(std::span<const Request> requests) override {
    // No more than what can be taken: the rest would be translated in vain.
    const std::size_t count = std::min(requests.size(), queue_.room());
    entries_.clear();
    for (const Request& request : requests.first(count)) {
      require(request.operation);
      entries_.push_back(describe(request));
    }
    return queue_.submit(entries_);
  }

  std::size_t poll(std::span<Completion> done) override {
    const std::size_t room = std::min(done.size(), completions_.size());
    const std::size_t count = queue_.poll(std::span(completions_).first(room));
    for (std::size_t i = 0; i < count; ++i) {
      const pp_cqe& cqe = completions_[i];
      done[i] = {.tag = cqe.tag,
                 .status = static_cast<Status>(cqe.status),
                 .out_len = cqe.out_len,
                 .crc32c = cqe.crc32c,
                 .info = cqe.info,
                 .engine_cycles = cqe.engine_cycles};
    }
    return count;
  }

 private:
  static unsigned opcode(Operation operation) noexcept {
    return operation == Operation::kCompress ? PP_OP_COMPRESS : PP_OP_DECOMPRESS;
  }

  void require(Operation operation) const {
    const Capabilities& device = queue_.capabilities();
    if ((device.operations >> opcode(operation) & 1u) == 0) [[unlikely]] {
      throw DeviceError(DeviceFault::kUnsupported,
                        fmt::format("{}: the device cannot {} (operation {} is not in PP_REG_CAP1)",
                                    name_, to_string(operation), opcode(operation)));
    }
  }

  pp_sqe describe(const Request& request) const {
    pp_sqe sqe{};
    sqe.opcode = static_cast<std::uint8_t>(opcode(request.operation));
    sqe.algorithm = PP_ALG_LZ4_BLOCK;
    sqe.src_len = request.src_len;
    sqe.src_addr = translate(request.src, request.src_len, DmaAccess::kRead, "source");
    sqe.dst_addr = translate(request.dst, request.capacity, DmaAccess::kReadWrite, "destination");
    // A device with larger units would write more; every codec stops at a page.
    sqe.dst_capacity = std::min(request.capacity, static_cast<std::uint32_t>(kPageSize));
    sqe.limit = request.operation == Operation::kCompress ? request.limit : 0;
    sqe.tag = request.tag;
    return sqe;
  }

  Iova translate(const void* addr, std::size_t len, DmaAccess access, const char* what) const {
    const auto iova = map_.translate(addr, len, access);
    if (!iova) [[unlikely]] {
      throw std::invalid_argument(fmt::format("{}: {} buffer {} of {} bytes is not mapped for DMA",
                                              name_, what, fmt::ptr(addr), len));
    }
    return *iova;
  }

  std::string name_;
  QueuePair& queue_;
  const DmaMap& map_;
  std::vector<pp_sqe> entries_;
  std::vector<pp_cqe> completions_;
};

}  // namespace

std::unique_ptr<Codec> make_engine_codec(std::string name, QueuePair& queue, const DmaMap& map) {
  return std::make_unique<EngineCodec>(std::move(name), queue, map);
}

}  // namespace pagepress
