// SPDX-License-Identifier: Apache-2.0
// An AXI4 slave in front of a Memory, and a checker of the master's side of the
// protocol. Latency, stalls, faults, and the order between IDs are random or set.
//
// Checked: valid and payload stable until ready; full-width INCR bursts (256 or 512 bits) that
// stay inside 4 KiB; WLAST on the announced beat. Data may come ahead of its address, as AXI4
// allows. A write reaches memory when its response is given.
//
// A bench calls sample() with settled outputs before each rising edge and drive()
// after it. Either half (AR/R or AW/W/B) may be left unbound: null pins.
// Limitation: a burst's beats of data come from memory when its first beat is given.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "tests/rtl/common/axi_pins.hpp"
#include "tests/rtl/common/memory.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {

inline constexpr std::uint8_t kOkay = 0;
inline constexpr std::uint8_t kSlverr = 2;
inline constexpr std::uint8_t kDecerr = 3;  // also given where nothing is mapped

struct AxiTiming {
  unsigned latency_min = 0;  // cycles from address (last data) to first response
  unsigned latency_max = 0;
  unsigned stall_percent = 0;   // of cycles without ready on AR, AW, W; without valid on R, B
  bool aw_waits_for_w = false;  // AWREADY only beside WVALID, as AXI4 (A3.3.1) lets a slave do
  bool w_before_aw = false;     // a burst's data is taken whole before its address
};

struct AxiFault {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool is_write = false;
  std::uint8_t response = kSlverr;
};

struct AxiStats {
  std::uint64_t read_bursts = 0;
  std::uint64_t read_beats = 0;
  std::uint64_t write_bursts = 0;
  std::uint64_t write_beats = 0;
};

// Sees every beat in the cycle in which it touches memory.
class AxiObserver {
 public:
  virtual ~AxiObserver() = default;
  // A beat is given to the master (refused or not).
  virtual void on_read(std::uint64_t address, unsigned bytes, unsigned id) = 0;
  // A beat has been written, or refused if not `ok`; strobes: byte 0 in bit 0.
  virtual void on_write(std::uint64_t address, unsigned bytes, std::uint64_t strobes, bool ok) = 0;
};

class AxiSlave {
 public:
  AxiSlave(AxiPins pins, Memory& memory, std::uint64_t seed);

  void set_timing(const AxiTiming& timing) { timing_ = timing; }
  void add_fault(const AxiFault& fault) { faults_.push_back(fault); }
  void clear_faults() { faults_.clear(); }
  // Responses are held back while set.
  void hold_responses(bool hold) { hold_ = hold; }
  // Null: none.
  void set_observer(AxiObserver* observer) { observer_ = observer; }

  void sample();
  void drive();

  [[nodiscard]] std::size_t outstanding() const;
  [[nodiscard]] const AxiStats& stats() const { return stats_; }
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }

 private:
  static constexpr unsigned kIds = 16;

  struct Burst {
    std::uint64_t address = 0;
    unsigned beats = 0;
    unsigned id = 0;
    unsigned done = 0;        // beats taken or given
    bool closed = false;      // data: WLAST has come
    std::uint64_t ready = 0;  // cycle of the earliest response
    std::vector<std::uint8_t> data;
    std::vector<std::uint64_t> strobes;
  };
  // What a channel showed in the cycle before, if it was not taken.
  struct Held {
    bool valid = false;
    std::vector<std::uint64_t> payload;
  };

  void check_stable(Held& held, const char* channel, bool valid, bool ready,
                    std::vector<std::uint64_t> payload);
  void check_burst(const char* channel, std::uint64_t address, unsigned len, unsigned size,
                   unsigned burst);
  void violation(std::string what);
  [[nodiscard]] std::uint8_t response(std::uint64_t address, std::uint64_t length,
                                      bool is_write) const;
  [[nodiscard]] std::uint64_t response_time();
  void sample_read();
  void sample_write();
  void drive_read();
  void drive_write();
  std::uint8_t commit(const Burst& burst);
  void join_writes();
  int pick(const std::array<std::deque<Burst>, kIds>& queues);

  AxiPins pins_;
  unsigned beat_bytes_;
  Memory& memory_;
  Random random_;
  AxiTiming timing_;
  std::vector<AxiFault> faults_;
  bool hold_ = false;
  AxiObserver* observer_ = nullptr;
  std::uint64_t cycle_ = 0;

  std::array<std::deque<Burst>, kIds> reads_;   // in order by ID
  std::array<std::deque<Burst>, kIds> writes_;  // complete, waiting for their response
  std::deque<Burst> write_addresses_;           // waiting for their data
  std::deque<Burst> write_data_;                // waiting for their address; the last may be open
  Held held_ar_, held_aw_, held_w_;
  AxiStats stats_;
  std::vector<std::string> violations_;
};

}  // namespace pagepress::bench
