// SPDX-License-Identifier: Apache-2.0
// The interrupts of all queues: every message has its reason, every event its message.
#include <Vinterrupts_1_1.h>
#include <Vinterrupts_3_2.h>
#include <Vinterrupts_8_9.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <type_traits>

#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {
namespace {

template <class M, unsigned kQueuesOf, unsigned kVectorsOf>
struct Shape {
  using Model = M;
  static constexpr unsigned kQueues = kQueuesOf;
  static constexpr unsigned kVectors = kVectorsOf;
};

// Bits [low, low + width) of a port of any width.
template <class Pin>
void set_field(Pin& pin, unsigned low, unsigned width, std::uint32_t value) {
  for (unsigned i = 0; i < width; ++i) {
    const unsigned bit = low + i;
    const std::uint64_t one = value >> i & 1U;
    if constexpr (std::is_integral_v<Pin>) {
      const std::uint64_t cleared = std::uint64_t{pin} & ~(std::uint64_t{1} << bit);
      pin = static_cast<Pin>(cleared | one << bit);
    } else {
      pin[bit / 32] = (pin[bit / 32] & ~(1U << bit % 32)) | static_cast<std::uint32_t>(one)
                                                                << bit % 32;
    }
  }
}

// One source of messages as docs/abi.md has it.
struct Source {
  bool enable = false;
  bool mask = false;
  unsigned count = 0;
  std::uint64_t time = 0;
  unsigned vector = 0;
  std::uint64_t waiting = 0;  // events
  std::uint64_t first = 0;    // cycle of the first of them
  bool held = false;          // fell due while masked: the message stands for all
  bool due = false;           // by the events and registers of the cycle before

  [[nodiscard]] std::uint64_t step() const { return count == 0 ? 1 : count; }
  [[nodiscard]] bool is_due(std::uint64_t now) const {
    return held || waiting >= step() || (waiting != 0 && now - first >= time);
  }
};

template <class S>
class Bench {
 public:
  explicit Bench(std::uint64_t seed) : random_(seed) { errors_.count = 1; }

  void set_queue(unsigned q, const Source& source) {
    Source& own = queues_[q];
    own.enable = source.enable;
    own.mask = source.mask;
    own.count = source.count;
    own.time = source.time;
    own.vector = source.vector;
    set_field(dut_->enable_i, q, 1, source.enable ? 1 : 0);
    set_field(dut_->mask_i, q, 1, source.mask ? 1 : 0);
    set_field(dut_->count_i, q * 8, 8, source.count);
    set_field(dut_->vector_i, q * 12, 12, source.vector);
    set_field(dut_->time_i, q * 24, 24, static_cast<std::uint32_t>(source.time));
  }
  void set_errors(bool enable, bool mask, unsigned vector) {
    errors_.enable = enable;
    errors_.mask = mask;
    errors_.vector = vector;
    dut_->err_enable_i = enable;
    dut_->err_mask_i = mask;
    dut_->err_vector_i = static_cast<std::uint16_t>(vector);
  }
  Source queue(unsigned q) const { return queues_[q]; }

  // One cycle with these events. drop_percent: of the queues' messages.
  void cycle(std::uint64_t events, bool error, unsigned drop_percent = 0) {
    const std::uint64_t now = dut_.cycle();
    dut_->event_i = static_cast<std::remove_reference_t<decltype(dut_->event_i)>>(events);
    dut_->err_event_i = error;
    dut_->drop_i = 0;
    dut_.settle();
    const bool dropped = dut_->sent_valid_o != 0 && random_.percent(drop_percent);
    dut_->drop_i = dropped;
    dut_.settle();
    expect_waiting();

    // What leaves: at most one message, for a source that is due by what came before.
    unsigned messages = 0;
    std::uint32_t vector = 0;
    const bool err_due = errors_.enable && !errors_.mask && errors_.due;
    if (err_due) {
      errors_.waiting -= errors_.held ? errors_.waiting : 1;
      errors_.held = false;
      vector = errors_.vector;
      ++messages;
    }
    EXPECT_EQ(dut_->err_sent_o != 0, err_due && errors_.vector < S::kVectors) << now;
    unsigned winner = S::kQueues;
    for (unsigned i = 1; i <= S::kQueues && !err_due; ++i) {
      const unsigned q = (last_ + i) % S::kQueues;
      if (queues_[q].enable && !queues_[q].mask && queues_[q].due) {
        winner = q;
        break;
      }
    }
    bool queue_sent = false;
    if (winner != S::kQueues) {
      Source& source = queues_[winner];
      last_ = winner;
      const bool valid = source.vector < S::kVectors;
      EXPECT_EQ(dut_->sent_valid_o != 0, valid) << now;
      if (valid) EXPECT_EQ(dut_->sent_qid_o, winner) << now;
      queue_sent = valid && !dropped;
      EXPECT_EQ(dut_->sent_o, queue_sent ? 1U << winner : 0U) << now;
      source.waiting =
          source.held || source.waiting < source.step() ? 0 : source.waiting - source.step();
      source.held = false;
      if (queue_sent) {
        ++messages;
        vector = source.vector;
      }
    } else {
      EXPECT_EQ(dut_->sent_valid_o, 0U) << now;
      EXPECT_EQ(dut_->sent_o, 0U) << now;
    }
    for (unsigned q = 0; q < S::kQueues; ++q) {
      pass(queues_[q], (events >> q & 1U) != 0, q == winner, now);
    }
    pass(errors_, error, err_due, now);

    dut_.edge();
    const std::uint64_t expected =
        messages != 0 && vector < S::kVectors ? std::uint64_t{1} << vector : 0;
    EXPECT_EQ(dut_->irq_o, expected) << now;
    sent_ += expected != 0 ? 1 : 0;
  }

  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  Random& random() { return random_; }

 private:
  // What the cycle leaves behind, once its message is gone.
  static void pass(Source& source, bool event, bool taken, std::uint64_t now) {
    if (!source.enable) {
      source.waiting = 0;
      source.held = false;
      source.due = false;
      return;
    }
    if (source.mask && source.due) source.held = true;
    if (taken) source.first = now;
    if (event && source.waiting == 0) source.first = now;
    if (event && source.waiting < 511) ++source.waiting;
    source.due = source.is_due(now + 1);
  }

  void expect_waiting() {
    bool waits = dut_->irq_o != 0;
    for (const Source& s : queues_) waits = waits || (s.waiting != 0 && !(s.held && s.mask));
    waits = waits || (errors_.waiting != 0 && !(errors_.held && errors_.mask));
    EXPECT_EQ(dut_->waiting_o != 0, waits) << dut_.cycle();
  }

  Clocked<typename S::Model> dut_;
  Random random_;
  std::array<Source, S::kQueues> queues_{};
  Source errors_;
  unsigned last_ = S::kQueues - 1;
  std::uint64_t sent_ = 0;
};

template <class S>
class Interrupts : public testing::Test {};
using Shapes = testing::Types<Shape<Vinterrupts_8_9, 8, 9>, Shape<Vinterrupts_3_2, 3, 2>,
                              Shape<Vinterrupts_1_1, 1, 1>>;
TYPED_TEST_SUITE(Interrupts, Shapes);

template <class S>
Source random_source(Random& random, std::uint32_t times) {
  Source source;
  source.enable = random.percent(90);
  source.mask = random.percent(20);
  source.count = static_cast<unsigned>(random.percent(50) ? random.below(3) : random.below(20));
  source.time = random.percent(30) ? 0 : random.below(times);
  source.vector = static_cast<unsigned>(random.below(S::kVectors + 1));
  return source;
}

// Cycle by cycle against the reference, with the registers changed at any time.
TYPED_TEST(Interrupts, FollowTheReference) {
  for (const unsigned event_percent : {1U, 10U, 40U}) {
    Bench<TypeParam> bench(event_percent);
    Random& random = bench.random();
    for (int i = 0; i < 30000; ++i) {
      if (random.percent(2)) {
        bench.set_queue(static_cast<unsigned>(random.below(TypeParam::kQueues)),
                        random_source<TypeParam>(random, 60));
      }
      if (random.percent(1)) {
        bench.set_errors(random.percent(90), random.percent(20),
                         static_cast<unsigned>(random.below(TypeParam::kVectors + 1)));
      }
      std::uint64_t events = 0;
      for (unsigned q = 0; q < TypeParam::kQueues; ++q) {
        events |= std::uint64_t{random.percent(event_percent)} << q;
      }
      bench.cycle(events, random.percent(3), 10);
      if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(bench.sent(), 100U);
  }
}

// The promise as a driver sees it: with count 1 each event has its own message, however many
// come together.
TYPED_TEST(Interrupts, SendOneMessageForEachEvent) {
  Bench<TypeParam> bench(5);
  Source each;
  each.enable = true;
  each.count = 1;
  for (unsigned q = 0; q < TypeParam::kQueues; ++q) bench.set_queue(q, each);
  bench.set_errors(true, false, 0);
  constexpr std::uint64_t all = (std::uint64_t{1} << TypeParam::kQueues) - 1;
  for (int i = 0; i < 30; ++i) bench.cycle(all, true);
  for (unsigned i = 0; i < 31 * (TypeParam::kQueues + 1); ++i) bench.cycle(0, false);
  EXPECT_EQ(bench.sent(), 30U * (TypeParam::kQueues + 1));
}

TYPED_TEST(Interrupts, MakeOneMessageOfWhatTheMaskHeld) {
  Bench<TypeParam> bench(6);
  Source masked;
  masked.enable = true;
  masked.mask = true;
  bench.set_queue(0, masked);
  for (int i = 0; i < 20; ++i) bench.cycle(1, false);
  EXPECT_EQ(bench.sent(), 0U);
  masked.mask = false;
  bench.set_queue(0, masked);
  for (int i = 0; i < 20; ++i) bench.cycle(0, false);
  EXPECT_EQ(bench.sent(), 1U);
}

TYPED_TEST(Interrupts, ForgetWhatWaitsWhenDisabled) {
  Bench<TypeParam> bench(7);
  Source source;
  source.enable = true;
  source.mask = true;
  bench.set_queue(0, source);
  bench.set_errors(true, true, 0);
  for (int i = 0; i < 5; ++i) bench.cycle(1, true);
  source.enable = false;
  bench.set_queue(0, source);
  bench.set_errors(false, true, 0);
  bench.cycle(0, false);
  source.enable = true;
  source.mask = false;
  bench.set_queue(0, source);
  bench.set_errors(true, false, 0);
  for (int i = 0; i < 20; ++i) bench.cycle(0, false);
  EXPECT_EQ(bench.sent(), 0U);
}

}  // namespace
}  // namespace pagepress::bench
