// SPDX-License-Identifier: Apache-2.0
// The counters against plain numbers: exact when the device is quiet, within what can
// have happened meanwhile when it is not.
#include <Vcounters_1_1.h>
#include <Vcounters_3_5.h>
#include <Vcounters_8_2.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {
namespace {

constexpr unsigned kDoneDepth = 8;
constexpr unsigned kCounters = 64;

template <class M, unsigned kQueuesOf, unsigned kEnginesOf>
struct Shape {
  using Model = M;
  static constexpr unsigned kQueues = kQueuesOf;
  static constexpr unsigned kEngines = kEnginesOf;
  static constexpr unsigned kSweep = 64 * std::bit_ceil(std::max({kQueuesOf, kEnginesOf, 2U}));
};

using Counts = std::array<std::uint64_t, kCounters>;

// What all counters should show.
struct Reference {
  Reference(unsigned queue_count, unsigned engine_count)
      : queues(queue_count), engines(engine_count) {}

  Counts device{};
  std::vector<Counts> queues;
  std::vector<Counts> engines;

  [[nodiscard]] std::uint64_t at(std::uint32_t select) const {
    const std::uint32_t counter = select & 0xffffU;
    const std::uint32_t instance = select >> 16 & 0xfffU;
    if (counter >= kCounters) return 0;
    switch (select >> 28) {
      case PP_PERF_SCOPE_DEVICE:
        return instance == 0 ? device[counter] : 0;
      case PP_PERF_SCOPE_QUEUE:
        return instance < queues.size() ? queues[instance][counter] : 0;
      case PP_PERF_SCOPE_ENGINE:
        return instance < engines.size() ? engines[instance][counter] : 0;
      default:
        return 0;
    }
  }
};

struct Traffic {
  unsigned pulse_percent;
  unsigned done_percent;
  unsigned toggle_percent;  // of the levels
};
constexpr Traffic kQuiet{0, 0, 0};

unsigned significant_bits(std::uint32_t value) {
  unsigned bits = 0;
  for (; value != 0; value >>= 1) ++bits;
  return std::min(bits, 31U);
}

template <class Pin>
void set(Pin& pin, std::uint64_t value) {
  pin = static_cast<std::remove_reference_t<Pin>>(value);
}

template <class S>
class Bench {
 public:
  explicit Bench(std::uint64_t seed) : random_(seed) {}

  Random& random() { return random_; }
  const Reference& reference() const { return reference_; }
  typename S::Model* operator->() { return dut_.operator->(); }

  void clear_next() { clear_ = true; }
  void select_next(std::uint32_t select) {
    select_ = true;
    dut_->sel_i = select;
  }

  // One cycle of traffic. What happens in it is counted, unless it is cleared.
  void cycle(const Traffic& traffic) {
    constexpr std::uint64_t all_queues = (std::uint64_t{1} << S::kQueues) - 1;
    std::uint64_t received = 0;
    std::uint64_t irq = 0;
    for (unsigned q = 0; q < S::kQueues; ++q) {
      received |= std::uint64_t{random_.percent(traffic.pulse_percent)} << q;
      irq |= std::uint64_t{random_.percent(traffic.pulse_percent)} << q;
    }
    set(dut_->received_i, received);
    set(dut_->irq_i, irq);
    dut_->err_irq_i = random_.percent(traffic.pulse_percent);
    if (random_.percent(traffic.toggle_percent)) {
      set(dut_->queue_busy_i, random_.bits() & all_queues);
      set(dut_->queue_stall_i, random_.bits() & random_.bits() & all_queues);
      constexpr std::uint64_t all_engines = (std::uint64_t{1} << S::kEngines) - 1;
      set(dut_->engine_busy_i, random_.bits() & all_engines);
      set(dut_->engine_stall_in_i, random_.bits() & random_.bits() & all_engines);
      set(dut_->engine_stall_out_i, random_.bits() & random_.bits() & all_engines);
    } else if (traffic.toggle_percent == 0) {
      dut_->queue_busy_i = 0;
      dut_->queue_stall_i = 0;
      dut_->engine_busy_i = 0;
      dut_->engine_stall_in_i = 0;
      dut_->engine_stall_out_i = 0;
    }
    if (dut_->done_valid_i == 0 && random_.percent(traffic.done_percent)) offer_completion();
    dut_->sel_valid_i = select_;
    dut_->clear_i = clear_;
    dut_.settle();
    count();
    if (clear_) reference_ = Reference(S::kQueues, S::kEngines);
    const bool taken = dut_->done_valid_i != 0 && dut_->done_ready_o != 0;
    wait_ = taken || dut_->done_valid_i == 0 ? 0 : wait_ + 1;
    EXPECT_LE(wait_, S::kSweep + 8 * kDoneDepth) << "completions stand still";
    dut_.edge();
    if (taken) dut_->done_valid_i = 0;
    select_ = false;
    clear_ = false;
    dut_->sel_valid_i = 0;
    dut_->clear_i = 0;
    dut_.settle();
  }

  // Latches the counter while traffic goes on; the value lies between what had
  // happened before and what has happened after.
  std::uint64_t read(std::uint32_t select, const Traffic& traffic) {
    const std::uint64_t low = reference_.at(select);
    select_next(select);
    cycle(traffic);
    for (unsigned cycles = 0; dut_->hold_o != 0; ++cycles) {
      if (cycles > S::kSweep + 8 * kDoneDepth + 24) {
        ADD_FAILURE() << "no value for " << std::hex << select;
        return 0;
      }
      cycle(traffic);
    }
    EXPECT_GE(dut_->value_o, low) << std::hex << select;
    EXPECT_LE(dut_->value_o, reference_.at(select)) << std::hex << select;
    return dut_->value_o;
  }

  // Every counter that there is and some that are not, without traffic.
  void check_all() {
    drain();
    for (std::uint32_t scope = 0; scope < 4; ++scope) {
      for (std::uint32_t instance = 0; instance < std::max(S::kQueues, S::kEngines) + 1;
           ++instance) {
        for (std::uint32_t counter = 0; counter < kCounters + 2; ++counter) {
          read(scope << 28 | instance << 16 | counter, kQuiet);
        }
      }
    }
    for (const std::uint32_t odd :
         {0x0100U << 16, 0x1100U << 16, 0x21000001U, 0x10000100U, 0x00008001U, 0xf0000001U}) {
      EXPECT_EQ(read(odd, kQuiet), 0U) << std::hex << odd;
    }
  }

  void drain() {
    for (unsigned i = 0; i < S::kSweep + 8 * kDoneDepth && dut_->done_valid_i != 0; ++i) {
      cycle(kQuiet);
    }
  }

 private:
  void offer_completion() {
    dut_->done_valid_i = 1;
    dut_->done_qid_i = static_cast<std::uint8_t>(random_.below(S::kQueues));
    dut_->done_engine_i = static_cast<std::uint8_t>(random_.below(S::kEngines));
    dut_->done_on_engine_i = random_.percent(70);
    dut_->done_status_i =
        static_cast<std::uint8_t>(random_.percent(90) ? random_.below(9) : random_.below(256));
    dut_->done_bytes_in_i = static_cast<std::uint32_t>(random_.bits());
    dut_->done_bytes_out_i = static_cast<std::uint32_t>(random_.bits() >> random_.below(32));
    dut_->done_latency_i =
        static_cast<std::uint32_t>((random_.bits() & 0xffffffffU) >> random_.below(33));
  }

  static void add_completion(Counts& counts, const typename S::Model& dut) {
    counts[PP_PERF_COMPLETED] += 1;
    counts[PP_PERF_BYTES_IN] += dut.done_bytes_in_i;
    counts[PP_PERF_BYTES_OUT] += dut.done_bytes_out_i;
    if (dut.done_status_i < PP_STATUS_COUNT) {
      counts[static_cast<unsigned>(PP_PERF_STATUS_BASE) + dut.done_status_i] += 1;
    }
    counts[PP_PERF_LATENCY_BASE + significant_bits(dut.done_latency_i)] += 1;
  }

  void count() {
    Counts& device = reference_.device;
    const typename S::Model& dut = *dut_;
    for (unsigned q = 0; q < S::kQueues; ++q) {
      Counts& counts = reference_.queues[q];
      counts[PP_PERF_SUBMITTED] += dut.received_i >> q & 1U;
      device[PP_PERF_SUBMITTED] += dut.received_i >> q & 1U;
      counts[PP_PERF_INTERRUPTS] += dut.irq_i >> q & 1U;
      device[PP_PERF_INTERRUPTS] += dut.irq_i >> q & 1U;
      counts[PP_PERF_BUSY_CYCLES] += dut.queue_busy_i >> q & 1U;
      counts[PP_PERF_STALL_QUEUE] += dut.queue_stall_i >> q & 1U;
    }
    for (unsigned e = 0; e < S::kEngines; ++e) {
      Counts& counts = reference_.engines[e];
      counts[PP_PERF_BUSY_CYCLES] += dut.engine_busy_i >> e & 1U;
      counts[PP_PERF_STALL_INPUT] += dut.engine_stall_in_i >> e & 1U;
      counts[PP_PERF_STALL_OUTPUT] += dut.engine_stall_out_i >> e & 1U;
    }
    device[PP_PERF_INTERRUPTS] += dut.err_irq_i;
    device[PP_PERF_BUSY_CYCLES] += dut.queue_busy_i != 0;
    device[PP_PERF_STALL_QUEUE] += dut.queue_stall_i != 0;
    device[PP_PERF_STALL_INPUT] += dut.engine_stall_in_i != 0;
    device[PP_PERF_STALL_OUTPUT] += dut.engine_stall_out_i != 0;
    if (dut.done_valid_i != 0 && dut.done_ready_o != 0) {
      add_completion(device, dut);
      add_completion(reference_.queues[dut.done_qid_i], dut);
      if (dut.done_on_engine_i != 0) add_completion(reference_.engines[dut.done_engine_i], dut);
    }
  }

  Clocked<typename S::Model> dut_;
  Random random_;
  Reference reference_{S::kQueues, S::kEngines};
  bool select_ = false;
  bool clear_ = false;
  unsigned wait_ = 0;
};

template <class S>
class Counters : public testing::Test {};
using Shapes = testing::Types<Shape<Vcounters_8_2, 8, 2>, Shape<Vcounters_3_5, 3, 5>,
                              Shape<Vcounters_1_1, 1, 1>>;
TYPED_TEST_SUITE(Counters, Shapes);

constexpr std::array<Traffic, 4> kTraffic = {
    {{5, 2, 5}, {50, 30, 10}, {100, 100, 1}, {100, 0, 50}}};

TYPED_TEST(Counters, StartAtZeroAfterReset) {
  Bench<TypeParam> bench(1);
  EXPECT_EQ(bench->value_o, 0U);
  EXPECT_EQ(bench->hold_o, 0U);
  bench.check_all();
}

TYPED_TEST(Counters, AreExactOnceTheDeviceIsQuiet) {
  Bench<TypeParam> bench(2);
  for (const Traffic& traffic : kTraffic) {
    for (int i = 0; i < 6000; ++i) bench.cycle(traffic);
    bench.check_all();
  }
  EXPECT_GT(bench.reference().device[PP_PERF_BYTES_IN], std::uint64_t{1} << 33);
}

TYPED_TEST(Counters, CanBeReadInTraffic) {
  Bench<TypeParam> bench(3);
  Random random(4);
  for (const Traffic& traffic : kTraffic) {
    for (int i = 0; i < 1500; ++i) {
      const std::uint32_t select = static_cast<std::uint32_t>(
          random.below(3) << 28 | random.below(TypeParam::kQueues) << 16 | random.below(kCounters));
      bench.read(select, traffic);
      for (std::uint64_t idle = random.below(20); idle != 0; --idle) bench.cycle(traffic);
    }
    bench.check_all();
  }
}

TYPED_TEST(Counters, LoseNothingToSelectionsThatNobodyWaitsFor) {
  Bench<TypeParam> bench(5);
  Random random(6);
  for (int i = 0; i < 20000; ++i) {
    if (random.percent(40)) {
      bench.select_next(static_cast<std::uint32_t>(random.below(3) << 28 | random.below(9)));
    }
    bench.cycle({100, 20, 20});
  }
  bench.check_all();
}

TYPED_TEST(Counters, StartAnewWhenCleared) {
  Bench<TypeParam> bench(7);
  for (const Traffic& traffic : kTraffic) {
    for (int round = 0; round < 12; ++round) {
      for (std::uint64_t i = bench.random().below(1500); i != 0; --i) bench.cycle(traffic);
      // Once in a while again in the midst of clearing.
      for (std::uint64_t again = 1 + bench.random().below(3); again != 0; --again) {
        bench.clear_next();
        bench.cycle(traffic);
        for (std::uint64_t i = bench.random().below(80); i != 0; --i) bench.cycle(traffic);
      }
      if (round % 4 == 3) bench.check_all();
      bench.read(PP_PERF_COMPLETED, traffic);
    }
  }
}

TYPED_TEST(Counters, TakeACompletionInEightCycles) {
  Bench<TypeParam> bench(8);
  for (unsigned i = 0; i < 2 * TypeParam::kSweep; ++i) bench.cycle(kQuiet);
  const std::uint64_t before = bench.reference().device[PP_PERF_COMPLETED];
  for (int i = 0; i < 8000; ++i) bench.cycle({10, 100, 10});
  EXPECT_GE(bench.reference().device[PP_PERF_COMPLETED] - before, 1000U);
  bench.drain();
  for (unsigned i = 0; i < 8 * kDoneDepth + 8; ++i) bench.cycle(kQuiet);
  EXPECT_EQ(bench->busy_o, 0U);
}

}  // namespace
}  // namespace pagepress::bench
