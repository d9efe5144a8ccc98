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
      operations_(queue.capabilities().operations),
      device_verifies_((operations_ >> PP_OP_COMPRESS_VERIFY & 1u) != 0),
      pool_(make_pool(map, queue.allocator(), config)),
      flights_(queue.depth()),
      entries_(queue.depth()),
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

// All but addresses and tag.
void EngineCodec::describe(const Request& request, pp_sqe& sqe) const {
  const bool compress = request.operation == Operation::kCompress;
  const unsigned opcode = !compress          ? PP_OP_DECOMPRESS
                          : !request.verify  ? PP_OP_COMPRESS
                          : device_verifies_ ? PP_OP_COMPRESS_VERIFY
                                             : PP_OP_COMPRESS;
  if ((operations_ >> opcode & 1u) == 0) [[unlikely]] {
    throw DeviceError(DeviceFault::kUnsupported,
                      fmt::format("{}: the device cannot {} (operation {} is not in PP_REG_CAP1)",
                                  name_, to_string(request.operation), opcode));
  }
  sqe.opcode = static_cast<std::uint8_t>(opcode);
  sqe.src_len = request.src_len;
  // A device with larger units would write more; every codec stops at a page.
  sqe.dst_capacity = std::min(request.capacity, static_cast<std::uint32_t>(kPageSize));
  sqe.limit = request.limit;  // of decompress: ignored
}

// Whether nothing is special about it: both buffers in the mappings of the last ones, and nothing
// to do for it when it completes.
bool EngineCodec::in_place(const Request& request, pp_sqe& sqe) const noexcept {
  Iova src = 0;
  Iova dst = 0;
  if (!src_window_.covers(request.src, request.src_len, src) ||
      !dst_window_.covers(request.dst, request.capacity, dst) || ((src | dst) & align_mask_) != 0 ||
      (request.verify && !device_verifies_)) {
    return false;
  }
  sqe.src_addr = src;
  sqe.dst_addr = dst;
  return true;
}

std::size_t EngineCodec::submit(std::span<const Request> requests) {
  return submit_tagged(requests, [](const Request& request, std::size_t) { return request.tag; });
}

std::size_t EngineCodec::submit(std::span<const Request> requests,
                                std::span<const std::uint32_t> tags) {
  return submit_tagged(requests,
                       [tags](const Request&, std::size_t i) { return std::uint64_t{tags[i]}; });
}

// The common run: no deadline, nothing to verify, both buffers in the mappings of the last ones.
// Fills entries from `sqe` on for the requests from `first` on, up to one that is not so.
template <class TagOf>
std::size_t EngineCodec::place_plain(std::span<const Request> requests, std::size_t first,
                                     const TagOf& tag_of, pp_sqe* sqe) noexcept {
  static_assert(PP_OP_COMPRESS + static_cast<unsigned>(Operation::kDecompress) == PP_OP_DECOMPRESS);
  const DmaWindow src = src_window_;
  const DmaWindow dst = dst_window_;
  const Iova align_mask = align_mask_;
  const auto last_operation =
      (operations_ >> PP_OP_DECOMPRESS & 1u) != 0 ? Operation::kDecompress : Operation::kCompress;
  const std::uint16_t* top = free_.data() + free_count_ - first;
  Flight* const flights = flights_.data();
  std::size_t at = first;
  for (; at != requests.size(); ++at, ++sqe) {
    const Request& request = requests[at];
    const unsigned opcode = PP_OP_COMPRESS + static_cast<unsigned>(request.operation);
    Iova src_addr = 0;
    Iova dst_addr = 0;
    if (!src.covers(request.src, request.src_len, src_addr) ||
        !dst.covers(request.dst, request.capacity, dst_addr) ||
        ((src_addr | dst_addr) & align_mask) != 0 ||
        (request.deadline_ns | static_cast<std::uint64_t>(request.verify)) != 0 ||
        request.operation > last_operation) [[unlikely]] {
      break;
    }
    const std::uint16_t index = *--top;
    flights[index].tag = tag_of(request, at);
    sqe->opcode = static_cast<std::uint8_t>(opcode);
    sqe->src_len = request.src_len;
    sqe->src_addr = src_addr;
    sqe->dst_addr = dst_addr;
    sqe->dst_capacity = std::min(request.capacity, static_cast<std::uint32_t>(kPageSize));
    sqe->limit = request.limit;  // of decompress: ignored
    sqe->tag = index;
  }
  return at - first;
}

template <class TagOf>
std::size_t EngineCodec::submit_tagged(std::span<const Request> requests, const TagOf& tag_of) {
  // No more than what can be taken: the rest would be translated in vain.
  const std::size_t most =
      queue_.failed() ? 0 : std::min({requests.size(), queue_.room(), free_count_});
  const std::size_t late_before = late_.size();
  const std::size_t free_before = free_count_;
  if (map_version_ != map_.version()) [[unlikely]] {
    map_version_ = map_.version();
    src_window_ = dst_window_ = {};
  }
  pp_sqe* sqe = entries_.data();
  std::size_t taken = 0;
  std::uint64_t now = 0;  // of the Clock, once a deadline asks for it
  try {
    for (; taken < most; ++taken) {
      const std::size_t run = place_plain(requests.first(most), taken, tag_of, sqe);
      taken += run;
      sqe += run;
      if (taken == most) [[likely]] {
        break;
      }
      const Request& request = requests[taken];
      const std::uint16_t index = free_[free_before - 1 - taken];
      Flight& flight = flights_[index];
      flight.tag = tag_of(request, taken);
      describe(request, *sqe);
      sqe->tag = index;
      if (request.deadline_ns != 0 && late(request, now)) {
        late_.push_back(index);
      } else if (in_place(request, *sqe) || place(request, flight, *sqe)) {
        ++sqe;
      } else {
        break;  // no slot is free: what is taken so far goes
      }
    }
  } catch (...) {
    undo(taken, late_before);
    throw;
  }
  free_count_ = free_before - taken;
  const auto entries = static_cast<std::size_t>(sqe - entries_.data());
  if (entries != 0 && queue_.submit(std::span(entries_).first(entries)) == 0) [[unlikely]] {
    free_count_ = free_before;  // the device was reset meanwhile: poll() says so
    undo(taken, late_before);
    return 0;
  }
  return taken;
}

// Of `taken` flights from the top of the free ones, none of which the queue has.
void EngineCodec::undo(std::size_t taken, std::size_t late_before) noexcept {
  for (std::size_t i = 1; i <= taken; ++i) {
    give_back(flights_[free_[free_count_ - i]]);
  }
  late_.resize(late_before);
}

[[gnu::always_inline]] inline void EngineCodec::complete(const pp_cqe& cqe, Completion& done) {
  const auto index = static_cast<std::uint16_t>(cqe.tag);
  Flight& flight = flights_[index];
  done = {.tag = flight.tag,
          .status = static_cast<Status>(cqe.status),
          .out_len = cqe.out_len,
          .crc32c = cqe.crc32c,
          .info = cqe.info,
          .engine_cycles = cqe.engine_cycles};
  if (flight.special) [[unlikely]] {
    complete_special(flight, cqe, done);
  }
  free_[free_count_++] = index;
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

bool EngineCodec::late(const Request& request, std::uint64_t& now) const {
  now = now == 0 ? queue_.clock().now_ns() : now;
  return now >= request.deadline_ns;
}

// False if a slot is needed and none is free; throws std::invalid_argument if no slot helps.
bool EngineCodec::place(const Request& request, Flight& flight, pp_sqe& sqe) {
  flight.src = request.src;
  flight.dst = request.dst;
  flight.src_len = request.src_len;
  flight.src_slot = flight.dst_slot = kNoSlot;
  flight.verify = request.verify && request.operation == Operation::kCompress && !device_verifies_;
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
    if (flight.verify && !decodes(flight, cqe)) {
      done.status = Status::kVerifyFailed;
      done.out_len = 0;
    } else if (flight.dst_slot != kNoSlot) {
      std::memcpy(flight.dst, pool_->data(flight.dst_slot), cqe.out_len);
    }
  }
  give_back(flight);
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
