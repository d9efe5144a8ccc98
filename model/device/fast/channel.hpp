// SPDX-License-Identifier: Apache-2.0
// rtl/channel/pp_channel.sv: a compressor or a decompressor between a reader and a writer
// of units.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "model/device/fast/counters.hpp"
#include "model/device/fast/geometry.hpp"
#include "model/device/fast/pipe.hpp"
#include "model/device/fast/scheduler.hpp"
#include "model/device/fast/unit_reader.hpp"
#include "model/device/fast/unit_writer.hpp"

namespace pagepress::model::fast {

class Channel final : public JobSink,
                      public Actor,
                      private Fed,
                      private PipeObserver,
                      private WriterObserver {
 public:
  // `engine`: its number. It reads and writes as the next client of the ports.
  Channel(EventQueue& events, ReadPort& reads, WritePort& writes, const Geometry& geometry,
          Counters& counters, Evaluated& results, unsigned engine, bool decompress);

  [[nodiscard]] unsigned units() const { return static_cast<unsigned>(flows_.size()); }
  [[nodiscard]] unsigned units(Cycle now) const override {
    return units() + (taken_at_ == now ? 1 : 0);
  }
  void job(unsigned slot, const Job& job, Cycle now) override;

  // ---- The first unit's result, from an edge on
  [[nodiscard]] Cycle result_ready() const {
    return flows_.empty() ? kNever : flows_.front()->written;
  }
  [[nodiscard]] unsigned result_slot() const { return flows_.front()->slot; }
  [[nodiscard]] Result result() const;
  void result_taken(Cycle now);

 private:
  // Fed
  bool stalls() const override { return pipe_->stalls(); }
  Cycle input_ready() override { return pipe_->input_ready(); }
  Cycle takes_ahead() override { return pipe_->takes_ahead(); }
  void begin(Flow& flow) override { pipe_->begin(flow); }
  Cycle take(std::span<const std::uint8_t> beat, Cycle from) override {
    return pipe_->take(beat, from);
  }
  void fed(Flow& flow) override { pipe_->enter(flow); }
  void starved(Cycle from, Cycle to) override { counters_.stall_in(engine_, from, to); }
  // PipeObserver
  void offered(Flow& flow) override;
  void input_freed() override { reader_.feed(); }
  // WriterObserver
  void output_left(Flow& flow) override { pipe_->left(flow); }
  void output_written(Flow& flow) override;
  void held_up(Cycle from, Cycle to) override { counters_.stall_out(engine_, from, to); }

  void act(Cycle now, std::uint32_t what) override;
  void join(Flow& flow);

  EventQueue& events_;
  const unsigned engine_;
  Counters& counters_;
  Evaluated& results_;
  std::unique_ptr<Pipe> pipe_;
  UnitReader reader_;
  UnitWriter writer_;
  std::deque<std::unique_ptr<Flow>> flows_;  // oldest first
  std::vector<std::unique_ptr<Flow>> spare_;
  std::deque<Flow*> offered_;  // results that wait to be taken
  Cycle taken_at_ = kNever;    // the last unit left, which others see an edge later
};

}  // namespace pagepress::model::fast
