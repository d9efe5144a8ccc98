// SPDX-License-Identifier: Apache-2.0
// The real RTL in its SystemC module: descriptors in, completions and blocks out,
// equal to the reference codec byte for byte and decoded by liblz4.
#include <lz4.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "model/codec/crc32c.hpp"
#include "model/codec/lz4_engine.hpp"
#include "tests/corpus/corpus.hpp"
#include "tests/model/pagepress_bench.hpp"

namespace pagepress::model {
namespace {

using test::NamedPage;

PagepressBench* bench = nullptr;
PagepressBench* twin = nullptr;  // the same again

std::span<const std::uint8_t, kUnit> unit(const NamedPage& page) {
  return std::span<const std::uint8_t, kUnit>(page.bytes);
}

// Puts pages into slots, the rest of each slot into a known state.
void load(PagepressBench& b, std::span<const NamedPage> pages) {
  for (unsigned i = 0; i < pages.size(); ++i) {
    std::memcpy(b.source(i), pages[i].bytes.data(), kUnit);
    std::memset(b.destination(i), 0xcd, kUnit);
  }
}

std::vector<pp_sqe> compress_all(std::size_t n) {
  std::vector<pp_sqe> sqes;
  for (unsigned i = 0; i < n; ++i) sqes.push_back(PagepressBench::compress(i));
  return sqes;
}

// Checks one completion and its slot against the codec and liblz4.
void expect_right(PagepressBench& b, unsigned slot, const NamedPage& page, const pp_cqe& cqe,
                  std::uint32_t limit) {
  SCOPED_TRACE(page.name);
  const EngineResult expected = compress_unit(unit(page), limit);
  EXPECT_EQ(cqe.tag, PagepressBench::compress(slot).tag);
  EXPECT_EQ(cqe.status, static_cast<std::uint8_t>(expected.status));
  EXPECT_EQ(cqe.out_len, expected.out_len);
  EXPECT_EQ(cqe.crc32c, expected.crc32c);
  EXPECT_EQ(cqe.info, expected.word);
  EXPECT_GT(cqe.engine_cycles, 0U);
  const std::uint8_t* const out = b.destination(slot);
  ASSERT_TRUE(std::equal(expected.data.begin(), expected.data.end(), out));
  const auto untouched = [](std::uint8_t byte) { return byte == 0xcd; };
  EXPECT_TRUE(std::all_of(out + expected.out_len, out + kUnit, untouched));
  if (expected.status == EngineStatus::kOk) {
    std::vector<char> back(kUnit);
    EXPECT_EQ(LZ4_decompress_safe(reinterpret_cast<const char*>(out), back.data(),
                                  static_cast<int>(cqe.out_len), static_cast<int>(kUnit)),
              static_cast<int>(kUnit));
    EXPECT_EQ(std::memcmp(back.data(), page.bytes.data(), kUnit), 0);
  }
  EXPECT_EQ(std::memcmp(b.source(slot), page.bytes.data(), kUnit), 0);
}

TEST(PagepressTop, TellsWhatItIs) {
  in_thread([] {
    EXPECT_EQ(bench->read(PP_REG_ID), PP_ID_VALUE);
    EXPECT_EQ(bench->read(PP_REG_VERSION), (PP_VERSION_MAJOR << 16) | PP_VERSION_MINOR);
    EXPECT_NE(bench->read(PP_REG_CAP1) & (1U << (16 + PP_OP_COMPRESS)), 0U);
    EXPECT_EQ(bench->read(PP_REG_CTRL), 0U);
  });
}

TEST(PagepressTop, CompressesEveryPageAsTheCodecDoes) {
  const std::vector<NamedPage> all = test::all_pages(7);
  in_thread([&] {
    bench->start();
    for (std::size_t first = 0; first < all.size(); first += PagepressBench::kSlots) {
      const std::size_t n = std::min<std::size_t>(PagepressBench::kSlots, all.size() - first);
      const std::span<const NamedPage> pages(all.data() + first, n);
      load(*bench, pages);
      const std::vector<Seen> seen = bench->run(compress_all(n));
      ASSERT_EQ(seen.size(), n);
      for (unsigned i = 0; i < n; ++i) {
        expect_right(*bench, i, pages[i], seen[i].cqe, PP_LIMIT_DEFAULT);
      }
    }
    EXPECT_EQ(bench->read(PP_REG_ERR_COUNT), 0U);
  });
}

TEST(PagepressTop, HoldsTheCapacityAndTheLimit) {
  const std::vector<NamedPage> pages = test::text_pages(3, 24);
  in_thread([&] {
    bench->start();
    load(*bench, pages);
    std::vector<pp_sqe> sqes = compress_all(pages.size());
    std::vector<std::uint32_t> limits;
    for (unsigned i = 0; i < pages.size(); ++i) {
      // Around the true length: one less, exact, one more; as capacity and as limit.
      const std::uint32_t len = compress_unit(unit(pages[i]), 4096).out_len;
      const std::uint32_t bound = len + i % 3 - 1;
      (i % 2 == 0 ? sqes[i].dst_capacity : sqes[i].limit) = bound;
      limits.push_back(
          std::min({sqes[i].dst_capacity, sqes[i].limit == 0 ? PP_LIMIT_DEFAULT : sqes[i].limit}));
    }
    const std::vector<Seen> seen = bench->run(sqes);
    ASSERT_EQ(seen.size(), pages.size());
    unsigned incompressible = 0;
    for (unsigned i = 0; i < pages.size(); ++i) {
      expect_right(*bench, i, pages[i], seen[i].cqe, limits[i]);
      if (seen[i].cqe.status == PP_STATUS_INCOMPRESSIBLE) ++incompressible;
    }
    EXPECT_GE(incompressible, pages.size() / 3);
    EXPECT_LT(incompressible, pages.size());
  });
}

TEST(PagepressTop, FaultsNameTheirAddressAndHarmNobodyElse) {
  const std::vector<NamedPage> pages = test::text_pages(4, 8);
  in_thread([&] {
    bench->start();
    load(*bench, pages);
    std::vector<pp_sqe> sqes = compress_all(pages.size());
    sqes[2].src_addr = 0xdead'0000'0000;
    sqes[5].dst_addr = 0xbeef'0000'0000;
    const std::vector<Seen> seen = bench->run(sqes);
    ASSERT_EQ(seen.size(), pages.size());
    for (unsigned i = 0; i < pages.size(); ++i) {
      const pp_cqe& cqe = seen[i].cqe;
      if (i != 2 && i != 5) {
        expect_right(*bench, i, pages[i], cqe, PP_LIMIT_DEFAULT);
        continue;
      }
      EXPECT_EQ(cqe.status, PP_STATUS_DMA_FAULT) << i;
      EXPECT_EQ(cqe.flags >> PP_CQE_DETAIL_SHIFT, i == 2 ? PP_FAULT_READ : PP_FAULT_WRITE);
      EXPECT_EQ(cqe.info & ~std::uint64_t{4095}, i == 2 ? sqes[2].src_addr : sqes[5].dst_addr);
    }
  });
}

TEST(PagepressTop, InterruptsFollowTheirCompletions) {
  const std::vector<NamedPage> pages = test::text_pages(5, 4);
  in_thread([&] {
    bench->start(1U);  // vector 0, every completion
    load(*bench, pages);
    bench->irq.log.clear();
    std::vector<pp_sqe> sqes = compress_all(pages.size());
    for (pp_sqe& sqe : sqes) {
      sqe.flags = PP_SQE_F_IRQ;
      bench->push(sqe);
    }
    bench->ring();
    pp_cqe cqe;
    // Two engines may be done at almost the same time: an interrupt's completion may have been
    // seen with the one before, but it must be there.
    for (unsigned n = 0; n < pages.size();) {
      sc_core::wait(sc_core::sc_time(100, sc_core::SC_US), bench->irq.raised);
      ASSERT_FALSE(bench->irq.log.empty());
      while (bench->poll(cqe)) ++n;
      // Two engines may be done at once: the second message then finds nothing new.
      ASSERT_GE(n, bench->irq.log.size()) << "an interrupt ahead of its completion";
    }
    EXPECT_EQ(bench->irq.log.back().vector, 0U);
  });
}

// Two devices, the same work a while apart: every completion at the same time from
// the start, to the picosecond.
TEST(PagepressTop, TheSameWorkTakesTheSameTime) {
  std::vector<NamedPage> pages = test::text_pages(6, 60);
  const std::vector<NamedPage> more = test::adversarial_pages(6);
  pages.insert(pages.end(), more.begin(),
               more.begin() + std::min<std::ptrdiff_t>(60, std::ssize(more)));
  std::vector<Seen> seen[2];
  std::uint64_t cycles[2];
  in_thread([&] {
    PagepressBench* const benches[] = {bench, twin};
    for (int i = 0; i < 2; ++i) {
      benches[i]->start();
      load(*benches[i], pages);
      wait_ns(2000);  // the counters are cleared after the reset
      wait_ns(1000 - std::fmod(now_ns(), 1000));
      const double t = now_ns();
      const std::uint64_t c = benches[i]->device.cycles();
      seen[i] = benches[i]->run(compress_all(pages.size()), 37.5);
      cycles[i] = benches[i]->device.cycles() - c;
      for (Seen& s : seen[i]) s.ns -= t;
    }
  });
  EXPECT_EQ(cycles[0], cycles[1]);
  EXPECT_TRUE(seen[0] == seen[1]);
}

// Not a bound (machines differ): says how fast the simulation is, and checks the rate in
// simulated time, which does not depend on the machine.
TEST(PagepressTop, SustainsItsRate) {
  std::vector<NamedPage> pages = test::text_pages(8, PagepressBench::kSlots);
  in_thread([&] {
    bench->start();
    load(*bench, pages);
    const auto host = std::chrono::steady_clock::now();
    const std::uint64_t cycles = bench->device.cycles();
    const std::vector<Seen> seen = bench->run(compress_all(pages.size()), 100);
    const std::chrono::duration<double> s = std::chrono::steady_clock::now() - host;
    const double n = static_cast<double>(seen.size());
    const double ran = static_cast<double>(bench->device.cycles() - cycles);
    // Steady state: from the 17th completion to the last.
    const double ns_per_page = (seen.back().ns - seen[16].ns) / (n - 17);
    std::printf("%.0f pages/s, %.0f cycles/s on this host; %.2f B/ns simulated\n", n / s.count(),
                ran / s.count(), 4096 / ns_per_page);
    EXPECT_GE(4096 / ns_per_page, 31.0);
  });
}

}  // namespace

Modules elaborate() {
  Modules modules;
  bench = make_module<PagepressBench>(modules, "bench");
  twin = make_module<PagepressBench>(modules, "twin");
  return modules;
}

}  // namespace pagepress::model
