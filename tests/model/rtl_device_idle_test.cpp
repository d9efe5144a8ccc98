// SPDX-License-Identifier: Apache-2.0
// Stopping the clock while the device is idle changes nothing but the work: two
// devices, one of which never stops, give the same completions at the same times.
#include <algorithm>

#include "model/device/rtl_device.hpp"
#include "tests/corpus/corpus.hpp"
#include "tests/model/pagepress_bench.hpp"

namespace pagepress::model {
namespace {

PagepressBench* skipping = nullptr;
PagepressBench* running = nullptr;

struct Record {
  std::vector<Seen> seen;
  std::vector<IrqProbe::Raised> interrupts;
  std::uint64_t cycles;
};

// Batches with long gaps between them, interrupts moderated by count and time.
Record record(PagepressBench& bench, const std::vector<test::NamedPage>& pages) {
  Record result;
  wait_ns(1000 - std::fmod(now_ns(), 1000));
  const double start = now_ns();
  const std::uint64_t cycles = bench.device.cycles();
  bench.irq.log.clear();
  bench.start(1U | (4U << 8));
  bench.queue_write(PP_Q_IRQ_TIME, 3000);
  for (unsigned i = 0; i < pages.size(); ++i) {
    std::memcpy(bench.source(i), pages[i].bytes.data(), 4096);
  }
  for (unsigned first = 0; first < pages.size(); first += 5) {
    std::vector<pp_sqe> sqes;
    for (unsigned i = first; i < std::min<std::size_t>(first + 5, pages.size()); ++i) {
      sqes.push_back(PagepressBench::compress(i));
      sqes.back().flags = PP_SQE_F_IRQ;
    }
    const std::vector<Seen> seen = bench.run(sqes, 61.5);
    result.seen.insert(result.seen.end(), seen.begin(), seen.end());
    wait_ns(20'000.25 + first * 100.125);  // idle; not on a clock edge
  }
  for (Seen& s : result.seen) s.ns -= start;
  result.interrupts = bench.irq.log;
  for (IrqProbe::Raised& r : result.interrupts) r.ns -= start;
  result.cycles = bench.device.cycles() - cycles;
  return result;
}

TEST(RtlDeviceIdle, SkippingIdleCyclesChangesNothingElse) {
  const std::vector<test::NamedPage> pages = test::text_pages(11, 23);
  Record a;
  Record b;
  in_thread([&] {
    a = record(*skipping, pages);
    b = record(*running, pages);
  });
  EXPECT_TRUE(a.seen == b.seen);
  EXPECT_EQ(a.interrupts, b.interrupts);
  EXPECT_GE(a.interrupts.size(), 5U);
  EXPECT_LT(a.cycles * 2, b.cycles);  // most of the time there was nothing to do
}

}  // namespace

Modules elaborate() {
  Modules modules;
  skipping = make_module<PagepressBench>(modules, "skipping");
  running = make_module<PagepressBench>(
      modules, "running", +[]() -> std::unique_ptr<Device> {
        return std::make_unique<RtlDevice>("device", make_pagepress_top(),
                                           RtlDeviceConfig{.skip_idle = false});
      });
  return modules;
}

}  // namespace pagepress::model
