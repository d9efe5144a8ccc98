// SPDX-License-Identifier: Apache-2.0
// BatchJoin: who may take how much of a FIFO when workers share batches as padata's do. A
// batch is what waits, up to a number of pages, in chunks of an equal share for each
// worker; the next batch opens only when every page of this one has completed.
//
// Without locks: pages not handed out yet, pages not completed yet and the chunk are one
// 64-bit word. Limitations: batches of up to 65,535 pages; a worker that does not complete its
// chunk holds up all others, which is what joining means.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace pagepress {

class BatchJoin {
 public:
  BatchJoin(unsigned batch, unsigned workers) : batch_(batch), workers_(workers) {}

  // How many pages the caller may take now, at most `room`; `waiting` is what the FIFO holds.
  // Each of them has to be reported by complete(), whether the FIFO still had it or not.
  [[nodiscard]] unsigned claim(unsigned room, unsigned waiting) noexcept {
    std::uint64_t word = state_.load(std::memory_order_acquire);
    for (;;) {
      State state = unpack(word);
      if (state.left == 0) {
        if (state.unfinished != 0) {
          return 0;
        }
        const unsigned pages = std::min(batch_, waiting);
        state = {.chunk = (pages + workers_ - 1) / workers_, .left = pages, .unfinished = pages};
      }
      const unsigned claimed = std::min({room, state.chunk, state.left});
      if (claimed == 0) {
        return 0;
      }
      state.left -= claimed;
      if (state_.compare_exchange_weak(word, pack(state), std::memory_order_acq_rel)) {
        return claimed;
      }
    }
  }

  void complete(std::uint64_t pages) noexcept {
    state_.fetch_sub(pages, std::memory_order_acq_rel);  // `unfinished` has the lowest bits
  }

 private:
  struct State {
    unsigned chunk;
    unsigned left;
    unsigned unfinished;
  };
  static State unpack(std::uint64_t word) noexcept {
    return {.chunk = static_cast<unsigned>(word >> 32 & 0xffff),
            .left = static_cast<unsigned>(word >> 16 & 0xffff),
            .unfinished = static_cast<unsigned>(word & 0xffff)};
  }
  static std::uint64_t pack(const State& state) noexcept {
    return std::uint64_t{state.chunk} << 32 | std::uint64_t{state.left} << 16 | state.unfinished;
  }

  unsigned batch_;
  unsigned workers_;
  std::atomic<std::uint64_t> state_{0};
};

}  // namespace pagepress
