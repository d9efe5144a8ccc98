// SPDX-License-Identifier: Apache-2.0
// Zswap's writeback: shrink_worker(), shrink_memcg_cb(), zswap_writeback_entry().
#include "sim/reclaim/swap/zswap.hpp"

namespace pagepress::reclaim {
namespace {

constexpr unsigned kRetries = 16;  // MAX_RECLAIM_RETRIES
constexpr unsigned kBatch = 32;    // SWAP_CLUSTER_MAX entries a walk
// Without a frame the kernel's worker would go into direct reclaim; here others have to free some.
constexpr Ns kNoFrameSleep = 1'000'000;

}  // namespace

void Zswap::shrink_worker(Task& worker) {
  for (;;) {
    while (!shrink_wanted_) worker.wait(shrink_);
    shrink_wanted_ = false;
    unsigned failures = 0;
    while (lru_.size() != 0 && copies_.pool().frames() > accept_frames()) {
      if (!shrink_batch(worker) && ++failures == kRetries) break;
    }
    worker.settle();
  }
}

bool Zswap::shrink_batch(Task& worker) {
  const std::uint64_t before = counters_.written_back;
  for (unsigned i = 0; i != kBatch && lru_.size() != 0; ++i) {
    const PageId page = lru_.oldest();
    lru_.add(page);  // LRU_ROTATE; or where it stays if it cannot be written
    if (referenced_[page]) {
      referenced_[page] = false;
      continue;
    }
    worker.charge(costs_.alloc_ns, "writeback");
    if (!frames_.take_frames(1, false)) {
      worker.sleep(kNoFrameSleep);
      break;
    }
    ++writeback_frames_;
    write_back(worker, page);
  }
  return counters_.written_back != before;
}

void Zswap::write_back(Task& worker, PageId page) {
  const Version version = copies_.version(page);
  Ns cost = costs_.swap_cache_ns + costs_.tree_ns + costs_.zs_free_ns + costs_.block_io_ns;
  if (decompress_ns_) cost += decompress_ns_(contents_.index(page, version));
  worker.charge(cost, "writeback");
  worker.settle();
  wait_for_request(worker);
  // Meanwhile it may have gone, or been stored anew.
  if (!lru_.holds(page) || copies_.version(page) != version) {
    give_writeback_frame();
    return;
  }
  ++vmstat_.zswpwb;
  ++counters_.written_back;
  submit(page, version, false);
}

void Zswap::give_writeback_frame() {
  --writeback_frames_;
  frames_.give_frames(1);
}

}  // namespace pagepress::reclaim
