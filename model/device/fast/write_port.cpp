// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/write_port.hpp"

#include <algorithm>
#include <utility>

#include "model/device/fast/offers.hpp"

namespace pagepress::model::fast {

bool WritePort::evaluate(Cycle now) {
  // Looked at again when that ends.
  if (quiesced_ || order_.size() - (loaded_ ? 1 : 0) >= kOrder || stuck_) return false;
  if (now < next_grant_) {
    wake(next_grant_);
    return false;
  }
  const Offers offers(clients_, now,
                      [](const Client& client) { return client.client->write_ready(); });
  if (offers.ready.none()) {
    if (offers.next != kNever) wake(offers.next);
    return false;
  }
  const unsigned completions = static_cast<unsigned>(clients_.size()) - 1;
  const unsigned c = offers.ready[completions] ? completions : turns_.pick(offers.ready);
  Burst& burst = pool_.take();
  burst.id = static_cast<std::uint8_t>(c);
  burst.write = true;
  clients_[c].client->fill_write(burst, now);
  clients_[c].bursts.push_back(&burst);
  ++outstanding_;
  order_.push_back({&burst, now});
  next_grant_ = now + 2;
  stuck_ = held_;
  if (!on_w_ && !held_) begin_data();
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
    hold(now);
    loaded_ = true;
    wake(now);
    return;
  }
  loaded_ = false;
  Burst& burst = *order_.front().burst;
  order_.pop_front();
  on_w_ = false;
  world_.send(burst, now);
  if (!world_.ready(now + 1)) {
    hold(now + 1);
  } else if (!order_.empty()) {
    begin_data();
  }
  wake(now);
}

// The bus is not ready from this edge on. An address granted at the edge before is not taken.
void WritePort::hold(Cycle now) {
  held_ = true;
  stuck_ = next_grant_ > now;
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
  // The address's register is empty from here on.
  if (std::exchange(stuck_, false)) next_grant_ = std::max(next_grant_, edge + 1);
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
