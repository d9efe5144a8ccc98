// SPDX-License-Identifier: Apache-2.0
// DmaTransaction: one AXI burst as a TLM payload with its data, and the pool
// that it comes from. In the steady state nothing is allocated.
//
// Limitation: a burst stays inside an aligned 4 KiB block (an AXI rule).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <tlm>
#include <vector>

#include "model/device/ticks.hpp"

namespace pagepress::model {

inline constexpr unsigned kMaxBurstBytes = 4096;
inline constexpr unsigned kMaxBurstBeats = 256;

struct DmaTransaction final : tlm::tlm_generic_payload {
  using tlm::tlm_generic_payload::tlm_generic_payload;

  DmaTransaction* next = nullptr;  // in the one list that it stands in
  Ticks arrival = 0;               // of the response
  bool arrived = false;
  std::uint8_t id = 0;
  std::uint16_t beats = 0;
  std::array<std::uint64_t, kMaxBurstBeats> strobes;  // of a write, one bit a byte of a beat
  // Lane 0 of beat 0 is data[0]: the burst's address rounded down to a beat.
  alignas(64) std::array<std::uint8_t, kMaxBurstBytes> data;
  std::array<std::uint8_t, kMaxBurstBytes> enables;  // only if the strobes are not one run
};

class DmaPool final : public tlm::tlm_mm_interface {
 public:
  // A transaction with one reference; release() brings it back.
  DmaTransaction& allocate() {
    if (free_ == nullptr) {
      all_.push_back(std::make_unique<DmaTransaction>(this));
      free_ = all_.back().get();
      free_->next = nullptr;
    }
    DmaTransaction& transaction = *free_;
    free_ = transaction.next;
    transaction.next = nullptr;
    transaction.arrived = false;
    transaction.acquire();
    return transaction;
  }

  void free(tlm::tlm_generic_payload* payload) override {
    auto* const transaction = static_cast<DmaTransaction*>(payload);
    transaction->next = free_;
    free_ = transaction;
  }

 private:
  std::vector<std::unique_ptr<DmaTransaction>> all_;
  DmaTransaction* free_ = nullptr;
};

// A singly linked queue of transactions.
class DmaList {
 public:
  [[nodiscard]] bool empty() const noexcept { return head_ == nullptr; }
  [[nodiscard]] DmaTransaction* front() const noexcept { return head_; }

  void push(DmaTransaction& transaction) noexcept {
    transaction.next = nullptr;
    if (head_ == nullptr) {
      head_ = &transaction;
    } else {
      tail_->next = &transaction;
    }
    tail_ = &transaction;
  }

  // Keeps the list in order of arrival; equal ones in order of insertion.
  void push_by_arrival(DmaTransaction& transaction) noexcept {
    if (head_ == nullptr || tail_->arrival <= transaction.arrival) {
      push(transaction);
      return;
    }
    DmaTransaction** at = &head_;
    while ((*at)->arrival <= transaction.arrival) at = &(*at)->next;
    transaction.next = *at;
    *at = &transaction;
  }

  DmaTransaction& pop() noexcept {
    DmaTransaction& transaction = *head_;
    head_ = transaction.next;
    return transaction;
  }

 private:
  DmaTransaction* head_ = nullptr;
  DmaTransaction* tail_ = nullptr;
};

// The responses of one AXI channel (R or B): in order for each ID, by arrival
// among them.
class DmaResponses {
 public:
  void issued(DmaTransaction& transaction) noexcept {
    by_id_[transaction.id].push(transaction);
    ++outstanding_;
  }

  void arrived(DmaTransaction& transaction, Ticks time) noexcept {
    transaction.arrived = true;
    transaction.arrival = time;
    DmaList& same_id = by_id_[transaction.id];
    while (!same_id.empty() && same_id.front()->arrived) {
      DmaTransaction& ready = same_id.pop();
      // Not before its predecessor of the same ID.
      last_ready_[ready.id] = ready.arrival = std::max(ready.arrival, last_ready_[ready.id]);
      ready_.push_by_arrival(ready);
    }
  }

  // The next response that the edge at `time` can see, or null.
  DmaTransaction* take(Ticks time) noexcept {
    if (ready_.empty() || ready_.front()->arrival >= time) return nullptr;
    --outstanding_;
    return &ready_.pop();
  }

  [[nodiscard]] unsigned outstanding() const noexcept { return outstanding_; }

 private:
  std::array<DmaList, 256> by_id_;
  std::array<Ticks, 256> last_ready_{};
  DmaList ready_;
  unsigned outstanding_ = 0;
};

}  // namespace pagepress::model
