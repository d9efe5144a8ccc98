// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/interrupts.hpp"

#include <algorithm>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::model::fast {
namespace {

constexpr std::uint32_t kMostEvents = 511;

}  // namespace

void Interrupts::Moderator::take(Cycle now) {
  events = held || events < step() ? 0 : events - step();
  since = now;
  due = false;
  held = false;
}

// What `due` is after this edge.
void Interrupts::Moderator::update(Cycle now) {
  if (!enable) {
    events = 0;
    due = held = false;
    return;
  }
  held = held || (mask && due);
  due = held || (events != 0 && (events >= step() || now >= deadline()));
}

Cycle Interrupts::Moderator::deadline() const { return time == 0 ? since : since + time - 1; }

void Interrupts::configure(unsigned queue, std::uint32_t control, std::uint32_t time, Cycle now) {
  Moderator& m = queues_[queue];
  m.enable = (control & PP_Q_IRQ_ENABLE) != 0;
  m.mask = (control & PP_Q_IRQ_MASK) != 0;
  m.count = control >> 8 & 0xff;
  m.vector = control >> 16 & 0xfff;
  m.time = time;
  wake(now + 1);
}

void Interrupts::configure_errors(std::uint32_t value, Cycle now) {
  errors_.enable = (value & PP_ERR_VECTOR_ENABLE) != 0;
  errors_.mask = (value & PP_ERR_VECTOR_MASK) != 0;
  errors_.count = 1;
  errors_.vector = value & 0xfff;
  wake(now + 1);
}

void Interrupts::event(Moderator& m, Cycle now) {
  if (!m.enable) return;
  if (m.events == 0) m.since = now;
  m.events = std::min(m.events + 1, kMostEvents);
  m.update(now);
  look_again(m, now);
}

void Interrupts::look_again(const Moderator& m, Cycle now) {
  if (m.sends()) {
    wake(now + 1);
  } else if (m.enable && m.events != 0 && !m.due) {
    wake(std::max(now + 1, m.deadline()));
  }
}

bool Interrupts::waiting() const {
  const auto waits = [](const Moderator& m) { return m.events != 0 && !(m.held && m.mask); };
  return waits(errors_) || std::ranges::any_of(queues_, waits);
}

bool Interrupts::evaluate(Cycle now) {
  Moderator* sender = nullptr;
  if (errors_.sends()) {
    sender = &errors_;
    if (sender->vector < vectors_) {
      counters_.error_message(now);
      world_.raise(sender->vector, now + 1);
    }
  } else {
    Requests due;
    for (unsigned q = 0; q < queues_.size(); ++q) due[q] = queues_[q].sends();
    if (due.any()) {
      const unsigned q = turns_.pick(due);
      sender = &queues_[q];
      if (sender->vector < vectors_ && !injector_.drops(q)) {
        counters_.message(q, now);
        world_.raise(sender->vector, now + 1);
      }
    }
  }
  if (sender != nullptr) sender->take(now);
  for (Moderator& m : queues_) {
    m.update(now);
    look_again(m, now);
  }
  errors_.update(now);
  look_again(errors_, now);
  return sender != nullptr;
}

}  // namespace pagepress::model::fast
