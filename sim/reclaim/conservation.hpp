// SPDX-License-Identifier: Apache-2.0
// A page that was lost, duplicated, or came back as another: the simulation is wrong, and ends.
#pragma once

#include <stdexcept>

namespace pagepress::reclaim {

class ConservationError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace pagepress::reclaim
