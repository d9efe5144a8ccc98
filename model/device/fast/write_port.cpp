// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/write_port.hpp"

#include <algorithm>

namespace pagepress::model::fast {

bool WritePort::evaluate(Cycle now) {
  if (quiesced_ || order_.size() >= kOrder || held_)
    return false;  // looked at again when that ends
  if (now < next_grant_) {
    wake(next_grant_);
    return false;
  }
  Requests ready;
  Cycle next = kNever;
  const unsigned completions = static_cast<unsigned>(clients_.size()) - 1;
  for (unsigned c = 0; c <= completions; ++c) {
    const Cycle at = clients_[c].client->write_ready();
    if (at <= now) {
      ready.set(c);
    } else {
      next = std::min(next, at);
    }
  }
  if (ready.none()) {
    if (next != kNever) wake(next);
    return false;
  }
  const unsigned c = ready[completions] ? completions : turns_.pick(ready);
  Burst& burst = pool_.take();
  burst.id = static_cast<std::uint8_t>(c);
  burst.write = true;
  clients_[c].client->fill_write(burst, now);
  clients_[c].bursts.push_back(&burst);
  ++outstanding_;
  order_.push_back({&burst, now});
  next_grant_ = now + 2;
  if (!on_w_) begin_data();
  wake(next_grant_);
  return true;
}

// The first burst in order takes its beats out of its client's buffer and onto W.
void WritePort::begin_data() {
  const auto& [burst, granted] = order_.front();
  on_w_ = true;
  const Cycle load = std::max({granted + 1, last_load_ + 1, bus_from_ == 0 ? 0 : bus_from_ - 1});
  last_load_ = load + burst->beats - 1;
  clients_[burst->id].client->beats_leave(burst->beats, load);
  events_.at(last_load_ + 1, sender_);
}

void WritePort::sent(Cycle now, std::uint32_t /*what*/) {
  if (!world_.ready(now)) {
    held_ = true;
    return;
  }
  Burst& burst = *order_.front().burst;
  order_.pop_front();
  on_w_ = false;
  world_.send(burst, now);
  if (!world_.ready(now + 1)) {
    held_ = true;
    return;
  }
  if (!order_.empty()) begin_data();
  wake(now);
}

bool WritePort::answered() const {
  const auto open = [](const Burst* burst) { return !burst->answered; };
  const auto waits = [&open](const Client& client) {
    return std::ranges::any_of(client.bursts, open);
  };
  return std::ranges::none_of(clients_, waits);
}

void WritePort::bus_ready(Cycle edge) {
  if (!held_) return;
  held_ = false;
  bus_from_ = edge;
  if (on_w_) {
    events_.at(edge, sender_);
  } else if (!order_.empty()) {
    begin_data();
  }
  next_grant_ = std::max(next_grant_, edge + 1);
  wake(next_grant_);
}

void WritePort::answer(Burst& burst) {
  burst.answered = true;
  const Cycle arrival = burst.arrival;  // of those behind it, too, that were answered before it
  std::deque<Burst*>& bursts = clients_[burst.id].bursts;
  for (Burst* next : bursts) {
    if (!next->answered) break;
    if (next->arrival == kNever) continue;  // told already
    last_response_ = std::max({next->arrival, arrival, last_response_ + 1});
    next->arrival = kNever;
    events_.at(last_response_, responder_, next->id);
  }
}

void WritePort::respond(Cycle now, std::uint32_t id) {
  Client& client = clients_[id];
  Burst& burst = *client.bursts.front();
  client.bursts.pop_front();
  --outstanding_;
  const bool refused = burst.refused.any();
  pool_.give_back(burst);
  client.client->write_done(refused, now);
}

}  // namespace pagepress::model::fast
