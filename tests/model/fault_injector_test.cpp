// SPDX-License-Identifier: Apache-2.0
// FaultInjector between a device and its link: every kind of fault, seen from the host; without
// one, no time changes. Linked with the fast device and with the RTL.
#include "model/fault/fault_injector.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>

#include "tests/corpus/corpus.hpp"
#include "tests/model/pagepress_bench.hpp"

namespace pagepress::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Rig {
  FaultInjector* injector = nullptr;
  PagepressBench* bench = nullptr;
};
std::map<std::string, Rig> rigs;  // by the name of their plan

// One plan a rig, in the terms of docs/faults.md.
const std::map<std::string, std::string> kPlans{
    {"plain", ""},
    {"empty", ""},
    {"read_error", "kind = 'dma-read-fault'\nafter = 2\ntarget = 'data'"},
    {"write_error", "kind = 'dma-write-fault'\nafter = 0\ntarget = 'data'"},
    {"ring_error", "kind = 'dma-write-fault'\nafter = 1\ntarget = 'ring'"},
    {"status", "kind = 'poisoned-completion'\nafter = 1\nstatus = 8"},
    {"bits", "kind = 'poisoned-completion'\nat_us = 0\ncount = 2\nbyte = 8\nmask = 0x81"},
    {"lost", "kind = 'lost-completion'\nafter = 2\nqueue = 0"},
    {"other_queue", "kind = 'lost-completion'\nafter = 0\nqueue = 1"},
    {"dropped", "kind = 'dropped-interrupt'\nafter = 1\nvector = 3"},
    {"late", "kind = 'late-interrupt'\nafter = 0\nfor_us = 25"},
    {"stuck", "kind = 'stuck-engine'\nafter = 0\ncycles = 20000"},
    {"for_ever", "kind = 'stuck-engine'\nafter = 0\ncycles = 0"},
    {"flipped",
     "kind = 'flipped-output'\nafter = 0\nbit = 12\n"
     "[[fault]]\nkind = 'flipped-output'\nafter = 0\nbit = 3"},
    {"reset", "kind = 'surprise-reset'\nafter = 1"},
    {"stall", "kind = 'link-stall'\nafter = 1\nfor_us = 40"},
    {"dead", "kind = 'dead-device'\nafter = 1"},
    {"dead_in_stall",
     "kind = 'link-stall'\nafter = 1\nfor_us = 40\n"
     "[[fault]]\nkind = 'dead-device'\nafter = 1"},
};

constexpr std::uint32_t kInterrupts = PP_Q_IRQ_ENABLE | 3U << 16;  // vector 3, every completion

void load(PagepressBench& bench, unsigned count) {
  const std::vector<test::NamedPage> pages = test::text_pages(5, count);
  for (unsigned i = 0; i < count; ++i) {
    std::memcpy(bench.source(i), pages[i].bytes.data(), 4096);
    std::memset(bench.destination(i), 0xcd, 4096);
  }
}

// Submits `count` pages at once; what completes within `us`.
std::vector<Seen> compress(PagepressBench& bench, unsigned count, double us = 200) {
  for (unsigned i = 0; i < count; ++i) {
    pp_sqe sqe = PagepressBench::compress(i);
    sqe.flags = PP_SQE_F_IRQ;
    bench.push(sqe);
  }
  bench.ring();
  std::vector<Seen> seen;
  const double end = now_ns() + us * 1000;
  while (now_ns() < end) {
    pp_cqe cqe;
    while (bench.poll(cqe)) seen.push_back({cqe, now_ns()});
    wait_ns(50);
  }
  return seen;
}

std::vector<unsigned> statuses(const std::vector<Seen>& seen) {
  std::vector<unsigned> list;
  for (const Seen& one : seen) list.push_back(one.cqe.status);
  return list;
}

unsigned tag_slot(const Seen& one) { return static_cast<unsigned>(one.cqe.tag & 0xff); }

bool untouched(PagepressBench& bench, unsigned slot) {
  return std::all_of(bench.destination(slot), bench.destination(slot) + 4096,
                     [](std::uint8_t byte) { return byte == 0xcd; });
}

// A rig whose plan has been started anew.
Rig& start(const char* name, unsigned pages = 4) {
  Rig& rig = rigs.at(name);
  load(*rig.bench, pages);
  rig.bench->start(kInterrupts);
  return rig;
}

std::uint64_t applied(const Rig& rig, FaultKind kind) { return rig.injector->book().applied(kind); }

TEST(FaultInjector, WithoutAFaultNoTimeChanges) {
  in_thread([] {
    std::vector<Seen> seen[2];
    bool done = false;
    const auto use = [&](const char* name, std::vector<Seen>& list) {
      Rig& rig = start(name, 32);
      list = compress(*rig.bench, 32);
    };
    sc_core::sc_spawn([&] {
      use("empty", seen[1]);
      done = true;
    });
    use("plain", seen[0]);
    while (!done) wait_ns(50);
    ASSERT_EQ(seen[0].size(), 32U);
    EXPECT_EQ(seen[0], seen[1]);
    // The interrupts are not polled: to the picosecond.
    EXPECT_EQ(rigs.at("plain").bench->irq.log, rigs.at("empty").bench->irq.log);
    EXPECT_EQ(rigs.at("plain").bench->irq.log.size(), 32U);
    EXPECT_THAT(rigs.at("empty").injector->book().log(), IsEmpty());
  });
}

TEST(FaultInjector, AReadIsRefused) {
  in_thread([] {
    Rig& rig = start("read_error");
    const std::vector<Seen> seen = compress(*rig.bench, 4);
    EXPECT_THAT(statuses(seen), testing::UnorderedElementsAre(0, 0, 0, PP_STATUS_DMA_FAULT));
    EXPECT_EQ(applied(rig, FaultKind::kDmaRead), 1U);
    EXPECT_THAT(rig.injector->book().not_due(), IsEmpty());
    for (const Seen& one : seen) {
      if (one.cqe.status != PP_STATUS_DMA_FAULT) continue;
      EXPECT_EQ(one.cqe.flags >> PP_CQE_DETAIL_SHIFT, PP_FAULT_READ);
    }
  });
}

TEST(FaultInjector, ARefusedWriteDoesNotReachMemory) {
  in_thread([] {
    Rig& rig = start("write_error", 1);
    const std::vector<Seen> seen = compress(*rig.bench, 1);
    ASSERT_THAT(statuses(seen), ElementsAre(PP_STATUS_DMA_FAULT));
    EXPECT_EQ(seen[0].cqe.flags >> PP_CQE_DETAIL_SHIFT, PP_FAULT_WRITE);
    std::uint8_t* const out = rig.bench->destination(0);
    EXPECT_TRUE(std::all_of(out, out + 64, [](std::uint8_t byte) { return byte == 0xcd; }));
  });
}

TEST(FaultInjector, ARefusedCompletionStopsItsQueue) {
  in_thread([] {
    Rig& rig = start("ring_error");
    EXPECT_EQ(compress(*rig.bench, 4).size(), 1U);
    EXPECT_EQ(rig.bench->queue_read(PP_Q_STATE) & 0xf, PP_QSTATE_ERROR);
    EXPECT_EQ(rig.bench->read(PP_REG_ERR_COND) & 0xff, PP_ERR_CQ_WRITE);
  });
}

TEST(FaultInjector, ACompletionSaysWhatThePlanSays) {
  in_thread([] {
    Rig& rig = start("status");
    EXPECT_THAT(statuses(compress(*rig.bench, 3)), ElementsAre(0, PP_STATUS_INTERNAL, 0));
    EXPECT_EQ(applied(rig, FaultKind::kPoisonedCompletion), 1U);
  });
}

TEST(FaultInjector, BitsOfACompletionAreInverted) {
  in_thread([] {
    Rig& rig = start("bits");
    const std::vector<Seen> poisoned = compress(*rig.bench, 3);
    Rig& plain = start("plain");
    const std::vector<Seen> right = compress(*plain.bench, 3);
    ASSERT_EQ(poisoned.size(), 3U);
    ASSERT_EQ(right.size(), 3U);
    for (unsigned i = 0; i < 3; ++i) {
      EXPECT_EQ(poisoned[i].cqe.out_len, right[i].cqe.out_len ^ (i < 2 ? 0x81U : 0U));
    }
  });
}

TEST(FaultInjector, ALostCompletionLeavesAHole) {
  in_thread([] {
    Rig& rig = start("lost");
    EXPECT_EQ(compress(*rig.bench, 4).size(), 2U);
    EXPECT_EQ(rig.bench->queue_read(PP_Q_CQ_TAIL), 4U);
    EXPECT_EQ(rig.bench->cq.data()[2 * PP_CQE_SIZE + offsetof(pp_cqe, flags)], 0U);
    EXPECT_EQ(rig.bench->cq.data()[3 * PP_CQE_SIZE + offsetof(pp_cqe, flags)], PP_CQE_F_PHASE);
  });
}

TEST(FaultInjector, AFaultOfAnotherQueueIsListedAsNotDue) {
  in_thread([] {
    Rig& rig = start("other_queue");
    EXPECT_EQ(compress(*rig.bench, 4).size(), 4U);
    EXPECT_THAT(rig.injector->book().log(), IsEmpty());
    EXPECT_THAT(rig.injector->book().not_due(), ElementsAre("lost-completion (plan:1): 0 of 1"));
  });
}

TEST(FaultInjector, AnInterruptIsDropped) {
  in_thread([] {
    Rig& rig = start("dropped");
    EXPECT_EQ(compress(*rig.bench, 4).size(), 4U);
    EXPECT_EQ(rig.bench->irq.log.size(), 3U);
  });
}

TEST(FaultInjector, AnInterruptIsLate) {
  in_thread([] {
    Rig& rig = start("late", 1);
    const std::vector<Seen> seen = compress(*rig.bench, 1);
    ASSERT_EQ(seen.size(), 1U);
    ASSERT_EQ(rig.bench->irq.log.size(), 1U);
    const double behind = rig.bench->irq.log[0].ns - seen[0].ns;
    EXPECT_GT(behind, 24'000);
    EXPECT_LT(behind, 25'200);
  });
}

TEST(FaultInjector, AnEngineIsStuckForSomeCycles) {
  in_thread([] {
    Rig& rig = start("stuck", 1);
    ASSERT_EQ(compress(*rig.bench, 1).size(), 1U);
    const double before = now_ns();
    const std::vector<Seen> late = compress(*rig.bench, 1);
    Rig& plain = start("plain", 1);
    const double begin = now_ns();
    const std::vector<Seen> usual = compress(*plain.bench, 1);
    ASSERT_THAT(statuses(late), ElementsAre(0));
    const double longer = (late[0].ns - before) - (usual[0].ns - begin);
    EXPECT_GT(longer, 19'000);
    EXPECT_LT(longer, 21'000);
  });
}

TEST(FaultInjector, AnEngineIsStuckUntilTheDeviceIsReset) {
  in_thread([] {
    Rig& rig = start("for_ever", 1);
    ASSERT_EQ(compress(*rig.bench, 1).size(), 1U);
    EXPECT_THAT(compress(*rig.bench, 1), IsEmpty());
    rig.bench->start(kInterrupts);
    EXPECT_THAT(statuses(compress(*rig.bench, 1)), ElementsAre(0));
  });
}

TEST(FaultInjector, TwoInjectionsComeOneAfterTheOther) {
  in_thread([] {
    Rig& plain = start("plain", 3);
    ASSERT_EQ(compress(*plain.bench, 1).size(), 1U);
    Rig& rig = start("flipped", 3);
    ASSERT_EQ(compress(*rig.bench, 1).size(), 1U);
    // The second one is armed once the first has hit and a completion is there.
    for (const unsigned bit : {12U, 3U}) {
      const std::vector<Seen> seen = compress(*rig.bench, 1);
      ASSERT_THAT(statuses(seen), ElementsAre(0));
      const unsigned length = seen[0].cqe.out_len;
      for (unsigned i = 0; i < length; ++i) {
        const unsigned flip = i == bit / 8 ? 1U << bit % 8 : 0U;
        ASSERT_EQ(rig.bench->destination(0)[i], plain.bench->destination(0)[i] ^ flip) << i;
      }
    }
    EXPECT_EQ(applied(rig, FaultKind::kFlippedOutput), 2U);
  });
}

TEST(FaultInjector, TheDeviceResetsItself) {
  in_thread([] {
    Rig& rig = start("reset", 16);
    EXPECT_LT(compress(*rig.bench, 16).size(), 16U);
    EXPECT_EQ(rig.bench->read(PP_REG_CTRL), 0U);
    EXPECT_EQ(rig.bench->queue_read(PP_Q_STATE), PP_QSTATE_DISABLED);
    EXPECT_EQ(rig.bench->queue_read(PP_Q_SIZE), 0U);
    load(*rig.bench, 4);
    rig.bench->start(kInterrupts);
    EXPECT_EQ(compress(*rig.bench, 4).size(), 4U);
    EXPECT_EQ(applied(rig, FaultKind::kReset), 1U);
  });
}

TEST(FaultInjector, NothingCrossesAStalledLink) {
  in_thread([] {
    Rig& rig = start("stall", 32);
    const std::vector<Seen> seen = compress(*rig.bench, 32);
    ASSERT_EQ(seen.size(), 32U);
    double longest = 0;
    for (std::size_t i = 1; i < seen.size(); ++i) {
      longest = std::max(longest, seen[i].ns - seen[i - 1].ns);
      EXPECT_EQ(seen[i].cqe.status, PP_STATUS_OK);
    }
    EXPECT_GT(longest, 39'900);
    EXPECT_LT(longest, 42'000);
    Rig& plain = start("plain", 32);
    ASSERT_EQ(compress(*plain.bench, 32).size(), 32U);
    for (const Seen& one : seen) {
      const unsigned slot = tag_slot(one);
      EXPECT_EQ(std::memcmp(rig.bench->destination(slot), plain.bench->destination(slot), 4096), 0);
    }
  });
}

TEST(FaultInjector, ADeadDeviceReadsAllOnes) {
  in_thread([] {
    Rig& rig = start("dead", 32);
    const std::size_t count = compress(*rig.bench, 32).size();
    EXPECT_GE(count, 1U);
    EXPECT_LT(count, 32U);
    EXPECT_EQ(rig.bench->read(PP_REG_ID), 0xffff'ffffU);
    rig.bench->write(PP_REG_CTRL, PP_CTRL_RESET);
    EXPECT_EQ(rig.bench->read(PP_REG_CTRL), 0xffff'ffffU);
    for (unsigned slot = 0; slot < 32; ++slot)
      std::memset(rig.bench->destination(slot), 0xcd, 4096);
    const std::size_t interrupts = rig.bench->irq.log.size();
    EXPECT_THAT(compress(*rig.bench, 32), IsEmpty());
    for (unsigned slot = 0; slot < 32; ++slot) EXPECT_TRUE(untouched(*rig.bench, slot)) << slot;
    EXPECT_EQ(rig.bench->irq.log.size(), interrupts);
  });
}

TEST(FaultInjector, ADeviceDiesBehindAStalledLink) {
  in_thread([] {
    Rig& rig = start("dead_in_stall", 32);
    EXPECT_LT(compress(*rig.bench, 32).size(), 32U);
    EXPECT_EQ(rig.bench->read(PP_REG_ID), 0xffff'ffffU);
    EXPECT_EQ(applied(rig, FaultKind::kDead), 1U);
  });
}

}  // namespace

Modules elaborate() {
  Modules modules;
  for (const auto& [name, text] : kPlans) {
    Rig& rig = rigs[name];
    if (name != "plain") {
      const std::string toml = text.empty() ? "" : "[[fault]]\n" + text;
      rig.injector = make_module<FaultInjector>(modules, ("faults_" + name).c_str(),
                                                parse_fault_plan("plan", toml));
    }
    rig.bench = make_module<PagepressBench>(modules, name.c_str(), make_test_device, rig.injector);
  }
  return modules;
}

}  // namespace pagepress::model
