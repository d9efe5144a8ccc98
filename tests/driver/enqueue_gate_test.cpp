// SPDX-License-Identifier: Apache-2.0
// Which pages may be enqueued, why not, and what becomes of those that may not.
#include <gmock/gmock.h>
#include <pagepress/codecs.hpp>
#include <pagepress/enqueue_gate.hpp>

#include "tests/driver/kcompressd_fixture.hpp"

namespace pagepress::test {
namespace {

struct Case {
  EnqueueContext context;
  PageOrigin origin;
  Refusal rfc;
  Refusal zram;
};

TEST(EnqueueGate, TheFirstConditionThatFailsIsTheReason) {
  const Case cases[] = {
      {{}, {}, Refusal::kNone, Refusal::kNone},
      {{.thread_exists = false}, {}, Refusal::kNoThread, Refusal::kNone},
      {{}, {.kswapd = false}, Refusal::kNotKswapd, Refusal::kNotKswapd},
      {{}, {.anonymous = false}, Refusal::kNotAnonymous, Refusal::kNone},
      {{}, {.memcg_allows_writeback = false}, Refusal::kMemcg, Refusal::kNone},
      {{.zswap_on = false}, {}, Refusal::kSlowSwap, Refusal::kNone},
      {{.zswap_on = false, .synchronous_io = true}, {}, Refusal::kNone, Refusal::kNone},
      {{.thread_exists = false, .zswap_on = false},
       {.kswapd = false, .anonymous = false},
       Refusal::kNoThread,
       Refusal::kNotKswapd},
      {{.zswap_on = false},
       {.kswapd = false, .anonymous = false, .memcg_allows_writeback = false},
       Refusal::kNotKswapd,
       Refusal::kNotKswapd},
      {{.zswap_on = false},
       {.anonymous = false, .memcg_allows_writeback = false},
       Refusal::kNotAnonymous,
       Refusal::kNone},
      {{.zswap_on = false}, {.memcg_allows_writeback = false}, Refusal::kMemcg, Refusal::kNone},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(refuse(EnqueueRule::kRfc, c.context, c.origin), c.rfc) << &c - cases;
    EXPECT_EQ(refuse(EnqueueRule::kZramV1, c.context, c.origin), c.zram) << &c - cases;
    EXPECT_EQ(refuse(EnqueueRule::kAny, c.context, c.origin), Refusal::kNone);
  }
}

TEST(EnqueueGate, ReasonsHaveNames) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kRefusals; ++i) {
    names.push_back(to_string(static_cast<Refusal>(i)));
  }
  EXPECT_THAT(names, ::testing::ElementsAre("none", "no_thread", "not_kswapd", "not_anonymous",
                                            "memcg", "slow_swap", "no_room"));
}

class GateTest : public KcompressdTest {
 protected:
  std::uint64_t count(const EnqueueGate& gate, Refusal refusal) {
    return gate.counts()[static_cast<std::size_t>(refusal)];
  }
  ScriptedCodec codec_{4};
  Kcompressd queue_{codec_, clock_, destinations_, sink(), {.fifo_entries = 2}};
};

TEST_F(GateTest, WhatIsRefusedIsCompressedByItsCallerAndCounted) {
  const auto cpu = make_cpu_lz4();
  SynchronousPath path(*cpu, sink());
  const auto policy = make_sync_newest_policy(path);
  EnqueueGate gate(EnqueueRule::kRfc);
  Producer producer(queue_, clock_, *policy);
  producer.set_gate(gate, &path);
  const auto put = [&](std::uint64_t i, const PageOrigin& origin) {
    return producer.put({.data = page(i).data(), .cookie = i}, origin);
  };
  EXPECT_EQ(put(0, {}), Enqueue::kAccepted);
  EXPECT_EQ(put(1, {.kswapd = false}), Enqueue::kDone);
  EXPECT_EQ(put(2, {.anonymous = false}), Enqueue::kDone);
  EXPECT_EQ(put(3, {.memcg_allows_writeback = false}), Enqueue::kDone);
  EXPECT_EQ(put(4, {}), Enqueue::kAccepted);
  EXPECT_EQ(put(5, {}), Enqueue::kDone) << "the FIFO is full";
  EXPECT_EQ(count(gate, Refusal::kNone), 3u);
  EXPECT_EQ(count(gate, Refusal::kNotKswapd), 1u);
  EXPECT_EQ(count(gate, Refusal::kNotAnonymous), 1u);
  EXPECT_EQ(count(gate, Refusal::kMemcg), 1u);
  EXPECT_EQ(count(gate, Refusal::kNoRoom), 1u);
  EXPECT_EQ(path.pages(), 4u);
  ASSERT_EQ(seen_.size(), 4u);
  for (const Seen& seen : seen_) {
    EXPECT_TRUE(seen.done.synchronous);
  }
  EXPECT_EQ(queue_.queued(), 2u);
}

TEST_F(GateTest, APageThatNobodyTakesStaysTheCallers) {
  ScriptedCodec none(0);
  SynchronousPath path(none, sink());
  const auto policy = make_sync_newest_policy(path);
  EnqueueGate gate(EnqueueRule::kZramV1);
  Producer producer(queue_, clock_, *policy);
  producer.set_gate(gate, &path);
  EXPECT_EQ(producer.put({.data = page(0).data()}, {.kswapd = false}), Enqueue::kFull);
  EXPECT_TRUE(seen_.empty());
  EXPECT_EQ(path.pages(), 0u);
}

}  // namespace
}  // namespace pagepress::test
