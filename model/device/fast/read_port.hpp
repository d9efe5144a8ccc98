// SPDX-License-Identifier: Apache-2.0
// rtl/dma/pp_axi_read.sv and what returns over R: bursts of several clients onto AR, and
// the edges at which their beats come.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "model/device/fast/arbiter.hpp"
#include "model/device/fast/burst.hpp"

namespace pagepress::model::fast {

class ReadClient {
 public:
  // The first edge at which its next burst may be granted; kNever: it has none.
  [[nodiscard]] virtual Cycle read_ready() const = 0;
  // Granted: address and beats of the burst.
  virtual void fill_read(Burst& burst, Cycle now) = 0;
  // Its oldest burst comes back: a beat an edge, from `first` to `last`.
  virtual void read_data(const Burst& burst, Cycle first, Cycle last) = 0;

 protected:
  ~ReadClient() = default;
};

class ReadPort final : public Evaluated {
 public:
  ReadPort(EventQueue& events, Surroundings& world, BurstPool& pool)
      : Evaluated(events), world_(world), pool_(pool) {}

  // The first one goes before all others. Its number is its AXI ID.
  void add(ReadClient& client) { clients_.push_back({.client = &client, .bursts = {}}); }
  // No burst is granted any more.
  void quiesce() { quiesced_ = true; }
  // Nothing is outstanding before this edge.
  [[nodiscard]] bool idle(Cycle now) const { return outstanding_ == 0 && now > last_beat_; }

  [[nodiscard]] bool answered() const { return outstanding_ == 0; }

  // ARREADY is high again, from this edge on.
  void bus_ready(Cycle edge);
  // The burst's data can be seen from burst.arrival on.
  void answer(Burst& burst);

 private:
  struct Client {
    ReadClient* client;
    std::deque<Burst*> bursts;  // outstanding, in order
  };
  bool evaluate(Cycle now) override;
  void transfer(Cycle edge);

  Surroundings& world_;
  BurstPool& pool_;
  std::vector<Client> clients_;
  Turns turns_;
  Burst* waiting_ = nullptr;  // granted, and AR is not taken
  bool quiesced_ = false;
  unsigned outstanding_ = 0;
  Cycle last_beat_ = 0;  // of all that has come
};

}  // namespace pagepress::model::fast
