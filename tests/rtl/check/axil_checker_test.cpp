// SPDX-License-Identifier: Apache-2.0
// pp_axil_checker lets legal traffic pass and notices each kind of violation, right
// after legal traffic.
#include <Vpp_axil_checker.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/rtl/check/watched.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {
namespace {

using T = Vpp_axil_checker;
using Dut = Watched<T>;
using Change = std::function<void(T&)>;

// A master and a slave that keep all rules, both random; addresses and data in any order.
class Traffic {
 public:
  Traffic(Dut& dut, std::uint64_t seed) : dut_(dut), random_(seed) {}

  void cycle(bool start) {
    T& t = *dut_;
    if (!aw_held_) {
      t.awvalid_i = (start || aw_ < w_) && aw_ < b_ + 5 && random_.percent(60);
      t.awaddr_i = static_cast<std::uint32_t>(random_.below(1U << 21));
    }
    if (!w_held_) {
      t.wvalid_i = (start || w_ < aw_) && w_ < b_ + 5 && random_.percent(60);
      t.wdata_i = static_cast<std::uint32_t>(random_.bits());
      t.wstrb_i = static_cast<std::uint8_t>(random_.below(16));
    }
    if (!ar_held_) {
      t.arvalid_i = start && ar_ < r_ + 5 && random_.percent(60);
      t.araddr_i = static_cast<std::uint32_t>(random_.below(1U << 21));
    }
    if (!b_held_) {
      t.bvalid_i = b_ < aw_ && b_ < w_ && random_.percent(60);
      t.bresp_i = random_.percent(10) ? 2 : 0;
    }
    if (!r_held_) {
      t.rvalid_i = r_ < ar_ && random_.percent(60);
      t.rresp_i = random_.percent(10) ? 3 : 0;
      t.rdata_i = static_cast<std::uint32_t>(random_.bits());
    }
    t.awready_i = random_.percent(60);
    t.wready_i = random_.percent(60);
    t.arready_i = random_.percent(60);
    t.bready_i = random_.percent(60);
    t.rready_i = random_.percent(60);
    hand_over(t.awvalid_i, t.awready_i, aw_, aw_held_);
    hand_over(t.wvalid_i, t.wready_i, w_, w_held_);
    hand_over(t.arvalid_i, t.arready_i, ar_, ar_held_);
    hand_over(t.bvalid_i, t.bready_i, b_, b_held_);
    hand_over(t.rvalid_i, t.rready_i, r_, r_held_);
    dut_.edge();
  }

  void finish() {
    for (int i = 0; i < 500; ++i) cycle(false);
    ASSERT_EQ(aw_, b_);
    ASSERT_EQ(w_, b_);
    ASSERT_EQ(ar_, r_);
    ASSERT_EQ(dut_.complaints(), "");
  }
  [[nodiscard]] std::uint64_t answers() const { return b_ + r_; }

 private:
  static void hand_over(bool valid, bool ready, std::uint64_t& count, bool& held) {
    count += valid && ready ? 1 : 0;
    held = valid && !ready;
  }

  Dut& dut_;
  Random random_;
  std::uint64_t aw_ = 0, w_ = 0, b_ = 0, ar_ = 0, r_ = 0;
  bool aw_held_ = false, w_held_ = false, b_held_ = false, ar_held_ = false, r_held_ = false;
};

TEST(AxilChecker, LegalTrafficPasses) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Dut dut;
    Traffic traffic(dut, seed);
    for (int i = 0; i < 20000; ++i) traffic.cycle(true);
    traffic.finish();
    EXPECT_GT(traffic.answers(), 5000U);
  }
}

TEST(AxilChecker, ResetForgetsWhatWasOnItsWay) {
  Dut dut;
  dut->arvalid_i = dut->arready_i = 1;
  dut.edge();
  dut->arvalid_i = 0;
  dut.reset();
  dut->rvalid_i = dut->rready_i = 1;
  dut.edge();
  EXPECT_NE(dut.complaints().find("R without a read"), std::string::npos);
}

struct Case {
  const char* name;
  const char* complaint;
  Change offer;                 // legal, with all readies at 0
  std::vector<Change> changes;  // of it; each must be noticed
};

void take_address(Dut& dut, bool write_data) {
  dut->awvalid_i = dut->awready_i = 1;
  dut->wvalid_i = dut->wready_i = write_data;
  dut.edge();
  dut->awvalid_i = dut->wvalid_i = 0;
}
void take_read(Dut& dut) {
  dut->arvalid_i = dut->arready_i = 1;
  dut.edge();
  dut->arvalid_i = 0;
}

void quiet_after_traffic(Dut& dut) {
  Traffic traffic(dut, 3);
  for (int i = 0; i < 200; ++i) traffic.cycle(true);
  traffic.finish();
  T& t = *dut;
  t.awvalid_i = t.wvalid_i = t.bvalid_i = t.arvalid_i = t.rvalid_i = 0;
  t.awready_i = t.wready_i = t.bready_i = t.arready_i = t.rready_i = 0;
}

void expect_complaint(Dut& dut, const char* text) {
  const std::string complaints = dut.complaints();
  EXPECT_NE(complaints.find(text), std::string::npos) << text << "; got: " << complaints;
}

TEST(AxilChecker, NoticesValidInReset) {
  const std::vector<std::pair<const char*, Change>> all{
      {"AWVALID in reset", [](T& t) { t.awvalid_i = 1; }},
      {"WVALID in reset", [](T& t) { t.wvalid_i = 1; }},
      {"BVALID in reset", [](T& t) { t.bvalid_i = 1; }},
      {"ARVALID in reset", [](T& t) { t.arvalid_i = 1; }},
      {"RVALID in reset", [](T& t) { t.rvalid_i = 1; }},
  };
  for (const auto& [text, change] : all) {
    Dut dut;
    quiet_after_traffic(dut);
    dut->rst_ni = 0;
    dut.edge();
    ASSERT_EQ(dut.complaints(), "");
    change(*dut);
    dut.edge();
    expect_complaint(dut, text);
  }
}

TEST(AxilChecker, NoticesWhatDoesNotHoldUntilReady) {
  const std::vector<Case> all{
      {"aw falls", "AWVALID withdrawn", [](T& t) { t.awvalid_i = 1; }, {[](T& t) {
         t.awvalid_i = 0;
       }}},
      {"aw", "AW changed", [](T& t) { t.awvalid_i = 1; }, {[](T& t) { t.awaddr_i ^= 1U << 20; }}},
      {"w falls", "WVALID withdrawn", [](T& t) { t.wvalid_i = 1; }, {[](T& t) { t.wvalid_i = 0; }}},
      {"w",
       "W changed",
       [](T& t) { t.wvalid_i = 1; },
       {[](T& t) { t.wdata_i ^= 1U << 31; }, [](T& t) { t.wstrb_i ^= 8; }}},
      {"ar falls", "ARVALID withdrawn", [](T& t) { t.arvalid_i = 1; }, {[](T& t) {
         t.arvalid_i = 0;
       }}},
      {"ar", "AR changed", [](T& t) { t.arvalid_i = 1; }, {[](T& t) { t.araddr_i ^= 1; }}},
      {"b falls", "BVALID withdrawn", [](T& t) { t.bvalid_i = 1; }, {[](T& t) { t.bvalid_i = 0; }}},
      {"b", "B changed", [](T& t) { t.bvalid_i = 1; }, {[](T& t) { t.bresp_i ^= 2; }}},
      {"r falls", "RVALID withdrawn", [](T& t) { t.rvalid_i = 1; }, {[](T& t) { t.rvalid_i = 0; }}},
      {"r",
       "R changed",
       [](T& t) { t.rvalid_i = 1; },
       {[](T& t) { t.rdata_i ^= 1; }, [](T& t) { t.rresp_i ^= 2; }}},
  };
  for (const Case& one : all) {
    for (const Change& change : one.changes) {
      SCOPED_TRACE(one.name);
      Dut dut;
      quiet_after_traffic(dut);
      take_address(dut, true);
      take_read(dut);
      dut->awready_i = dut->wready_i = dut->arready_i = 0;
      dut->bresp_i = dut->rresp_i = 0;
      one.offer(*dut);
      dut.edge();
      dut.edge();
      ASSERT_EQ(dut.complaints(), "");
      change(*dut);
      dut.edge();
      expect_complaint(dut, one.complaint);
    }
  }
}

TEST(AxilChecker, NoticesAnswersThatNobodyAsked) {
  const std::vector<std::pair<const char*, std::function<void(Dut&)>>> all{
      {"B without a write", [](Dut&) {}},
      {"B without a write", [](Dut& dut) { take_address(dut, false); }},  // no data yet
      {"B without a write",
       [](Dut& dut) {
         dut->wvalid_i = dut->wready_i = 1;  // no address yet
         dut.edge();
         dut->wvalid_i = 0;
       }},
      {"B without a write",
       [](Dut& dut) {
         take_address(dut, true);
         dut->bvalid_i = dut->bready_i = 1;  // the one that is due, then another
         dut.edge();
       }},
      {"R without a read", [](Dut&) {}},
      {"R without a read",
       [](Dut& dut) {
         take_read(dut);
         dut->rvalid_i = dut->rready_i = 1;
         dut.edge();
       }},
  };
  for (const auto& [text, legal] : all) {
    Dut dut;
    quiet_after_traffic(dut);
    dut->bresp_i = dut->rresp_i = 0;
    legal(dut);
    ASSERT_EQ(dut.complaints(), "");
    (text[0] == 'B' ? dut->bvalid_i : dut->rvalid_i) = 1;
    dut.edge();
    expect_complaint(dut, text);
  }
}

TEST(AxilChecker, NoticesExokay) {
  Dut dut;
  quiet_after_traffic(dut);
  take_address(dut, true);
  take_read(dut);
  dut->bresp_i = 1;
  dut->bvalid_i = 1;
  dut.edge();
  expect_complaint(dut, "EXOKAY to a write");
  dut->rresp_i = 1;
  dut->rvalid_i = 1;
  dut.edge();
  expect_complaint(dut, "EXOKAY to a read");
}

}  // namespace
}  // namespace pagepress::bench
