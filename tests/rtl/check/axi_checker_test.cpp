// SPDX-License-Identifier: Apache-2.0
// pp_axi_checker lets legal traffic pass and notices each kind of violation, right after
// legal traffic. Geometry: 64-bit data, 2-bit IDs, bursts of 16, 4 outstanding.
#include <Vpp_axi_checker.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "tests/rtl/check/watched.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {
namespace {

constexpr unsigned kIds = 4;
constexpr unsigned kMaxBeats = 16;
constexpr unsigned kOutstanding = 4;
constexpr unsigned kSize = 3;
constexpr std::uint64_t kBeatBytes = 8;

using Dut = Watched<Vpp_axi_checker>;

struct Burst {
  unsigned id;
  unsigned len;
};

void address_of(Random& random, unsigned len, std::uint64_t& address) {
  const std::uint64_t last = 4096 / kBeatBytes - len - 1;  // may end at the boundary
  const std::uint64_t slot = random.percent(20) ? last : random.below(last + 1);
  address = (random.bits() & ~std::uint64_t{4095}) + slot * kBeatBytes;
}

void offer_write(Vpp_axi_checker& t, unsigned id, unsigned len, std::uint64_t address) {
  t.awvalid_i = 1;
  t.awid_i = static_cast<std::uint8_t>(id);
  t.awlen_i = static_cast<std::uint8_t>(len);
  t.awaddr_i = address;
  t.awsize_i = kSize;
  t.awburst_i = 1;
}

void offer_read(Vpp_axi_checker& t, unsigned id, unsigned len, std::uint64_t address) {
  t.arvalid_i = 1;
  t.arid_i = static_cast<std::uint8_t>(id);
  t.arlen_i = static_cast<std::uint8_t>(len);
  t.araddr_i = address;
  t.arsize_i = kSize;
  t.arburst_i = 1;
}

// A master and a slave that keep all rules, both random.
class Traffic {
 public:
  Traffic(Dut& dut, std::uint64_t seed) : dut_(dut), random_(seed) {}

  void cycle(bool start) {
    Vpp_axi_checker& t = *dut_;
    if (!aw_held_) {
      t.awvalid_i = 0;
      if (start && writes_ < kOutstanding && random_.percent(60)) {
        const Burst burst{static_cast<unsigned>(random_.below(kIds)),
                          static_cast<unsigned>(random_.below(kMaxBeats))};
        std::uint64_t address = 0;
        address_of(random_, burst.len, address);
        offer_write(t, burst.id, burst.len, address);
        data_.push_back(burst);
        order_.push_back(burst.id);
        ++writes_;
      }
    }
    t.awready_i = random_.percent(70);
    if (!w_held_) {
      t.wvalid_i = !data_.empty() && random_.percent(80);
      t.wdata_i = random_.bits();
      t.wstrb_i = static_cast<std::uint8_t>(random_.bits());
      t.wlast_i = t.wvalid_i != 0 ? beat_ == data_.front().len : random_.percent(50);
    }
    t.wready_i = random_.percent(70);
    if (!b_held_) {
      t.bid_i = static_cast<std::uint8_t>(random_.below(kIds));
      t.bvalid_i = due_[t.bid_i] != 0 && random_.percent(70);
      t.bresp_i = random_.percent(10) ? 2 : 0;
    }
    t.bready_i = random_.percent(70);
    if (!ar_held_) {
      t.arvalid_i = 0;
      const auto id = static_cast<unsigned>(random_.below(kIds));
      if (start && reads_[id].size() < kOutstanding && random_.percent(60)) {
        const auto len = static_cast<unsigned>(random_.below(kMaxBeats));
        std::uint64_t address = 0;
        address_of(random_, len, address);
        offer_read(t, id, len, address);
      }
    }
    t.arready_i = random_.percent(70);
    if (!r_held_) {
      const auto id = static_cast<unsigned>(random_.below(kIds));
      t.rid_i = static_cast<std::uint8_t>(id);
      t.rvalid_i = !reads_[id].empty() && random_.percent(80);
      t.rdata_i = random_.bits();
      t.rresp_i = random_.percent(10) ? 3 : 0;
      t.rlast_i = t.rvalid_i != 0 ? read_beat_[id] == reads_[id].front() : random_.percent(50);
    }
    t.rready_i = random_.percent(70);
    account();
    dut_.edge();
  }

  // Nothing on its way, nothing offered.
  void finish() {
    for (int i = 0; i < 2000 && !quiet(); ++i) cycle(false);
    ASSERT_TRUE(quiet());
    ASSERT_EQ(dut_.complaints(), "");
  }
  [[nodiscard]] std::uint64_t answers() const { return answers_; }

 private:
  [[nodiscard]] bool quiet() const {
    bool none = writes_ == 0 && dut_valids_ == 0;
    for (const auto& queue : reads_) none = none && queue.empty();
    return none;
  }

  void account() {
    Vpp_axi_checker& t = *dut_;
    const bool aw = t.awvalid_i != 0 && t.awready_i != 0;
    const bool w = t.wvalid_i != 0 && t.wready_i != 0;
    const bool b = t.bvalid_i != 0 && t.bready_i != 0;
    const bool ar = t.arvalid_i != 0 && t.arready_i != 0;
    const bool r = t.rvalid_i != 0 && t.rready_i != 0;
    aw_held_ = t.awvalid_i != 0 && !aw;
    w_held_ = t.wvalid_i != 0 && !w;
    b_held_ = t.bvalid_i != 0 && !b;
    ar_held_ = t.arvalid_i != 0 && !ar;
    r_held_ = t.rvalid_i != 0 && !r;
    dut_valids_ = t.awvalid_i + t.wvalid_i + t.bvalid_i + t.arvalid_i + t.rvalid_i;
    if (b) {
      --due_[t.bid_i];
      --writes_;
      ++answers_;
    }
    if (aw) ++taken_;
    if (w) {
      if (t.wlast_i != 0) {
        beat_ = 0;
        data_.pop_front();
        ++complete_;
      } else {
        ++beat_;
      }
    }
    if (taken_ != 0 && complete_ != 0) {
      --taken_;
      --complete_;
      ++due_[order_.front()];
      order_.pop_front();
    }
    if (r) {
      if (t.rlast_i != 0) {
        reads_[t.rid_i].pop_front();
        read_beat_[t.rid_i] = 0;
        ++answers_;
      } else {
        ++read_beat_[t.rid_i];
      }
    }
    if (ar) reads_[t.arid_i].push_back(t.arlen_i);
  }

  Dut& dut_;
  Random random_;
  bool aw_held_ = false, w_held_ = false, b_held_ = false, ar_held_ = false, r_held_ = false;
  unsigned dut_valids_ = 0;
  unsigned writes_ = 0;
  std::deque<Burst> data_;      // announced, data not complete
  std::deque<unsigned> order_;  // IDs of writes that are not both taken and complete
  unsigned taken_ = 0, complete_ = 0, beat_ = 0;
  std::array<unsigned, kIds> due_{};
  std::array<std::deque<unsigned>, kIds> reads_;
  std::array<unsigned, kIds> read_beat_{};
  std::uint64_t answers_ = 0;
};

TEST(AxiChecker, LegalTrafficPasses) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Dut dut;
    Traffic traffic(dut, seed);
    for (int i = 0; i < 20000; ++i) traffic.cycle(true);
    traffic.finish();
    EXPECT_GT(traffic.answers(), 1000U);
  }
}

TEST(AxiChecker, ResetForgetsWhatWasOnItsWay) {
  Dut dut;
  Traffic(dut, 1).cycle(true);
  offer_read(*dut, 1, 7, 0);
  dut->arready_i = 1;
  dut->awvalid_i = dut->wvalid_i = dut->bvalid_i = dut->rvalid_i = 0;
  dut.edge();
  static_cast<void>(dut.complaints());
  dut->arvalid_i = 0;
  dut.reset();
  EXPECT_EQ(dut.complaints(), "");
  Traffic traffic(dut, 2);
  for (int i = 0; i < 1000; ++i) traffic.cycle(true);
  traffic.finish();
}

// ---- Violations, each after legal traffic, with every channel idle and nothing on its way

struct Case {
  const char* name;
  const char* complaint;
  std::function<void(Dut&)> violate;
};

// Takes one write address; its beats are the caller's.
void write_address(Dut& dut, unsigned id, unsigned len) {
  offer_write(*dut, id, len, 0x1000);
  dut->awready_i = 1;
  dut.edge();
  dut->awvalid_i = 0;
}
void beat(Dut& dut, bool last) {
  dut->wvalid_i = 1;
  dut->wready_i = 1;
  dut->wlast_i = last;
  dut.edge();
  dut->wvalid_i = 0;
}
void answer(Dut& dut, unsigned id, unsigned response = 0) {
  dut->bvalid_i = 1;
  dut->bready_i = 1;
  dut->bid_i = static_cast<std::uint8_t>(id);
  dut->bresp_i = static_cast<std::uint8_t>(response);
  dut.edge();
  dut->bvalid_i = 0;
}
void read_address(Dut& dut, unsigned id, unsigned len) {
  offer_read(*dut, id, len, 0x1000);
  dut->arready_i = 1;
  dut.edge();
  dut->arvalid_i = 0;
}
void read_beat(Dut& dut, unsigned id, bool last, unsigned response = 0) {
  dut->rvalid_i = 1;
  dut->rready_i = 1;
  dut->rid_i = static_cast<std::uint8_t>(id);
  dut->rlast_i = last;
  dut->rresp_i = static_cast<std::uint8_t>(response);
  dut.edge();
  dut->rvalid_i = 0;
}

using Change = std::function<void(Vpp_axi_checker&)>;

// Offers something with ready at 0 for two cycles, then changes it.
std::function<void(Dut&)> offered_then(const Change& offer, const Change& change) {
  return [=](Dut& dut) {
    dut->awready_i = dut->wready_i = dut->bready_i = dut->arready_i = dut->rready_i = 0;
    offer(*dut);
    dut.edge();
    dut.edge();
    ASSERT_EQ(dut.complaints(), "");
    change(*dut);
    dut.edge();
  };
}

std::function<void(Dut&)> in_reset(const Change& offer) {
  return [=](Dut& dut) {
    offer(*dut);
    dut->rst_ni = 0;
    dut.edge();
  };
}

// Something that is legal up to its last cycle.
std::function<void(Dut&)> after(const std::function<void(Dut&)>& legal,
                                const std::function<void(Dut&)>& then) {
  return [=](Dut& dut) {
    legal(dut);
    ASSERT_EQ(dut.complaints(), "");
    then(dut);
  };
}

const Change kAw = [](Vpp_axi_checker& t) { offer_write(t, 1, 3, 0x1000); };
const Change kAr = [](Vpp_axi_checker& t) { offer_read(t, 1, 3, 0x1000); };
const Change kW = [](Vpp_axi_checker& t) {
  offer_write(t, 1, 3, 0x1000);
  t.wvalid_i = 1;
  t.wdata_i = 5;
  t.wstrb_i = 0xff;
  t.wlast_i = 0;
};

std::function<void(Dut&)> held_b(const Change& change) {
  return [=](Dut& dut) {
    write_address(dut, 1, 0);
    beat(dut, true);
    write_address(dut, 2, 0);
    beat(dut, true);
    offered_then(
        [](Vpp_axi_checker& t) {
          t.bvalid_i = 1;
          t.bid_i = 1;
          t.bresp_i = 0;
        },
        change)(dut);
  };
}

std::function<void(Dut&)> held_r(const Change& change) {
  return [=](Dut& dut) {
    read_address(dut, 1, 3);
    read_address(dut, 2, 3);
    offered_then(
        [](Vpp_axi_checker& t) {
          t.rvalid_i = 1;
          t.rid_i = 1;
          t.rdata_i = 9;
          t.rresp_i = 0;
          t.rlast_i = 0;
        },
        change)(dut);
  };
}

std::function<void(Dut&)> write_burst(const Change& change) {
  return [=](Dut& dut) {
    offer_write(*dut, 1, 3, 0x1000);
    change(*dut);
    dut.edge();
  };
}
std::function<void(Dut&)> read_burst(const Change& change) {
  return [=](Dut& dut) {
    offer_read(*dut, 1, 3, 0x1000);
    change(*dut);
    dut.edge();
  };
}

using T = Vpp_axi_checker;

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"reset_aw", "AWVALID in reset", in_reset([](T& t) { t.awvalid_i = 1; })},
      {"reset_w", "WVALID in reset", in_reset([](T& t) { t.wvalid_i = 1; })},
      {"reset_b", "BVALID in reset", in_reset([](T& t) { t.bvalid_i = 1; })},
      {"reset_ar", "ARVALID in reset", in_reset([](T& t) { t.arvalid_i = 1; })},
      {"reset_r", "RVALID in reset", in_reset([](T& t) { t.rvalid_i = 1; })},

      {"aw_falls", "AWVALID withdrawn", offered_then(kAw, [](T& t) { t.awvalid_i = 0; })},
      {"aw_id", "AW changed", offered_then(kAw, [](T& t) { t.awid_i = 2; })},
      {"aw_addr", "AW changed", offered_then(kAw, [](T& t) { t.awaddr_i ^= 1ULL << 63; })},
      {"aw_len", "AW changed", offered_then(kAw, [](T& t) { t.awlen_i = 2; })},
      {"aw_size", "AW changed", offered_then(kAw, [](T& t) { t.awsize_i = 2; })},
      {"aw_burst", "AW changed", offered_then(kAw, [](T& t) { t.awburst_i = 2; })},
      {"ar_falls", "ARVALID withdrawn", offered_then(kAr, [](T& t) { t.arvalid_i = 0; })},
      {"ar_id", "AR changed", offered_then(kAr, [](T& t) { t.arid_i = 2; })},
      {"ar_addr", "AR changed", offered_then(kAr, [](T& t) { t.araddr_i ^= 8; })},
      {"ar_len", "AR changed", offered_then(kAr, [](T& t) { t.arlen_i = 2; })},
      {"ar_size", "AR changed", offered_then(kAr, [](T& t) { t.arsize_i = 2; })},
      {"ar_burst", "AR changed", offered_then(kAr, [](T& t) { t.arburst_i = 2; })},
      {"w_falls", "WVALID withdrawn", offered_then(kW, [](T& t) { t.wvalid_i = 0; })},
      {"w_data", "W changed", offered_then(kW, [](T& t) { t.wdata_i ^= 1ULL << 63; })},
      {"w_strb", "W changed", offered_then(kW, [](T& t) { t.wstrb_i = 0x7f; })},
      {"w_last", "W changed", offered_then(kW, [](T& t) { t.wlast_i = 1; })},
      {"b_falls", "BVALID withdrawn", held_b([](T& t) { t.bvalid_i = 0; })},
      {"b_id", "B changed", held_b([](T& t) { t.bid_i = 2; })},
      {"b_resp", "B changed", held_b([](T& t) { t.bresp_i = 2; })},
      {"r_falls", "RVALID withdrawn", held_r([](T& t) { t.rvalid_i = 0; })},
      {"r_id", "R changed", held_r([](T& t) { t.rid_i = 2; })},
      {"r_data", "R changed", held_r([](T& t) { t.rdata_i ^= 1ULL << 63; })},
      {"r_resp", "R changed", held_r([](T& t) { t.rresp_i = 2; })},
      {"r_last", "R changed", held_r([](T& t) { t.rlast_i = 1; })},

      {"aw_wrap", "AWBURST 2", write_burst([](T& t) { t.awburst_i = 2; })},
      {"aw_narrow", "AWSIZE 2", write_burst([](T& t) { t.awsize_i = 2; })},
      {"aw_unaligned", "not a whole beat", write_burst([](T& t) { t.awaddr_i = 0x1004; })},
      {"aw_long", "burst of 17 beats", write_burst([](T& t) { t.awlen_i = 16; })},
      {"aw_crosses", "write of 4 beats at 0x0000000000000fe8 crosses",
       write_burst([](T& t) { t.awaddr_i = 0xfe8; })},
      {"aw_many", "too many writes",
       after(
           [](Dut& dut) {
             for (unsigned i = 0; i < kOutstanding; ++i) write_address(dut, i, 0);
             for (unsigned i = 0; i < kOutstanding; ++i) beat(dut, true);
           },
           [](Dut& dut) { write_address(dut, 0, 0); })},
      {"ar_fixed", "ARBURST 0", read_burst([](T& t) { t.arburst_i = 0; })},
      {"ar_narrow", "ARSIZE 2", read_burst([](T& t) { t.arsize_i = 2; })},
      {"ar_unaligned", "not a whole beat", read_burst([](T& t) { t.araddr_i = 0x1001; })},
      {"ar_long", "burst of 17 beats", read_burst([](T& t) { t.arlen_i = 16; })},
      {"ar_crosses", "read of 4 beats at 0x0000000000000fe8 crosses",
       read_burst([](T& t) { t.araddr_i = 0xfe8; })},
      {"ar_many", "too many reads of ID 3",
       after(
           [](Dut& dut) {
             for (unsigned i = 0; i < kOutstanding; ++i) read_address(dut, 3, 0);
           },
           [](Dut& dut) { read_address(dut, 3, 0); })},

      {"w_of_nothing", "data of no write burst", [](Dut& dut) { beat(dut, true); }},
      {"w_too_many", "data of no write burst",
       after(
           [](Dut& dut) {
             write_address(dut, 0, 1);
             beat(dut, false);
             beat(dut, true);
           },
           [](Dut& dut) { beat(dut, true); })},
      {"w_last_early", "WLAST 1 on beat 2 of 3",
       after(
           [](Dut& dut) {
             write_address(dut, 0, 2);
             beat(dut, false);
           },
           [](Dut& dut) { beat(dut, true); })},
      {"w_last_missing", "WLAST 0 on beat 2 of 2",
       after(
           [](Dut& dut) {
             write_address(dut, 0, 1);
             beat(dut, false);
           },
           [](Dut& dut) { beat(dut, false); })},
      {"w_order", "WLAST 1 on beat 1 of 2",  // data of the second burst first
       after(
           [](Dut& dut) {
             write_address(dut, 0, 1);
             write_address(dut, 1, 0);
           },
           [](Dut& dut) { beat(dut, true); })},

      {"b_of_nothing", "B of ID 2, which awaits none", [](Dut& dut) { answer(dut, 2); }},
      {"b_before_data", "B of ID 1, which awaits none",
       after(
           [](Dut& dut) {
             write_address(dut, 1, 1);
             beat(dut, false);
           },
           [](Dut& dut) { answer(dut, 1); })},
      {"b_before_address", "B of ID 1, which awaits none",
       after(
           [](Dut& dut) {
             offer_write(*dut, 1, 0, 0x1000);
             dut->awready_i = 0;
             beat(dut, true);
           },
           [](Dut& dut) { answer(dut, 1); })},
      {"b_wrong_id", "B of ID 3, which awaits none",
       after(
           [](Dut& dut) {
             write_address(dut, 1, 0);
             beat(dut, true);
           },
           [](Dut& dut) { answer(dut, 3); })},
      {"b_twice", "B of ID 1, which awaits none",
       after(
           [](Dut& dut) {
             write_address(dut, 1, 0);
             beat(dut, true);
             answer(dut, 1);
           },
           [](Dut& dut) { answer(dut, 1); })},
      {"b_exokay", "EXOKAY to a write of ID 1",
       after(
           [](Dut& dut) {
             write_address(dut, 1, 0);
             beat(dut, true);
           },
           [](Dut& dut) { answer(dut, 1, 1); })},

      {"r_of_nothing", "R of ID 0, which awaits none", [](Dut& dut) { read_beat(dut, 0, true); }},
      {"r_wrong_id", "R of ID 2, which awaits none",
       after([](Dut& dut) { read_address(dut, 1, 0); }, [](Dut& dut) { read_beat(dut, 2, true); })},
      {"r_too_many", "R of ID 1, which awaits none",
       after(
           [](Dut& dut) {
             read_address(dut, 1, 1);
             read_beat(dut, 1, false);
             read_beat(dut, 1, true);
           },
           [](Dut& dut) { read_beat(dut, 1, true); })},
      {"r_last_early", "RLAST 1 on beat 1 of 2, ID 1",
       after([](Dut& dut) { read_address(dut, 1, 1); }, [](Dut& dut) { read_beat(dut, 1, true); })},
      {"r_last_missing", "RLAST 0 on beat 2 of 2, ID 1",
       after(
           [](Dut& dut) {
             read_address(dut, 1, 1);
             read_beat(dut, 1, false);
           },
           [](Dut& dut) { read_beat(dut, 1, false); })},
      {"r_order", "RLAST 1 on beat 1 of 2, ID 1",  // the second burst of the ID first
       after(
           [](Dut& dut) {
             read_address(dut, 1, 1);
             read_address(dut, 1, 0);
           },
           [](Dut& dut) { read_beat(dut, 1, true); })},
      {"r_exokay", "EXOKAY to a read of ID 1",
       after([](Dut& dut) { read_address(dut, 1, 0); },
             [](Dut& dut) { read_beat(dut, 1, true, 1); })},
  };
  return all;
}

class AxiViolation : public testing::TestWithParam<Case> {};

TEST_P(AxiViolation, IsNoticed) {
  Dut dut;
  Traffic traffic(dut, 3);
  for (int i = 0; i < 200; ++i) traffic.cycle(true);
  traffic.finish();
  Vpp_axi_checker& t = *dut;
  t.awvalid_i = t.wvalid_i = t.bvalid_i = t.arvalid_i = t.rvalid_i = 0;
  GetParam().violate(dut);
  const std::string complaints = dut.complaints();
  EXPECT_NE(complaints.find(GetParam().complaint), std::string::npos) << complaints;
  EXPECT_NE(complaints.find("(violation 1)"), std::string::npos) << complaints;
}

INSTANTIATE_TEST_SUITE_P(All, AxiViolation, testing::ValuesIn(cases()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace pagepress::bench
