// SPDX-License-Identifier: Apache-2.0
// rtl/queue/pp_interrupts.sv and pp_irq_moderator.sv: when which message is sent.
#pragma once

#include <cstdint>
#include <vector>

#include "model/device/fast/arbiter.hpp"
#include "model/device/fast/burst.hpp"
#include "model/device/fast/counters.hpp"
#include "model/device/fast/event_queue.hpp"
#include "model/device/fast/injector.hpp"

namespace pagepress::model::fast {

class Interrupts final : public Evaluated {
 public:
  Interrupts(EventQueue& events, Surroundings& world, Injector& injector, Counters& counters,
             unsigned queues, unsigned vectors)
      : Evaluated(events),
        world_(world),
        injector_(injector),
        counters_(counters),
        vectors_(vectors),
        queues_(queues) {}

  // The queue's registers are these from this edge on (PP_Q_IRQ_CTRL, PP_Q_IRQ_TIME).
  void configure(unsigned queue, std::uint32_t control, std::uint32_t time, Cycle now);
  // PP_REG_ERR_VECTOR is this from this edge on.
  void configure_errors(std::uint32_t value, Cycle now);
  // A completion that counts was written; an entry was logged.
  void completion(unsigned queue, Cycle now) { event(queues_[queue], now); }
  void error(Cycle now) { event(errors_, now); }
  // Events wait for a message.
  [[nodiscard]] bool waiting() const;

 private:
  struct Moderator {
    bool enable = false;
    bool mask = false;
    std::uint32_t count = 0;
    std::uint32_t vector = 0;
    std::uint32_t time = 0;
    std::uint32_t events = 0;
    Cycle since = 0;  // from when on the first one waits
    bool due = false;
    bool held = false;  // fell due while masked

    [[nodiscard]] std::uint32_t step() const { return count == 0 ? 1 : count; }
    [[nodiscard]] bool sends() const { return due && enable && !mask; }
    void take(Cycle now);
    void update(Cycle now);
    // When it falls due by time; kNever: not by time.
    [[nodiscard]] Cycle deadline() const;
  };

  void event(Moderator& moderator, Cycle now);
  bool evaluate(Cycle now) override;
  void look_again(const Moderator& moderator, Cycle now);

  Surroundings& world_;
  Injector& injector_;
  Counters& counters_;
  const unsigned vectors_;
  std::vector<Moderator> queues_;
  Moderator errors_;
  Turns turns_;
};

}  // namespace pagepress::model::fast
