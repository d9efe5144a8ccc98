// SPDX-License-Identifier: Apache-2.0
// Requests become descriptors, completions come back.
#include <pagepress/codecs.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "driver/codec/bounce_pool.hpp"

namespace pagepress {
namespace {

constexpr unsigned kMostSlots = kNoSlot;

std::unique_ptr<BouncePool> make_pool(DmaMap& map, DmaAllocator& allocator,
                                      const EngineCodecConfig& config) {
  if (config.bounce_slots == 1 || config.bounce_slots > kMostSlots ||
      (config.bounce_destinations && config.bounce_slots == 0)) {
    throw std::invalid_argument(
        fmt::format("bounce_slots {}: must be from 2 to {}, or 0 where nothing is to be bounced",
                    config.bounce_slots, kMostSlots));
  }
  return config.bounce_slots == 0
             ? nullptr
             : std::make_unique<BouncePool>(map, allocator, config.bounce_slots);
}

}  // namespace

EngineCodec::EngineCodec(std::string name, QueuePair& queue, DmaMap& map,
                         const EngineCodecConfig& config)
    : name_(std::move(name)),
      queue_(queue),
      map_(map),
      config_(config),
      align_mask_(queue.capabilities().has(PP_FEAT_UNALIGNED)
                      ? 0
                      : (Iova{1} << queue.capabilities().align_log2) - 1),
      device_verifies_((queue.capabilities().operations >> PP_OP_COMPRESS_VERIFY & 1u) != 0),
      pool_(make_pool(map, queue.allocator(), config)),
      flights_(queue.depth()),
      completions_(queue.depth()) {
  entries_.reserve(queue.depth());
  free_.reserve(queue.depth());
  late_.reserve(queue.depth());
  free_.resize(queue.depth());
  std::iota(free_.begin(), free_.end(), std::uint16_t{0});
  free_count_ = free_.size();
  if (!device_verifies_) {
    decoder_ = make_cpu_lz4();
    decoded_.resize(kPageSize);
  }
}

EngineCodec::~EngineCodec() {
  const bool stop = outstanding() != late_.size() || queue_.stopped();
  if (stop && queue_.stop() == Ownership::kRevoked && pool_) {
    pool_->abandon();
  }
}

std::size_t EngineCodec::submit(std::span<const Request> requests) {
  // No more than what can be taken: the rest would be translated in vain.
  const std::size_t most =
      queue_.failed() ? 0 : std::min({requests.size(), queue_.room(), free_count_});
  entries_.clear();
  const std::size_t late_before = late_.size();
  std::size_t taken = 0;
  std::uint64_t now = 0;  // of the Clock, once a deadline asks for it
  try {
    for (; taken < most; ++taken) {
      const Request& request = requests[taken];
      require(request);
      const std::uint16_t index = free_[free_count_ - 1];
      Flight& flight = flights_[index];
      flight = {.tag = request.tag,
                .src = request.src,
                .dst = request.dst,
                .src_len = request.src_len,
                .capacity = request.capacity,
                .src_slot = kNoSlot,
                .dst_slot = kNoSlot,
                .verify = request.verify && request.operation == Operation::kCompress &&
                          !device_verifies_};
      if (request.deadline_ns != 0 && late(request, now)) [[unlikely]] {
        late_.push_back(index);
      } else {
        pp_sqe& sqe = entries_.emplace_back();
        sqe.tag = index;
        if (!place(request, flight, sqe)) [[unlikely]] {
          entries_.pop_back();
          break;  // no slot is free: what is taken so far goes
        }
      }
      --free_count_;
    }
  } catch (...) {
    undo(taken, late_before);
    throw;
  }
  if (!entries_.empty() && queue_.submit(entries_) == 0) [[unlikely]] {
    undo(taken, late_before);  // the device was reset meanwhile: poll() says so
    return 0;
  }
  return taken;
}

// Of the last `taken` flights, none of which the queue has: their indices still lie above the top.
void EngineCodec::undo(std::size_t taken, std::size_t late_before) noexcept {
  for (; taken != 0; --taken, ++free_count_) {
    give_back(flights_[free_[free_count_]]);
  }
  late_.resize(late_before);
}

std::size_t EngineCodec::poll(std::span<Completion> done) {
  std::size_t count = 0;
  for (; !late_.empty() && count < done.size(); ++count) {
    done[count] = {.tag = flights_[late_.back()].tag, .status = Status::kDeadlineMissed};
    ++counters_.deadline_misses;
    free_[free_count_++] = late_.back();
    late_.pop_back();
  }
  if (count != 0) [[unlikely]] {
    return count;
  }
  const std::size_t most = std::min(done.size(), completions_.size());
  count = queue_.poll(std::span(completions_).first(most));
  for (std::size_t i = 0; i < count; ++i) {
    complete(completions_[i], done[i]);
  }
  return count;
}

void EngineCodec::wait(std::uint64_t timeout_ns) {
  if (late_.empty()) {
    queue_.wait(timeout_ns);
  }
}

unsigned EngineCodec::opcode(const Request& request) const noexcept {
  if (request.operation == Operation::kDecompress) {
    return PP_OP_DECOMPRESS;
  }
  return request.verify && device_verifies_ ? PP_OP_COMPRESS_VERIFY : PP_OP_COMPRESS;
}

void EngineCodec::require(const Request& request) const {
  if ((queue_.capabilities().operations >> opcode(request) & 1u) == 0) [[unlikely]] {
    throw DeviceError(DeviceFault::kUnsupported,
                      fmt::format("{}: the device cannot {} (operation {} is not in PP_REG_CAP1)",
                                  name_, to_string(request.operation), opcode(request)));
  }
}

bool EngineCodec::late(const Request& request, std::uint64_t& now) const {
  now = now == 0 ? queue_.clock().now_ns() : now;
  return now >= request.deadline_ns;
}

// False if a slot is needed and none is free; throws std::invalid_argument if no slot helps.
bool EngineCodec::place(const Request& request, Flight& flight, pp_sqe& sqe) {
  sqe.opcode = static_cast<std::uint8_t>(opcode(request));
  sqe.algorithm = PP_ALG_LZ4_BLOCK;
  sqe.src_len = request.src_len;
  // A device with larger units would write more; every codec stops at a page.
  sqe.dst_capacity = std::min(request.capacity, static_cast<std::uint32_t>(kPageSize));
  sqe.limit = request.operation == Operation::kCompress ? request.limit : 0;
  if (!place_destination(request, flight, sqe)) [[unlikely]] {
    return false;
  }
  if (!place_source(request, flight, sqe)) [[unlikely]] {
    give_back(flight);
    return false;
  }
  return true;
}

bool EngineCodec::place_destination(const Request& request, Flight& flight, pp_sqe& sqe) {
  const auto iova = map_.translate(request.dst, request.capacity, DmaAccess::kReadWrite);
  if (iova && aligned(*iova) && !config_.bounce_destinations) [[likely]] {
    sqe.dst_addr = *iova;
    return true;
  }
  if (!pool_) {
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
  const auto iova = map_.translate(request.src, request.src_len, DmaAccess::kRead);
  if (iova && aligned(*iova)) [[likely]] {
    sqe.src_addr = *iova;
    return true;
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

void EngineCodec::give_back(const Flight& flight) noexcept {
  if (pool_) {
    pool_->give_back(flight.src_slot);
    pool_->give_back(flight.dst_slot);
  }
}

void EngineCodec::complete(const pp_cqe& cqe, Completion& done) {
  const auto index = static_cast<std::uint16_t>(cqe.tag);
  const Flight& flight = flights_[index];
  done = {.tag = flight.tag,
          .status = static_cast<Status>(cqe.status),
          .out_len = cqe.out_len,
          .crc32c = cqe.crc32c,
          .info = cqe.info,
          .engine_cycles = cqe.engine_cycles};
  if (done.status == Status::kOk) {
    if (flight.verify && !decodes(flight, cqe)) [[unlikely]] {
      done.status = Status::kVerifyFailed;
      done.out_len = 0;
    } else if (flight.dst_slot != kNoSlot) {
      std::memcpy(flight.dst, pool_->data(flight.dst_slot), cqe.out_len);
    }
  }
  if (flight.src_slot != flight.dst_slot) {  // both kNoSlot, or else two of the pool's
    give_back(flight);
  }
  free_[free_count_++] = index;
}

// Whether the output decodes to what the engine read: by its CRC where it has one, as the caller
// may have changed the page meanwhile.
bool EngineCodec::decodes(const Flight& flight, const pp_cqe& cqe) {
  ++counters_.verified;
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

std::unique_ptr<EngineCodec> make_engine_codec(std::string name, QueuePair& queue, DmaMap& map,
                                               const EngineCodecConfig& config) {
  return std::make_unique<EngineCodec>(std::move(name), queue, map, config);
}

}  // namespace pagepress
