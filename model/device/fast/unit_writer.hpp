// SPDX-License-Identifier: Apache-2.0
// rtl/dma/pp_unit_writer.sv: outputs into their destinations, a burst when its beats lie in
// the buffer.
#pragma once

#include <cstdint>
#include <deque>

#include "model/device/fast/burst_cutter.hpp"
#include "model/device/fast/flow.hpp"
#include "model/device/fast/geometry.hpp"
#include "model/device/fast/release.hpp"
#include "model/device/fast/write_port.hpp"

namespace pagepress::model::fast {

class WriterObserver {
 public:
  // flow.left is known.
  virtual void output_left(Flow& flow) = 0;
  // flow.written is known: the response to its last burst has come.
  virtual void output_written(Flow& flow) = 0;
  // Output waited for the bus from this edge on, up to before that one.
  virtual void held_up(Cycle from, Cycle to) = 0;

 protected:
  ~WriterObserver() = default;
};

class UnitWriter final : public WriteClient {
 public:
  UnitWriter(WritePort& port, const Geometry& geometry, WriterObserver& observer);

  // The first edge at which a result can be taken.
  [[nodiscard]] Cycle free() const { return free_; }
  // The result of the unit is taken at flow.taken; its output follows.
  void start(Flow& flow);
  // Likewise, and it has none.
  void skip(const Flow& flow);

 private:
  struct Out {
    Flow* flow;
    Cut cut;
    unsigned chunks;       // pieces of 32 bytes
    std::uint32_t offset;  // in the output
    bool last;             // of the unit
    bool extra;            // the last piece needs no beat of the engine's
  };
  struct Filled {
    Out out;
    Cycle ready;  // may be granted
  };
  struct Sent {
    Flow* flow;
    std::uint64_t start;
    bool last;
  };

  Cycle write_ready() const override;
  void fill_write(Burst& burst, Cycle now) override;
  void beats_leave(unsigned beats, Cycle first) override;
  void write_done(bool refused, Cycle now) override;
  void fill_buffer();

  WritePort& port_;
  const Geometry& geometry_;
  WriterObserver& observer_;
  const unsigned depth_;  // of the buffer, beats
  Cycle free_ = 0;
  std::deque<Out> waiting_;  // for the buffer
  std::deque<Filled> filled_;
  std::deque<Sent> sent_;  // granted, without response
  Cycle enter_ = 0;        // the next beat can enter the buffer
  std::uint64_t entered_ = 0;
  Release release_;
};

}  // namespace pagepress::model::fast
