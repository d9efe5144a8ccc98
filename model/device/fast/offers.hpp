// SPDX-License-Identifier: Apache-2.0
// Who of a port's clients could be granted a burst at an edge, and when it is worth looking again.
#pragma once

#include <algorithm>

#include "model/device/fast/arbiter.hpp"
#include "model/device/fast/event_queue.hpp"

namespace pagepress::model::fast {

struct Offers {
  Requests ready;
  Cycle next = kNever;  // the first edge at which another one is

  // ready_from(client): the edge from which on it has a burst; kNever: not known.
  template <class Clients, class ReadyFrom>
  Offers(const Clients& clients, Cycle now, ReadyFrom ready_from) {
    for (unsigned c = 0; c < clients.size(); ++c) {
      const Cycle at = ready_from(clients[c]);
      if (at <= now) {
        ready.set(c);
      } else {
        next = std::min(next, at);
      }
    }
  }
};

}  // namespace pagepress::model::fast
