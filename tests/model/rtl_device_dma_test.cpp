// SPDX-License-Identifier: Apache-2.0
// RtlDevice around the stand-in: bursts, order, back-pressure, errors and the
// exact cycle of everything.
#include "tests/model/standin_benches.hpp"

namespace pagepress::model {
namespace {

// ---- Reads

TEST_F(RtlDeviceTest, AReadBurstsBeatsComeOneACycleAtTheExactTime) {
  in_thread([] {
    linked->standin.read(kRam + 1024, 16, 5);
    const std::vector<BusEvent> log = linked->standin.events(17);
    const unsigned ar = log[0].cycle;
    EXPECT_EQ(log[0].kind, BusEvent::kAr);
    for (unsigned beat = 0; beat < 16; ++beat) {
      const BusEvent& e = log[beat + 1];
      // 20 ns there, memory 60 ns, 512 B at 32 B/ns, 20 ns back; seen by the next edge.
      EXPECT_EQ(e, (BusEvent{BusEvent::kR, beat == 15, 0, 5, ar + 20 + 60 + 16 + 20 + 1 + beat,
                             linked->word(1024 + 32 * beat), linked->word(1024 + 32 * beat + 28)}));
    }
  });
}

TEST_F(RtlDeviceTest, ResponsesThatWaitFollowWithoutAGap) {
  in_thread([] {
    direct->target.script = [](const ScriptedTarget::Request&) {
      return ScriptedTarget::Answer{.response_ns = 1000};
    };
    for (unsigned i = 0; i < 4; ++i) direct->standin.read(0x1000 * i, 8, i);
    const std::vector<BusEvent> all = direct->standin.events(36);
    const std::vector<BusEvent> beats = Standin::of(all, BusEvent::kR);
    ASSERT_EQ(beats.size(), 32U);
    for (unsigned i = 1; i < 32; ++i) {
      EXPECT_EQ(beats[i].id, i / 8);
      EXPECT_EQ(beats[i].cycle, beats[i - 1].cycle + 1);  // requests come faster than beats
    }
  });
}

TEST_F(RtlDeviceTest, RequestsCarryTheTimeOfTheirHandshake) {
  in_thread([] {
    direct->standin.read(0x40, 2);
    direct->standin.write(0x80, 3);
    const std::vector<BusEvent> log = direct->standin.events(6);
    const std::vector<ScriptedTarget::Request>& requests = direct->target.requests;
    ASSERT_EQ(requests.size(), 2U);
    const unsigned ar = Standin::of(log, BusEvent::kAr)[0].cycle;
    const unsigned wlast = Standin::of(log, BusEvent::kWlast)[0].cycle;
    EXPECT_DOUBLE_EQ(requests[1].ns - requests[0].ns, wlast - ar);
  });
}

TEST_F(RtlDeviceTest, ABeatThatIsNotTakenStays) {
  in_thread([] {
    constexpr std::uint32_t kPattern = 0x8421'1249;
    linked->standin.set(Standin::kReady, kPattern);
    linked->standin.read(kRam, 8, 1);
    linked->standin.read(kRam + 512, 8, 2);
    const std::vector<BusEvent> log = linked->standin.events(18);
    linked->standin.set(Standin::kReady, ~0U);
    const std::vector<BusEvent> beats = Standin::of(log, BusEvent::kR);
    ASSERT_EQ(beats.size(), 16U);
    for (unsigned i = 0; i < 16; ++i) {
      const unsigned at = (i / 8) * 512 + (i % 8) * 32;
      EXPECT_EQ(beats[i].first_word, linked->word(at)) << i;
      EXPECT_EQ(beats[i].last_word, linked->word(at + 28)) << i;
      EXPECT_EQ(beats[i].last, i % 8 == 7);
      EXPECT_TRUE((kPattern >> (beats[i].cycle % 32)) & 1U);
    }
    // Nothing was skipped: each cycle in which the design was ready took one.
    for (unsigned i = 1; i < 8; ++i) {
      for (unsigned c = beats[i - 1].cycle + 1; c < beats[i].cycle; ++c) {
        EXPECT_FALSE((kPattern >> (c % 32)) & 1U) << c;
      }
    }
  });
}

TEST_F(RtlDeviceTest, AnUnalignedReadBeginsInsideItsFirstBeat) {
  in_thread([] {
    direct->standin.read(0x2f0c, 2, 3);
    const std::vector<BusEvent> log = direct->standin.events(3);
    ASSERT_EQ(direct->target.requests.size(), 1U);
    EXPECT_EQ(direct->target.requests[0].address, 0x2f0cU);
    EXPECT_EQ(log[1].first_word, 0U);  // lanes before the address
    EXPECT_EQ(log[1].last_word, ScriptedTarget::pattern_word(0x2f1c));
    EXPECT_EQ(log[2].first_word, ScriptedTarget::pattern_word(0x2f20));
  });
}

TEST_F(RtlDeviceTest, ResponsesOfOneIdStayInOrderOthersMayPass) {
  in_thread([] {
    direct->target.script = [](const ScriptedTarget::Request& r) {
      // 0x1000 (ID 1) is slow; 0x2000 (ID 1) and 0x3000 (ID 2) are not.
      return ScriptedTarget::Answer{.response_ns = r.address == 0x1000 ? 500.0 : 20.0};
    };
    direct->standin.read(0x1000, 2, 1);
    direct->standin.read(0x2000, 2, 1);
    direct->standin.read(0x3000, 2, 2);
    const std::vector<BusEvent> beats = Standin::of(direct->standin.events(9), BusEvent::kR);
    ASSERT_EQ(beats.size(), 6U);
    const std::uint64_t order[] = {0x3000, 0x1000, 0x2000};
    for (unsigned i = 0; i < 6; ++i) {
      EXPECT_EQ(beats[i].first_word, ScriptedTarget::pattern_word(order[i / 2] + 32 * (i % 2)))
          << i;
    }
    EXPECT_EQ(beats[4].cycle, beats[3].cycle + 1);  // it had been waiting
  });
}

// ---- Writes

TEST_F(RtlDeviceTest, AWriteBurstReachesMemoryAndIsAcknowledgedInTime) {
  in_thread([] {
    linked->standin.set(Standin::kScratch, 0x30);
    linked->standin.write(kRam + 2048, 16, 9);
    const std::vector<BusEvent> log = linked->standin.events(3);
    EXPECT_EQ(log[0].kind, BusEvent::kAw);
    EXPECT_EQ(log[1].kind, BusEvent::kWlast);
    EXPECT_EQ(log[1].cycle, log[0].cycle + 15);
    EXPECT_EQ(log[2], (BusEvent{BusEvent::kB, true, 0, 9, log[1].cycle + 16 + 20 + 20 + 1, 0, 0}));
    for (unsigned i = 0; i < 512; ++i) {
      ASSERT_EQ(linked->ram[2048 + i], static_cast<std::uint8_t>(i + 0x30)) << i;
    }
    EXPECT_EQ(linked->ram[2047], static_cast<std::uint8_t>(2048));
    EXPECT_EQ(linked->ram[2560], static_cast<std::uint8_t>(2561));
  });
}

TEST_F(RtlDeviceTest, StrobesTrimTheRange) {
  in_thread([] {
    direct->standin.set(Standin::kScratch, 0);
    direct->standin.set(Standin::kStrobeFirst, 0xffff'fff0);
    direct->standin.set(Standin::kStrobeLast, 0x0000'0007);
    direct->standin.write(0x4000, 3);
    direct->standin.events(3);
    direct->standin.set(Standin::kStrobeFirst, ~0U);
    direct->standin.set(Standin::kStrobeLast, ~0U);
    ASSERT_EQ(direct->target.requests.size(), 1U);
    const ScriptedTarget::Request& r = direct->target.requests[0];
    EXPECT_EQ(r.address, 0x4004U);
    ASSERT_EQ(r.data.size(), 63U);
    EXPECT_EQ(r.data[0], 4);
    EXPECT_EQ(r.data[62], 66);
    EXPECT_TRUE(r.enables.empty());
  });
}

TEST_F(RtlDeviceTest, ScatteredStrobesBecomeByteEnables) {
  in_thread([] {
    linked->standin.set(Standin::kScratch, 0x80);
    linked->standin.set(Standin::kStrobeFirst, 0x0000'0a10);
    linked->standin.write(kRam + 96, 1);
    linked->standin.events(3);
    linked->standin.set(Standin::kStrobeFirst, ~0U);
    for (unsigned i = 0; i < 32; ++i) {
      const bool written = ((0xa10U >> i) & 1U) != 0;
      EXPECT_EQ(linked->ram[96 + i], written ? 0x80 + i : 97 + i) << i;
    }
  });
}

TEST_F(RtlDeviceTest, AWriteWithoutStrobesWritesNothing) {
  in_thread([] {
    const std::vector<std::uint8_t> before = linked->ram;
    linked->standin.set(Standin::kStrobeFirst, 0);
    linked->standin.write(kRam + 96, 1, 4);
    const std::vector<BusEvent> log = linked->standin.events(3);
    linked->standin.set(Standin::kStrobeFirst, ~0U);
    EXPECT_EQ(log[2].kind, BusEvent::kB);
    EXPECT_EQ(log[2].resp, 0U);
    EXPECT_EQ(linked->ram, before);
  });
}

TEST_F(RtlDeviceTest, DataMayComeBeforeTheirAddress) {
  in_thread([] {
    direct->standin.set(Standin::kScratch, 0);
    direct->standin.write(0x5000, 4, 7, Standin::kDataFirst);
    const std::vector<BusEvent> log = direct->standin.events(3);
    EXPECT_EQ(log[0].kind, BusEvent::kWlast);
    EXPECT_EQ(log[1].kind, BusEvent::kAw);
    EXPECT_EQ(log[2].id, 7U);
    ASSERT_EQ(direct->target.requests.size(), 1U);
    EXPECT_EQ(direct->target.requests[0].address, 0x5000U);
    EXPECT_EQ(direct->target.requests[0].data.size(), 128U);
  });
}

// ---- Errors, back-pressure, other forms of the base protocol

TEST_F(RtlDeviceTest, AnAddressErrorIsDecerr) {
  in_thread([] {
    linked->standin.read(kRam - 512, 2, 1);
    linked->standin.write(kRam - 512, 2, 2);
    const std::vector<BusEvent> log = linked->standin.events(6);
    for (const BusEvent& e : Standin::of(log, BusEvent::kR)) {
      EXPECT_EQ(e.resp, 3U);
      EXPECT_EQ(e.first_word, 0U);  // nothing of an earlier burst
    }
    EXPECT_EQ(Standin::of(log, BusEvent::kB)[0].resp, 3U);
  });
}

TEST_F(RtlDeviceTest, AnyOtherErrorIsSlverr) {
  in_thread([] {
    direct->target.script = [](const ScriptedTarget::Request&) {
      return ScriptedTarget::Answer{.status = tlm::TLM_GENERIC_ERROR_RESPONSE};
    };
    direct->standin.read(0, 1);
    direct->standin.write(0, 1);
    const std::vector<BusEvent> log = direct->standin.events(5);
    EXPECT_EQ(Standin::of(log, BusEvent::kR)[0].resp, 2U);
    EXPECT_EQ(Standin::of(log, BusEvent::kB)[0].resp, 2U);
  });
}

TEST_F(RtlDeviceTest, WhileARequestIsHeldNoOtherIsTaken) {
  in_thread([] {
    direct->target.script = [](const ScriptedTarget::Request& r) {
      return ScriptedTarget::Answer{.response_ns = 400, .hold_ns = r.address == 0 ? 200.0 : 0.0};
    };
    direct->standin.read(0x000, 1, 1);
    direct->standin.read(0x100, 1, 2);
    direct->standin.write(0x200, 1, 3);
    const std::vector<BusEvent> log = direct->standin.events(7);
    const std::vector<BusEvent> ar = Standin::of(log, BusEvent::kAr);
    // END_REQ comes 200 ns after the first; the next edge is ready again.
    EXPECT_EQ(ar[1].cycle, ar[0].cycle + 201);
    EXPECT_EQ(Standin::of(log, BusEvent::kAw)[0].cycle, ar[0].cycle + 202);
    ASSERT_EQ(direct->target.requests.size(), 3U);
    EXPECT_DOUBLE_EQ(direct->target.requests[1].ns, direct->target.requests[0].ns + 201);
  });
}

TEST_F(RtlDeviceTest, AResponseEndsARequestThatWasHeld) {
  in_thread([] {
    direct->target.script = [](const ScriptedTarget::Request& r) {
      return ScriptedTarget::Answer{.response_ns = 50, .hold_ns = r.address == 0 ? 1e6 : 0.0};
    };
    direct->standin.read(0x000, 1, 1);
    direct->standin.read(0x100, 1, 2);
    const std::vector<BusEvent> log = direct->standin.events(4);
    const std::vector<BusEvent> ar = Standin::of(log, BusEvent::kAr);
    EXPECT_EQ(ar[1].cycle, ar[0].cycle + 51);
  });
}

TEST_F(RtlDeviceTest, ATargetMayAnswerAtOnce) {
  in_thread([] {
    direct->target.ended_responses = 0;
    direct->target.script = [](const ScriptedTarget::Request& r) {
      return ScriptedTarget::Answer{
          .response_ns = 30, .complete = r.write, .respond_early = !r.write};
    };
    direct->standin.read(0x700, 1, 1);
    direct->standin.write(0x800, 1, 2);
    const std::vector<BusEvent> log = direct->standin.events(5);
    EXPECT_EQ(Standin::of(log, BusEvent::kR)[0].cycle,
              Standin::of(log, BusEvent::kAr)[0].cycle + 31);
    EXPECT_EQ(Standin::of(log, BusEvent::kB)[0].cycle,
              Standin::of(log, BusEvent::kWlast)[0].cycle + 31);
    EXPECT_EQ(direct->target.ended_responses, 1U);
  });
}

}  // namespace
}  // namespace pagepress::model
