// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/swap/zswap.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"

namespace pagepress::reclaim {
namespace {

std::uint64_t percent(std::uint64_t value, std::uint64_t least, const char* name) {
  if (value < least || value > 100) {
    throw std::invalid_argument(fmt::format("{} is {}, but must be {} to 100", name, value, least));
  }
  return value;
}

}  // namespace

Zswap::Zswap(const StoreConfig& store, const SwapDeviceConfig& device, const KernelCosts& costs,
             Vmstat& vmstat, FrameSource& frames, WriteSink& sink, const Contents& contents,
             Scheduler& scheduler, DecompressCost decompress_ns)
    : config_(store),
      costs_(costs),
      vmstat_(vmstat),
      frames_(frames),
      sink_(sink),
      contents_(contents),
      decompress_ns_(std::move(decompress_ns)),
      copies_(store, device, frames, contents),
      device_(device,
              [this](const SwapDevice::Write& write, WriteEnd end) { write_done(write, end); }),
      requests_(device.requests),
      block_limit_(block_limit(store)) {
  percent(store.max_pool_percent, 1, "store.max_pool_percent");
  percent(store.accept_threshold_percent, 0, "store.accept_threshold_percent");
  if (requests_ == 0) throw std::invalid_argument("device.requests is 0, but must be 1 or more");
  if (!store.shrinker) return;
  TaskConfig worker;
  worker.name = "kworker/zswap-shrink";
  worker.group = "kworker";
  scheduler.spawn(worker, [this](Task& task) { shrink_worker(task); });
}

std::uint64_t Zswap::limit_frames() const noexcept {
  return frames_.managed_frames() * config_.max_pool_percent / 100;
}

std::uint64_t Zswap::accept_frames() const noexcept {
  return limit_frames() * config_.accept_threshold_percent / 100;
}

bool Zswap::full() {
  const std::uint64_t held = copies_.pool().frames();
  if (held >= limit_frames()) {
    reached_full_ = true;
  } else if (reached_full_ && held <= accept_frames()) {
    reached_full_ = false;
  }
  return reached_full_;
}

bool Zswap::reserve_slot(PageId page) { return copies_.take_slot(page) != SwapSlots::kNone; }

Stored Zswap::store(Task& current, PageId page, Version version, const Completion& done,
                    std::span<const std::byte> out, bool memalloc) {
  const Compressed result = classify(done, out, block_limit_);
  current.charge(
      result == Compressed::kPoor ? costs_.tree_ns : store_ns(costs_, result, out.size()), "store");
  copies_.expect_not_later(page, version);
  if (copies_.take_slot(page) == SwapSlots::kNone) return reject(page, &Use::no_slot);
  if (result == Compressed::kPoor) return reject(page, &Use::compress_poor);
  if (!keep(page, version, result, done, out, memalloc)) return reject(page, &Use::no_memory);
  ++vmstat_.zswpout;
  return Stored::kStored;
}

Stored Zswap::refuse(Task& current, PageId page) {
  current.charge(costs_.tree_ns, "store");
  if (!std::exchange(shrink_wanted_, true)) shrink_.notify(sc_core::SC_ZERO_TIME);
  return reject(page, &Use::limit_hit);
}

// What it had of the page is stale now (check_old).
Stored Zswap::reject(PageId page, std::uint64_t Use::*why) {
  ++counters_.rejected;
  ++(counters_.*why);
  drop_from_store(page);
  return Stored::kRejected;
}

bool Zswap::keep(PageId page, Version version, Compressed result, const Completion& done,
                 std::span<const std::byte> out, bool memalloc) {
  if (result == Compressed::kSameFilled) {
    copies_.put_same_filled(page, version, done.info);
    lru_.remove(page);
  } else {
    if (!copies_.put_block(page, version, out, done.crc32c, memalloc)) return false;
    lru_.add(page);
    if (page >= referenced_.size()) referenced_.resize(copies_.size());
    referenced_[page] = true;
  }
  return true;
}

void Zswap::drop_from_store(PageId page) {
  if (!copies_.in_store(page)) return;
  lru_.remove(page);
  copies_.drop_copy(page);
}

void Zswap::invalidate(PageId page) {
  lru_.remove(page);
  copies_.drop(page);
}

void Zswap::give_up(PageId page) {
  if (copies_.in_store(page)) --vmstat_.zswpout;
  invalidate(page);
}

std::uint32_t& Zswap::request_of(PageId page) {
  if (page >= request_.size()) request_.resize(copies_.size());
  return request_[page];
}

// Blocks as blk_mq_get_tag() does.
void Zswap::wait_for_request(Task& current) {
  while (device_.writing() >= requests_) {
    ++request_waiters_;
    current.wait(request_done_);
    --request_waiters_;
  }
}

void Zswap::write_to_device(Task& current, PageId page, Version version) {
  current.charge(costs_.block_io_ns, "swap write");
  current.settle();
  wait_for_request(current);
  copies_.expect_not_later(page, version);
  if (copies_.in_store(page)) --vmstat_.zswpout;  // rolled back, as others of its folio
  if (copies_.take_slot(page) == SwapSlots::kNone) {
    device_.fail(page, version);
    return;
  }
  submit(page, version, true);
}

void Zswap::submit(PageId page, Version version, bool of_mm) {
  lru_.remove(page);
  copies_.put_device(page, version);
  ++vmstat_.pswpout;
  request_of(page) = device_.write(copies_.slot(page), page, version, of_mm);
}

void Zswap::write_done(const SwapDevice::Write& write, WriteEnd end) {
  if (request_waiters_ != 0) request_done_.notify(sc_core::SC_ZERO_TIME);
  if (write.id != 0 && request_[write.page] == write.id) request_[write.page] = 0;
  if (write.of_mm) {
    sink_.end_write(write.page, end);
  } else {
    give_writeback_frame();
  }
}

void Zswap::read_from_device(Task& current, PageId page) {
  if (copies_.kind(page) != Copy::Kind::kDevice) {
    throw ConservationError(
        fmt::format("page {} is read from the swap device, where it is not", page));
  }
  if (request_of(page) != 0) {  // its folio is in the swap cache, under writeback
    current.charge(costs_.swap_cache_ns, "swap read");
    return;
  }
  device_.expect(copies_.slot(page), page, copies_.version(page));
  ++vmstat_.pswpin;
  current.charge(costs_.block_io_ns, "swap read");
  current.settle();
  current.sleep(device_.read());
  current.charge(costs_.irq_ns, "swap read");
}

void Zswap::note_loaded(Task& current, PageId page) {
  // shrink_worker() may have written it while it was decompressed. (The kernel's would have left it
  // alone: a folio that is being read is in the swap cache.)
  if (copies_.kind(page) != Copy::Kind::kDevice) expect_in_store(copies_, page);
  current.charge(costs_.tree_ns, "load");
  ++vmstat_.zswpin;
  if (lru_.holds(page)) lru_.add(page);
}

SwapStore::Use Zswap::use() const {
  Use use = copies_.use();
  use.rejected = counters_.rejected;
  use.limit_hit = counters_.limit_hit;
  use.compress_poor = counters_.compress_poor;
  use.no_memory = counters_.no_memory;
  use.no_slot = counters_.no_slot;
  use.written_back = counters_.written_back;
  use.writeback_frames = writeback_frames_;
  use.device_places = device_.places();
  use.device_busy_ns = device_.busy_ns();
  return use;
}

void Zswap::check() const {
  copies_.check();
  const Use use = copies_.use();
  if (lru_.size() != use.pages - use.same_filled) {
    throw ConservationError(fmt::format("zswap: {} entries in the LRU, {} in the pool", lru_.size(),
                                        use.pages - use.same_filled));
  }
}

}  // namespace pagepress::reclaim
