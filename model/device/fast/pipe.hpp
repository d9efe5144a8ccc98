// SPDX-License-Identifier: Apache-2.0
// An engine between reader and writer: units go in with their last beat and come out as
// results, in order.
#pragma once

#include <span>

#include "model/device/fast/flow.hpp"

namespace pagepress::model::fast {

class Pipe {
 public:
  virtual ~Pipe() = default;
  // As Fed has it.
  [[nodiscard]] virtual bool stalls() const = 0;
  [[nodiscard]] virtual Cycle input_ready() const = 0;
  [[nodiscard]] virtual Cycle takes_ahead() const = 0;
  virtual void begin(Flow& flow) = 0;
  virtual Cycle take(std::span<const std::uint8_t> beat, Cycle from) = 0;
  // All of the unit is in, or will be at flow.complete; its data are there.
  virtual void enter(Flow& flow) = 0;
  // flow.left is known.
  virtual void left(Flow& flow) = 0;
};

// Told when a unit's result is offered at flow.offered, which may lie ahead; and when
// input_ready() may have changed.
class PipeObserver {
 public:
  virtual void offered(Flow& flow) = 0;
  virtual void input_freed() = 0;

 protected:
  ~PipeObserver() = default;
};

}  // namespace pagepress::model::fast
