// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/read_port.hpp"

#include <algorithm>

#include "model/device/fast/offers.hpp"

namespace pagepress::model::fast {

bool ReadPort::evaluate(Cycle now) {
  if (quiesced_ || waiting_ != nullptr) return false;
  const Offers offers(clients_, now,
                      [](const Client& client) { return client.client->read_ready(); });
  if (offers.ready.none()) {
    if (offers.next != kNever) wake(offers.next);
    return false;
  }
  const unsigned c = offers.ready[0] ? 0 : turns_.pick(offers.ready);
  Burst& burst = pool_.take();
  burst.id = static_cast<std::uint8_t>(c);
  burst.write = false;
  clients_[c].client->fill_read(burst, now);
  clients_[c].bursts.push_back(&burst);
  ++outstanding_;
  waiting_ = &burst;
  if (world_.ready(now + 1)) transfer(now + 1);
  return true;
}

void ReadPort::transfer(Cycle edge) {
  Burst& burst = *waiting_;
  waiting_ = nullptr;
  world_.send(burst, edge);
  wake(edge);  // the register is free for another grant at the edge that empties it
}

void ReadPort::bus_ready(Cycle edge) {
  if (waiting_ != nullptr) transfer(edge);
}

void ReadPort::answer(Burst& burst) {
  burst.answered = true;
  std::deque<Burst*>& bursts = clients_[burst.id].bursts;
  // Those of one ID keep their order, whatever the bus does.
  while (!bursts.empty() && bursts.front()->answered) {
    Burst& next = *bursts.front();
    bursts.pop_front();
    const Cycle first = std::max({next.arrival, burst.arrival, last_beat_ + 1});
    last_beat_ = first + next.beats - 1;
    --outstanding_;
    clients_[next.id].client->read_data(next, first, last_beat_);
    pool_.give_back(next);
  }
}

}  // namespace pagepress::model::fast
