// SPDX-License-Identifier: Apache-2.0
// A host that drives every queue of the device and watches all that the device does in its
// memory: each read and write against what the device has been given (AccessMap), each
// completion in the cycle in which it becomes visible against the reference, and then takes
// the unit's memory back at once.
//
//   host.start(q, setting); host.submit(q, submission); host.ring(q); ... host.consume(q);
//   host.stop(q, Stop::kDrain); while (!host.stopped(q)) ...
//
// Whatever is wrong is thrown as a Violation.
// Limitation: rings of at most kRingPages pages.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/common/random.hpp"
#include "tests/rtl/device/access_map.hpp"
#include "tests/rtl/device/arena.hpp"
#include "tests/rtl/device/device.hpp"
#include "tests/rtl/device/error_board.hpp"
#include "tests/rtl/device/generator.hpp"
#include "tests/rtl/device/message_board.hpp"
#include "tests/rtl/device/reference.hpp"

namespace pagepress::bench {

struct QueueSetting {
  unsigned sq_log2 = 5;
  unsigned cq_log2 = 5;
  unsigned priority = 0;
  bool paused = false;
  MessageBoard::Setting irq;
  // A page of the ring that the bus refuses; the ring must have more than one.
  std::optional<unsigned> refused_sq_page;
  std::optional<unsigned> refused_cq_page;
};

enum class Stop : std::uint8_t { kDisable, kDrain, kAbort };
enum class Phase : std::uint8_t { kDisabled, kRunning, kPaused, kStopping };

// What the counters must show.
struct Tally {
  std::uint64_t submitted = 0;
  std::uint64_t completed = 0;
  std::uint64_t bytes_in_least = 0;  // whether an aborted unit had been read is not told
  std::uint64_t bytes_in_most = 0;
  std::uint64_t bytes_out = 0;
  std::array<std::uint64_t, PP_STATUS_COUNT> by_status{};
};

class Host final : public AxiObserver {
 public:
  static constexpr unsigned kRingPages = 16;

  Host(Device& device, Arena& arena, unsigned queues, unsigned vectors, std::uint64_t seed);
  ~Host() override;
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // ---- Device
  void enable_device(bool on);
  [[nodiscard]] bool device_enabled() const { return device_enabled_; }
  void reset_device();
  void set_error_interrupt(bool on, unsigned vector);
  // Takes what the error log holds.
  void poll_errors();
  void check_messages() { messages_.check(device_.cycle()); }

  // ---- Queues
  [[nodiscard]] unsigned queues() const { return static_cast<unsigned>(queues_.size()); }
  [[nodiscard]] Phase phase(unsigned q) const { return queues_.at(q).phase; }
  void start(unsigned q, const QueueSetting& setting);
  void pause(unsigned q, bool on);
  void set_priority(unsigned q, unsigned priority);
  void set_interrupt(unsigned q, const MessageBoard::Setting& setting);
  [[nodiscard]] const QueueSetting& setting(unsigned q) const { return queues_.at(q).setting; }
  void stop(unsigned q, Stop how);
  // Whether the queue is DISABLED; if it has just become so, everything of it is taken back.
  bool stopped(unsigned q);
  // Looks for an ERROR that a refused ring page may have brought, and stops the queue then.
  bool recover(unsigned q);

  [[nodiscard]] unsigned room(unsigned q) const;  // of the submission ring
  void submit(unsigned q, Submission submission);
  void ring(unsigned q);
  [[nodiscard]] unsigned unconsumed(unsigned q) const;
  void consume(unsigned q, unsigned count);
  void consume(unsigned q) { consume(q, unconsumed(q)); }

  // Entries rung and not completed; all of them count in busy queues.
  [[nodiscard]] std::size_t outstanding(unsigned q) const { return queues_.at(q).waiting; }
  [[nodiscard]] std::size_t unrung(unsigned q) const;
  [[nodiscard]] bool broken(unsigned q) const;  // no more completions will come
  [[nodiscard]] std::uint64_t last_completion() const { return last_completion_; }

  // ---- Misuse that must be ignored, and logged where the contract says so
  void misuse(unsigned q);
  void start_wrongly(unsigned q);
  void poke();  // a random offset that nothing listens to, read or written

  // ---- Injection: of one queue that has nothing outstanding
  void inject(unsigned q, const Injected& injected, unsigned pass, unsigned hits);
  void end_injection();
  [[nodiscard]] bool injecting() const { return injection_.has_value(); }

  // ---- Quiet: nothing outstanding, everything consumed
  void check_counters();
  void check_quiet();

  [[nodiscard]] const Tally& total() const { return total_; }  // since construction
  [[nodiscard]] std::uint64_t completed_by_opcode(unsigned opcode) const {
    return by_opcode_.at(opcode);
  }
  // Every queue's registers and counts, for a human.
  std::string describe();

  // Called for each completion, after it has been checked.
  std::function<void(unsigned queue, const pp_sqe&, const pp_cqe&)> on_completion;
  // Off: data is not compared (measurements).
  bool verify = true;

 private:
  enum class Hit : std::uint8_t { kNo, kMaybe, kYes };

  struct Entry {
    pp_sqe sqe{};
    std::vector<std::uint64_t> slots;
    Buffer source;
    Buffer destination;
    Injected injected;
    Hit hit = Hit::kNo;
    bool done = false;
  };

  struct Queue {
    Phase phase = Phase::kDisabled;
    QueueSetting setting;
    std::uint64_t sq_base = 0;
    std::uint64_t cq_base = 0;
    std::uint16_t sq_tail = 0;
    std::uint16_t rung = 0;
    std::uint16_t sq_head = 0;  // as completions tell it
    std::uint16_t cq_tail = 0;  // next completion to become visible
    std::uint16_t cq_head = 0;  // as told to the device
    std::uint16_t first = 0;    // index of entries.front()
    std::deque<Entry> entries;
    std::size_t waiting = 0;  // rung and not done
    bool aborting = false;
    bool cq_failed = false;
    bool error_seen = false;
    Tally tally;  // since the counters were cleared
  };

  struct Injection {
    unsigned queue = 0;
    Injected what;
    std::uint64_t pass = 0;
    std::uint64_t hits = 0;
    std::uint64_t seen = 0;  // units submitted since
    bool exact = true;
  };

  // AxiObserver
  void on_read(std::uint64_t address, unsigned bytes, unsigned id) override;
  void on_write(std::uint64_t address, unsigned bytes, std::uint64_t strobes, bool ok) override;

  void completion(unsigned q, std::uint64_t beat, unsigned bytes, std::uint64_t strobes, bool ok);
  void check_completion(unsigned q, std::uint16_t index, Entry& entry, const pp_cqe& cqe);
  [[nodiscard]] std::string mismatch(const Entry& entry, const pp_cqe& cqe,
                                     const Outcome& outcome) const;
  void count(Queue& queue, const Entry& entry, const pp_cqe& cqe, std::uint32_t bytes_in);
  void grant(Entry& entry);
  void fill(const Range& range);
  [[nodiscard]] bool untouched(const Range& range) const;
  void take_back(Entry& entry);
  void take_back_all(Queue& queue);
  [[nodiscard]] std::uint64_t sq_bytes(const Queue& queue) const {
    return std::uint64_t{PP_SQE_SIZE} << queue.setting.sq_log2;
  }
  [[nodiscard]] std::uint64_t cq_bytes(const Queue& queue) const {
    return std::uint64_t{PP_CQE_SIZE} << queue.setting.cq_log2;
  }
  [[nodiscard]] static LogEntry refusal(unsigned q, const Queue& queue);
  void write_base(unsigned q);
  void write_interrupt(unsigned q, const MessageBoard::Setting& setting);
  [[nodiscard]] static std::uint32_t control(const Queue& queue);
  std::uint64_t counter(std::uint32_t scope, std::uint32_t instance, std::uint32_t number);
  void check_tally(const char* name, std::uint32_t scope, std::uint32_t instance,
                   const Tally& tally);
  [[noreturn]] void violate(unsigned q, const std::string& what) const;

  Device& device_;
  Arena& arena_;
  Reference reference_;
  Random random_;
  unsigned vectors_;
  AccessMap access_;
  MessageBoard messages_;
  ErrorBoard errors_;
  std::vector<Queue> queues_;
  std::unordered_map<std::uint64_t, std::pair<unsigned, std::uint16_t>> by_tag_;
  std::optional<Injection> injection_;
  bool device_enabled_ = false;
  bool resetting_ = false;
  bool error_interrupt_ = false;
  std::uint64_t messages_seen_ = 0;  // since the counters were cleared
  Tally total_;
  std::array<std::uint64_t, 256> by_opcode_{};
  std::uint64_t last_completion_ = 0;
};

}  // namespace pagepress::bench
