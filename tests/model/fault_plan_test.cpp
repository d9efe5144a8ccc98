// SPDX-License-Identifier: Apache-2.0
// Fault plans: bad input first, then what is read, then the counting.
#include "model/fault/fault_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "model/fault/fault_book.hpp"

namespace pagepress::model {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string error_of(const std::string& text) {
  try {
    (void)parse_fault_plan("p.toml", text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

struct Bad {
  const char* text;
  const char* message;
};

TEST(FaultPlan, NamesFileLineAndKeyOfAnError) {
  const Bad all[] = {
      {"[[fault]]\nkind = \"dead-device", "p.toml:2: "},
      {"\nfaults = 1", "p.toml:2: unknown key 'faults' (known: [[fault]])"},
      {"fault = 1", "p.toml:1: 'fault' must be a list: [[fault]]"},
      {"fault = [1]", "p.toml:1: 'fault' must be a list of tables: [[fault]]"},
      {"[[fault]]\nafter = 1", "p.toml:1: a [[fault]] needs 'kind'"},
      {"[[fault]]\nkind = \"fire\"", "p.toml:2: kind: unknown 'fire' (known: dma-read-fault, "},
      {"[[fault]]\nkind = 3", "p.toml:2: kind: unknown ''"},
      {"[[fault]]\nkind = \"dead-device\"", "p.toml:1: 'dead-device' needs either 'at_us' or"},
      {"[[fault]]\nkind = \"dead-device\"\nafter = 1\nat_us = 1", "needs either 'at_us' or"},
      {"[[fault]]\nkind = \"dead-device\"\nat_us = -1.5",
       "p.toml:3: at_us: -1.5 is not from 0 to 1000000000"},
      {"[[fault]]\nkind = \"dead-device\"\nat_us = nan", "p.toml:3: at_us: nan is not from"},
      {"[[fault]]\nkind = \"dead-device\"\nat_us = inf", "p.toml:3: at_us: inf is not from"},
      {"[[fault]]\nkind = \"dead-device\"\nat_us = \"soon\"", "p.toml:3: at_us: must be a number"},
      {"[[fault]]\nkind = \"dead-device\"\nafter = 1.5", "p.toml:3: after: must be an integer"},
      {"[[fault]]\nkind = \"dead-device\"\nafter = -1", "p.toml:3: after: -1 is not from 0"},
      {"[[fault]]\nkind = \"dead-device\"\nafter = 0\ncount = 2",
       "p.toml:4: unknown key 'count' of 'dead-device' (known: kind, at_us, after)"},
      {"[[fault]]\nkind = \"lost-completion\"\nafter = 0\ncount = 0",
       "p.toml:4: count: 0 is not from 1 to 65535"},
      {"[[fault]]\nkind = \"lost-completion\"\nafter = 0\nqueue = 256",
       "p.toml:4: queue: 256 is not from 0 to 255"},
      {"[[fault]]\nkind = \"lost-completion\"\nafter = 0\nvector = 1",
       "p.toml:4: unknown key 'vector' of 'lost-completion'"},
      {"[[fault]]\nkind = \"late-interrupt\"\nafter = 0",
       "p.toml:1: 'late-interrupt' needs 'for_us'"},
      {"[[fault]]\nkind = \"link-stall\"\nafter = 0\nfor_us = 0",
       "p.toml:4: for_us: 0 is not from"},
      {"[[fault]]\nkind = \"stuck-engine\"\nafter = 0", "p.toml:1: 'stuck-engine' needs 'cycles'"},
      {"[[fault]]\nkind = \"flipped-output\"\nafter = 0", "p.toml:1: 'flipped-output' needs 'bit'"},
      {"[[fault]]\nkind = \"poisoned-completion\"\nafter = 0",
       "p.toml:1: 'poisoned-completion' needs either 'status' or 'byte' and 'mask'"},
      {"[[fault]]\nkind = \"poisoned-completion\"\nafter = 0\nbyte = 1",
       "needs either 'status' or"},
      {"[[fault]]\nkind = \"poisoned-completion\"\nafter = 0\nbyte = 1\nmask = 1\nstatus = 2",
       "needs either 'status' or"},
      {"[[fault]]\nkind = \"poisoned-completion\"\nafter = 0\nbyte = 32\nmask = 1",
       "p.toml:4: byte: 32 is not from 0 to 31"},
      {"[[fault]]\nkind = \"dma-read-fault\"\nafter = 0\ntarget = \"rings\"",
       "p.toml:4: target: must be any, ring or data, not 'rings'"},
      {"[[fault]]\nkind = \"dma-read-fault\"\nafter = 0\nfirst_address = 2\nlast_address = 1",
       "p.toml:4: first_address: is above last_address"},
  };
  for (const Bad& bad : all) {
    SCOPED_TRACE(bad.text);
    EXPECT_THAT(error_of(bad.text), HasSubstr(bad.message));
  }
}

TEST(FaultPlan, NamesAFileThatCannotBeRead) {
  EXPECT_THROW(
      try { (void)load_fault_plan("/nowhere/plan.toml"); } catch (const std::invalid_argument& e) {
        EXPECT_STREQ(e.what(), "/nowhere/plan.toml: cannot read the fault plan");
        throw;
      },
      std::invalid_argument);
}

TEST(FaultPlan, ReadsEveryKey) {
  const FaultPlan plan = parse_fault_plan("p", R"(
[[fault]]
kind = "dma-write-fault"
at_us = 12.5
count = 3
target = "ring"
first_address = 0x1000
last_address = 0x1fff
[[fault]]
kind = "poisoned-completion"
after = 37
queue = 1
byte = 31
mask = 0x80
[[fault]]
kind = "stuck-engine"
after = 0
cycles = 0
)");
  ASSERT_EQ(plan.faults.size(), 3U);
  const Fault& write = plan.faults[0];
  EXPECT_EQ(write.kind, FaultKind::kDmaWrite);
  EXPECT_EQ(write.line, 2U);
  EXPECT_EQ(write.at_ps, 12'500'000U);
  EXPECT_EQ(write.count, 3U);
  EXPECT_EQ(write.target, DmaTarget::kRing);
  EXPECT_EQ(write.first_address, 0x1000U);
  EXPECT_EQ(write.last_address, 0x1fffU);
  const Fault& poisoned = plan.faults[1];
  EXPECT_FALSE(poisoned.at_ps);
  EXPECT_EQ(poisoned.after, 37U);
  EXPECT_EQ(poisoned.queue, 1U);
  EXPECT_EQ(poisoned.byte, 31U);
  EXPECT_EQ(poisoned.mask, 0x80);
  EXPECT_FALSE(poisoned.status);
  EXPECT_EQ(plan.faults[2].cycles, 0U);
}

TEST(FaultPlan, AnEmptyOneIsOne) {
  EXPECT_THAT(parse_fault_plan("p", "# nothing\n").faults, IsEmpty());
}

FaultEvent completion(unsigned queue, std::uint64_t ps = 0) {
  return {.sort = FaultSort::kCompletion, .ps = ps, .queue = queue};
}

TEST(FaultBook, CountsOnlyTheEventsOfAFaultsOwnQueue) {
  FaultBook book(parse_fault_plan("p", R"(
[[fault]]
kind = "lost-completion"
after = 1
count = 2
queue = 1
)"));
  EXPECT_THAT(book.note(completion(0)), IsEmpty());
  EXPECT_THAT(book.note(completion(1)), IsEmpty());  // passes
  EXPECT_THAT(book.note(completion(0)), IsEmpty());
  EXPECT_THAT(book.note(completion(1)), ElementsAre(0));
  EXPECT_THAT(book.note(completion(1)), ElementsAre(0));
  EXPECT_THAT(book.note(completion(1)), IsEmpty());
  EXPECT_EQ(book.events(FaultSort::kCompletion), 6U);
}

TEST(FaultBook, ATimeIsDueWithTheFirstEventFromItOn) {
  FaultBook book(parse_fault_plan("p", "[[fault]]\nkind = \"dropped-interrupt\"\nat_us = 2\n"));
  const auto interrupt = [](std::uint64_t ps) {
    return FaultEvent{.sort = FaultSort::kInterrupt, .ps = ps};
  };
  EXPECT_THAT(book.note(completion(0, 3'000'000)), IsEmpty());
  EXPECT_THAT(book.note(interrupt(1'999'999)), IsEmpty());
  EXPECT_THAT(book.note(interrupt(2'000'000)), ElementsAre(0));
  EXPECT_THAT(book.note(interrupt(2'000'001)), IsEmpty());
}

TEST(FaultBook, ADmaFaultKnowsItsAddressesAndItsTarget) {
  FaultBook book(parse_fault_plan("p", R"(
[[fault]]
kind = "dma-read-fault"
after = 0
count = 9
first_address = 100
last_address = 199
target = "data"
)"));
  const auto read = [](std::uint64_t first, std::uint64_t last, bool in_ring) {
    return FaultEvent{
        .sort = FaultSort::kDmaRead, .in_ring = in_ring, .first = first, .last = last};
  };
  EXPECT_THAT(book.note(read(0, 99, false)), IsEmpty());
  EXPECT_THAT(book.note(read(200, 300, false)), IsEmpty());
  EXPECT_THAT(book.note(read(100, 100, true)), IsEmpty());
  EXPECT_THAT(book.note(read(0, 100, false)), ElementsAre(0));
  EXPECT_THAT(book.note(read(199, 300, false)), ElementsAre(0));
}

TEST(FaultBook, SaysWhatWasAppliedAndWhatWasNot) {
  FaultBook book(parse_fault_plan("p",
                                  "[[fault]]\nkind = \"lost-completion\"\nafter = 0\ncount = 2\n"
                                  "[[fault]]\nkind = \"dead-device\"\nat_us = 5\n"));
  EXPECT_THAT(book.note(completion(0, 1'500'000)), ElementsAre(0));
  book.apply(0, 1'500'000, "completion 1, of queue 0");
  ASSERT_EQ(book.log().size(), 1U);
  EXPECT_EQ(book.describe(book.log()[0]),
            "1.500000 us: lost-completion (p:1): completion 1, of queue 0");
  EXPECT_EQ(book.applied(FaultKind::kLostCompletion), 1U);
  EXPECT_EQ(book.applied(FaultKind::kDead), 0U);
  EXPECT_THAT(book.not_due(),
              ElementsAre("lost-completion (p:1): 1 of 2", "dead-device (p:5): 0 of 1"));
}

}  // namespace
}  // namespace pagepress::model
