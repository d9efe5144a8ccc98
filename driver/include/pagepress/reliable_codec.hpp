// SPDX-License-Identifier: Apache-2.0
// ReliableCodec: an engine that may fail, and a CPU that does not. Every request that was taken
// completes exactly once, with the right bytes, whatever the device does short of lying about the
// bytes themselves (Request::verify is for that, and ReliableConfig::check_answers for one that
// lies about having verified them).
//
//   fault of a request   DMA fault, verify failed, internal, aborted: once more on the engine
//                        (`retries`), then on the CPU. Malformed, bad descriptor: the CPU decides.
//   fault of the queue   time-out, protocol, error: stop (abort), else reset, else cut the device
//                        off from memory (QueuePair::stop); only then are requests done anew.
//   deadline passed      not yet with the device: kDeadlineMissed. With the device: the queue is
//                        aborted, the others of it go again.
//   sick device          after `sick_after` recoveries without a good completion between, or when
//                        it had to be cut off: requests go to the CPU; the device is tried again
//                        after a back-off that doubles.
//
// Nothing that was handed out is ever touched by the device: it is handed out when the device has
// given it back, or cannot reach it any more.
// Limitations: completions may overtake one another. A device that says DISABLED and goes on
// writing breaks the contract; EngineCodecConfig::bounce_destinations protects against it. One
// thread.
#pragma once

#include <pagepress/engine_codec.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace pagepress {

struct ReliableConfig {
  unsigned retries = 1;     // on the engine, after the first attempt
  unsigned sick_after = 3;  // recoveries in a row
  std::uint64_t backoff_ns = 10'000'000;
  std::uint64_t backoff_most_ns = 1'000'000'000;
  // No answer of the device is believed: the CPU decodes what was compressed and compares it with
  // its source, and of a decompression with Request::verify it compares the CRC32C. A false answer
  // is a fault of the queue. Not checked: "incompressible" (costs room, no page), and a
  // decompression without `verify`. Takes the CPU about as long as decompressing each page.
  bool check_answers = false;
};

struct ReliableCounters {
  std::uint64_t submitted = 0;
  std::uint64_t completed = 0;
  std::uint64_t by_engine = 0;
  std::uint64_t by_cpu = 0;  // fell back, for whatever reason
  std::uint64_t requeued = 0;
  std::uint64_t timeouts = 0;          // of the queue
  std::uint64_t protocol_errors = 0;   // answers that the contract excludes
  std::uint64_t gone = 0;              // reads all ones
  std::uint64_t resets_by_others = 0;  // of the device, seen by this queue
  std::uint64_t aborts = 0;            // queue stopped to get requests back
  std::uint64_t resets = 0;            // device reset, as the queue did not stop
  std::uint64_t quarantined = 0;       // requests whose memory the device had to be cut off from
  std::uint64_t late_completions = 0;  // found after the queue had been given up, and used
  std::uint64_t deadline_misses = 0;   // completions with kDeadlineMissed
  std::uint64_t request_faults = 0;    // DMA fault, verify failed, internal
  std::uint64_t false_answers = 0;     // found by check_answers
  std::uint64_t second_opinions = 0;   // malformed or bad descriptor, asked of the CPU
  std::uint64_t sick = 0;              // times that the engine was given up for a while
  std::uint64_t well_again = 0;        // times that it came back

  ReliableCounters& operator+=(const ReliableCounters& other) noexcept;
};

struct ReliableCounterName {
  std::string_view name;
  std::uint64_t ReliableCounters::*value;
};
// All of them, as they are declared.
[[nodiscard]] std::span<const ReliableCounterName> reliable_counter_names() noexcept;

class ReliableCodec final : public Codec {
 public:
  // `cpu` must do what it is given within submit() and poll() (CPU codecs do). The queue of
  // `engine` must be nobody else's. Throws std::invalid_argument for a null pointer.
  ReliableCodec(std::unique_ptr<EngineCodec> engine, std::unique_ptr<Codec> cpu,
                const ReliableConfig& config = {});
  ~ReliableCodec() override;

  std::string_view name() const noexcept override { return engine_->name(); }
  std::size_t depth() const noexcept override { return records_.size(); }
  // Throws as EngineCodec::submit(), but never for the state of the device.
  std::size_t submit(std::span<const Request> requests) override;
  // Does not throw for anything that the device does. Work of the CPU is done here.
  std::size_t poll(std::span<Completion> done) override;
  void wait(std::uint64_t timeout_ns) override;

  // Requests go to the engine; false while it is sick.
  [[nodiscard]] bool engine_well() const noexcept { return well_; }
  // Requests taken and not handed out.
  [[nodiscard]] std::size_t outstanding() const noexcept {
    return records_.size() - free_count_ + ready_.size();
  }
  [[nodiscard]] const ReliableCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] const EngineCodec& engine() const noexcept { return *engine_; }
  // What the last recovery was for; empty if there was none.
  [[nodiscard]] const std::string& last_fault() const noexcept { return last_fault_; }

 private:
  enum class Place : std::uint8_t { kFree, kEngine, kPending, kCpu };
  struct Record {
    Request request;
    unsigned attempts = 0;  // on the engine, that failed
    Place place = Place::kFree;
  };
  using Index = std::uint32_t;

  // Records.
  void occupy(Index index, const Request& request, Place place) noexcept;
  void release(Index index) noexcept;
  void finish(Index index, Completion& done) noexcept;

  std::size_t submit_to_engine(std::span<const Request> requests);
  std::size_t submit_to_cpu(std::span<const Request> requests);
  std::size_t poll_engine(std::span<Completion> done);
  std::size_t poll_ready(std::span<Completion> done);
  std::size_t poll_cpu(std::span<Completion> done);
  [[nodiscard]] Completion run_on_cpu(const Request& request);

  // Either writes the caller's completion to `done` and frees the record, or sends the request on
  // its way again and returns false. `blame`: an aborted one counts as an attempt.
  std::size_t settle_plain(std::span<Completion> done) noexcept;
  bool settle(const Completion& completion, Completion& done, bool blame);
  [[nodiscard]] bool holds(const Request& request, Completion& done);
  [[nodiscard]] bool gives_back(const Request& request, const Completion& done);
  bool settle_fault(Index index, const Completion& completion, Completion& done, bool blame);
  void again(Index index, bool blame);
  void submit_pending();
  void pending_to_cpu();

  [[nodiscard]] bool past_deadline(const Request& request) const noexcept;
  void expire_deadlines();
  void gather(bool blame);
  void recover(const DeviceError& error);
  Ownership take_back(bool blame, bool by_other);
  void start_again();
  void become_sick();
  void back_off();
  void try_revive();

  std::unique_ptr<EngineCodec> engine_;
  std::unique_ptr<Codec> cpu_;
  ReliableConfig config_;
  Clock& clock_;
  std::vector<Record> records_;  // by the tag on the engine
  std::vector<Index> free_;      // the first free_count_ of it are free
  std::size_t free_count_ = 0;
  std::vector<Index> pending_;     // to go to the engine, oldest first
  std::vector<Index> for_cpu_;     // oldest first
  std::vector<Completion> ready_;  // found beside a poll() that had room for them
  std::vector<Request> burst_;
  std::vector<Completion> scratch_;
  std::size_t with_deadline_ = 0;    // outstanding requests that have one
  std::uint64_t next_deadline_ = 0;  // with with_deadline_: none is earlier
  bool well_ = true;
  bool probation_ = false;   // well again, and nothing good has come yet
  unsigned recoveries_ = 0;  // in a row
  std::uint64_t backoff_ns_;
  std::uint64_t retry_at_ns_ = 0;
  std::vector<std::byte> decoded_;  // with check_answers
  bool lied_to_ = false;            // the queue is to be stopped for it
  std::string last_fault_;
  ReliableCounters counters_;
};

[[nodiscard]] std::unique_ptr<ReliableCodec> make_reliable_codec(
    std::unique_ptr<EngineCodec> engine, std::unique_ptr<Codec> cpu,
    const ReliableConfig& config = {});

}  // namespace pagepress
