// SPDX-License-Identifier: Apache-2.0
// rtl/dma/pp_axi_write.sv: bursts of several clients onto AW and W, and their responses.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "model/device/fast/arbiter.hpp"
#include "model/device/fast/burst.hpp"

namespace pagepress::model::fast {

class WriteClient {
 public:
  // The first edge at which its next burst may be granted; kNever: it has none.
  [[nodiscard]] virtual Cycle write_ready() const = 0;
  // Granted: everything of the burst.
  virtual void fill_write(Burst& burst, Cycle now) = 0;
  // Its oldest burst's beats leave its buffer, one an edge from `first` on.
  virtual void beats_leave(unsigned beats, Cycle first) = 0;
  // Its oldest burst's response is here.
  virtual void write_done(bool refused, Cycle now) = 0;

 protected:
  ~WriteClient() = default;
};

class WritePort final : public Evaluated {
 public:
  WritePort(EventQueue& events, Surroundings& world, BurstPool& pool, unsigned beat_bytes)
      : Evaluated(events),
        sender_(*this),
        responder_(*this),
        world_(world),
        pool_(pool),
        beat_bytes_(beat_bytes) {}
  [[nodiscard]] unsigned beat_bytes() const { return beat_bytes_; }

  // The last one goes before all others. Its number is its AXI ID.
  void add(WriteClient& client) { clients_.push_back({.client = &client, .bursts = {}}); }
  void quiesce() { quiesced_ = true; }
  [[nodiscard]] bool idle(Cycle now) const { return outstanding_ == 0 && now > last_response_; }
  [[nodiscard]] bool answered() const;

  void bus_ready(Cycle edge);
  // The burst's response can be seen from burst.arrival on.
  void answer(Burst& burst);

 private:
  static constexpr unsigned kOrder = 4;  // bursts granted whose data has not all been taken

  struct Client {
    WriteClient* client;
    std::deque<Burst*> bursts;  // without response, in order
  };
  struct Granted {
    Burst* burst;
    Cycle at;
  };
  // The last beat of the burst on W is transferred.
  struct Sender final : Actor {
    explicit Sender(WritePort& p) : port(p) {}
    void act(Cycle now, std::uint32_t what) override { port.sent(now, what); }
    WritePort& port;
  };
  struct Responder final : Actor {
    explicit Responder(WritePort& p) : port(p) {}
    void act(Cycle now, std::uint32_t what) override { port.respond(now, what); }
    WritePort& port;
  };

  bool evaluate(Cycle now) override;
  void begin_data();
  void hold(Cycle now);
  void sent(Cycle now, std::uint32_t what);
  void respond(Cycle now, std::uint32_t id);

  Sender sender_;
  Responder responder_;
  Surroundings& world_;
  BurstPool& pool_;
  const unsigned beat_bytes_;
  std::vector<Client> clients_;
  Turns turns_;
  bool quiesced_ = false;
  unsigned outstanding_ = 0;

  Cycle next_grant_ = 0;       // AW's register is empty again
  std::deque<Granted> order_;  // the front one is on W if on_w_
  bool on_w_ = false;
  bool held_ = false;    // W waits for the bus
  bool loaded_ = false;  // with the last beat of the front one, which counts no more
  bool stuck_ = false;   // AW waits for it, too
  Cycle bus_from_ = 0;   // it was ready from this edge on
  Cycle last_load_ = 0;  // of the burst before, out of its client's buffer
  Cycle last_response_ = 0;
};

}  // namespace pagepress::model::fast
