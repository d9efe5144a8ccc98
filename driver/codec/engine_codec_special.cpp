// SPDX-License-Identifier: Apache-2.0
// Requests that need more than a descriptor: bounce buffers, and verification by this CPU.
#include <pagepress/codecs.hpp>

#include <fmt/format.h>

#include <cstring>
#include <stdexcept>

#include "driver/codec/bounce_pool.hpp"

namespace pagepress {

// False if a slot is needed and none is free; throws std::invalid_argument if no slot helps.
bool EngineCodec::place(const Request& request, Flight& flight, pp_sqe& sqe) {
  flight.src = request.src;
  flight.dst = request.dst;
  flight.src_len = request.src_len;
  flight.src_slot = flight.dst_slot = kNoSlot;
  flight.decompress = request.operation == Operation::kDecompress;
  flight.verify = request.verify && !device_verifies(request);
  flight.expected_crc32c = request.expected_crc32c;
  flight.special = true;
  if (place_destination(request, flight, sqe) && place_source(request, flight, sqe)) [[likely]] {
    return true;
  }
  give_back(flight);
  return false;
}

bool EngineCodec::place_destination(const Request& request, Flight& flight, pp_sqe& sqe) {
  const auto window = map_.window(request.dst, request.capacity, DmaAccess::kReadWrite);
  if (window && window->covers(request.dst, request.capacity, sqe.dst_addr) &&
      (sqe.dst_addr & align_mask_) == 0 && !config_.bounce_destinations) {
    dst_window_ = *window;
    return true;
  }
  if (!pool_) {
    give_back(flight);
    refuse(request.dst, request.capacity, "destination");
  }
  flight.dst_slot = pool_->take();
  if (flight.dst_slot == kNoSlot) {
    return false;
  }
  sqe.dst_addr = pool_->iova(flight.dst_slot);
  ++counters_.bounced_destinations;
  return true;
}

bool EngineCodec::place_source(const Request& request, Flight& flight, pp_sqe& sqe) {
  if (const auto window = map_.window(request.src, request.src_len, DmaAccess::kRead)) {
    const DmaWindow whole = window->whole_beats();
    if (whole.covers(request.src, request.src_len, sqe.src_addr) &&
        (sqe.src_addr & align_mask_) == 0) {
      src_window_ = whole;
      return true;
    }
  }
  if (!pool_ || request.src_len > BouncePool::kSlotBytes) {
    give_back(flight);
    refuse(request.src, request.src_len, "source");
  }
  flight.src_slot = pool_->take();
  if (flight.src_slot == kNoSlot) {
    return false;
  }
  std::memcpy(pool_->data(flight.src_slot), request.src, request.src_len);
  sqe.src_addr = pool_->iova(flight.src_slot);
  ++counters_.bounced_sources;
  return true;
}

void EngineCodec::refuse(const void* addr, std::size_t len, const char* what) const {
  throw std::invalid_argument(fmt::format("{}: {} buffer {} of {} bytes is not mapped for DMA{}",
                                          name_, what, fmt::ptr(addr), len,
                                          pool_ ? " and too long for a bounce buffer" : ""));
}

void EngineCodec::give_back(Flight& flight) noexcept {
  if (flight.special && pool_) {
    pool_->give_back(flight.src_slot);
    pool_->give_back(flight.dst_slot);
  }
  flight.special = false;
}

void EngineCodec::complete_special(Flight& flight, const pp_cqe& cqe, Completion& done) {
  if (done.status == Status::kOk) {
    if (flight.verify && !holds(flight, cqe)) {
      done.status = Status::kVerifyFailed;
      done.out_len = 0;
    } else if (flight.dst_slot != kNoSlot) {
      std::memcpy(flight.dst, pool_->data(flight.dst_slot), cqe.out_len);
    }
  }
  give_back(flight);
}

bool EngineCodec::holds(const Flight& flight, const pp_cqe& cqe) {
  ++counters_.verified;
  if (!flight.decompress) {
    return decodes(flight, cqe);
  }
  const void* output = flight.dst_slot == kNoSlot ? flight.dst : pool_->data(flight.dst_slot);
  return crc32c(output, cqe.out_len) == flight.expected_crc32c;
}

// Whether the output decodes to what the engine read: by its CRC where it has one, as the caller
// may have changed the page meanwhile.
bool EngineCodec::decodes(const Flight& flight, const pp_cqe& cqe) {
  const void* output = flight.dst_slot == kNoSlot ? flight.dst : pool_->data(flight.dst_slot);
  const void* source = flight.src_slot == kNoSlot ? flight.src : pool_->data(flight.src_slot);
  const Request decode{.src = output,
                       .dst = decoded_.data(),
                       .capacity = kPageSize,
                       .operation = Operation::kDecompress,
                       .src_len = cqe.out_len};
  Completion page;
  const bool answered =
      decoder_->submit(std::span(&decode, 1)) == 1 && decoder_->poll(std::span(&page, 1)) == 1;
  const std::uint32_t expected =
      queue_.capabilities().has(PP_FEAT_CRC32C) ? cqe.crc32c : crc32c(source, flight.src_len);
  return answered && page.status == Status::kOk && page.out_len == flight.src_len &&
         page.crc32c == expected;
}

}  // namespace pagepress
