// SPDX-License-Identifier: Apache-2.0
// rtl/dma/pp_unit_reader.sv: reads units ahead of an engine and feeds it.
//
// Limitation: a job's lists are asked for as soon as it comes; the RTL fetches those of
// four jobs ahead.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "model/device/fast/flow.hpp"
#include "model/device/fast/geometry.hpp"
#include "model/device/fast/list_walk.hpp"
#include "model/device/fast/read_port.hpp"
#include "model/device/fast/release.hpp"

namespace pagepress::model::fast {

// The engine, as the reader sees it.
class Fed {
 public:
  // Whether it may stop between a unit's beats: else it takes one an edge once it is ready.
  [[nodiscard]] virtual bool stalls() const = 0;
  // The edge from which on it takes the unit's first beat; kNever: not known yet.
  [[nodiscard]] virtual Cycle input_ready() = 0;
  // With stalls(), while it is not ready: the edge from which on it takes the first kAhead of
  // the unit's beats all the same, or kNever.
  [[nodiscard]] virtual Cycle takes_ahead() = 0;
  static constexpr unsigned kAhead = 16;  // pp_lz4_decode_feed's ring
  // With stalls(): a unit begins; its next beat of 32 bytes, or what is left, is there from this
  // edge on: the edge at which it is taken.
  virtual void begin(Flow& flow) = 0;
  virtual Cycle take(std::span<const std::uint8_t> beat, Cycle from) = 0;
  // All of its beats are (or will be) taken.
  virtual void fed(Flow& flow) = 0;
  // The engine waited for data from this edge on, up to before that one.
  virtual void starved(Cycle from, Cycle to) = 0;

 protected:
  ~Fed() = default;
};

class UnitReader final : public ReadClient {
 public:
  UnitReader(ReadPort& port, const Geometry& geometry, unsigned buffer_bytes, Fed& engine)
      : port_(port),
        geometry_(geometry),
        depth_(buffer_bytes / geometry.beat_bytes),
        engine_(engine),
        lists_(geometry) {}

  void job(Flow& flow, Cycle now);
  // The engine may have become ready.
  void feed();

 private:
  // A burst that was granted.
  struct Asked {
    Flow* flow;  // null: of a list
    Cut cut;
    std::uint32_t offset;  // of its first byte in the unit
    bool last;             // of the unit
  };

  Cycle read_ready() const override;
  void fill_read(Burst& burst, Cycle now) override;
  void read_data(const Burst& burst, Cycle first, Cycle last) override;
  void start_units();
  void next_range(Cycle from);
  void update_room();
  void data(const Asked& asked, const Burst& burst, Cycle first);
  bool feed_piece(Flow& flow);
  bool feed_beats(Flow& flow);
  void begin(Flow& flow, Cycle ready);
  void give(Flow& flow, const Piece& piece);
  void give_beats(Flow& flow);
  void release_ahead(Flow& flow, Cycle from);
  void finish(Flow& flow);
  [[nodiscard]] unsigned flush(const Flow& flow) const;
  [[nodiscard]] bool shifted(const Flow& flow) const;

  ReadPort& port_;
  const Geometry& geometry_;
  const unsigned depth_;  // of the buffer, beats
  Fed& engine_;
  ListWalk lists_;

  std::deque<ListWalk::Shown> shown_;  // units that wait to be started
  Cycle start_free_ = 0;

  // The unit whose bursts are asked for.
  Flow* cutting_ = nullptr;
  std::size_t range_ = 0;  // the one after the one in the cutter
  Range rest_;             // of the range in the cutter
  Cycle cut_from_ = kNever;
  Cycle room_from_ = 0;       // its next burst has room
  std::int64_t granted_ = 0;  // beats, of all units

  std::deque<Asked> asked_;
  std::deque<Flow*> feeding_;  // started, and not all taken by the engine
  Release release_;            // of the buffer's beats
  Cycle packer_free_ = 0;
  Cycle feed_free_ = 0;  // behind the last beat that the engine was given
  // With stalls(): of the unit that the engine is being given
  Cycle step_ = 0;            // the packer took its last chunk
  std::uint32_t packed_ = 0;  // bytes that it has taken
  std::vector<Cycle> taken_;  // the engine's beats
};

}  // namespace pagepress::model::fast
